"""What a stored password is made of."""

from __future__ import annotations

import pytest
from argon2 import Type, extract_parameters

from app.accounts import passwords

OWASP_LEAST = {"type": Type.ID, "time_cost": 2, "memory_cost": 19 * 1024, "parallelism": 1}


@pytest.mark.usefixtures("product_passwords")
def test_a_password_costs_a_guesser_as_much_as_owasp_asks() -> None:
    made = extract_parameters(passwords.hash_password("correct-horse-battery"))
    assert {name: getattr(made, name) for name in OWASP_LEAST} == OWASP_LEAST


@pytest.mark.usefixtures("product_passwords")
def test_the_hash_of_the_product_opens_with_its_password_alone() -> None:
    stored = passwords.hash_password("correct-horse-battery")
    assert passwords.matches(stored, "correct-horse-battery")
    assert not passwords.matches(stored, "correct-horse-batter")
    assert not passwords.is_outdated(stored)
