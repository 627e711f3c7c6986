"""What the product takes for one e-mail address; only mail that arrives proves it."""

from __future__ import annotations

import re

LONGEST = 254
LABEL = r"\w(?:[\w-]*\w)?"
ADDRESS = re.compile(rf"[\w.!#$%&'*+/=?^`{{|}}~-]+@{LABEL}(?:\.{LABEL})*")
"""The common form of RFC 5322, as browsers check it: one address, no comment, no literal."""


def is_address(text: str) -> bool:
    """Whether a message can be sent to this text, and to one recipient only."""
    return len(text) <= LONGEST and ADDRESS.fullmatch(text) is not None
