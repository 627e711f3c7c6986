"""Sealed values open with the right key, for the right thing, and not otherwise."""

from __future__ import annotations

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.vault import SealBroken, Vault

OLD, NEW = secrets.token_bytes(32), secrets.token_bytes(32)


@given(st.integers(-(2**63), 2**63 - 1))
def test_a_sealed_price_opens_to_itself(fen: int) -> None:
    vault = Vault((NEW,))
    assert vault.open_price(vault.seal_price(fen, "a"), "a") == fen


def test_the_box_of_a_price_tells_no_size() -> None:
    vault = Vault((NEW,))
    assert len({len(vault.seal_price(fen, "a")) for fen in (0, -1, 10**12)}) == 1


def test_equal_prices_make_different_boxes() -> None:
    vault = Vault((NEW,))
    assert vault.seal_price(5, "a") != vault.seal_price(5, "a")


def test_a_box_moved_to_another_row_does_not_open() -> None:
    vault = Vault((NEW,))
    with pytest.raises(SealBroken):
        vault.open(vault.seal(b"secret", "listing:1"), "listing:2")


def test_a_tampered_box_does_not_open() -> None:
    vault = Vault((NEW,))
    box = bytearray(vault.seal(b"secret", "a"))
    box[-1] ^= 1
    with pytest.raises(SealBroken):
        vault.open(bytes(box), "a")


def test_a_box_cut_short_is_broken_and_not_an_error() -> None:
    vault = Vault((NEW, OLD))
    box = vault.seal(b"secret", "a")
    for length in (0, 1, 11, 12, 13, len(box) - 1):
        with pytest.raises(SealBroken):
            vault.open(box[:length], "a")


def test_after_a_change_of_key_old_boxes_open_and_new_ones_use_the_new_key() -> None:
    both = Vault((NEW, OLD))
    assert both.open(Vault((OLD,)).seal(b"old", "a"), "a") == b"old"
    assert Vault((NEW,)).open(both.seal(b"new", "a"), "a") == b"new"
    with pytest.raises(SealBroken):
        Vault((NEW,)).open(Vault((OLD,)).seal(b"old", "a"), "a")
