"""Proofs that an order was in the cleared book: its owner's alone, checked without the product."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import User
from app.clearing import operations, tree
from app.clearing.freezing import freeze
from app.clearing.leaves import proofs_of
from app.clearing.models import ClearingRun, RunLeaf, RunOrder
from app.core.actor import SYSTEM
from app.core.transactions import database
from app.settings import ROOT
from tests.accounts.factories import auditor_user, operator_user, regulator, sign_in, user_of
from tests.clearing.factories import (
    CallRound,
    cleared,
    listing_of,
    round_cleared,
    round_market,
    small_market,
)
from tests.conftest import NOW
from tests.listings.factories import DECEMBER

pytestmark = pytest.mark.usefixtures("frozen")
CHECK = ROOT / "static" / "check-proof.py"


def check_apart(document: Path, *root: str) -> int:
    command = [sys.executable, "-I", str(CHECK), str(document), *root]
    return subprocess.run(command, capture_output=True, check=False, timeout=60).returncode


@pytest.fixture
def market(app: Flask) -> CallRound:
    with database().writing() as session:
        return round_market(session)


@pytest.fixture
def people(market: CallRound) -> dict[str, int]:
    with database().writing() as session:
        p0, p1 = (listing_of(session, market.listings[name]).company for name in ("p0", "p1"))
        found = {
            "owner": user_of(session, p0),
            "rival": user_of(session, p1),
            "operator": operator_user(session),
            "city": regulator(session),
            "auditor": auditor_user(session),
        }
        session.flush()
        return {part: user.id for part, user in found.items()}


def browser(app: Flask, people: dict[str, int], part: str) -> FlaskClient:
    client = app.test_client()
    with database().reading() as session:
        sign_in(client, session.get_one(User, people[part]))
    return client


def test_every_order_has_one_leaf_and_they_make_the_published_root(
    any_app: Flask,
) -> None:
    with database().writing() as session:
        small_market(session)
    cleared(months=2)
    with database().reading() as session:
        run = session.scalars(select(ClearingRun)).one()
        leaves = session.scalars(select(RunLeaf).order_by(RunLeaf.position)).all()
        lines = session.scalars(select(RunOrder)).all()
    orders = sorted((line.listing_number, line.month) for line in lines)
    assert sorted((leaf.order_id, leaf.month) for leaf in leaves) == orders
    assert {leaf.order_id: leaf.company_id for leaf in leaves} == {
        line.listing_number: line.company_id for line in lines
    }
    assert run.root == tree.root([bytes.fromhex(leaf.digest) for leaf in leaves]).hex()


def test_a_second_freeze_changes_neither_book_nor_tree(any_app: Flask) -> None:
    vault = any_app.extensions["gufei.vault"]
    with database().writing() as session:
        small_market(session)
        number = operations.start_run(session, SYSTEM, DECEMBER, NOW, months=1).number
        first = freeze(session, vault, number, NOW)
        before = _standing(session)
    with database().writing() as session:
        assert freeze(session, vault, number, NOW) == first
        assert _standing(session) == before


def _standing(session: Any) -> list[Any]:
    leaves = select(RunLeaf.position, RunLeaf.digest, RunLeaf.salt_box)
    roots = select(ClearingRun.root)
    return [*map(tuple, session.execute(leaves)), *session.scalars(roots)]


def test_an_empty_book_has_a_root_and_no_leaf(app: Flask) -> None:
    cleared()
    with database().reading() as session:
        assert session.scalars(select(RunLeaf)).all() == []
        assert session.scalars(select(ClearingRun.root)).one() == hashlib.sha256(b"").hexdigest()


def test_a_proof_says_what_was_bid_and_no_changed_order_proves(
    app: Flask, market: CallRound
) -> None:
    round_cleared()
    vault = app.extensions["gufei.vault"]
    with database().reading() as session:
        run = session.scalars(select(ClearingRun)).one()
        problem = freeze(session, vault, run.number, NOW)
        proofs = proofs_of(session, vault, run, problem, market.listings["p0"])
        root = bytes.fromhex(run.root or "")
    said = [json.loads(proof.order) for proof in proofs]
    assert [(each["id"], each["kg"], each["ask"]) for each in said] == [
        (f"{market.listings['p0']}/1", 100_000, 200),
        (f"{market.listings['p0']}/2", 100_000, 1_200),
    ]
    assert {(each["run"], each["side"], each["month"]) for each in said} == {
        (run.number, "supply", "2026-12")
    }
    for proof, order in zip(proofs, said, strict=True):
        for changed in (order, order | {"ask": order["ask"] + 1}, order | {"kg": 1}):
            start = tree.leaf(proof.salt, tree.canonical(changed))
            assert (tree.root_from(start, proof.path) == root) == (changed is order)


def test_the_owner_downloads_a_proof_that_holds_without_the_product(
    app: Flask, market: CallRound, people: dict[str, int], tmp_path: Path
) -> None:
    run = round_cleared()
    number = market.listings["p0"]
    client = browser(app, people, "owner")
    page = client.get(f"/clearing/orders/{number}").text
    answer = client.get(f"/clearing/orders/{number}/proof?run={run}")
    with database().reading() as session:
        root = session.scalars(select(ClearingRun.root)).one()
    document = json.loads(answer.data)
    assert document["root"] == root
    assert str(root) in page
    assert document["orders"][0]["salt"] in page
    assert str(root) in app.test_client().get(f"/clearing/{run}").text
    proof = tmp_path / "proof.json"
    proof.write_bytes(answer.data)
    assert check_apart(proof) == check_apart(proof, str(root)) == 0
    assert check_apart(proof, "00" * 32) == 1
    document["orders"][1]["order"] = document["orders"][1]["order"].replace("1200", "1201")
    proof.write_text(json.dumps(document), encoding="utf-8")
    assert check_apart(proof, str(root)) == 1


@pytest.mark.parametrize("part", ["rival", "operator", "city", "auditor"])
def test_nobody_else_gets_a_proof(
    app: Flask, market: CallRound, people: dict[str, int], part: str
) -> None:
    round_cleared()
    client = browser(app, people, part)
    path = f"/clearing/orders/{market.listings['p0']}"
    assert client.get(f"{path}/proof").status_code in (403, 404)
    with database().reading() as session:
        salts = [proof.salt.hex() for proof in _proofs(app, session, market.listings["p0"])]
    page = client.get(path)
    assert page.status_code in (200, 403, 404)
    assert not [salt for salt in salts if salt in page.text]


def _proofs(app: Flask, session: Any, number: str) -> list[Any]:
    vault = app.extensions["gufei.vault"]
    run = session.scalars(select(ClearingRun)).one()
    return proofs_of(session, vault, run, freeze(session, vault, run.number, NOW), number)


def test_salts_are_sealed(app: Flask, market: CallRound) -> None:
    round_cleared()
    with database().reading() as session:
        salts = [proof.salt for proof in _proofs(app, session, market.listings["p0"])]
        boxes = session.scalars(select(RunLeaf.salt_box)).all()
    assert len(set(salts)) == 2
    assert not [salt for salt in salts for box in boxes if salt in box]


def test_the_auditor_holds_all_leaves_against_the_root(
    app: Flask, market: CallRound, people: dict[str, int]
) -> None:
    run = round_cleared()
    with database().writing() as session:
        operations.name_auditor(session, SYSTEM, run, people["auditor"], NOW)
    packed = browser(app, people, "auditor").post(f"/clearing/{run}/documents").data
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        opened = json.loads(archive.read("tree.json"))
        problem = json.loads(archive.read("problem.json"))
    leaves = [
        tree.leaf(bytes.fromhex(each["salt"]), each["order"].encode()) for each in opened["orders"]
    ]
    assert tree.root(leaves).hex() == opened["root"]
    committed = sorted(json.loads(each["order"])["id"] for each in opened["orders"])
    asked = sorted(row["id"] for side in ("supplies", "demands") for row in problem[side])
    assert committed == asked
