from __future__ import annotations

import pytest

from app.shipments.plates import normal_plate, plate_faults, plate_kind, vehicle_faults
from app.shipments.rules import EmissionClass


@pytest.mark.parametrize(
    ("typed", "stored", "kind"),
    [
        ("鲁P·5D827", "鲁P5D827", "truck"),
        (" 鲁 p5d827 ", "鲁P5D827", "truck"),
        ("鲁Ｐ５Ｄ８２７", "鲁P5D827", "truck"),
        ("冀A-12345", "冀A12345", "truck"),
        ("鲁P1234挂", "鲁P1234挂", "trailer"),
        ("鲁P12345D", "鲁P12345D", "new_energy"),
        ("鲁P12345F", "鲁P12345F", "new_energy"),
        ("鲁PD12345", "鲁PD12345", "new_energy"),
        ("鲁PA1B234", "鲁PA1B234", None),
    ],
)
def test_a_plate_is_read_however_it_is_typed(typed: str, stored: str, kind: str | None) -> None:
    assert normal_plate(typed) == stored
    assert plate_kind(stored) == kind


@pytest.mark.parametrize(
    ("plate", "trailer", "code"),
    [
        ("鲁P5D827", False, None),
        ("鲁P12345D", False, None),
        ("鲁P1234挂", True, None),
        ("", False, "plate_empty"),
        ("P5D8270", False, "plate_province"),
        ("港P5D827", False, "plate_province"),
        ("鲁P5O827", False, "plate_letters"),
        ("鲁I5D827", False, "plate_letters"),
        ("鲁P5D82", False, "plate_length"),
        ("鲁P5D827123", False, "plate_length"),
        ("鲁P12345A", False, "plate_form"),
        ("鲁55D827", False, "plate_form"),
        ("鲁P1234挂", False, "plate_is_trailer"),
        ("鲁P5D827", True, "plate_no_trailer"),
        ("鲁P5D827'--", False, "plate_length"),
    ],
)
def test_a_bad_plate_is_told_what_is_wrong_with_it(
    plate: str, trailer: bool, code: str | None
) -> None:
    faults = plate_faults(plate, trailer=trailer)
    assert [fault.code for fault in faults] == [code] * (code is not None)


@pytest.mark.parametrize(
    ("plate", "trailer", "emission", "load", "codes"),
    [
        ("鲁P5D827", "", EmissionClass.CHINA_6, 32_000, []),
        ("鲁P5D827", "鲁P1234挂", EmissionClass.CHINA_5, 32_000, []),
        ("鲁P5D827", "鲁P5D828", EmissionClass.CHINA_5, 32_000, ["plate_no_trailer"]),
        ("鲁P5D827", "", EmissionClass.NEW_ENERGY, 32_000, ["not_new_energy"]),
        ("鲁P12345D", "", EmissionClass.NEW_ENERGY, 32_000, []),
        ("鲁P12345F", "", EmissionClass.CHINA_6, 32_000, []),
        ("鲁P5D827", "", EmissionClass.CHINA_6, 32, ["load"]),
        ("鲁P5D827", "", EmissionClass.CHINA_6, 60_001, ["load"]),
    ],
)
def test_a_vehicle_has_true_plates_and_a_plausible_load(
    plate: str, trailer: str, emission: EmissionClass, load: int, codes: list[str]
) -> None:
    assert [fault.code for fault in vehicle_faults(plate, trailer, emission, load)] == codes
