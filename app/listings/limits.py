"""Sealing and opening limit prices. Nothing else in the product touches `limit_price_box`."""

from __future__ import annotations

from app.core.vault import Vault, own_vault
from app.listings.models import Listing


def keep(listing: Listing, fen: int | None) -> None:
    """Seal a listing's limit, in fen per tonne, or drop it."""
    box = None if fen is None else own_vault().seal_price(fen, _context(listing))
    listing.limit_price_box = box


def reveal(vault: Vault, listing: Listing) -> int | None:
    """The limit in fen per tonne; raises `SealBroken`. The caller answers for who reads it."""
    if listing.limit_price_box is None:
        return None
    return vault.open_price(listing.limit_price_box, _context(listing))


def _context(listing: Listing) -> str:
    """Binds a box to its listing, so that moved to another row it no longer opens."""
    return f"listing:{listing.number}:limit"
