"""The settings as people write them: CNY, kilometres and plain decimals, by file or ``--set``."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from matching.faults import Fault, InputFaults, ProblemError
from matching.formats.tables import Column, Origin, Row, decode, plain
from matching.problem import Mode, Settings

FILE = "settings.json"

#: Key as written → (field of ``Settings``, decimals of its whole unit).
_NUMBERS = {
    "support": ("support", 2),
    "detour": ("detour_milli", 3),
    "max_km": ("max_m", 3),
    "freight_per_t": ("freight_per_t", 2),
    "freight_per_tkm": ("freight_per_tkm", 2),
    "seed": ("seed", 0),
    "time_limit_s": ("time_limit_s", 0),
    "iterations": ("iterations", 0),
    "months": ("months", 0),
}
_WORDS = ("levels", "mode", "price_rule", "start")
KEYS = (*_NUMBERS, *_WORDS)
_COLUMNS = {field: Column(key, decimals) for key, (field, decimals) in _NUMBERS.items()}


def texts_from_json(data: bytes) -> dict[str, str]:
    """Key → value as text, as it stands in the file.

    Raises
    ------
    InputFaults
        The file is not one JSON object.
    """
    try:
        content = json.loads(decode(data) or "", parse_float=Decimal, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise InputFaults([Fault(FILE, None, None, "bad_json", {"error": str(error)})]) from error
    if not isinstance(content, dict):
        raise InputFaults([Fault(FILE, None, None, "bad_json", {"error": "not an object"})])
    return {key: _text(value) for key, value in content.items()}


def texts_from_options(options: Sequence[str]) -> dict[str, str]:
    """Key → value of the ``key=value`` words of a command line."""
    faults = [Fault("--set", None, option, "bad_option") for option in options if "=" not in option]
    if faults:
        raise InputFaults(faults)
    pairs = (option.split("=", 1) for option in options)
    return {key.strip(): value.strip() for key, value in pairs}


def parsed(
    texts: Mapping[str, str], default_mode: Mode, origins: Mapping[str, Origin] | None = None
) -> Settings:
    """Settings from their written form; what is absent or blank takes its default.

    ``origins`` names the keys whose value was written elsewhere than in the file.

    Raises
    ------
    InputFaults
        One fault per key that is unknown or has a bad value.
    """
    row = Row(FILE, None, texts, origins=origins or {})
    for key in sorted(set(texts) - set(KEYS)):
        row.refuse(key, "unknown_setting")
    values = _values(row, default_mode)
    try:
        made = Settings(**values)
    except ProblemError as error:
        row.refuse_fields(error.faults, _COLUMNS)
    if row.faults:
        raise InputFaults(row.faults)
    return made


def overridden(settings: Settings, overrides: Mapping[str, str]) -> Settings:
    """The settings with some keys replaced by their written form.

    Raises
    ------
    InputFaults
        As for ``parsed``.
    """
    return parsed({**texts_from_json(to_json(settings)), **overrides}, settings.mode)


def to_json(settings: Settings) -> bytes:
    """The effective settings in written form, every key stated."""
    content: dict[str, object] = {
        key: _number(getattr(settings, field), decimals)
        for key, (field, decimals) in _NUMBERS.items()
    }
    content["levels"] = list(settings.levels)
    content["mode"] = settings.mode.value
    content["price_rule"] = settings.price_rule.value
    content["start"] = settings.start
    return (json.dumps(content, indent=2, sort_keys=True) + "\n").encode()


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return ",".join(map(str, value))
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _values(row: Row, default_mode: Mode) -> dict[str, Any]:
    values: dict[str, Any] = {"mode": row.text("mode") or default_mode}
    for key, (field, decimals) in _NUMBERS.items():
        number = row.optional_in(key, decimals)
        if number is not None:
            values[field] = number
    if row.text("levels"):
        values["levels"] = tuple(level.strip() for level in row.text("levels").split(","))
    for key in ("price_rule", "start"):
        if row.text(key):
            values[key] = row.text(key)
    return values


def _number(value: int | None, decimals: int) -> int | float | None:
    if value is None:
        return None
    whole, rest = divmod(value, 10**decimals)
    return float(plain(value, decimals)) if rest else whole
