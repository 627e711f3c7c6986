"""What text may hold: one line as people type it, and what a file of an office program can take."""

from __future__ import annotations

import re
import unicodedata

BREAKING = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Unicode categories that end a line, ring a bell or are no character at all."""
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Signs that turn the writing around, so that a name reads as another one."""
NO_CHARACTERS = (0xFFFE, 0xFFFF)
"""The last two places of every plane; XML takes neither."""
NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def is_one_line(text: str) -> bool:
    """Whether a text stays on one line and reads as it is written, in pages, files and logs."""
    return not any(_spoils_a_line(sign) for sign in text)


def writable(text: str) -> str:
    """The text without what XML cannot hold, so that no old name keeps a paper from being made."""
    return NOT_IN_XML.sub("", text)


def _spoils_a_line(sign: str) -> bool:
    is_none = ord(sign) & 0xFFFF in NO_CHARACTERS
    return is_none or sign in TURNING or unicodedata.category(sign) in BREAKING
