"""Contracts of a scenario in its key figures, and what is told of them before a run."""

from __future__ import annotations

from pathlib import Path

import pytest
import xarray as xr

from twin.engine.simulate import simulate
from twin.errors import InputError
from twin.scenario.model import Scenario
from twin.studies.inputs import read_for_run
from twin.studies.kpis import bill_of, kpis

QUICKSTART = Path(__file__).parents[2] / "scenarios" / "quickstart.yaml"
CONTRACTS = (
    "grid.contracts.water.supply_per_m3=1.5",
    "grid.contracts.water.sewer_per_m3=4.0",
    "grid.contracts.carbon_price.price_per_t=80",
    "grid.contracts.demand_response.committed_kw=50",
    "grid.contracts.demand_response.capacity_per_kw=5",
)


def read(*overrides: str) -> Scenario:
    return read_for_run(QUICKSTART, ("run.duration=7d", "run.start=2025-07-01", *overrides))


@pytest.fixture(scope="module")
def results() -> xr.Dataset:
    """A week with contracts and the same without."""
    return simulate([read(*CONTRACTS, "name=with"), read("name=without")])


def test_each_contract_has_its_figure_and_the_total_is_the_sum_of_all(results: xr.Dataset) -> None:
    figures = {name: metric["value"] for name, metric in kpis(results, "with").items()}
    assert figures["water_cost"] == pytest.approx(1.5 * figures["water_use_m3"] + 4.0 * figures["water_blowdown_m3"])
    assert figures["carbon_cost"] == pytest.approx(0.08 * figures["emissions_kgco2"])
    assert figures["demand_response_cost"] == pytest.approx(-5 * 50 * 7 / 31)
    parts = ("energy_cost", "demand_cost", "fixed_cost", "water_cost", "carbon_cost", "demand_response_cost")
    assert figures["total_cost"] == pytest.approx(sum(figures[name] for name in parts) + figures.get("tax_cost", 0.0))
    assert figures["water_cost"] > 0
    basis = kpis(results, "with")["total_cost"]["basis"]
    assert basis == "energy, demand, fixed, taxes, carbon price, demand response, water and sewer"


def test_without_contracts_there_are_no_figures_of_them(results: xr.Dataset) -> None:
    plain = kpis(results, "without")
    assert not {"water_cost", "carbon_cost", "demand_response_cost", "power_purchase_cost"} & set(plain)
    assert plain["total_cost"]["basis"] == "energy, demand, fixed, taxes; no water"


def test_water_costs_the_same_where_its_series_was_not_kept(results: xr.Dataset) -> None:
    scenario = read(*CONTRACTS)
    kept = bill_of(results.sel(scenario="with"), scenario).share("water")
    sums = bill_of(simulate(scenario, keep="none").isel(scenario=0), scenario).share("water")
    assert sums == pytest.approx(kept, rel=1e-6)


def test_contracts_that_need_a_market_are_refused_under_a_rate() -> None:
    with pytest.raises(InputError) as caught:
        read("grid.contracts.two_settlement={schedule_kw: 5, real_time: {price: {file: data:SOURCES.md, column: x}}}")
    (fault,) = caught.value.faults
    assert fault.path == "grid.contracts.two_settlement"
    assert fault.message == "needs a market tariff: its price is that of the day ahead"


def test_an_event_outside_the_year_is_told_where_it_stands() -> None:
    with pytest.raises(InputError) as caught:
        read("grid.contracts.demand_response={committed_kw: 5, events: [{at: 2031-07-15 14:00, duration_h: 2}]}")
    (fault,) = caught.value.faults
    assert fault.path == "grid.contracts.demand_response.events[0].at"
    assert "lies outside 2025" in fault.message


def test_a_file_of_a_contract_that_cannot_serve_the_run_is_told_before_it() -> None:
    purchase = "{kind: difference, strike_per_kwh: .05, generation: {file: data:tariffs/fpl_gsldt_1.yaml, column: kw}"
    purchase += ", market: {price: {file: data:SOURCES.md, column: x}}}"
    with pytest.raises(InputError) as caught:
        read(f"grid.contracts.power_purchase={{wind: {purchase}}}")
    paths = {fault.path for fault in caught.value.faults}
    assert paths == {
        "grid.contracts.power_purchase.wind.generation.file",
        "grid.contracts.power_purchase.wind.market.price.file",
    }


def test_a_factor_of_another_basis_is_refused_where_it_stands() -> None:
    with pytest.raises(InputError) as caught:
        read("grid.marginal_carbon={kind: flat, marginal_kgco2_per_kwh: .5, basis: life_cycle}")
    (fault,) = caught.value.faults
    assert fault.path == "grid.marginal_carbon.basis"
    assert fault.message == "is life_cycle, the grid's average (carbon) is direct: the two are never mixed"


def test_files_of_factors_and_claims_are_read_before_the_run() -> None:
    file = "{file: data:SOURCES.md, column: x}"
    clean = f"{{claims: {{sun: {{kind: hourly, generation: {file}}}}}, grid_cfe: {file}}}"
    with pytest.raises(InputError) as caught:
        read(
            f"grid.clean_power={clean}",
            "grid.marginal_carbon={kind: csv, basis: direct, file: data:SOURCES.md, column: x}",
        )
    assert {fault.path for fault in caught.value.faults} == {
        "grid.marginal_carbon.file",
        "grid.clean_power.claims.sun.generation.file",
        "grid.clean_power.grid_cfe.file",
    }


def test_the_shipped_example_shows_every_line_that_it_states() -> None:
    scenario = read_for_run(QUICKSTART.parent / "grid" / "contracts.yaml", ("run.start=2025-07-01", "run.duration=31d"))
    results = simulate(scenario)
    lines = bill_of(results.isel(scenario=0), scenario).by_line()
    assert {"water.supply", "water.sewer", "water.fixed", "carbon", "demand_response.penalty"} <= set(lines)
    assert lines["demand_response.penalty"] > 0  # nothing in it reduces the draw
    figures = kpis(results)
    assert figures["emissions_market_kgco2"]["value"] < figures["emissions_kgco2"]["value"]
    assert figures["cfe_score"]["value"] == pytest.approx(0.2)
    assert figures["total_cost"]["value"] == pytest.approx(sum(lines.values()))
