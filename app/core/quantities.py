"""Mass in whole kilograms and money in whole fen: exact parsing and writing.

1 t = 1,000 kg; 1 CNY = 100 fen. Nothing here rounds silently: a text with more decimals than
fit raises `ValueError`. The one rounding rule of the product is half up, in `amount_fen`.
"""

from __future__ import annotations

import unicodedata
from decimal import Decimal, InvalidOperation

KG_PER_TONNE = 1000
FEN_PER_YUAN = 100
MILLI_PER_PERCENT = 10
LONGEST_NUMBER = 40
"""Characters of a number; converting hundreds of thousands of digits takes seconds."""


def parse_tonnes(text: str) -> int:
    """Kilograms from a text in tonnes with at most three decimals; raises `ValueError`."""
    return _scaled(text, KG_PER_TONNE)


def parse_yuan(text: str) -> int:
    """Fen from a text in CNY with at most two decimals; raises `ValueError`."""
    return _scaled(text, FEN_PER_YUAN)


def parse_percent(text: str) -> int:
    """Thousandths from a text in per cent with at most one decimal; raises `ValueError`."""
    return _scaled(text, MILLI_PER_PERCENT)


def amount_fen(kg: int, price_fen_per_t: int) -> int:
    """The money for a mass at a price, rounded half up to the fen."""
    return (2 * kg * price_fen_per_t + KG_PER_TONNE) // (2 * KG_PER_TONNE)


def tonnes_text(kg: int) -> str:
    """Tonnes with thousands separators and only the decimals that are there."""
    return _plain(Decimal(kg) / KG_PER_TONNE)


def percent_text(milli: int) -> str:
    """Per cent from thousandths with only the decimal that is there, without its sign."""
    return _plain(Decimal(milli) / MILLI_PER_PERCENT)


def yuan_text(fen: int) -> str:
    """CNY with two decimals and thousands separators, with the true minus sign."""
    sign = "−" if fen < 0 else ""
    return f"{sign}{abs(fen) // FEN_PER_YUAN:,}.{abs(fen) % FEN_PER_YUAN:02d}"


def _scaled(text: str, scale: int) -> int:
    number = _decimal(text) * scale
    if number != number.to_integral_value():
        raise ValueError("too many decimals")
    return int(number)


def _decimal(text: str) -> Decimal:
    """A decimal from what people type: full-width digits, thousands commas, spaces around."""
    cleaned = unicodedata.normalize("NFKC", text).strip().replace("−", "-").replace(",", "")
    if not 0 < len(cleaned) <= LONGEST_NUMBER or not set(cleaned) <= set("+-.0123456789"):
        raise ValueError("not a number")
    try:
        return Decimal(cleaned)
    except InvalidOperation:
        raise ValueError("not a number") from None


def _plain(number: Decimal) -> str:
    text = f"{abs(number):,.3f}".rstrip("0").rstrip(".")
    return f"−{text}" if number < 0 else text
