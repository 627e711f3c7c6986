"""What could be changed about a market, and what it would bring.

``relax`` ranks single changes by the tonnes they add, ``frontier`` prices every further tonne, and
``whatif`` compares two outcomes.
"""
