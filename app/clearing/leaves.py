"""The hash tree of a run: planted when the book is frozen, shown to each owner leaf by leaf."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import insert, or_, select
from sqlalchemy.orm import Session

from app.clearing import tree
from app.clearing.engine import month_at
from app.clearing.models import ClearingRun, RunLeaf
from app.clearing.quality import MARK
from app.clearing.queries import months_of
from app.clearing.tree import SALT_BYTES, Sibling
from app.core.vault import Vault
from matching import Problem
from matching import Side as EngineSide

LeafName = tuple[str, date]
"""An order of a run: its id in the engine and its month."""


@dataclass(frozen=True, slots=True)
class Proof:
    """That an order was in the cleared book; `order` and `salt` are for its owner and auditor."""

    order: bytes = field(repr=False)
    salt: bytes = field(repr=False)
    leaf: str
    path: tuple[Sibling, ...]

    @property
    def names_labels(self) -> bool:
        """Whether the order names materials as quality parts them."""
        return MARK.encode() in self.order

    def document(self) -> dict[str, Any]:
        """As it is downloaded; what `static/check-proof.py` reads."""
        return {
            "order": self.order.decode(),
            "salt": self.salt.hex(),
            "leaf": self.leaf,
            "path": [{"side": str(each.hand), "sha256": each.digest.hex()} for each in self.path],
        }


def plant(
    session: Session, vault: Vault, run: ClearingRun, problem: Problem, firms: Mapping[str, int]
) -> None:
    """Grow the tree over the orders of a problem just frozen; `firms` is who is behind each id.

    The leaves stand by digest, which the salts make random: a place tells nothing of who else took
    part.
    """
    rows = sorted(_leaf_rows(vault, run, problem, firms), key=lambda row: str(row["digest"]))
    run.root = tree.root([bytes.fromhex(row["digest"]) for row in rows]).hex()
    if rows:
        places = [row | {"run_id": run.id, "position": at} for at, row in enumerate(rows)]
        session.execute(insert(RunLeaf), places)


def proofs_of(
    session: Session, vault: Vault, run: ClearingRun, problem: Problem, listing_number: str
) -> list[Proof]:
    """The proofs of all of a listing's orders in a run, by step and month."""
    own = or_(
        RunLeaf.order_id == listing_number,
        RunLeaf.order_id.startswith(f"{listing_number}/", autoescape=True),
    )
    query = select(RunLeaf).where(RunLeaf.run_id == run.id, own)
    digests = _digests(session, run)
    texts = dict(_texts(run, problem))
    return [
        _proof(vault, run, leaf, texts[leaf.order_id, leaf.month], digests)
        for leaf in session.scalars(query.order_by(RunLeaf.order_id, RunLeaf.month))
    ]


def opened_tree(
    session: Session, vault: Vault, run: ClearingRun, problem: Problem
) -> dict[str, Any]:
    """Every order with its salt, in the order of the leaves, for the auditor of a run."""
    texts = dict(_texts(run, problem))
    leaves = session.scalars(select(RunLeaf).where(RunLeaf.run_id == run.id))
    return {
        "root": run.root,
        "orders": [
            {
                "order": texts[leaf.order_id, leaf.month].decode(),
                "salt": _salt(vault, run, leaf).hex(),
            }
            for leaf in sorted(leaves, key=lambda leaf: leaf.position)
        ],
    }


def _leaf_rows(
    vault: Vault, run: ClearingRun, problem: Problem, firms: Mapping[str, int]
) -> Iterator[dict[str, Any]]:
    for (order_id, month), text in _texts(run, problem):
        salt = secrets.token_bytes(SALT_BYTES)
        yield {
            "order_id": order_id,
            "month": month,
            "company_id": firms[order_id],
            "salt_box": vault.seal(salt, _context(run, order_id, month)),
            "digest": tree.leaf(salt, text).hex(),
        }


def _texts(run: ClearingRun, problem: Problem) -> Iterator[tuple[LeafName, bytes]]:
    """Each order as its leaf holds it: the engine's row, with its run, side and calendar month."""
    months = months_of(run)
    for side in EngineSide:
        for row in problem.orders(side):
            month = month_at(months, row.month)
            named = {"run": run.number, "side": str(side), "month": f"{month:%Y-%m}"}
            yield (row.id, month), tree.canonical(asdict(row) | named)


def _proof(
    vault: Vault, run: ClearingRun, leaf: RunLeaf, text: bytes, digests: Sequence[bytes]
) -> Proof:
    salt = _salt(vault, run, leaf)
    return Proof(text, salt, leaf.digest, tree.path(digests, leaf.position))


def _digests(session: Session, run: ClearingRun) -> list[bytes]:
    query = select(RunLeaf.digest).where(RunLeaf.run_id == run.id).order_by(RunLeaf.position)
    return [bytes.fromhex(digest) for digest in session.scalars(query)]


def _salt(vault: Vault, run: ClearingRun, leaf: RunLeaf) -> bytes:
    return vault.open(leaf.salt_box, _context(run, leaf.order_id, leaf.month))


def _context(run: ClearingRun, order_id: str, month: date) -> str:
    return run.context(f"salt:{order_id}:{month:%Y-%m}")
