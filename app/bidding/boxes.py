"""Sealing and opening bids. Nothing else in the product touches `Bid.box`."""

from __future__ import annotations

from app.bidding.models import Bid
from app.bidding.rules import BidTerms, from_box, to_box
from app.core.vault import Vault


def keep(vault: Vault, bid: Bid, terms: BidTerms) -> None:
    """Seal what a bid says; the bid must know its round and its listing."""
    bid.box = vault.seal(to_box(terms), bid.context)


def reveal(vault: Vault, bid: Bid) -> BidTerms:
    """What a bid says; raises `SealBroken`. The caller answers for who reads it."""
    return from_box(vault.open(bid.box, bid.context))
