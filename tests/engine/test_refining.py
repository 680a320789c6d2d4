"""Fine steps around events in one run: the same energy, the same figures where nothing happens, exact beginnings."""

from __future__ import annotations

import numpy as np
import pytest

from tests.engine.scenarios import shipped
from twin.engine.lowering import lower
from twin.engine.simulate import simulate
from twin.errors import InputError
from twin.scenario.events import with_event
from twin.studies.kpis import kpis
from twin.studies.months import months
from twin.studies.sums import axis_of, one_of

DAYS = ("run.start=2025-06-29", "run.duration=3d")
FINE = "run.refine={around: events, step: 1s, for: 20min}"
CHILLER = "plants.main.chillers.large"
CLOSED = 1e-9


@pytest.fixture(scope="module")
def nothing_happens():
    """Three days across a month's end with an event that takes nothing away, by the hour and refined."""
    runs = [shipped("quickstart", *DAYS, *more) for more in ((), (FINE,))]
    return [simulate(with_event(run, CHILLER, "2025-06-30 23:30", "1s", 0.9999999999)) for run in runs]


def test_a_refined_run_is_the_unrefined_one_where_nothing_happens(nothing_happens) -> None:
    coarse, fine = ({k: m["value"] for k, m in kpis(ds).items()} for ds in nothing_happens)
    for name in ("pue", "facility_energy_kwh", "it_energy_kwh", "total_cost", "emissions_kgco2", "water_use_m3"):
        assert fine[name] == pytest.approx(coarse[name], rel=2e-7), name
    for before, after in zip(*(months(ds) for ds in nothing_happens), strict=True):
        assert after["period"] == before["period"]
        energy = (one["values"]["facility_energy_kwh"] for one in (before, after))
        assert next(energy) == pytest.approx(next(energy), rel=2e-7)


def test_ledgers_close_through_the_seams(nothing_happens) -> None:
    for ds in nothing_happens:
        it_kwh = float(ds["total"].values[0][ds["end_use"].values[0] == "it"].sum())
        assert np.abs(ds["residual_kwh"].values).max() < CLOSED * it_kwh


def test_times_of_a_refined_run_are_those_of_its_steps_and_cover_the_run_without_gaps(nothing_happens) -> None:
    fine = nothing_happens[1]
    seconds = np.diff(fine["time"].values) / np.timedelta64(1, "s")
    lengths = fine["step_length_h"].values * 3600.0
    np.testing.assert_allclose(seconds, lengths[:-1], rtol=1e-12)
    assert np.unique(lengths).tolist() == [1.0, 3600.0]
    assert lengths.sum() == 3 * 86400
    assert (lengths == 1.0).sum() == 3600


def test_sums_are_weighted_by_the_length_of_the_step(nothing_happens) -> None:
    fine = nothing_happens[1].isel(scenario=0)
    power = fine["grid.meter.import_kw"].values
    total = float(fine["total"].sel(output="grid.meter.import_kw"))
    assert total == pytest.approx(float((power * fine["step_length_h"].values).sum()), rel=1e-12)
    one = one_of(nothing_happens[1])
    assert one.sizes["time"] == 72
    assert axis_of(one).count == 72
    assert total == pytest.approx(float(one["grid.meter.import_kw"].values.sum()), rel=1e-12)


def test_the_steps_of_a_refined_run_are_not_taken_for_equal_ones(nothing_happens) -> None:
    with pytest.raises(ValueError, match="steps of unequal length"):
        axis_of(nothing_happens[1].isel(scenario=0))


def test_an_event_begins_and_ends_to_the_second_in_a_refined_run() -> None:
    scenario = with_event(shipped("quickstart", *DAYS, FINE), CHILLER, "2025-06-30 12:10:07", "13s")
    lowered = lower(scenario)
    served = lowered.u[:, lowered.composition.u.index(CHILLER, "availability_frac")]
    assert set(np.unique(served)) == {0.0, 1.0}
    assert (served == 0.0).sum() == 13
    first = lowered.times()[np.flatnonzero(served == 0.0)[0]]
    assert str(first) == "2025-06-30 16:10:07"


def test_loss_of_cooling_is_that_of_the_two_node_model_in_a_refined_run() -> None:
    """PHYSICS: 500 kW in 1500 m3 with 41.4 MJ/K behind 40 kW/K, from 22 degC."""
    ds = simulate(shipped("loss_of_cooling", "run.step=2min", "run.refine={step: 1s, for: 10min}"))
    air = ds["halls.hall.air.air_c"].values[0]  # at the end of each step
    ends = (ds["time"].values - ds["time"].values[0]) / np.timedelta64(1, "s") + ds["step_length_h"].values * 3600.0
    found = np.interp(120.0 + np.array([60.0, 120.0, 300.0]), ends, air)
    np.testing.assert_allclose(found, [31.292, 34.141, 36.934], atol=0.05)
    it_kwh = float(ds["total"].values[0][ds["end_use"].values[0] == "it"].sum())
    assert np.abs(ds["residual_kwh"].values).max() < CLOSED * it_kwh


def test_plain_and_compiled_agree_bit_for_bit_through_a_seam() -> None:
    window = ("run.start=2025-07-01 12:00", "run.duration=4min", "run.step=1min", "run.warmup_h=1")
    scenario = shipped("loss_of_cooling", *window, "run.refine={step: 5s, for: 1min}")
    compiled, plain = (simulate(scenario, engine=engine) for engine in ("compiled", "plain"))
    for name in ("total", "halls.hall.air.air_c", "grid.meter.import_kw"):
        np.testing.assert_array_equal(compiled[name].values, plain[name].values)


@pytest.mark.parametrize(("refine", "message"), [
    ("{step: 7s, for: 1h}", "'7s' does not divide the step of the run, 1h, evenly"),
    ("{step: 1s, for: -1h}", "must be in the right form"),
])  # fmt: skip
def test_refinement_that_cannot_be_is_refused(refine: str, message: str) -> None:
    with pytest.raises(InputError, match=f"run.refine.*{message}"):
        shipped("quickstart", f"run.refine={refine}")


def test_too_many_fine_steps_are_refused_before_the_run() -> None:
    failing = f"{CHILLER}.availability={{kind: failures, mtbf_h: 20, mttr_h: 5}}"
    with pytest.raises(InputError, match=r"run\.refine: .* steps around all events are too many"):
        lower(shipped("quickstart", failing, "run.refine={step: 1s, for: 4h}"))
