"""The public pages about standards and uses."""

from __future__ import annotations

import pytest

from tests.html import CheckedClient


@pytest.mark.parametrize(
    "path",
    [
        "/standards",
        "/uses",
        "/standards/GB~T_1596-2017",
        "/standards/GB_6566-2010",
        "/uses/fly_ash/concrete",
        "/uses/fly_ash/concrete?loi=4&boiler_type=pulverised&ph=1&leach299_Cu=3",
        "/standards/GB~T_23456-2009",
    ],
)
def test_a(client: CheckedClient, frozen: object, path: str) -> None:
    a = client.get(path)
    assert a.status_code == 200
