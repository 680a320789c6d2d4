"""Many scenarios at once: the same figures as one by one, mixed technologies, failures that stay alone."""

from __future__ import annotations

import numpy as np
import pytest

from tests.engine.scenarios import shipped
from twin.compiled import has_numba
from twin.engine import kernel
from twin.engine.simulate import simulate
from twin.errors import InputError, RunError
from twin.studies.kpis import kpis

WEEK = ("run.start=2025-07-01", "run.duration=7d")
HOPELESS = tuple(
    f"plants.main.chillers.{name}.availability={{kind: outages, outages: [{{at: '2025-07-02 12:00', duration_h: 24}}]}}"
    for name in ("large", "medium", "small")
)


def test_a_batch_gives_the_figures_of_single_runs() -> None:
    scenarios = [shipped("quickstart", *WEEK, f"halls.ai.air.supply_air_c={t}") for t in (21, 24, 27)]
    batch = simulate(scenarios)
    for i, scenario in enumerate(scenarios):
        single = simulate(scenario)
        np.testing.assert_array_equal(batch["total"].values[i], single["total"].values[0])
        assert kpis(batch, i) == kpis(single)


def test_different_compositions_share_a_dataset() -> None:
    both = simulate([shipped("quickstart", *WEEK), shipped("greensboro", *WEEK)])
    assert both.sizes["scenario"] == 2
    assert np.isnan(both["plants.main.economizer.heat_kw"].values[0]).all()
    assert (both["plants.main.economizer.heat_kw"].values[1] >= 0).all()
    assert kpis(both, "Miami colocation")["pue"]["value"] > 1


def test_equal_names_are_told_apart() -> None:
    twice = simulate([shipped("quickstart", *WEEK)] * 2, keep="none")
    assert list(twice["scenario"].values) == ["Miami colocation [0]", "Miami colocation [1]"]


def test_a_run_that_runs_away_fails_alone_with_time_and_place() -> None:
    good, bad = shipped("quickstart", *WEEK), shipped("quickstart", *WEEK, *HOPELESS)
    batch = simulate([good, bad], keep="none")
    assert batch["failure"].values[0] == ""
    assert "ran away at 2025-07-02" in batch["failure"].values[1]
    with pytest.raises(
        RunError, match=r"Miami colocation: ran away at 2025-07-02 .* \(step \d+\): .*halls\.ai\.air\.inlet_c = "
    ):
        simulate(bad)


def test_scenarios_of_different_periods_are_refused() -> None:
    with pytest.raises(InputError, match="same period and step"):
        simulate([shipped("quickstart", *WEEK), shipped("quickstart")])


@pytest.mark.skipif(not has_numba(), reason="needs numba")
def test_a_new_composition_of_known_technologies_compiles_nothing() -> None:
    simulate(shipped("greensboro", *WEEK), keep="none")
    simulate(shipped("quickstart", *WEEK), keep="none")
    known = kernel.entry.cache_info().misses
    more = (
        "plants.main.chillers.fourth="
        "{kind: water_cooled, curves: York_YT_1023, rated_kw: 500, condenser_flow_m3_s: .025}"
    )
    york = ("plants.main.condenser.towers.second={kind: yorkcalc, water_flow_m3_s: .05, air_flow_m3_s: 30, fan_kw: 10, "
            "design_wet_bulb_c: 26}")  # fmt: skip
    simulate(shipped("quickstart", *WEEK, more, york), keep="none")
    assert kernel.entry.cache_info().misses == known
