"""The least whole change that places a row, found with few solves.

A change that helps a row helps it the more the larger it is: in a network flow, raising the worth
of arcs at one node never lowers what goes through that node. So the changes that place the row
begin somewhere, up to ties, and the beginning is found between a change that does not place it and
one that does. What is returned places the row, and one unit less does not, on the real engine.
"""

from collections.abc import Callable, Sequence

from matching.levers.trials import Trials

#: Given a change that does not place the row and a greater one that does, where to look next.
Guess = Callable[[int, int], int | None]
#: Newton's method converges from one side, so several guesses in a row may leave most of the range.
PATIENCE = 6


def between(trials: Trials, fails: int, places: int, guess: Guess) -> int:
    """The least change above one that fails, not above one that places the row.

    After some guesses in a row that did not halve what is left it is halved, so that bad guesses
    cost no more than so many times the solves of halving alone.
    """
    poor = 0
    while places - fails > 1:
        width = places - fails
        looked = guess(fails, places) if poor < PATIENCE else None
        middle = (fails + places) // 2 if looked is None else looked
        middle = min(max(middle, fails + 1), places - 1)
        if trials.places(middle):
            places = middle
        else:
            fails = middle
        halved = looked is None or 2 * (places - fails) <= width
        poor = 0 if halved else poor + 1
    return places


def among(trials: Trials, changes: Sequence[int]) -> int | None:
    """Position of the first of these growing changes that places the row.

    Most rows lack little, so the steps begin small and double; the last of them is then halved.
    """
    if not changes or not trials.places(changes[-1]):
        return None
    first, last = 0, 0
    while not trials.places(changes[last]):
        first, last = last + 1, min(2 * last + 1, len(changes) - 1)
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
