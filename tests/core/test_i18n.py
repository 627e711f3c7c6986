"""The language of what is written: the reader's, but for business papers."""

from __future__ import annotations

from datetime import date

from flask import Flask

from app.core.i18n import day, in_chinese
from app.listings.rules import Product
from app.listings.words import PRODUCTS


def written() -> tuple[str, str]:
    """A word and a day."""
    return str(PRODUCTS[Product.CEMENT]), day(date(2026, 12, 1))


def test_business_papers_are_chinese_whoever_asks_for_them(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        before = written()
        with in_chinese():
            assert written() == ("水泥", "2026-12-01")
        assert written() == before == ("Cement", "1 Dec 2026")
