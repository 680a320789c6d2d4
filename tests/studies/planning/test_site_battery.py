"""A battery of the scenario carries its plan out in the twin; what it ends with is as at the start or is charged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.studies.planning.sites import site
from twin.engine.simulate import simulate
from twin.errors import InputError
from twin.outputs.plan import plan_csv
from twin.studies.planning.options import battery_of
from twin.studies.planning.plan import Weights, signals_of
from twin.studies.planning.problem import PlannedBattery
from twin.studies.planning.replay import outcome, run_plan
from twin.studies.planning.rolling import Rolling
from twin.studies.planning.sampling import sample
from twin.studies.planning.site_battery import at_rest, orders_of, site_battery
from twin.studies.planning.study import PlanStudy, plan_study

CELLS = "onsite.cells={kind: battery, energy_kwh: 60, rate_per_h: 0.5, control: {kind: self_consumption}}"
SUN = "onsite.sun={kind: pv, dc_kw: 320, tilt_deg: 30, azimuth_deg: 180}"
SOLD = ("grid.meter.export_per_kwh=0.01", "grid.meter.export_limit_kw=40")
SOLAR = site("run.duration=5d", CELLS, SUN, *SOLD)


@pytest.fixture(scope="module")
def study() -> PlanStudy:
    return plan_study(SOLAR, battery=site_battery(SOLAR, "onsite.cells", 0.001))


def test_the_twins_battery_does_what_was_planned(study: PlanStudy) -> None:
    unit = site_battery(SOLAR, "cells")
    ds = run_plan(at_rest(SOLAR, unit), study.plan.served_per_h, orders_of(unit, study.plan))
    near = {"atol": 1.0, "rtol": 0.0}  # kW and kWh: where the twin draws less than the hull, it discharges less
    np.testing.assert_allclose(ds["onsite.cells.charge_kw"].values[0], study.plan.charge_kw, **near)
    np.testing.assert_allclose(ds["onsite.cells.discharge_kw"].values[0], study.plan.discharge_kw, **near)
    np.testing.assert_allclose(ds["onsite.cells.soc_frac"].values[0] * 60.0, study.plan.stored_kwh, **near)
    assert study.plan.discharge_kw.sum() > 60.0


def test_planned_and_realised_figures_are_of_one_site(study: PlanStudy) -> None:
    planned, realised = study.planned, study.realised
    assert realised.objective == pytest.approx(planned.objective, rel=0.01)
    assert realised.demand_cost == pytest.approx(planned.demand_cost, rel=0.02)
    assert realised.export_kwh == pytest.approx(planned.export_kwh, abs=5.0)
    assert realised.export_credit == pytest.approx(0.01 * realised.export_kwh)
    assert realised.net_cost == pytest.approx(realised.total_cost - realised.export_credit)
    assert study.bound <= min(study.submitted.objective, realised.objective)
    assert realised.objective < study.submitted.objective


def test_charge_at_the_end_is_as_at_the_start_or_is_paid_for(study: PlanStudy) -> None:
    for way in (study.planned, study.realised):
        assert way.stored_kwh > -1e-6
        assert way.stored_value == pytest.approx(0.0, abs=1e-6)
    unit = site_battery(SOLAR, "cells")
    samples = study.samples
    signals = signals_of(SOLAR, samples, Weights())
    empty = replace(study.plan, charge_kw=0 * study.plan.charge_kw, discharge_kw=np.full(samples.axis.count, 1.0))
    drained = outcome("drained", run_plan(at_rest(SOLAR, unit), empty.served_per_h, orders_of(unit, empty)), SOLAR,
                      samples, signals, (unit, empty))  # fmt: skip
    assert drained.stored_kwh == pytest.approx(-0.45 * 60.0, abs=1e-6)
    mean = float(signals.worth_per_kwh @ drained.import_kw / drained.import_kw.sum())
    assert drained.stored_value == pytest.approx(0.45 * 60.0 / unit.charge_frac * mean)


def test_a_rolling_plan_is_carried_out_by_the_battery_too() -> None:
    found = plan_study(SOLAR, battery=site_battery(SOLAR, "cells"), rolling=Rolling(48.0))
    assert found.realised.stored_kwh > -1.0
    assert found.realised.objective >= found.bound
    assert found.realised.objective < found.submitted.objective


def test_the_samples_have_the_battery_at_rest() -> None:
    resting = at_rest(SOLAR, site_battery(SOLAR, "cells"))
    ds = simulate(resting)
    assert float(ds["onsite.cells.charge_kw"].max()) == 0.0
    surplus = ds["grid.meter.export_kw"].values[0] + ds["grid.meter.curtailed_kw"].values[0]
    assert surplus.max() > 40.0
    assert sample(resting, levels=5).facility_kw[0].min() <= -surplus.max()


def test_a_battery_is_named_or_stated_in_numbers() -> None:
    assert battery_of("onsite.cells", SOLAR) == battery_of("cells", SOLAR) == site_battery(SOLAR, "cells")
    worn = battery_of("cells,0.02", SOLAR)
    assert worn is not None
    assert (worn.wear_per_kwh, worn.power_kw, worn.energy_kwh, worn.name) == (0.02, 30.0, 60.0, "cells")
    assert battery_of("30,60", SOLAR) == PlannedBattery(30.0, 60.0)
    with pytest.raises(InputError, match=r"there is no battery 'cell': the scenario has onsite\.cells"):
        battery_of("cell", SOLAR)
    with pytest.raises(InputError, match="the scenario has none under `onsite`"):
        battery_of("cells", site())


def test_a_plan_file_runs_again_with_the_battery(study: PlanStudy, tmp_path: Path) -> None:
    (tmp_path / "plan.csv").write_text(plan_csv(study), encoding="utf-8")
    rule = {way: {"kind": "csv", "file": str(tmp_path / "plan.csv"), "column": f"onsite.cells.control.{way}_frac"}
            for way in ("charge", "discharge")}  # fmt: skip
    shifts = [f"workloads.{name}.shift={{kind: planned, plan: {{file: {tmp_path}/plan.csv, column: {name}_per_h}}}}"
              for name in ("daily", "batch")]  # fmt: skip
    again = simulate(site("run.duration=5d", CELLS, SUN, *SOLD, *shifts,
                          f"onsite.cells.control={ {'kind': 'schedule'} | rule}"))  # fmt: skip
    np.testing.assert_allclose(again["grid.meter.import_kw"].values[0], study.realised.import_kw, rtol=1e-9, atol=1e-9)


def test_a_battery_is_planned_where_no_work_may_wait() -> None:
    idle = site("run.duration=3d", CELLS, SUN, *SOLD, "workloads.daily.slack_h=0", "workloads.batch.slack_h=0")
    found = plan_study(idle, battery=site_battery(idle, "cells"))
    assert found.problem.classes == ()
    assert found.plan.discharge_kw.sum() > 0.0
    assert found.bound <= found.realised.objective < found.submitted.objective
    assert found.realised.work_kwh == 0.0
