"""What is told of a province month by month, and attackers who hold it against the light."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest

from app.statistics.disclosure import Sum, Thresholds, is_sensitive
from app.statistics.inference import Group
from app.statistics.withholding import WHOLE, SecretFact, Secrets, Told, decide
from tests.statistics.attacks import Market, exposed_groups, exposed_sums, narrowest

RULES = Thresholds(groups=3, share_milli=800, margin_milli=100)
NORTH, SOUTH, EAST = "370100", "370200", "370300"
CITIES = tuple((city, tuple(f"{city[:4]}{n:02d}" for n in (2, 3))) for city in (NORTH, SOUTH, EAST))
TARGET, ALL = ("ash", "slag"), ("ash", "mud", "slag")
CHOICES = (TARGET, ALL, ("ash",), ("slag",), ("mud",))
MEASURES = 2


def secrets_of(*facts: tuple[str, str, str, int]) -> Secrets:
    """Facts as county, material, firm and kg; the second measure is half of the first."""
    return Secrets(
        tuple(
            SecretFact(adcode, material, ("firm", ord(firm)), (kg, kg // 2))
            for adcode, material, firm, kg in facts
        ),
        CITIES,
        CHOICES,
        RULES,
    )


def enough_in(*counties: str, material: str = "ash") -> list[tuple[str, str, str, int]]:
    """Four firms of much the same size in each county, others in every one."""
    return [
        (county, material, chr(97 + 4 * place + firm), 1_000 + firm)
        for place, county in enumerate(counties)
        for firm in range(4)
    ]


def random_province(seed: int) -> Secrets:
    random = Random(seed)
    counties = [county for _city, inside in CITIES for county in inside]
    return secrets_of(
        *(
            (county, material, firm, int(20 + 20 * random.paretovariate(1)))
            for county, material in product(counties, ALL)
            for firm in random.sample("abcdefghij", random.choice((0, 1, 1, 2, 3, 4)))
        )
    )


def market(secrets: Secrets, place: int) -> Market:
    return Market(secrets.of_measure(place), list(secrets.sums.values()))


def published(secrets: Secrets, told: Told) -> list[Sum]:
    sums = secrets.sums
    found = [sums[area, materials] for materials, areas in told.items() for area in areas]
    return [each for each in dict.fromkeys(found) if each]


def test_where_nobody_is_unnamed_everything_is_told() -> None:
    told = decide(secrets_of())
    assert all(len(areas) == 1 + 3 + 6 for areas in told.values())


def test_a_county_of_enough_firms_is_told_with_its_city_and_the_province() -> None:
    told = decide(secrets_of(*enough_in("370102", "370202")))[frozenset({"ash"})]
    assert {WHOLE, NORTH, SOUTH, "370102", "370202"} <= told


def test_a_city_of_two_firms_hides_two_other_cities_and_the_counties_of_all() -> None:
    """Of one hidden city alone the officials would take their own off the rest, and have it."""
    facts = [*enough_in("370102", "370202"), ("370302", "ash", "y", 900), ("370303", "ash", "z", 9)]
    assert decide(secrets_of(*facts))[frozenset({"ash"})] == {WHOLE}


@pytest.mark.parametrize("seed", range(6))
def test_no_official_finds_by_its_own_region_what_is_withheld_of_others(seed: int) -> None:
    secrets = random_province(seed)
    inside = {city: set(adcodes) for city, adcodes in CITIES}
    regions = [*inside.values(), *({adcode} for adcodes in inside.values() for adcode in adcodes)]
    for materials, told in decide(secrets).items():
        cities = {city for city in inside if city in told}
        rests = [set().union(*(inside[city] for city in inside.keys() - cities))] if told else []
        rests += [inside[city] - told for city in cities]
        for rest, own, place in product(rests, regions, range(MEASURES)):
            if any(
                fact.adcode in own & rest and fact.material in materials for fact in secrets.facts
            ):
                assert not is_sensitive(held(secrets, rest - own, materials, place), RULES)


def held(
    secrets: Secrets, adcodes: set[str], materials: frozenset[str], place: int
) -> dict[Group, int]:
    """By firm, what is in some counties."""
    found: dict[Group, int] = {}
    for fact in secrets.facts:
        if fact.adcode in adcodes and fact.material in materials:
            found[fact.group] = found.get(fact.group, 0) + fact.measures[place]
    return found


def test_a_province_of_too_few_firms_tells_nothing() -> None:
    told = decide(secrets_of(("370102", "mud", "a", 10), ("370202", "mud", "b", 10)))
    assert told[frozenset({"mud"})] == frozenset()


@pytest.mark.parametrize("seed", range(6))
def test_nobody_learns_from_cities_counties_and_the_province_together(seed: int) -> None:
    secrets = random_province(seed)
    shown = published(secrets, decide(secrets))
    for place in range(MEASURES):
        attacked = market(secrets, place)
        hidden = [
            each
            for each in dict.fromkeys(attacked.sums)
            if is_sensitive(attacked.by_group(each), RULES)
        ]
        assert not list(exposed_groups(attacked, shown))
        assert not list(exposed_sums(attacked, shown, hidden))
        assert narrowest(attacked, shown, hidden) >= RULES.margin_milli / 1000 - 1e-6


def test_the_worlds_that_are_attacked_tell_something() -> None:
    told = [sum(map(len, decide(random_province(seed)).values())) for seed in range(6)]
    assert min(told) > 0


def test_other_facts_names_areas_or_limits_have_another_digest() -> None:
    one, same = (secrets_of(("370102", "ash", "a", 10)) for _time in range(2))
    assert one.digest == same.digest
    others = [
        secrets_of(("370102", "ash", "a", 11)),
        secrets_of(("370102", "ash", "b", 10)),
        Secrets(one.facts, CITIES[:2], CHOICES, RULES),
        Secrets(one.facts, CITIES, CHOICES[:2], RULES),
        Secrets(one.facts, CITIES, CHOICES, Thresholds(4, 800, 100)),
    ]
    assert one.digest not in {other.digest for other in others}
