"""Three unequal chillers: called in order, with hysteresis, never faster than their minimum times."""

from __future__ import annotations

import numpy as np
import pytest

from tests.engine.scenarios import shipped
from twin.engine.simulate import simulate

MINIMUM_MIN = 20
SWING = ("halls.ai.rack_groups.gpu.utilisation={kind: daily, weekday_frac: [" + ", ".join(["0, 1"] * 12) + "]}",)


def runs(flags: np.ndarray) -> list[tuple[float, int]]:
    """(value, length) of each stretch of equal values, without the first and the last."""
    edges = np.flatnonzero(np.diff(flags)) + 1
    pieces = np.split(flags, edges)
    return [(piece[0], piece.size) for piece in pieces[1:-1]]


@pytest.fixture(scope="module")
def swinging():
    return simulate(shipped("quickstart", "run.step=5min", "run.duration=30d", *SWING))


def test_no_chiller_starts_or_stops_faster_than_its_minimum_times(swinging) -> None:
    stretches = []
    for name in ("large", "medium", "small"):
        stretches += runs(swinging[f"plants.main.chillers.{name}.running"].values[0])
    assert len(stretches) > 100  # it does stage
    assert min(length for _, length in stretches) * 5 >= MINIMUM_MIN


def test_chillers_are_called_in_their_order_and_share_the_load_equally(swinging) -> None:
    large, medium, small = (
        swinging[f"plants.main.chillers.{n}.running"].values[0] for n in ("large", "medium", "small")
    )
    assert (large >= medium).all()
    assert (medium >= small).all()
    assert 0 < small.mean() < 1
    both = (medium > 0) & (swinging["plants.main.chillers.medium.cooling_kw"].values[0] > 0)
    share = [
        (swinging[f"plants.main.chillers.{n}.cooling_kw"] / swinging[f"plants.main.chillers.{n}.capacity_kw"]).values[
            0
        ][both]
        for n in ("large", "medium")
    ]
    np.testing.assert_allclose(share[0], share[1], rtol=1e-9)


def test_hysteresis_keeps_a_steady_load_on_one_stage() -> None:
    ds = simulate(shipped("quickstart", "run.step=5min", "run.duration=2d",
                          "halls.ai.rack_groups.gpu.utilisation={kind: constant, value_frac: .5}",
                          "halls.enterprise.rack_groups.web.utilisation={kind: constant, value_frac: .4}"))  # fmt: skip
    assert ds["plants.main.stage_changes_count"].values.sum() <= 2


def test_a_longer_minimum_time_means_fewer_starts() -> None:
    def starts(minutes: int) -> float:
        times = (f"plants.main.minimum_{state}_min={minutes}" for state in ("on", "off"))
        ds = simulate(shipped("quickstart", "run.step=5min", "run.duration=7d", *SWING, *times))
        return float(ds["plants.main.stage_changes_count"].values.sum())

    assert starts(40) < starts(20)


def test_an_hourly_step_may_start_several_chillers_but_not_more_than_the_minimum_times_allow() -> None:
    ds = simulate(shipped("quickstart", "run.duration=30d", *SWING))
    changes = ds["plants.main.stage_changes_count"].values
    assert changes.max() <= 60 / MINIMUM_MIN
