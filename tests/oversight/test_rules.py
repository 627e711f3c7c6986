from hypothesis import given
from hypothesis import strategies as st

from app.oversight.rules import Band, Traded, bands, hides_whose, rounded_down, told_market

ASH, GYPSUM = "fly_ash", "fgd_gypsum"
traded = st.builds(
    Traded,
    st.tuples(st.sampled_from(("firm", "group")), st.integers(1, 3)),
    st.tuples(st.just("firm"), st.integers(11, 15)),
    st.sampled_from((ASH, GYPSUM)),
    st.integers(-900, 900),
)
curves = st.lists(st.tuples(st.integers(0, 5_000), st.lists(traded, max_size=4)), max_size=12).map(
    lambda rows: [(500 * k, kg, trades) for k, (kg, trades) in enumerate(rows, 1)]
)


def three(kg: int, material: str = ASH) -> list[Traded]:
    return [Traded(("firm", each), ("firm", 10 + each), material, kg) for each in (1, 2, 3)]


def test_a_band_tells_masses_down_and_money_up() -> None:
    assert bands([(1_000, 123_456, three(41_152))]) == [
        Band(1_000, 120_000, 120_000, ((ASH, 120_000),))
    ]


def test_steps_of_few_owners_are_told_together() -> None:
    one, two, last = three(40_000)
    found = bands([(500, 40_000, [one]), (1_000, 40_000, [two]), (1_500, 40_000, [last])])
    assert found == [Band(1_500, 120_000, 180_000, ((ASH, 120_000),))]


def test_what_is_left_at_the_top_joins_the_band_before() -> None:
    found = bands([(500, 120_000, three(40_000)), (4_000, 50_000, three(50_000)[:1])])
    assert [(band.rate, band.kg) for band in found] == [(4_000, 170_000)]


def test_of_few_owners_nothing_is_told() -> None:
    assert bands([(500, 80_000, three(40_000)[:2])]) == []
    assert told_market(80_000, three(40_000)[:2]) is None


def test_trades_that_end_hide_nobody() -> None:
    ending = [each._replace(kg=-5) for each in three(5)]
    assert bands([(500, 10_000, [*ending, *three(10_000)[:1]])]) == []


def test_a_material_of_few_owners_is_not_named() -> None:
    (band,) = bands(
        [(500, 150_000, [*three(40_000), Traded(("firm", 1), ("firm", 11), GYPSUM, 30_000)])]
    )
    assert band.materials == ((ASH, 120_000),)


@given(curves)
def test_every_band_and_material_hides_whose_it_is(
    curve: list[tuple[int, int, list[Traded]]],
) -> None:
    """Whoever knows the curve sees that each band told spans three owners on either side."""
    low = 0
    for band in bands(curve):
        on = [
            each
            for rate, _, rows in curve
            if low < rate <= band.rate
            for each in rows
            if each.kg > 0
        ]
        assert hides_whose(on)
        for material, _kg in band.materials:
            assert hides_whose(each for each in on if each.material == material)
        low = band.rate


@given(curves)
def test_bands_add_up_to_no_more_than_the_curve(
    curve: list[tuple[int, int, list[Traded]]],
) -> None:
    found = bands(curve)
    assert sum(band.kg for band in found) <= sum(kg for _, kg, _ in curve)
    assert [band.rate for band in found] == sorted({band.rate for band in found})


def test_a_mass_keeps_two_figures() -> None:
    assert [rounded_down(kg) for kg in (0, 9, 99, 101, 98_765)] == [0, 9, 99, 100, 98_000]
