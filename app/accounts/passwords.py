"""Passwords and tokens: argon2id for what people choose, SHA-256 for what chance chose."""

from __future__ import annotations

import hashlib
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""The OWASP minimum of 19 MiB: a web process must survive many sign-ins at once."""
TOKEN_BYTES = 32


def hash_password(password: str) -> str:
    return HASHER.hash(password)


def matches(password_hash: str, password: str) -> bool:
    """Whether a password is the one. An empty hash costs the same time and never matches."""
    try:
        return HASHER.verify(password_hash or _nobodys_hash(), password) and bool(password_hash)
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(password_hash: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return HASHER.check_needs_rehash(password_hash)


def new_token() -> str:
    """A text nobody can guess, fit for a cookie or a link."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest(text: str) -> str:
    """SHA-256 in hex: what the tables keep of a token."""
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def _nobodys_hash() -> str:
    return hash_password(secrets.token_urlsafe())
