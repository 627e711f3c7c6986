"""The hash tree: every leaf proves, nothing else does, whatever the size."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clearing.tree import (
    SALT_BYTES,
    Hand,
    Sibling,
    canonical,
    leaf,
    path,
    root,
    root_from,
)

SIZES = (1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 32, 33)
digests = st.binary(min_size=32, max_size=32)
salts = st.binary(min_size=SALT_BYTES, max_size=SALT_BYTES)
orders = st.dictionaries(st.text(max_size=6), st.integers() | st.text(max_size=6), max_size=4)


def leaves(count: int) -> list[bytes]:
    return [leaf(bytes([number]) * SALT_BYTES, b"order %d" % number) for number in range(count)]


@pytest.mark.parametrize("count", SIZES)
def test_every_leaf_proves(count: int) -> None:
    tree = leaves(count)
    assert all(root_from(each, path(tree, at)) == root(tree) for at, each in enumerate(tree))


@pytest.mark.parametrize("count", SIZES)
def test_no_other_leaf_proves_with_the_same_path(count: int) -> None:
    tree = leaves(count)
    stranger = leaf(b"\x07" * SALT_BYTES, b"another order")
    assert all(root_from(stranger, path(tree, at)) != root(tree) for at in range(count))


@pytest.mark.parametrize("count", SIZES[1:])
def test_a_path_with_anything_changed_proves_nothing(count: int) -> None:
    tree = leaves(count)
    for at, each in enumerate(tree):
        siblings = path(tree, at)
        for step, sibling in enumerate(siblings):
            other = Hand.LEFT if sibling.hand is Hand.RIGHT else Hand.RIGHT
            turned, bent = (
                Sibling(other, sibling.digest),
                Sibling(sibling.hand, sha256(sibling.digest).digest()),
            )
            for wrong in (turned, bent):
                changed = (*siblings[:step], wrong, *siblings[step + 1 :])
                assert root_from(each, changed) != root(tree)
        assert root_from(each, siblings[:-1]) != root(tree)


@pytest.mark.parametrize(("count", "steps"), [(1, 0), (2, 1), (3, 2), (4, 2), (5, 3), (33, 6)])
def test_a_path_is_no_longer_than_the_tree_is_deep(count: int, steps: int) -> None:
    assert max(len(path(leaves(count), at)) for at in range(count)) == steps


def test_the_shape_is_that_of_the_rfc() -> None:
    """Seven leaves of RFC 6962, section 2.1.3: the path of d3 is [c, g, l], of d6 [i, k]."""
    d = leaves(7)
    g, h, i = (_pair(d[0], d[1]), _pair(d[2], d[3]), _pair(d[4], d[5]))
    k, last = _pair(g, h), _pair(i, d[6])
    assert root(d) == _pair(k, last)
    assert [step.digest for step in path(d, 3)] == [d[2], g, last]
    assert [step.digest for step in path(d, 6)] == [i, k]


def _pair(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


@given(st.lists(digests, min_size=1, max_size=70, unique=True), st.data())
def test_exactly_the_leaf_at_a_position_proves_there(
    tree: list[bytes], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(tree) - 1))
    proving = [each for each in tree if root_from(each, path(tree, at)) == root(tree)]
    assert proving == [tree[at]]


@given(salts, orders, orders)
def test_two_orders_never_share_a_leaf(
    salt: bytes, one: dict[str, object], other: dict[str, object]
) -> None:
    same = leaf(salt, canonical(one)) == leaf(salt, canonical(other))
    assert same == (one == other)


@given(salts, salts, orders)
def test_the_same_order_has_another_leaf_under_another_salt(
    salt: bytes, other: bytes, order: dict[str, object]
) -> None:
    """So that nobody can try out limits against a neighbour's leaf."""
    assert (leaf(salt, canonical(order)) == leaf(other, canonical(order))) == (salt == other)


@given(st.lists(digests, min_size=1, max_size=20))
def test_an_inner_node_cannot_pass_for_a_leaf(tree: list[bytes]) -> None:
    """A leaf's first byte is 0 and a node's 1: no order hashes to what a node does."""
    assert leaf(b"", b"".join(tree)) != _pair(b"".join(tree), b"")


@pytest.mark.parametrize("position", [-1, 3])
def test_a_leaf_that_is_not_there_has_no_path(position: int) -> None:
    with pytest.raises(IndexError):
        path(leaves(3), position)


def test_an_empty_book_has_the_root_of_nothing() -> None:
    assert root([]) == sha256(b"").digest()
