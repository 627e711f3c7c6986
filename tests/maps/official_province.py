"""A province of three cities whose months are declared, as its officials open it."""

from __future__ import annotations

from itertools import product
from random import Random

from sqlalchemy.orm import Session

from app.catalogue.operations import load_reference_data
from app.core.actor import SYSTEM
from app.settings import ROOT
from app.statistics.facts import prepare
from tests.conftest import NOW
from tests.statistics.months import CLOSING, NOVEMBER, OCTOBER, declared, producer

PROVINCE = "370000"
LICHENG, ZHANGQIU, SHINAN, CHIPING = "370112", "370114", "370202", "371503"
COUNTIES = (LICHENG, ZHANGQIU, SHINAN, CHIPING)
OTHERS = ("red_mud", "fgd_gypsum")


def province(session: Session, most: int = 5, seed: int = 1) -> None:
    """One to `most` firms of two months in each county; masses that add up to nothing round."""
    load_reference_data(session, SYSTEM, ROOT / "data", NOW, PROVINCE)
    random = Random(seed)
    for adcode in COUNTIES:
        for _firm in range(random.randint(1, most)):
            _firm_in(session, random, adcode)
    for month in (OCTOBER, NOVEMBER):
        prepare(session, month, CLOSING)


def _firm_in(session: Session, random: Random, adcode: str) -> None:
    site = producer(session)
    site.adcode = adcode
    for month, material in product((OCTOBER, NOVEMBER), ("fly_ash", *random.sample(OTHERS, 1))):
        generated = random.randint(10_000, 900_000)
        used = random.randint(0, generated)
        declared(
            session,
            site,
            month,
            material,
            generated=generated,
            self_used=used,
            stored=generated - used,
            closing=generated - used,
        )
