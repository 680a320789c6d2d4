"""Records of the Utility Rate Database as tariffs: windows, tiers, ratchets, and what is refused or left out aloud."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twin.components.grid.tariffs import TariffTable, TimeOfUseTariff, demand_schedule, energy_schedule
from twin.errors import InputError
from twin.scenario.writing import dump
from twin.series.tariff_tables import in_force
from twin.series.urdb import read_urdb
from twin.series.urdb_windows import windows_of

Import = Callable[..., tuple[TimeOfUseTariff, tuple[str, ...]]]

ALL_ZERO = [[0] * 24 for _ in range(12)]
EVENING = [[1 if 16 <= hour < 21 else 0 for hour in range(24)] for _ in range(12)]
NIGHT = [[1 if hour < 6 or hour >= 22 else 0 for hour in range(24)] for _ in range(12)]
RECORD = {
    "name": "LGS",
    "utility": "A utility",
    "eiaid": 7,
    "startdate": 1735718400,
    "fixedchargefirstmeter": 10.0,
    "fixedchargeunits": "$/month",
    "energyratestructure": [[{"rate": 0.05, "adj": 0.01, "unit": "kWh"}], [{"rate": 0.2, "unit": "kWh"}]],
    "energyweekdayschedule": EVENING,
    "energyweekendschedule": ALL_ZERO,
}


@pytest.fixture
def imported(tmp_path: Path) -> Import:
    """Writes a record with changes, imports it, writes the YAML, and reads that as a scenario's table would be."""

    def run(**changes: Any) -> tuple[TimeOfUseTariff, tuple[str, ...]]:
        (tmp_path / "record.json").write_text(json.dumps({**RECORD, **changes}), encoding="utf-8")
        data, notes = read_urdb(str(tmp_path / "record.json"))
        (tmp_path / "tariff.yaml").write_text(dump(data), encoding="utf-8")
        tariff = in_force(TariffTable(file=str(tmp_path / "tariff.yaml")))
        assert isinstance(tariff, TimeOfUseTariff)
        return tariff, notes

    return run


def refused(imported: Import, **changes: Any) -> str:
    with pytest.raises(InputError) as caught:
        imported(**changes)
    return "\n".join(fault.message for fault in caught.value.faults)


def test_the_yaml_that_is_written_reads_back_as_the_records_rates(imported: Import) -> None:
    tariff, notes = imported()
    assert notes == ()
    assert tariff.utility == "A utility (EIA 7)"
    assert str(tariff.effective) == "2025-01-01"
    assert tariff.fixed_per_month == 10.0
    assert tariff.energy.default_period == "period_0"
    assert tariff.energy.periods["period_0"].total_per_kwh == pytest.approx(0.06)
    (window,) = tariff.energy.windows
    assert (window.days, window.start, window.end) == ("weekdays", "16:00", "21:00")
    assert len(window.months) == 12


def test_hours_on_both_sides_of_midnight_are_one_window(imported: Import) -> None:
    tariff, _ = imported(energyweekdayschedule=NIGHT, energyweekendschedule=NIGHT)
    (window,) = tariff.energy.windows
    assert (window.days, window.start, window.end) == ("all", "22:00", "06:00")


MATRIX = st.lists(st.lists(st.integers(0, 3), min_size=24, max_size=24), min_size=1, max_size=3).flatmap(
    lambda rows: st.lists(st.sampled_from(rows), min_size=12, max_size=12)
)


@settings(deadline=None, max_examples=60)
@given(MATRIX, MATRIX)
def test_windows_hold_every_cell_of_any_matrices(weekday: list[list[int]], weekend: list[list[int]]) -> None:
    used = sorted({cell for row in (*weekday, *weekend) for cell in row})
    if len(used) == 1:
        assert list(windows_of(weekday, weekend)) == []
        return
    rates = {f"period_{at}": {"base_per_kwh": float(at)} for at in used}
    windows = [{"period": f"period_{at}", **window} for at, window in windows_of(weekday, weekend)]
    hours = [cell for days, matrix in ((5, weekday), (2, weekend)) for row in matrix for cell in row * days]
    default = max(used, key=lambda at: (hours.count(at), -at))
    energy = {"periods": rates, "windows": windows, "default_period": f"period_{default}"}
    tariff = TimeOfUseTariff.model_validate({"currency": "USD", "energy": energy})
    schedule = energy_schedule(tariff)
    for day, matrix in enumerate((weekday, weekend)):
        grid = schedule.grid()[:, day, ::60]
        assert [[int(schedule.names[at][7:]) for at in row] for row in grid] == [list(row) for row in matrix]


