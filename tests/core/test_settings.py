"""The start refuses bad settings, naming the variable."""

from __future__ import annotations

import base64
import secrets
import stat
from pathlib import Path

import pytest

from app.settings import Settings, SettingsError

GOOD = {
    "GUFEI_ENV": "production",
    "GUFEI_SECRET_KEY": secrets.token_urlsafe(48),
    "GUFEI_VAULT_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GUFEI_ENV", "staging"),
        ("GUFEI_SECRET_KEY", ""),
        ("GUFEI_SECRET_KEY", "short"),
        ("GUFEI_SECRET_KEY", "a" * 64),
        ("GUFEI_VAULT_KEYS", ""),
        ("GUFEI_VAULT_KEYS", "not base64"),
        ("GUFEI_VAULT_KEYS", base64.urlsafe_b64encode(bytes(32)).decode()),
        ("DATABASE_URL", "mysql://localhost/gufei"),
        ("REDIS_URL", "http://localhost"),
        ("GUFEI_PUBLIC_URL", "gufei.example"),
        ("GUFEI_BOUNDARIES", "/nowhere/at/all.geojson"),
        ("GUFEI_CITY_BOUNDARIES", "/nowhere/at/all.geojson"),
        ("GUFEI_REGION", "Shandong"),
        ("GUFEI_REGION", "371503"),
        ("GUFEI_TRUSTED_PROXIES", "one"),
        ("GUFEI_EMBEDDED_JOBS", "yes"),
        ("GUFEI_LOG_LEVEL", "loud"),
        ("GUFEI_CLEARING_MONTHS", "0"),
        ("GUFEI_CLEARING_MONTHS", "13"),
    ],
)
def test_a_bad_value_stops_the_start_and_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_env(GOOD | {"DATA_DIR": str(tmp_path), name: value})


def test_production_takes_no_secret_from_the_data_folder(tmp_path: Path) -> None:
    Settings.from_env({"DATA_DIR": str(tmp_path)})
    with pytest.raises(SettingsError, match="GUFEI_SECRET_KEY"):
        Settings.from_env({"GUFEI_ENV": "production", "DATA_DIR": str(tmp_path)})


def test_development_makes_its_secrets_once_and_for_the_owner_only(tmp_path: Path) -> None:
    first, second = (Settings.from_env({"DATA_DIR": str(tmp_path)}) for _ in range(2))
    assert (first.secret_key, first.vault_keys) == (second.secret_key, second.vault_keys)
    mode = (tmp_path / "development-secrets.json").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_damaged_secrets_are_named_and_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "development-secrets.json").write_text("{", encoding="utf-8")
    with pytest.raises(SettingsError, match="damaged"):
        Settings.from_env({"DATA_DIR": str(tmp_path)})


@pytest.mark.parametrize(
    ("region", "file"),
    [("", "liaocheng_counties"), ("371500", "liaocheng_counties"), ("370000", "shandong_counties")],
)
def test_a_region_brings_its_boundaries(tmp_path: Path, region: str, file: str) -> None:
    settings = Settings.from_env({"DATA_DIR": str(tmp_path), "GUFEI_REGION": region})
    assert settings.boundaries_path.stem == file
    assert settings.boundaries_path.is_file()


def test_background_work_leaves_the_web_process_once_a_queue_is_set(tmp_path: Path) -> None:
    env = {"DATA_DIR": str(tmp_path)}
    assert Settings.from_env(env).run_embedded_jobs
    assert not Settings.from_env(env | {"REDIS_URL": "redis://127.0.0.1"}).run_embedded_jobs


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_postgres_urls_get_the_driver_of_the_product(tmp_path: Path, scheme: str) -> None:
    env = {"DATA_DIR": str(tmp_path), "DATABASE_URL": f"{scheme}://u:p@h/d"}
    assert Settings.from_env(env).database_url == "postgresql+psycopg://u:p@h/d"
