"""Sealing private values: limit prices and frozen problems are ciphertext at rest.

AES-256-GCM; the key comes from the environment and never enters the database, so a dump alone
reveals nothing. It does not protect from somebody who holds the running process or its
environment. Each box is bound to a `context` (which value of which object it is), so that a box
moved to another row no longer opens.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import current_app

NONCE_BYTES = 12
PRICE_BYTES = 8


class SealBroken(Exception):
    """The box was made with another key, for another context, or was tampered with."""


class Vault:
    """Seals with the newest key and opens with any; `keys` are 32 bytes each, newest first."""

    def __init__(self, keys: tuple[bytes, ...]) -> None:
        self._ciphers = [AESGCM(key) for key in keys]

    def seal(self, plain: bytes, context: str) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._ciphers[0].encrypt(nonce, plain, context.encode())

    def open(self, box: bytes, context: str) -> bytes:
        """The plain bytes; raises `SealBroken`."""
        for cipher in self._ciphers:
            try:
                return cipher.decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], context.encode())
            except (InvalidTag, ValueError):  # the latter for what is too short to be a box
                continue
        raise SealBroken(context)

    def seal_price(self, fen_per_t: int, context: str) -> bytes:
        """A price in fen per tonne, always the same length so that the box tells no size."""
        return self.seal(fen_per_t.to_bytes(PRICE_BYTES, "big", signed=True), context)

    def open_price(self, box: bytes, context: str) -> int:
        return int.from_bytes(self.open(box, context), "big", signed=True)


def own_vault() -> Vault:
    """The application's vault."""
    found: Vault = current_app.extensions["gufei.vault"]
    return found
