"""A hash tree over the orders of a run, in the shape of RFC 6962.

leaf = SHA-256(0x00 ‖ salt ‖ order), node = SHA-256(0x01 ‖ left ‖ right); a tree of n leaves splits
after the largest power of two below n. Whoever holds an order, its salt and its path can check it
against the public root, and learns of the other orders nothing: each is hidden by its own salt.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

SALT_BYTES = 32
LEAF, NODE = b"\x00", b"\x01"


class Hand(StrEnum):
    """On which side of the path a sibling stands."""

    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Sibling:
    """One step from a leaf towards the root: what to hash it with, and on which side."""

    hand: Hand
    digest: bytes


def canonical(order: Mapping[str, object]) -> bytes:
    """The one way to write an order down: sorted keys, no blanks, UTF-8."""
    text = json.dumps(
        order, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return text.encode()


def leaf(salt: bytes, order: bytes) -> bytes:
    """The leaf of an order."""
    return sha256(LEAF + salt + order).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaves in their order; of none the digest of nothing, as the RFC has it."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    at = _split(len(leaves))
    return _node(root(leaves[:at]), root(leaves[at:]))


def path(leaves: Sequence[bytes], position: int) -> tuple[Sibling, ...]:
    """The siblings of a leaf from the bottom up; raises `IndexError` for a position not there."""
    if not 0 <= position < len(leaves):
        raise IndexError(position)
    if len(leaves) == 1:
        return ()
    at = _split(len(leaves))
    left, right = leaves[:at], leaves[at:]
    if position < at:
        return (*path(left, position), Sibling(Hand.RIGHT, root(right)))
    return (*path(right, position - at), Sibling(Hand.LEFT, root(left)))


def root_from(start: bytes, siblings: Sequence[Sibling]) -> bytes:
    """The root that a leaf and its path lead to."""
    digest = start
    for sibling in siblings:
        is_left = sibling.hand is Hand.LEFT
        digest = _node(sibling.digest, digest) if is_left else _node(digest, sibling.digest)
    return digest


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(NODE + left + right).digest()


def _split(count: int) -> int:
    """The largest power of two below `count`."""
    return 1 << ((count - 1).bit_length() - 1)
