"""What the owner of an order is told to do about those whom quality shut out."""

from __future__ import annotations

import pytest

from app.catalogue.rules import Confidence
from app.clearing.shut_outs import Remedy, ShutOutRow
from app.clearing.words import REMEDIES
from app.eligibility.rules import USE_STANDARD, Finding, Limit, Ruling
from app.listings.rules import Side
from tests.eligibility.factories import at_most, own_limit

LOI, OWN = at_most("loi", "10"), own_limit("loi", "8")
NO_STANDARD = at_most(USE_STANDARD, 0, standard="", confidence=Confidence.UNSURE)


@pytest.mark.parametrize(
    ("limit", "ruling", "if_accepted", "of_offer", "of_requirement"),
    [
        (LOI, Ruling.BROKEN, False, Remedy.TEST_AGAIN, Remedy.NONE),
        (OWN, Ruling.BROKEN, False, Remedy.TEST_AGAIN, Remedy.LOOSEN),
        (LOI, Ruling.UNKNOWN, True, Remedy.TEST, Remedy.ACCEPT),
        (LOI, Ruling.UNKNOWN, False, Remedy.TEST, Remedy.WAIT),
        (OWN, Ruling.UNKNOWN, True, Remedy.TEST, Remedy.ACCEPT),
        (NO_STANDARD, Ruling.UNKNOWN, True, Remedy.NO_TEST, Remedy.ACCEPT),
        (NO_STANDARD, Ruling.UNKNOWN, False, Remedy.NO_TEST, Remedy.WAIT),
    ],
)
def test_each_side_is_told_what_it_can_do(
    limit: Limit, ruling: Ruling, if_accepted: bool, of_offer: Remedy, of_requirement: Remedy
) -> None:
    row = ShutOutRow(
        count=1,
        tells_values=True,
        use=None,
        finding=Finding(limit, ruling),
        subjects=(limit.subject,),
        if_accepted=if_accepted,
    )
    assert (row.remedy(Side.OFFER), row.remedy(Side.REQUIREMENT)) == (of_offer, of_requirement)


def test_every_remedy_but_none_has_words() -> None:
    assert set(REMEDIES) == set(Remedy) - {Remedy.NONE}
