"""What the benchmark of an audit makes of its measurements."""

import pytest

from bench.audit import exponent, line


@pytest.mark.parametrize("power", [1, 2])
def test_the_exponent_is_that_of_the_growth(power: int) -> None:
    assert exponent([(n, 0.5 * n**power) for n in (12, 24, 48, 96)]) == pytest.approx(power)


def test_what_is_fixed_is_told_from_what_grows() -> None:
    assert line([(n, 3.7 + 0.07 * n) for n in (12, 24, 48, 96)]) == pytest.approx((3.7, 0.07))
