"""Three unequal chillers: called in order, with hysteresis, never faster than their minimum times."""

from __future__ import annotations

import numpy as np
import pytest

from tests.engine.scenarios import shipped
from twin.engine.simulate import simulate
from twin.errors import InputError

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


KEPT = "plants.main.minimum_running_count=3"
STEADY = ("halls.ai.rack_groups.gpu.utilisation={kind: constant, value_frac: .4}",
          "halls.enterprise.rack_groups.web.utilisation={kind: constant, value_frac: .4}")  # fmt: skip


def plant(ds, name: str) -> np.ndarray:
    return ds[f"plants.main.{name}"].values[0]


def chillers(ds, name: str) -> np.ndarray:
    return np.array([plant(ds, f"chillers.{one}.{name}") for one in ("large", "medium", "small")])


def test_units_kept_running_share_the_load_and_show_what_part_load_costs() -> None:
    """Chillers with vanes and condenser pumps draw more for the same load on three machines than on fewer."""
    week = ("run.start=2025-07-07", "run.duration=7d", *STEADY)
    asked, kept = simulate(shipped("quickstart", *week)), simulate(shipped("quickstart", *week, KEPT))
    assert (plant(kept, "stage_count") == 3).all()
    assert plant(asked, "stage_count").max() < 3
    np.testing.assert_allclose(plant(kept, "removed_kw").sum(), plant(asked, "removed_kw").sum(), rtol=1e-3)
    share = chillers(kept, "cooling_kw") / chillers(kept, "capacity_kw")
    np.testing.assert_allclose(share[1:], share[[0, 0]], rtol=1e-9)
    assert share.max() < 0.8
    assert plant(kept, "condenser.pump.power_kw").sum() > 1.2 * plant(asked, "condenser.pump.power_kw").sum()
    assert chillers(kept, "power_kw").sum() > chillers(asked, "power_kw").sum()


def test_units_kept_running_come_back_after_an_outage_within_their_minimum_times() -> None:
    out = "{kind: outages, outages: [{at: '2025-07-08 12:00', duration_h: 2}]}"
    ds = simulate(shipped("quickstart", "run.start=2025-07-08", "run.duration=1d", "run.step=5min", KEPT, *STEADY,
                          f"plants.main.chillers.large.availability={out}"))  # fmt: skip
    assert plant(ds, "stage_count").min() == 3
    assert plant(ds, "chillers.large.running").sum() == (24 - 2) * 12


def test_free_cooling_that_carries_all_lets_the_kept_units_rest() -> None:
    ds = simulate(
        shipped("greensboro", "run.start=2025-01-15", "run.duration=5d", "plants.main.minimum_running_count=2")
    )
    free = plant(ds, "free_mode") > 0.5
    assert free.sum() > 24
    assert plant(ds, "chillers.ch1.power_kw")[free].max() == 0
    partial = plant(ds, "partial_mode") > 0.5
    assert (plant(ds, "stage_count")[partial] >= 1).all()


def test_more_kept_running_than_stand_there_is_refused() -> None:
    with pytest.raises(InputError, match=r"minimum_running_count: there are 3 chillers, got 4"):
        shipped("quickstart", "plants.main.minimum_running_count=4")


def test_a_least_flow_passes_the_loads_and_costs_pump_power() -> None:
    """At .055 m3/s rated and 80 %: 43.9 kg/s however little the coils take; colder return, the same heat."""
    week = ("run.start=2025-07-07", "run.duration=7d", *STEADY)
    free, least = (simulate(shipped("quickstart", *week, f"plants.main.pump.minimum_flow_frac={f}")) for f in (0, 0.8))
    assert plant(free, "pump.flow_kg_s").max() < 0.8 * 0.055 * 998
    np.testing.assert_allclose(plant(least, "pump.flow_kg_s"), 0.8 * 0.055 * 998, rtol=1e-3)
    assert plant(least, "pump.power_kw").min() > plant(free, "pump.power_kw").max()
    assert plant(least, "return_c").max() < plant(free, "return_c").min()
    taken = plant(least, "load_kw") - plant(least, "pump.water_heat_kw")
    np.testing.assert_allclose(taken, plant(free, "load_kw") - plant(free, "pump.water_heat_kw"), rtol=1e-3)
