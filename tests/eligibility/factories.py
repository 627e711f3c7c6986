"""Rules, lots and wishes made for the purpose, by hand and at random."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from app.catalogue.quality import UseRow
from app.catalogue.rules import Confidence, Direction, LimitRole
from app.eligibility.fitting import Grading, Wish
from app.eligibility.queries import Chapter
from app.eligibility.ranges import Range, exactly
from app.eligibility.rules import Limit, Lot

SUBJECTS = ("loi", "so3", "ph")
NUMBERS = st.integers(0, 4).map(Decimal)


def use_row(code: str, **changes: object) -> UseRow:
    """A use of fly ash in concrete that takes no lot whose fitness is not shown."""
    texts = ("share_basis", "limited_by", "replaces", "tax")
    values: dict[str, Any] = {
        "code": code,
        "name_zh": code,
        "name_en": code,
        "kind": "fly_ash",
        "products": ("concrete",),
        "standard": "标准",
        "needs_class_1": False,
        "tolerates_unknown": False,
        "radioactivity": None,
        **{f"{name}_{language}": "" for name in texts for language in ("zh", "en")},
        "share_min_pct": None,
        "share_max_pct": None,
        "value_direction": Direction.EITHER,
        "price_low_cny_t": None,
        "price_high_cny_t": None,
        "price_confidence": None,
        "valid_from": date(2020, 1, 1),
        "valid_to": None,
        "confidence": Confidence.SEEN,
        "source": "",
        "note": "",
    }
    return UseRow(**(values | changes))


def at_most(subject: str, most: str | int | Decimal, **changes: Any) -> Limit:
    """A limit of 标准 6.1 from above."""
    row = Limit(
        LimitRole.ACCEPT, subject, Range(high=Decimal(most)), "标准", "6.1", Confidence.SEEN
    )
    return replace(row, **changes)


def own_limit(subject: str, most: str | Decimal) -> Limit:
    """The same where the buyer alone asks for it."""
    return at_most(subject, most, standard="", clause="")


def _graded(subject: str, bounds: list[Decimal]) -> list[Limit]:
    return [
        at_most(subject, most, grade="I" * rank, rank=rank)
        for rank, most in enumerate(sorted(bounds), start=1)
    ]


@st.composite
def uses(draw: st.DrawFn, code: str) -> Chapter:
    """A use of a few products with limits in grades, without, by origin and on hazard."""
    plain = draw(st.dictionaries(st.sampled_from(SUBJECTS), NUMBERS, max_size=2))
    limits = [at_most(subject, most) for subject, most in plain.items()]
    if draw(st.booleans()):
        limits += _graded("loi", draw(st.lists(NUMBERS, min_size=2, max_size=2)))
    if draw(st.booleans()):
        boiler = {"role": LimitRole.ORIGIN, "allowed": None, "words": frozenset({"pulverised"})}
        limits.append(at_most("boiler_type", 0, **boiler))
    if draw(st.booleans()):
        lime = {"fact": "ash_class", "fact_values": frozenset({"C"})}
        limits.append(at_most("so3", draw(NUMBERS), **lime))
    limits.append(at_most("ph", 3, role=LimitRole.HAZARD, standard="GB 5085.1-2007"))
    row = use_row(
        code,
        products=tuple(draw(st.sets(st.sampled_from(["concrete", "brick"]), max_size=2))),
        tolerates_unknown=draw(st.booleans()),
    )
    return Chapter(row, tuple(limits))


@st.composite
def gradings(draw: st.DrawFn) -> Grading:
    """The rules of a day for fly ash; of other kinds nobody knows a use."""
    count = draw(st.integers(0, 3))
    chapters = [draw(uses(f"use{number}")) for number in range(count)]
    gate = at_most("ph", 3, role=LimitRole.HAZARD, standard="GB 5085.1-2007")
    return Grading({"fly_ash": chapters}, (gate,))


RANGES = st.one_of(
    NUMBERS.map(exactly),
    NUMBERS.map(lambda high: Range(high=high, high_open=True)),
    st.just(Range()),
)
LOTS = st.builds(
    Lot,
    st.dictionaries(st.sampled_from(SUBJECTS), RANGES),
    st.dictionaries(
        st.sampled_from(["boiler_type", "ash_class"]), st.sampled_from(["pulverised", "C", "other"])
    ),
)
WISHES = st.builds(
    Wish,
    st.sampled_from(["", "concrete", "brick", "road_base"]),
    st.lists(st.builds(own_limit, st.sampled_from(SUBJECTS), NUMBERS), max_size=2).map(tuple),
    st.booleans(),
)
