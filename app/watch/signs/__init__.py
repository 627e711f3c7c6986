"""What in declarations and weighings does not add up: pure rules, standard library only.

`facts` holds what they look at and what they find, `thresholds` and `factors` the dated data they
go by, `rules` all of them together.
"""
