"""What the kinds of random problems have in common."""

import random

MATERIALS = ("fly_ash", "bottom_ash", "fgd_gypsum", "red_mud", "carbide_slag")
#: A square of about 200 km around Liaocheng: west, south, east, north.
BOX = (114.9, 35.5, 117.1, 37.4)


def name(letter: str, index: int) -> str:
    """The id of an order; ids sort as their numbers do."""
    return f"{letter}{index + 1:05d}"


def place(draw: random.Random) -> tuple[float, float]:
    """A site in the box."""
    west, south, east, north = BOX
    return round(draw.uniform(west, east), 6), round(draw.uniform(south, north), 6)


def sparse_pairs(draw: random.Random, supplies: int, demands: int) -> list[tuple[int, int]]:
    """About three demands for each supply, so that tonnes have to be pushed through chains."""
    pairs = [(i, j) for i in range(supplies) for j in (i - 1, i, draw.randrange(demands + 1))]
    return sorted({(i, j) for i, j in pairs if 0 <= j < demands})
