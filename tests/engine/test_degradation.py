"""Cooling that falls short shows: what is cooled grows warmer, the heat not taken is a figure, runaways have places."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from tests.engine import corners as at
from tests.engine.corners import Corner, corners
from tests.engine.scenarios import shipped
from twin.engine.simulate import simulate
from twin.quantities import Spec
from twin.studies.kpis import kpis

WEEK = ("run.start=2025-07-07", "run.duration=7d")


def unmet_kwh(ds: xr.Dataset, scenario: int = 0) -> float:
    return float(kpis(ds, scenario)["unmet_cooling_kwh"]["value"])


def total(ds: xr.Dataset, output: str, kind: str = "total") -> np.ndarray:
    return ds[kind].sel(output=output).values


def hotter(folder: Path, name: str, states: Sequence[tuple[float, float]]) -> xr.Dataset:
    """The same site in constant air, one scenario for each state."""
    places = [at.of_air(folder, f"{i}", 0.0, [state]) for i, state in enumerate(states)]
    return simulate([at.built(name, place, ()) for place in places], keep="none")


def in_service(folder: Path, name: str, parts: Sequence[str], shares: Sequence[float]) -> xr.Dataset:
    """The same site in mild air with only a share of some parts in service, one scenario for each share."""
    mild, paths = at.of_air(folder, "mild", 0.0, [(25.0, 0.5)]), [(*part.split("."), "availability") for part in parts]
    changes = [[Corner(p, Spec, {"kind": "constant", "value_frac": share}) for p in paths] for share in shares]
    return simulate([at.built(name, mild, change) for change in changes], keep="none")


def standing(ds: xr.Dataset) -> list[int]:
    """Scenarios that did not run away; those that did are all worse than them."""
    stands = [i for i, text in enumerate(ds["failure"].values) if not text]
    assert stands == list(range(len(stands)))
    return stands


def assert_worse_and_worse(ds: xr.Dataset, stands: list[int], watched: str) -> None:
    short, peaks = [unmet_kwh(ds, i) for i in stands], total(ds, watched, "peak")[stands]
    assert (np.diff(short) >= -1e-6).all()
    assert (np.diff(peaks) >= -1e-3).all()
    assert peaks[-1] > peaks[0] + 1.0
    assert short[-1] > max(short[0], 0.0) + 1.0


CHILLERS = tuple(f"plants.main.chillers.{name}" for name in ("large", "medium", "small"))
LESS = {  # what is cooled: site, what falls out, shares in service
    "halls.ai.air.inlet_c": ("quickstart", ("halls.ai.air",), (1.0, 0.7, 0.6, 0.5, 0.45)),
    "halls.enterprise.air.inlet_c": ("technologies/crac_dx", ("halls.enterprise.air",), (1.0, 0.41, 0.4, 0.39, 0.38)),
    "halls.ai.liquid.supply_c": ("technologies/direct_to_chip", ("plants.warm.economizer",), (1.0, 0.5, 0.35, 0.25)),
}


@pytest.mark.parametrize("watched", LESS)
def test_less_cooling_in_service_is_warmer_and_leaves_more_unmet(watched: str, tmp_path: Path) -> None:
    ds = in_service(tmp_path, *LESS[watched])
    stands = standing(ds)
    assert len(stands) >= 3
    assert_worse_and_worse(ds, stands, watched)


def test_hotter_air_outside_is_warmer_inside_and_leaves_more_unmet(tmp_path: Path) -> None:
    ds = hotter(tmp_path, "technologies/direct_to_chip", [(20, 0.2), (35, 0.2), (40, 0.1), (46, 0.1)])
    assert standing(ds) == [0, 1, 2, 3]
    assert_worse_and_worse(ds, [0, 1, 2, 3], "halls.ai.liquid.supply_c")


def test_unmet_cooling_of_a_room_is_the_conductance_of_its_fan_coils_times_the_kelvins_above_its_set_point() -> None:
    ds = simulate(shipped("quickstart", *WEEK, "rooms.electrical.capacity_kw=8"))
    above_k = np.maximum(ds["rooms.electrical.temperature_c"].values[0] - 26.0, 0.0)
    coil_kw_per_k = 8.0 / (26.0 - 8.5)
    assert above_k.min() > 1.0
    assert unmet_kwh(ds) == pytest.approx(coil_kw_per_k * above_k.sum(), rel=1e-9)


def test_at_rest_unmet_cooling_of_a_room_is_the_heat_that_its_fan_coils_cannot_take_at_its_set_point() -> None:
    ds = simulate(shipped("quickstart", "run.start=2025-07-07", "run.duration=12h", "rooms.electrical.capacity_kw=20",
                          "rooms.electrical.solid_kwh_per_k=0", "run.step=1h", "run.warmup_h=200"))  # fmt: skip
    short, coil = (ds[f"rooms.electrical.{name}"].values[0] for name in ("unmet_kw", "coil_kw"))
    warm = short > 1e-6
    assert warm.any()
    np.testing.assert_allclose((coil - short)[warm], 20.0, rtol=1e-6)


def test_a_process_that_gets_warm_water_is_short_by_its_flow_times_the_kelvins_above_the_set_point() -> None:
    ds = simulate(shipped("reference_plant", "run.duration=1d", "plants.main.volume_m3=400",
                          "plants.main.chillers.chiller.availability={kind: outages, outages: "
                          "[{at: '2025-01-01 06:00', duration_h: 2}]}"))  # fmt: skip
    above_k = ds["plants.main.supply_c"].values[0] - 7.0
    short_kw = ds["plants.main.process.load.unmet_kw"].values[0]
    np.testing.assert_allclose(short_kw, 1008.391 / 6.05 * np.maximum(above_k, 0.0), atol=0.1)
    assert short_kw.max() > 100
    assert unmet_kwh(ds) == pytest.approx(short_kw.sum() * 0.25)


def test_a_plants_shortfall_is_counted_where_it_is_felt_and_nowhere_else() -> None:
    out = "{kind: outages, outages: [{at: '2025-07-08 12:00', duration_h: 0.5}]}"
    chillers = [f"plants.main.chillers.{name}.availability={out}" for name in ("large", "medium", "small")]
    ds = simulate(shipped("quickstart", *WEEK, "run.step=5min", *chillers))
    users = ("halls.enterprise.air", "halls.ai.air", "rooms.electrical")
    felt = {user: float(total(ds, f"{user}.unmet_kw")[0]) for user in users}
    assert unmet_kwh(ds) == pytest.approx(sum(felt.values()), rel=1e-12)
    assert felt["halls.ai.air"] > 1.0
    assert total(ds, "plants.main.shortfall_kw")[0] > 0


@pytest.mark.parametrize("name", [*at.SHIPPED, *at.WHOLE])
def test_a_shipped_site_on_its_own_weather_is_solved_and_leaves_nothing_unmet_unless_it_loses_its_cooling(
    name: str,
) -> None:
    ds = simulate(shipped(name), keep="none")
    share = unmet_kwh(ds) / float(total(ds, "grid.meter.import_kw")[0])
    assert (share > 0.1) if name == "loss_of_cooling" else share < 1e-3
    assert float(kpis(ds)["unsolved_step_count"]["value"]) == 0.0


def test_a_hall_without_any_cooling_runs_away_at_a_time_and_a_place(tmp_path: Path) -> None:
    off = next(c for c in corners("quickstart") if str(c) == "halls.ai.air.availability = 0")
    outcome = at.run("quickstart", at.place(tmp_path, "low"), (off,))
    assert outcome is not None
    told = at.results.failure(outcome)
    assert told.startswith("Miami colocation: ran away at 2025-03-01 ")
    assert "halls.ai.air.inlet_c = " in told
    assert "enterprise" not in told


def test_evaluations_at_the_edge_of_curves_are_told_by_end_use_and_add_up() -> None:
    ds = simulate(shipped("quickstart", *WEEK, "plants.main.supply_c=3.5"))
    figures = {name: metric["value"] for name, metric in kpis(ds).items()}
    by_use = {name: value for name, value in figures.items() if name.endswith("_clamped_count")}
    steps = sum(ds[f"{chiller}.clamped_count"].values.sum() for chiller in CHILLERS)
    assert set(by_use) == {"chiller_clamped_count", "tower_fan_clamped_count"}
    assert by_use["chiller_clamped_count"] == pytest.approx(steps)
    assert steps > 100
    assert sum(by_use.values()) == pytest.approx(figures["curve_extrapolation_count"])


@pytest.mark.parametrize("engine", ["plain", "compiled"])
def test_a_runaway_in_the_warm_up_is_told_with_the_value_at_which_it_began(engine, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    off = next(c for c in corners("quickstart") if str(c) == "halls.ai.air.availability = 0")
    scenario = at.built("quickstart", at.place(tmp_path, "low"), (off,))
    told = str(simulate([scenario], engine=engine)["failure"].values[0])
    assert "(step 0): halls.ai.air.inlet_c = " in told
    assert 80.0 <= float(told.rpartition("= ")[2]) < 1000.0
