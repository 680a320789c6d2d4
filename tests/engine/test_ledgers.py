"""Energy is conserved: every ledger closes from the stores' own temperatures, and a lost heat term shows."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tests.engine.scenarios import SHIPPED, shipped
from twin.engine import lowering, results
from twin.engine import simulate as simulating
from twin.engine.composition import Composition
from twin.engine.simulate import simulate

CLOSED = 1e-9  # of IT energy
BROKEN = 1e-4
STEPS = ("1h", "15min", "5min")
LIQUID = ("technologies/rear_doors", "technologies/immersion", "technologies/warm_water_hybrid")


def it_kwh(ds) -> float:
    return float(ds["total"].values[0][ds["end_use"].values[0] == "it"].sum())


GRID = {"grid/solar_battery": "2021-07-10", "grid/price_battery": "2021-02-10", "grid/peak_shaving": "2025-07-07",
        "grid/planned_battery": "2025-07-15", "grid/demand_response": "2025-08-01"}  # fmt: skip


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("name", GRID)
def test_ledgers_close_with_generation_export_and_batteries(name: str, step: str) -> None:
    ds = simulate(shipped(name, f"run.start={GRID[name]}", "run.duration=20d", f"run.step={step}"), keep="none")
    total = dict(zip(ds["output"].values, ds["total"].values[0], strict=True))
    assert sum(value for key, value in total.items() if key.endswith((".discharge_kw", ".support_kw"))) > 0
    assert np.abs(ds["residual_kwh"].values).max() < CLOSED * it_kwh(ds)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("name", [*SHIPPED, *LIQUID])
def test_three_ledgers_close_over_a_year(name: str, step: str) -> None:
    ds = simulate(shipped(name, f"run.step={step}"), keep="none")
    assert ds["residual_kwh"].shape == (1, 3)
    assert np.abs(ds["residual_kwh"].values).max() < CLOSED * it_kwh(ds)


@pytest.mark.parametrize("name", SHIPPED)
def test_all_power_leaves_as_heat_through_towers_and_stated_places(name: str) -> None:
    ds = simulate(shipped(name), keep="none")
    total = dict(zip(ds["output"].values, ds["total"].values[0], strict=True))
    rejected = sum(v for k, v in total.items() if k.endswith(".rejected_kw"))
    outdoors = total["power.main.loss_kw"] + total["loads.building.power_kw"]
    outdoors += sum(v - total[k.replace("power_kw", "water_heat_kw")] for k, v in total.items() if "pump.power_kw" in k)
    outdoors += sum(v for k, v in total.items() if ".towers." in k and k.endswith(".fan_kw"))
    stored = float(ds["stored_kwh"].sum())
    assert rejected + outdoors + stored == pytest.approx(total["grid.meter.import_kw"], rel=1e-9)


def gather_dropped(composition: Composition, sink: str) -> Composition:
    """The same composition with the first heat gather into ``sink`` lost."""
    to = composition.n.index(sink, "extra_heat_kw")
    lost = int(np.flatnonzero(composition.gather_to == to)[0])
    source = composition.gather_from.copy()
    source[lost] = composition.y.index("grid.meter", "import_kw")  # zero until the step's end, stale afterwards
    weights = np.delete(np.arange(len(source)), lost)
    ends = np.array([np.searchsorted(weights, end) for end in composition.gather_end])
    return dataclasses.replace(
        composition,
        gather_end=ends,
        gather_from=composition.gather_from[weights],
        gather_to=composition.gather_to[weights],
    )


@pytest.mark.parametrize("sink", ["halls.enterprise", "halls.ai", "rooms.electrical"])
def test_a_heat_term_that_is_dropped_breaks_the_air_ledger(sink: str) -> None:
    lowered = lowering.lower(shipped("quickstart"))
    broken = dataclasses.replace(lowered, composition=gather_dropped(lowered.composition, sink))
    outcome = simulating._run(broken, "none", plain=False)
    _, air, _ = results.residuals_kwh(outcome)
    it = outcome.sums[[lowered.composition.y.index(f"halls.{h}.rack_groups.{g}", "power_kw")
                       for h, g in (("enterprise", "web"), ("ai", "gpu"))]].sum()  # fmt: skip
    assert abs(air) > BROKEN * it


def test_the_residual_is_taken_from_temperatures_and_not_from_fluxes() -> None:
    outcome = simulating._run(lowering.lower(shipped("quickstart")), "none", plain=False)
    c = outcome.lowered.composition
    warmer = outcome.end.copy()
    warmer[c.s.index("halls.ai.air", "solid_c")] += 1.0
    capacity = outcome.lowered.p[c.p.index("halls.ai.air", "solid_kwh_per_k")]
    shifted = results.residuals_kwh(dataclasses.replace(outcome, end=warmer))[1]
    assert results.residuals_kwh(outcome)[1] - shifted == pytest.approx(capacity, rel=1e-6)
