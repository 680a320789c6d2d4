"""Forecasts use nothing that was not known when they were made, and are the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest

from twin.studies.planning.forecast import Forecast

VALUES = np.random.default_rng(1).normal(50.0, 20.0, 24 * 21)
NOW = 24 * 10


@pytest.mark.parametrize("kind", ["persistence", "blend", "day_ahead"])
def test_what_comes_later_than_is_published_changes_nothing(kind: str) -> None:
    known = 24 if kind == "day_ahead" else 0
    other = VALUES.copy()
    other[NOW + known :] = -999.0
    one = Forecast(kind)  # type: ignore[arg-type]
    assert np.array_equal(one.ahead(VALUES, NOW, 96, 1.0), one.ahead(other, NOW, 96, 1.0))


def test_each_looks_where_it_says() -> None:
    day, week = VALUES[NOW - 24 : NOW], VALUES[NOW - 168 : NOW - 144]
    assert Forecast("persistence").ahead(VALUES, NOW, 48, 1.0) == pytest.approx(np.tile(day, 2))
    assert Forecast("blend").ahead(VALUES, NOW, 24, 1.0) == pytest.approx(0.5 * (day + week))
    published = Forecast("day_ahead").ahead(VALUES, NOW, 48, 1.0)
    assert published[:24] == pytest.approx(VALUES[NOW : NOW + 24])
    assert published[24:] == pytest.approx(0.5 * (day + VALUES[NOW - 144 : NOW - 120]))


def test_noise_is_seeded_and_as_stated() -> None:
    one, same, other = (Forecast("perfect", noise_frac=0.1, seed=seed) for seed in (3, 3, 4))
    first = one.ahead(VALUES, NOW, 200, 1.0)
    assert np.array_equal(first, same.ahead(VALUES, NOW, 200, 1.0))
    assert not np.array_equal(first, other.ahead(VALUES, NOW, 200, 1.0))
    assert (first / VALUES[NOW : NOW + 200] - 1.0).std() == pytest.approx(0.1, rel=0.15)
    assert np.array_equal(Forecast("perfect").ahead(VALUES, NOW, 9, 1.0), VALUES[NOW : NOW + 9])


def test_a_forecast_ends_with_the_run() -> None:
    for kind in ("perfect", "persistence", "blend", "day_ahead"):
        assert Forecast(kind).ahead(VALUES, VALUES.size - 5, 96, 1.0).size == 5  # type: ignore[arg-type]
