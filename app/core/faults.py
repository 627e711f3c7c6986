"""What a rule answers when something will not do: plain values, no words.

Rules know neither the reader's language nor the page. A `Fault` names the field and the rule;
`app/core/forms.py` and the features' own tables turn it into a sentence.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One field that breaks one rule; `values` holds what the sentence has to quote."""

    field: str
    code: str
    values: Mapping[str, object] = dataclasses.field(default_factory=dict)