def test_tiers_keep_their_ends_units_and_prices(imported: Import) -> None:
    for unit, field, each in (
        ("kWh", "up_to_kwh", "month"),
        ("kWh/kW", "up_to_kwh_per_kw", "month"),
        ("kWh daily", "up_to_kwh", "day"),
        ("kWh/kW daily", "up_to_kwh_per_kw", "day"),
    ):
        tiers = [{"rate": 0.3, "adj": 0.01, "max": 500, "unit": unit}, {"rate": 0.1, "unit": unit}]
        tariff, _ = imported(energyratestructure=[tiers, [{"rate": 0.2}]])
        rate = tariff.energy.periods["period_0"]
        assert rate.base_per_kwh == 0.1
        (tier,) = rate.tiers
        assert (getattr(tier, field), tier.each, tier.total_per_kwh) == (500, each, pytest.approx(0.31))


def test_demand_by_season_with_tiers_and_its_ratchet_is_kept(imported: Import) -> None:
    months = [0, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0]
    flat = [[{"rate": 5.0}], [{"rate": 9.0, "max": 200}, {"rate": 7.0, "adj": 1.0}]]
    tariff, _ = imported(
        flatdemandstructure=flat,
        flatdemandmonths=months,
        demandwindow=30,
        demandratchetpercentage=[0.5] * 6 + [0.8] * 6,
    )
    winter, summer = tariff.demand.flat
    assert summer.months == (6, 7, 8, 9)
    assert winter.months == (1, 2, 3, 4, 5, 10, 11, 12)
    assert (summer.tiers[0].up_to_kw, summer.tiers[0].total_per_kw, summer.total_per_kw) == (200, 9.0, 8.0)
    assert tariff.demand.demand_interval_min == 30
    assert tariff.demand.ratchet is not None
    assert tariff.demand.ratchet.by_month_frac == (0.5,) * 6 + (0.8,) * 6


def test_a_look_back_is_a_ratchet_on_the_months_that_count(imported: Import) -> None:
    tariff, _ = imported(
        flatdemandstructure=[[{"rate": 5.0}]],
        flatdemandmonths=[0] * 12,
        lookbackPercent=0.6,
        lookbackMonths=[0] * 5 + [1] * 4 + [0] * 3,
        lookbackRange=12,
    )
    ratchet = tariff.demand.ratchet
    assert ratchet is not None
    assert (ratchet.peak_frac, ratchet.counted_months, ratchet.lookback_months) == (0.6, (6, 7, 8, 9), 11)


def test_demand_periods_keep_windows_of_their_own(imported: Import) -> None:
    tariff, notes = imported(
        demandratestructure=[[{"rate": 0}], [{"rate": 12}]],
        demandweekdayschedule=NIGHT,
        demandweekendschedule=ALL_ZERO,
    )
    grid = demand_schedule(tariff).grid()
    assert grid[:, 0, ::60].tolist() == [[int(hour < 6 or hour >= 22) for hour in range(24)]] * 12
    assert not np.any(grid[:, 1])
    assert notes == ("the record states no demand interval of 15, 30 or 60 minutes: 15 are assumed",)


def test_lowest_bills_and_charges_by_the_day_are_laid_on_months(imported: Import) -> None:
    tariff, notes = imported(
        fixedchargefirstmeter=12, fixedchargeunits="$/day", mincharge=50.0, minchargeunits="$/month"
    )
    assert tariff.fixed_per_month == pytest.approx(12 * 365 / 12)
    assert tariff.minimum_per_month == 50.0
    assert notes == ("fixedchargefirstmeter of 12 a day is laid out as 365/12 days a month",)
    tariff, _ = imported(mincharge=6000.0, minchargeunits="$/year")
    assert (tariff.minimum_per_month, tariff.minimum_per_year) == (0.0, 6000.0)


