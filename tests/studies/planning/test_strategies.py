"""Strategies beside each other, on equal work."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.engine.work_sites import compute
from tests.studies.planning.sites import site
from tests.studies.planning.test_terms import TOU
from twin.outputs.strategies import sentences
from twin.studies.planning.comparison import ADDITIVE, FIGURES, SCHEDULE, Comparison, compared
from twin.studies.planning.problem import PlannedBattery
from twin.studies.planning.strategies import NAMES, Choices


@pytest.fixture(scope="module")
def found() -> Comparison:
    return compared(site(), choices=Choices(battery=PlannedBattery(20.0, 40.0, wear_per_kwh=0.01)))


def test_strategies_do_equal_work_and_the_best_are_those_that_know_most(found: Comparison) -> None:
    figures = found.figures
    assert list(figures.index) == list(NAMES)
    assert list(figures.columns) == list(FIGURES)
    work = figures["work_kwh"] + figures["rest_kwh"]
    assert work.to_numpy() == pytest.approx(np.full(len(NAMES), work["none"]), rel=1e-9)
    assert (figures["rest_kwh"] < 1e-6 * work).all()
    assert (figures["late_kwh"] == 0.0).all()
    worth = figures["objective"]
    assert worth["optimal"] <= 1.002 * min(worth["threshold"], worth["MPC"])
    assert worth["battery"] < worth["none"]
    assert worth["all together"] < min(worth["optimal"], worth["battery"], worth["capping"])
    assert figures["import_kwh"]["capping"] < figures["import_kwh"]["none"]
    assert figures["gain_frac"]["optimal"] == pytest.approx(1.0 - worth["optimal"] / worth["none"], rel=1e-12)
    assert found.regret_frac == pytest.approx(worth["MPC"] / worth["optimal"] - 1.0, rel=1e-12)


def test_schedules_hold_what_the_figures_sum_up(found: Comparison) -> None:
    for name, steps in found.schedules.items():
        row = found.figures.loc[name]
        assert list(steps.columns) == list(SCHEDULE)
        assert steps.index.equals(found.signals.index)
        assert steps["import_kw"].sum() * found.dt_h == pytest.approx(row["import_kwh"], rel=1e-12), name
        assert steps["import_kw"].max() == row["peak_kw"], name
        assert steps["waiting_kwh"].iloc[-1] == pytest.approx(row["rest_kwh"], abs=1e-9), name
        assert 0.01 * steps["discharge_kw"].sum() * found.dt_h == pytest.approx(row["wear_cost"], abs=1e-12), name
        assert (steps["it_kw"] < steps["import_kw"] + steps["discharge_kw"]).all(), name
    assert found.schedules["capping"]["limit_frac"].min() == pytest.approx(0.7)
    assert found.schedules["none"]["limit_frac"].min() == 1.0
    stored = found.schedules["battery"]["stored_kwh"]
    assert stored.iloc[-1] >= 20.0 - 1e-6, "as much charge at the end as at the start"


def test_months_add_up_to_the_run_and_a_part_and_the_rest_to_the_whole(found: Comparison) -> None:
    whole = found.part()
    for name in ADDITIVE:
        assert whole[name].to_numpy() == pytest.approx(found.figures[name].to_numpy(), rel=1e-12, abs=1e-9), name
    pd.testing.assert_series_equal(whole["peak_kw"], found.figures["peak_kw"])
    assert whole.loc["none", "cost_change_frac"] == 0.0


def test_work_that_a_month_hands_on_is_counted_and_priced_there(found: Comparison) -> None:
    march, april, whole = found.part(["2025-03"]), found.part(without=["2025-03"]), found.part()
    assert (march["cost"] + april["cost"]).to_numpy() == pytest.approx(whole["cost"].to_numpy(), rel=1e-12)
    assert march["rest_kwh"]["MPC"] > 0.01 * march["work_kwh"]["MPC"]
    assert march["work_kwh"]["none"] - march["work_kwh"]["MPC"] == pytest.approx(march["rest_kwh"]["MPC"], rel=1e-9)
    assert april["rest_kwh"]["MPC"] == pytest.approx(-march["rest_kwh"]["MPC"], rel=1e-9)
    for name in ("threshold", "optimal", "MPC", "all together"):
        drawn, price = found.schedules[name]["import_kw"], found.signals["price_per_kwh"]
        of_devices = march["rest_cost"][name] / march["rest_kwh"][name] / ((price * drawn).sum() / drawn.sum())
        assert 1.05 < of_devices < 1.6, "a kWh of the devices takes more at the meter: cooling and losses"
        parts = march["bill"] + march["wear_cost"] + march["rest_cost"]
        assert march["cost"][name] == pytest.approx(parts[name], rel=1e-12)


@pytest.mark.slow
def test_cost_has_contracts_and_the_price_of_delay_as_the_objective_has_them() -> None:
    batch = compute(25.0, slack_h=2) | {"draw_frac": 0.6, "late_per_kwh_h": 0.002}
    contracts = ("grid.contracts.carbon_price.price_per_t=80", "grid.contracts.water.supply_per_m3=2")
    figures = compared(site("run.duration=4d", f"grid.tariff={TOU}", *contracts, batch=batch)).figures
    assert figures["late_cost"]["none"] == 0.0
    assert figures["late_cost"]["optimal"] > 0.1
    assert figures["cost"].to_numpy() == pytest.approx(figures["objective"].to_numpy(), rel=1e-6)


@pytest.mark.slow
def test_generators_with_a_price_of_fuel_are_a_strategy_and_all_have_fuel_and_export_in_their_cost() -> None:
    sets = ("{kind: generator, rated_kw: 20, units_count: 2, start_min: 0, fuel_per_kwh: 0.06, "
            "control: {kind: schedule, running: {kind: constant, value_frac: 0.5}}}")  # fmt: skip
    spare = sets.replace("fuel_per_kwh: 0.06, ", "").replace("0.5", "0")
    sun = "onsite.sun={kind: pv, dc_kw: 400, tilt_deg: 20, azimuth_deg: 180}"
    found = compared(site("run.duration=4d", f"grid.tariff={TOU}", f"onsite.sets={sets}", f"onsite.spare={spare}", sun,
                          "grid.meter.export_per_kwh=0.03"))  # fmt: skip
    figures = found.figures
    assert list(figures.index) == [*NAMES[:-1], "generator", "all together"]
    assert figures["cost"].to_numpy() == pytest.approx(figures["objective"].to_numpy(), rel=1e-6)
    assert (figures["fuel_cost"] > 1.0).all()
    assert figures["export_credit"]["none"] > 1.0
    assert figures["objective"]["generator"] < figures["objective"]["none"], "by plan rather than by its rule"
    assert figures["objective"]["all together"] < min(
        figures["objective"]["optimal"], figures["objective"]["generator"]
    )
    per_kwh = figures["fuel_kgco2"] / figures["fuel_cost"]
    assert per_kwh.to_numpy() == pytest.approx(np.full(len(figures), 0.26676 / 0.06), rel=1e-9)
    assert any(
        note.startswith("onsite.spare: generators keep their own rule in all strategies") for note in found.notes
    )
    said = sentences(found)
    assert any(line.startswith("fuel of generators is in the cost (USD): none ") for line in said)
    assert any(line.startswith("the cost is less what export earns (USD): none ") for line in said)
