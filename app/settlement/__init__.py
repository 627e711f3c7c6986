"""What a trade comes to in money, from received weight and price; monthly statements."""
