"""What a reader can do about a case now, and which of it the page puts first.

Pure: the same facts always give the same choices. The operations decide again on the row they hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.trades.rules import BOUND, STANDING, UNDER_DELIVERY, Party, TradeStatus


class Choice(StrEnum):
    """A deed a page offers."""

    CONFIRM = "confirm"
    DECLINE = "decline"
    SIGN = "sign"
    ASK_CANCEL = "ask_cancel"
    ANSWER_CANCEL = "answer_cancel"
    TAKE_BACK = "take_back"
    COMPLETE = "complete"
    OPERATE = "operate"
    FIND_DEFAULT = "find_default"
    LOOK_UP = "look_up"


FIRST = (
    Choice.CONFIRM,
    Choice.ANSWER_CANCEL,
    Choice.SIGN,
    Choice.COMPLETE,
    Choice.OPERATE,
    Choice.LOOK_UP,
)
"""Which choice is the page's one primary button, the most pressing first."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides about the choices of a reader.

    `given` are the sides that have confirmed a proposal or signed what is confirmed, `agreed`
    whether this person has given the first of two yeses to that; `is_enough` whether what was
    received may be closed with.
    """

    status: TradeStatus
    sides: frozenset[Party]
    given: frozenset[Party]
    agreed: bool
    cancel_asked_by: Party | None
    is_late: bool
    is_enough: bool


def of_a_side(facts: Facts) -> frozenset[Choice]:
    """What a trader of one of the two firms can do."""
    return frozenset({*_answers(facts), *_about_cancelling(facts)})


def of_the_operator(status: TradeStatus) -> frozenset[Choice]:
    """The operator may end any case with a reason, and find a default once there is a contract."""
    if status in UNDER_DELIVERY:
        return frozenset({Choice.OPERATE, Choice.FIND_DEFAULT})
    return frozenset({Choice.OPERATE}) if status in STANDING else frozenset()


def first_of(choices: frozenset[Choice]) -> Choice | None:
    """The one that the page puts first."""
    return next((choice for choice in FIRST if choice in choices), None)


def _answers(facts: Facts) -> frozenset[Choice]:
    is_missing = not facts.sides <= facts.given
    if facts.status is TradeStatus.PROPOSED and is_missing and not facts.is_late:
        yes = frozenset[Choice]() if facts.agreed else frozenset({Choice.CONFIRM})
        return yes | {Choice.DECLINE}
    if facts.status is TradeStatus.CONFIRMED and is_missing and not facts.agreed:
        return frozenset({Choice.SIGN})
    if facts.status is TradeStatus.DELIVERING and facts.is_enough:
        return frozenset({Choice.COMPLETE})
    return frozenset()


def _about_cancelling(facts: Facts) -> frozenset[Choice]:
    if facts.status not in BOUND:
        return frozenset()
    if facts.cancel_asked_by is None:
        return frozenset({Choice.ASK_CANCEL})
    is_ours = facts.cancel_asked_by in facts.sides
    return frozenset({Choice.TAKE_BACK if is_ours else Choice.ANSWER_CANCEL})
