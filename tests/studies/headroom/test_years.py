"""Part load, ramp, sizing and risk: balances of what they tell, figures by hand, and agreement with single runs."""

from __future__ import annotations

import numpy as np
import pytest

from tests.studies.headroom.sites import plain_site, quickstart
from twin.engine.simulate import simulate
from twin.errors import InputError
from twin.scenario.model import Run
from twin.studies.headroom.part_load import LoadTable, load_table
from twin.studies.headroom.racks import at_load
from twin.studies.headroom.ramp import RampYear, ramp
from twin.studies.headroom.risk import AIR, CHILLERS, points, redundancies
from twin.studies.headroom.room import site_of
from twin.studies.headroom.sizing import preferred_kva, sizing
from twin.studies.kpis import kpis


@pytest.fixture(scope="module")
def table() -> LoadTable:
    return load_table(quickstart(), (0.5, 1.0))


def test_hours_of_all_bins_are_the_year(table: LoadTable) -> None:
    assert table.hours.sum() == 8760.0
    assert (np.diff(table.edges_c) == 5.0).all()


def test_ratios_of_the_year_are_those_of_its_bins_weighted_by_their_energy(table: LoadTable) -> None:
    """IT is constant, so hours are the weights."""
    for curve in table.curves:
        bins = np.array([[one.pue_ratio, one.mlc_ratio, one.elc_ratio] for one in curve.bins])
        there = table.hours > 0.0
        mean = (bins[there] * table.hours[there, np.newaxis]).sum(axis=0) / 8760.0
        assert mean == pytest.approx([curve.year.pue_ratio, curve.year.mlc_ratio, curve.year.elc_ratio], rel=1e-3)


def test_pue_is_one_with_mlc_elc_and_the_other_loads(table: LoadTable) -> None:
    """Lighting and the building, 6 + 4 + 12 kW, are all that is neither cooling nor loss."""
    for curve in table.curves:
        rest = curve.year.pue_ratio - 1.0 - curve.year.mlc_ratio - curve.year.elc_ratio
        assert rest * curve.it_kw == pytest.approx(22.0, abs=1e-6)


def test_a_load_of_the_table_is_a_run_of_the_site_at_that_load(table: LoadTable) -> None:
    figures = kpis(simulate(at_load(quickstart(), 0.5), keep="none"))
    assert table.curves[0].year.pue_ratio == pytest.approx(figures["pue"]["value"], rel=1e-9)
    it_kwh, cooling_kwh = (figures[name]["value"] for name in ("it_energy_kwh", "cooling_energy_kwh"))
    assert table.curves[0].year.mlc_ratio == pytest.approx(cooling_kwh / it_kwh, rel=1e-9)


@pytest.fixture(scope="module")
def years() -> list[RampYear]:
    return ramp(quickstart(), 2, 0.25)


def test_a_ramp_ends_with_all_racks_at_full_power(years: list[RampYear], table: LoadTable) -> None:
    assert [one.fill_frac for one in years] == [0.25, 1.0]
    assert years[-1].pue_ratio == pytest.approx(table.curves[-1].year.pue_ratio, rel=1e-6)
    assert years[0].it_kw == pytest.approx(0.25 * years[1].it_kw)


def test_a_half_empty_site_wastes_more_for_each_kwh_of_it(years: list[RampYear]) -> None:
    assert years[0].pue_ratio > years[1].pue_ratio
    assert years[0].cost_per_it_kwh > years[1].cost_per_it_kwh


@pytest.mark.parametrize(
    ("count", "first_frac", "message"),
    [
        (0, 0.5, "--ramp: years run from 1 to 30, got 0"),
        (31, 0.5, "--ramp: years run from 1 to 30, got 31"),
        (5, 0.0, "--ramp: the first year's share is above 0 and at most 1, got 0"),
        (5, 1.5, "--ramp: the first year's share is above 0 and at most 1, got 1.5"),
    ],
)
def test_a_ramp_that_makes_no_sense_is_told(count: int, first_frac: float, message: str) -> None:
    with pytest.raises(InputError) as told:
        ramp(quickstart(), count, first_frac)
    assert str(told.value) == message


def test_design_day_adds_up_and_sizes_transformers_and_generators_by_it() -> None:
    found = sizing(site_of(quickstart()))
    worst = max(found.hours, key=lambda hour: hour.site_kw)
    assert worst.it_kw == pytest.approx(1379.2)  # 40 x 20 x 500 W + 24 x 4 x 10.2 kW
    (main,) = found.transformers
    assert main.load_kva == pytest.approx(main.load_kw / 0.95)
    assert main.preferred_kva == 1000.0  # two of 750 kVA would be 1500, less than the load
    assert found.generators_kva == pytest.approx(worst.site_kw / 0.8)
    assert found.power_factor_assumed


def test_a_stated_power_factor_is_taken() -> None:
    found = sizing(site_of(quickstart("grid.contracts={power_factor_frac: 0.9}")))
    assert (found.power_factor_frac, found.power_factor_assumed) == (0.9, False)


def test_it_to_come_makes_the_design_day_larger_by_more_than_itself() -> None:
    site = site_of(quickstart())
    small, large = sizing(site), sizing(site, {"ai": 100.0})
    assert large.generators_kw > small.generators_kw + 100.0


@pytest.mark.parametrize(("load_kva", "size"), [(15.0, 15.0), (500.1, 750.0), (2600.0, 3750.0), (200_000.0, None)])
def test_preferred_ratings_are_those_of_the_standard(load_kva: float, size: float | None) -> None:
    assert preferred_kva(load_kva) == size


def test_warm_air_saves_energy_and_costs_minutes() -> None:
    day = Run(calendar_year=2025, start="2025-07-14", duration="1d")
    sites = {
        f"{supply_c}": plain_site(f"halls.hall.air.supply_air_c={supply_c}", "plants.main.supply_c=8").model_copy(
            update={"run": day}
        )
        for supply_c in (19, 24)
    }
    cold, warm = points(sites, 1.0)
    assert warm.pue_ratio < cold.pue_ratio
    assert warm.worst[AIR].minutes < cold.worst[AIR].minutes
    assert warm.worst[CHILLERS].minutes < cold.worst[CHILLERS].minutes


def test_redundancy_as_operated_keeps_more_chillers_and_modules_running() -> None:
    short = quickstart("run={calendar_year: 2025, start: 2025-07-14, duration: 1d}")
    found = redundancies(short)
    assert list(found) == ["N", "N+1", "2N"]
    assert [one.power["ups"].redundancy for one in found.values()] == ["N", "N+1", "2N"]
    kept = [one.plants["main"].minimum_running_count for one in found.values()]
    assert kept[0] == 0
    assert kept[0] < kept[1] <= kept[2] <= 3
