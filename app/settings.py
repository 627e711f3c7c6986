"""Everything the environment decides, read once and frozen.

A missing or malformed value stops the start with one `SettingsError` that names the variable.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Self

ROOT = Path(__file__).resolve().parent.parent
VAULT_KEY_BYTES = 32
SHORTEST_SECRET = 32
LONGEST_HORIZON = 12
LIAOCHENG = "371500"
REGION_CODE = re.compile(r"[1-9]\d{3}00")


class SettingsError(Exception):
    """The environment holds a value the product refuses to start with."""


class Environment(StrEnum):
    DEVELOPMENT = "development"
    PRODUCTION = "production"


@dataclass(frozen=True, slots=True)
class Settings:
    """The product's settings.

    `vault_keys` are 32-byte keys, newest first: the first seals, all of them open.
    `trusted_proxies` counts the reverse proxies whose forwarded headers are believed;
    `clearing_months` is how many months a clearing takes in, the first of them its own; `region` is
    the GB/T 2260 code of what the exchange covers, a city or a province.
    """

    environment: Environment
    data_dir: Path
    database_url: str
    redis_url: str | None
    secret_key: str = field(repr=False)
    vault_keys: tuple[bytes, ...] = field(repr=False)
    public_url: str
    smtp_url: str | None
    mail_from: str
    nominatim_url: str | None
    region: str
    boundaries_path: Path
    city_boundaries_path: Path
    map_source_note: str
    metrics_token: str | None
    trusted_proxies: int
    run_embedded_jobs: bool
    clears_weekly: bool
    clearing_months: int
    log_level: str

    @property
    def is_production(self) -> bool:
        return self.environment is Environment.PRODUCTION

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> Self:
        """Read the settings; raises `SettingsError` for the first value that will not do."""
        environment = _environment(env)
        data_dir = Path(env.get("DATA_DIR") or ROOT / "var").resolve()
        secret_key, vault_keys = _secrets(env, environment, data_dir)
        redis_url, region = _redis_url(env), _region(env)
        return cls(
            environment=environment,
            data_dir=data_dir,
            database_url=_database_url(env, data_dir),
            redis_url=redis_url,
            secret_key=secret_key,
            vault_keys=vault_keys,
            public_url=_public_url(env),
            smtp_url=env.get("GUFEI_SMTP_URL") or None,
            mail_from=env.get("GUFEI_MAIL_FROM", "gufei@localhost"),
            nominatim_url=env.get("GUFEI_NOMINATIM_URL") or None,
            region=region,
            boundaries_path=_boundaries(env, "GUFEI_BOUNDARIES", _county_file(region)),
            city_boundaries_path=_boundaries(env, "GUFEI_CITY_BOUNDARIES", "shandong_cities"),
            map_source_note=env.get("GUFEI_MAP_SOURCE_NOTE", ""),
            metrics_token=env.get("GUFEI_METRICS_TOKEN") or None,
            trusted_proxies=_count(env, "GUFEI_TRUSTED_PROXIES", default=0),
            run_embedded_jobs=redis_url is None and _flag(env, "GUFEI_EMBEDDED_JOBS", default=True),
            clears_weekly=_flag(env, "GUFEI_WEEKLY_CLEARING", default=True),
            clearing_months=_clearing_months(env),
            log_level=_log_level(env),
        )


def _environment(env: Mapping[str, str]) -> Environment:
    word = env.get("GUFEI_ENV", Environment.DEVELOPMENT)
    try:
        return Environment(word)
    except ValueError:
        choices = " | ".join(Environment)
        raise SettingsError(f"GUFEI_ENV must be one of {choices}, not {word!r}") from None


def _database_url(env: Mapping[str, str], data_dir: Path) -> str:
    url = env.get("DATABASE_URL") or f"sqlite:///{data_dir / 'gufei.db'}"
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    if url.startswith(("sqlite:///", "postgresql+psycopg://")):
        return url
    raise SettingsError("DATABASE_URL must start with sqlite:/// or postgresql://")


def _redis_url(env: Mapping[str, str]) -> str | None:
    url = env.get("REDIS_URL") or None
    if url and not url.startswith(("redis://", "rediss://", "unix://")):
        raise SettingsError("REDIS_URL must start with redis://, rediss:// or unix://")
    return url


def _public_url(env: Mapping[str, str]) -> str:
    url = env.get("GUFEI_PUBLIC_URL") or f"http://127.0.0.1:{env.get('PORT', '8000')}"
    if not url.startswith(("http://", "https://")):
        raise SettingsError("GUFEI_PUBLIC_URL must start with http:// or https://")
    return url.rstrip("/")


def _region(env: Mapping[str, str]) -> str:
    code = env.get("GUFEI_REGION") or LIAOCHENG
    if not REGION_CODE.fullmatch(code):
        raise SettingsError(f"GUFEI_REGION must be the code of a city or a province, not {code!r}")
    return code


def _county_file(region: str) -> str:
    """Liaocheng's counties have a file of their own, with every point of their borders."""
    return "liaocheng_counties" if region == LIAOCHENG else "shandong_counties"


