"""The least whole change that places a row, found with few solves.

A change that helps a row helps it the more the larger it is: in a network flow, raising the worth
of arcs at one node never lowers what goes through that node. So the changes that place the row
begin somewhere, up to ties, and the beginning is found between a change that does not place it and
one that does. What is returned places the row, and one unit less does not, on the real engine.
"""

from collections.abc import Callable, Sequence

from matching.trials import Trials

#: Given a change that does not place the row and a greater one that does, where to look next.
Guess = Callable[[int, int], int | None]


def between(trials: Trials, fails: int, places: int, guess: Guess) -> int:
    """The least change above one that fails, not above one that places the row.

    A guess that does not halve what is left is followed by a halving, so that bad guesses cost no
    more than twice the solves of halving alone.
    """
    halve = False
    while places - fails > 1:
        width = places - fails
        looked = None if halve else guess(fails, places)
        middle = (fails + places) // 2 if looked is None else looked
        middle = min(max(middle, fails + 1), places - 1)
        if trials.places(middle):
            places = middle
        else:
            fails = middle
        halve = looked is not None and 2 * (places - fails) > width
    return places


def among(trials: Trials, changes: Sequence[int]) -> int | None:
    """Position of the first of these growing changes that places the row, by halving."""
    if not changes or not trials.places(changes[-1]):
        return None
    first, last = 0, len(changes) - 1
    while first < last:
        middle = (first + last) // 2
        if trials.places(changes[middle]):
            last = middle
        else:
            first = middle + 1
    return first


def settle(trials: Trials, found: int, limit: int) -> int | None:
    """The least change near one that was found on a part of the market, tried on all of it.

    Solving a part can break a tie the other way, so the neighbours are tried first.
    """
    step, fails, places = 1, 0, found
    while not trials.places(places):
        if places >= limit:
            return None
        fails, places, step = places, min(places + step, limit), step * 2
    if not fails:
        step = 1
        while trials.places(places - step):
            places, step = places - step, step * 2
        fails = max(0, places - step)
    return between(trials, fails, places, lambda _, __: None)
