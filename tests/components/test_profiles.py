"""Profiles of monthly hours: when they are on, and what is reckoned with before any run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.engine.scenarios import shipped
from twin.components.profiles import MonthlyProfile, hours_of
from twin.engine.forcing import course
from twin.engine.simulate import simulate
from twin.errors import InputError
from twin.series.axis import year_axis


def test_hours_of_a_monthly_profile_are_those_that_it_touches_on_any_day() -> None:
    hours = hours_of(MonthlyProfile(start_h=22.5, duration_h=3, value_frac=0.4))
    assert np.flatnonzero(hours[:24]).tolist() == [0, 1, 22, 23]
    np.testing.assert_array_equal(hours[:24], hours[24:])
    assert hours.max() == 0.4


def test_a_monthly_profile_has_its_hours_in_each_month_whatever_the_step() -> None:
    profile = MonthlyProfile(day=28, start_h=23.25, duration_h=2, value_frac=0.5)
    for step_s in (300.0, 3600.0, 7200.0):
        values = course(profile, year_axis(2025, step_s, -5.0), "America/New_York")
        assert np.sum(values) * step_s / 3600.0 == pytest.approx(12 * 2 * 0.5, rel=1e-12), step_s


def test_hours_that_began_before_the_run_reach_into_it() -> None:
    axis = year_axis(2025, 3600.0, -5.0)
    values = course(MonthlyProfile(day=1, start_h=0, duration_h=8), axis, "Europe/Berlin")
    assert values[:3].tolist() == [1.0, 1.0, 0.0]  # midnight in Berlin was at 18:00 of the day before
    assert values[-6:].tolist() == [1.0] * 6  # and so is that of the next year
    assert np.sum(values) == 2 + 11 * 8 + 6


def test_a_shipped_profile_is_read_as_stated() -> None:
    running = shipped("technologies/generator_running").loads["generators"].running
    assert running == MonthlyProfile(day=21, start_h=10, duration_h=1)


@pytest.mark.parametrize(("profile", "where", "got"), [
    ("{kind: constant, value_frac: 1.01}", r"availability\.value_frac", "1.01"),
    ("{kind: daily, weekday_frac: [" + "1, " * 23 + "1.2]}", r"availability\.weekday_frac\[23\]", "1.2"),
    ("{kind: monthly, duration_h: 1, value_frac: 1.1}", r"availability\.value_frac", "1.1"),
])  # fmt: skip
@pytest.mark.parametrize("part", ["halls.ai.air", "plants.main.chillers.large", "plants.main.condenser.towers.cells"])
def test_no_more_than_all_units_can_be_in_service(part: str, profile: str, where: str, got: str) -> None:
    told = rf"{where}: must not be above 1 \(all units in service\), got {got}"
    with pytest.raises(InputError, match=told):
        shipped("quickstart", f"{part}.availability={profile}")
    shipped("quickstart", f"{part}.availability={{kind: constant, value_frac: 1}}")


def test_a_file_of_units_in_service_is_refused_above_all_of_them_and_one_of_utilisation_is_not(tmp_path: Path) -> None:
    file = tmp_path / "shares.csv"
    rows = [f"2025-01-01T{hour:02}:00,{1.1 if hour == 12 else 0.9}" for hour in range(24)]
    file.write_text("\n".join(["time,share", *rows]) + "\n")
    profile = f"{{kind: csv, file: '{file}', column: share, repeat: day}}"
    simulate(shipped("quickstart", f"halls.ai.rack_groups.gpu.utilisation={profile}", "run.duration=1d"), keep="none")
    with pytest.raises(InputError, match=r"column 'share' runs from 0\.9 to 1\.1, a share from 0 to 1"):
        simulate(shipped("quickstart", f"halls.ai.air.availability={profile}", "run.duration=1d"), keep="none")