def test_what_a_tariff_cannot_hold_is_named_in_its_note(imported: Import) -> None:
    tariff, notes = imported(coincidentRateStructure=[[{"rate": 5}]], fuelAdjustmentsMonthly=[0.01] * 12)
    assert notes == (
        "LEFT OUT: charges on demand coincident with the system's peak (coincidentratestructure)",
        "LEFT OUT: monthly fuel adjustments (fueladjustmentsmonthly)",
    )
    assert tariff.note == "; ".join(notes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"energyratestructure": None}, "energyratestructure is missing: the record has no energy rates"),
        ({"energyweekdayschedule": None}, "energyweekdayschedule is not 12 rows of 24 periods"),
        ({"energyweekendschedule": [[0] * 23] * 12}, "energyweekendschedule is not 12 rows of 24 periods"),
        ({"energyweekendschedule": [[9] * 24] * 12}, "energyweekendschedule names a period that has no rate: 9"),
        (
            {"energyratestructure": [[{"rate": 0.1}, {"rate": 0.2}], [{"rate": 1}]]},
            "energyratestructure[0]: every tier but the last has a max",
        ),
        (
            {"energyratestructure": [[{"rate": "a"}], [{"rate": 1}]]},
            "energyratestructure[0] holds {'rate': 'a'}: rate, adj and max are numbers",
        ),
        (
            {"energyratestructure": [[{"rate": 1, "unit": "MWh"}], [{"rate": 1}]]},
            "energyratestructure[0]: unit mwh is not one of kwh, kwh/kw, kwh daily, kwh/kw daily",
        ),
        ({"fixedchargeunits": "$/week"}, "fixedchargeunits is '$/week': known are $/month, $/day, $/year"),
        ({"energyratestructure": [[], [{"rate": 1}]]}, "energyratestructure[0] holds no tiers"),
        (
            {"energyratestructure": [[{"rate": 1, "max": 9}, {"rate": 2, "max": 5}, {"rate": 3}], [{"rate": 1}]]},
            "the ends of tiers rise from one to the next, all in one unit",
        ),
    ],
)
def test_a_record_that_no_tariff_can_hold_is_refused_by_name(
    imported: Import, changes: dict[str, Any], message: str
) -> None:
    assert refused(imported, **changes) == message


def test_apparent_and_reactive_power_are_billed_by_the_power_factor(imported: Import) -> None:
    flat = {"flatdemandstructure": [[{"rate": 5.0}]], "flatdemandmonths": [0] * 12, "demandwindow": 15}
    tariff, notes = imported(**flat, flatdemandunit="kVA", demandreactivepowercharge=0.66)
    assert (tariff.demand.billed_in, tariff.demand.reactive_per_kvar) == ("kva", 0.66)
    assert notes == ("reactive power is charged: state the site's factor as grid.contracts.power_factor_frac",)
    message = "some demand charges are by kW and others by kVA: a tariff here has one of them"
    assert refused(imported, **flat, flatdemandunit="kVA", demandrateunit="kW") == message


def test_demand_charged_by_the_day_is_refused(imported: Import) -> None:
    changes = {"flatdemandstructure": [[{"rate": 5.0}]], "flatdemandmonths": [0] * 12, "flatDemandUnits": "kW daily"}
    assert refused(imported, **changes).startswith(
        "flatdemandunits is 'kW daily': demand charges here are by the month"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is no JSON: Expecting property name enclosed in double quotes"),
        ('{"items": []}', "holds 0 records: one URDB record is needed"),
        ("[{}, {}]", "holds 2 records: one URDB record is needed"),
        ("3", "holds something else: one URDB record is needed"),
    ],
)
def test_a_file_that_holds_no_single_record_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "record.json").write_text(text)
    with pytest.raises(InputError) as caught:
        read_urdb(str(tmp_path / "record.json"))
    assert caught.value.faults[0].message == message
