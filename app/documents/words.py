"""What must still be recorded, in sentences, each naming the event and where to record it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.core.i18n import month
from app.documents.rules import Missing, Stream

SENTENCES: dict[str, LazyString] = {
    "no_source": _l("%(waste)s 还没有登记产生源（表 1），但已有记录 %(number)s。"),
    "not_received": _l("运单 %(number)s 已出厂，还没有收货磅单。"),
    "not_returned": _l("运单 %(number)s 有退货，还没有回厂磅单。"),
    "not_generated": _l("%(month)s 的%(waste)s 有用量或出厂量，但没有产生记录（表 4）。"),
}


def spoken(found: Missing, wastes: Mapping[Stream, str]) -> str:
    """One sentence about a missing event; `wastes` names each stream as "site · material"."""
    values: dict[str, Any] = dict(found.values)
    if "stream" in values:
        values["waste"] = wastes[values["stream"]]
    if "month" in values:
        values["month"] = month(values["month"])
    return str(SENTENCES[found.code] % values)
