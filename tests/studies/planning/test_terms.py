"""The objective has all of the bill that a schedule changes: what is left over is the same for every load, or named."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.studies.planning.sites import site
from twin.engine.forcing import axis_of, weather_of
from twin.scenario.model import Scenario
from twin.series.axis import TimeAxis
from twin.studies.planning.money import money_of
from twin.studies.planning.plan import Signals, Weights, signals_of
from twin.studies.planning.terms import MeterFlows

TOU: dict[str, Any] = {
    "kind": "tou", "currency": "USD", "tax_frac": 0.05,
    "energy": {
        "periods": {"off": {"base_per_kwh": 0.08}, "on": {"base_per_kwh": 0.2}}, "default_period": "off",
        "windows": [{"period": "on", "days": "weekdays", "start": "12:00", "end": "18:00"}],
    },
    "demand": {"demand_interval_min": 60, "flat": [{"base_per_kw": 8.0}]},
}  # fmt: skip


def axis_of_run(scenario: Scenario) -> TimeAxis:
    return axis_of(scenario.run, weather_of(scenario.weather, scenario.run.calendar_year).utc_offset_h)


def left_over(scenario: Scenario, *seeds: int) -> tuple[list[float], Signals]:
    """Net cost less objective under different loads."""
    axis = axis_of_run(scenario)
    signals = signals_of(scenario, SimpleNamespace(axis=axis), Weights())  # type: ignore[arg-type]
    found = []
    for seed in seeds:
        random = np.random.default_rng(seed)
        drawn, sold, wet, blown = (random.uniform(0.0, most, axis.count) for most in (500.0, 90.0, 2.0, 0.5))
        flows = MeterFlows(drawn, sold, wet, blown)
        found.append(money_of(scenario, axis, flows).net - signals.objective(flows, axis.dt_h))
    return found, signals


def tariff(**demand: Any) -> str:
    return f"grid.tariff={TOU | {'demand': TOU['demand'] | demand}}"


@pytest.mark.parametrize("overrides", [
    (tariff(),), ("grid.tariff={kind: flat, currency: USD, energy_per_kwh: 0.1, tax_frac: 0.07}",),
    (tariff(ratchet={"peak_frac": 0.8}),),
    (tariff(ratchet={"peak_frac": 0.6, "counted_months": [3, 4]}, minimum_billed_kw=450.0),),
    (tariff(flat=[{"base_per_kw": 9.0, "tiers": [{"up_to_kw": 200, "base_per_kw": 4.0}]}]),),
    (tariff(flat=[{"base_per_kw": 2.0, "tiers": [{"up_to_kw": 200, "base_per_kw": 4.0}]}]),),
    (tariff(billed_in="kva", reactive_per_kvar=0.5, least_power_factor_frac=0.95),
     "grid.contracts.power_factor_frac=0.9"),
    (tariff(), "grid.contracts.escalation={per_year_frac: 0.03, from_year: 2021}"),
    (tariff(), "grid.contracts.carbon_price.price_per_t=80", "grid.meter.export_per_kwh=0.03"),
    (tariff(), "grid.contracts.water={supply_per_m3: 1.5, sewer_per_m3: 4, sewer_share_frac: 0.8}"),
    (tariff(), "grid.contracts.water={sewer_per_m3: 4, sewer_on: make_up, fixed_per_month: 30}"),
])  # fmt: skip
def test_what_a_schedule_changes_is_in_the_objective(overrides: tuple[str, ...]) -> None:
    scenario = site("run.start=2025-03-15", "run.duration=30d", *overrides)
    left, signals = left_over(scenario, 1, 2, 3)
    assert left == pytest.approx([left[0]] * 3, abs=1e-6 * abs(left[0]) + 1e-6)
    assert bool(signals.terms.outside) == (abs(left[0]) > 1e-6)


def tiered(*ends_and_prices: tuple[float, float]) -> str:
    tiers = [{"up_to_kwh": end, "base_per_kwh": price} for end, price in ends_and_prices]
    rate = {"base_per_kwh": 0.12, "tiers": tiers}
    return f"grid.tariff={{kind: tou, currency: USD, energy: {{periods: {{all: {rate}}}}}}}"


def test_blocks_of_energy_are_in_the_objective_and_those_that_fall_are_named() -> None:
    for text, named in ((tiered((40000, 0.06), (60000, 0.09)), False), (tiered((40000, 0.2), (60000, 0.15)), True)):
        left, signals = left_over(site("run.start=2025-03-15", "run.duration=30d", text), 1, 2)
        assert left == pytest.approx([0.0, 0.0], abs=1e-6)
        assert any("energy tiers whose price falls" in part for part in signals.outside) == named


def series(folder: Path, name: str, axis: TimeAxis, values: np.ndarray) -> str:
    stamps = axis.utc().strftime("%Y-%m-%dT%H:%MZ")
    rows = "\n".join(f"{stamp},{value}" for stamp, value in zip(stamps, values, strict=True))
    (folder / f"{name}.csv").write_text(f"time_utc,{name}\n{rows}\n", encoding="utf-8")
    return f"{{file: '{folder}/{name}.csv', column: {name}}}"


def test_market_contracts_are_in_the_objective_but_for_what_is_settled(tmp_path: Path) -> None:
    plain = site("run.duration=7d")
    axis, random = axis_of_run(plain), np.random.default_rng(5)
    ahead, now = (series(tmp_path, name, axis, random.uniform(-20.0, 150.0, axis.count)) for name in ("da", "rt"))
    sun = series(tmp_path, "sun", axis, random.uniform(0.0, 700.0, axis.count))
    purchase = f"{{kind: physical, generation: {sun}, strike_per_kwh: 0.05, sleeve_per_kwh: -0.0}}"
    scenario = site(
        "run.duration=7d", f"grid.tariff={{kind: market, currency: USD, price: {ahead}, adder_per_kwh: 0.02}}",
        f"grid.contracts.two_settlement={{real_time: {{price: {now}}}, schedule_kw: 200}}",
        f"grid.contracts.power_purchase={{sun: {purchase}}}")  # fmt: skip
    left, signals = left_over(scenario, 1, 2, 3)
    assert left == pytest.approx([left[0]] * 3, abs=1e-6)
    assert "what the schedule of two_settlement is worth" in signals.outside
    assert "generation that power purchase pays for, used or not" in signals.outside


def test_what_demand_response_pays_for_being_ready_is_named() -> None:
    _, signals = left_over(site("grid.contracts.demand_response={committed_kw: 50, capacity_per_kw: 5}"), 1)
    assert "what demand response pays for being ready" in signals.outside