def _boundaries(env: Mapping[str, str], name: str, default: str) -> Path:
    path = Path(env.get(name) or ROOT / "data" / "boundaries" / f"{default}.geojson")
    if not path.is_file():
        raise SettingsError(f"{name} names no file: {path}")
    return path


def _count(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name, str(default))
    if not text.isdecimal():
        raise SettingsError(f"{name} must be a whole number, not {text!r}")
    return int(text)


def _clearing_months(env: Mapping[str, str]) -> int:
    count = _count(env, "GUFEI_CLEARING_MONTHS", default=3)
    if not 1 <= count <= LONGEST_HORIZON:
        raise SettingsError(f"GUFEI_CLEARING_MONTHS must be 1 to {LONGEST_HORIZON}, not {count}")
    return count


def _flag(env: Mapping[str, str], name: str, default: bool) -> bool:
    text = env.get(name, "1" if default else "0")
    if text not in ("0", "1"):
        raise SettingsError(f"{name} must be 0 or 1, not {text!r}")
    return text == "1"


def _log_level(env: Mapping[str, str]) -> str:
    level = env.get("GUFEI_LOG_LEVEL", "info")
    if level not in ("debug", "info", "warning", "error"):
        raise SettingsError(f"GUFEI_LOG_LEVEL must be debug, info, warning or error, not {level!r}")
    return level


def _secrets(
    env: Mapping[str, str], environment: Environment, data_dir: Path
) -> tuple[str, tuple[bytes, ...]]:
    secret_key, vault_key = env.get("GUFEI_SECRET_KEY"), env.get("GUFEI_VAULT_KEYS")
    if environment is Environment.PRODUCTION:
        if not secret_key or not vault_key:
            raise SettingsError(
                "GUFEI_SECRET_KEY and GUFEI_VAULT_KEYS must be set when GUFEI_ENV=production"
            )
    else:
        generated = _development_secrets(data_dir)
        secret_key = secret_key or generated["secret_key"]
        vault_key = vault_key or generated["vault_key"]
    return _secret_key(secret_key), _vault_keys(vault_key)


def _secret_key(text: str) -> str:
    if len(text) < SHORTEST_SECRET or len(set(text)) < 8:
        raise SettingsError(
            f"GUFEI_SECRET_KEY must be a random text of at least {SHORTEST_SECRET} characters"
        )
    return text


def _vault_keys(text: str) -> tuple[bytes, ...]:
    return tuple(_vault_key(part.strip()) for part in text.split(","))


def _vault_key(text: str) -> bytes:
    try:
        key = base64.urlsafe_b64decode(text)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != VAULT_KEY_BYTES or len(set(key)) < 8:
        raise SettingsError(
            "GUFEI_VAULT_KEYS must hold random 32-byte keys in URL-safe base64, comma-separated"
        )
    return key


def _development_secrets(data_dir: Path) -> dict[str, str]:
    """Secrets made at the first start, so that no two copies share one and none is in the code."""
    path = data_dir / "development-secrets.json"
    data_dir.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _write_once(path, _new_secrets())
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {name: str(found[name]) for name in ("secret_key", "vault_key")}
    except (ValueError, KeyError, TypeError):
        raise SettingsError(f"{path} is damaged; restore it or delete it") from None


def _new_secrets() -> dict[str, str]:
    vault_key = base64.urlsafe_b64encode(secrets.token_bytes(VAULT_KEY_BYTES)).decode()
    return {"secret_key": secrets.token_urlsafe(48), "vault_key": vault_key}


def _write_once(path: Path, content: dict[str, str]) -> None:
    """Write atomically; of two processes starting together the first to link wins."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
