"""Meter files: what is wrong is told with row and column, and what is missing stays missing."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from twin.errors import InputError
from twin.series.files import resolve
from twin.studies.reporting.inputs import about_site
from twin.studies.reporting.metered import read_metered
from twin.studies.reporting.quantities import by_month
from twin.studies.reporting.report import all_facts, with_site
from twin.studies.reporting.site import Site, read_site

SOUND = "month,edc_kwh,eit_kwh,quality\n2025-01,1250,1000,OK\n2025-02,1250,1000,OK\n2025-03,1300,1000,ESTIMATED\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "meters.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2025-02,1250", '2025-02,"1,250"', "meters.csv:3:2: edc_kwh: '1,250' is not a number in kWh"),
        ("2025-02,1250", "2025-02,n/a", "meters.csv:3:2: edc_kwh: 'n/a' is not a number in kWh"),
        ("2025-02,1250", "2025-02,1.25 MWh", "meters.csv:3:2: edc_kwh: '1.25 MWh' has a unit in the cell"),
        ("2025-02,1250", "2025-02,", "meters.csv:3:2: edc_kwh: is empty; a gap is a row of quality MISSING"),
        ("2025-02,1250", "2025-02,-3", "meters.csv:3:2: edc_kwh: -3 is negative"),
        ("2025-02,1250", "2025-02,nan", "meters.csv:3:2: edc_kwh: 'nan' is not a finite number"),
        ("2025-02,1250,1000,OK\n", "", "meters.csv:3:1: nothing from 2025-02-01 to 2025-03-01: rows are missing"),
        ("2025-02,", "2025-01,", "meters.csv:3:1: begins before 2025-02-01, where the row above ends"),
        ("2025-02,", "2025-13,", "meters.csv:3:1: month: '2025-13' is no month, such as 2025-01"),
        ("edc_kwh", "edc_mwh", "meters.csv:1:2: column 'edc_mwh' is in 'mwh': the unit must be that of 'edc_kwh'"),
        ("edc_kwh", "edk_kwh", "meters.csv:1:2: column 'edk_kwh' is no known quantity (did you mean 'edc_kwh'?)"),
        ("edc_kwh", "eit_kwh", "meters.csv:1:3: column 'eit_kwh' stands there twice"),
        ("month", "note", "meters.csv:1: needs a column 'month', or 'start' and 'end'"),
        ("ESTIMATED", "GUESSED", "meters.csv:4:4: quality: 'GUESSED' is none of OK, ESTIMATED, MISSING"),
        ("1300,1000,ESTIMATED", "1300,1000,OK,7", "meters.csv:4: has 5 cells, the header 4"),
    ],
)
def test_a_fault_is_told_with_row_and_column(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_metered(written(tmp_path, SOUND.replace(old, new, 1)))
    assert message in str(caught.value)


def test_all_faults_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    text = SOUND.replace("2025-01,1250", "2025-01,x").replace("2025-03,1300", "2025-03,y")
    with pytest.raises(InputError) as caught:
        read_metered(written(tmp_path, text))
    assert [str(fault.place)[-3:] for fault in caught.value.faults] == ["2:2", "4:2"]


def test_a_quarter_is_interim_and_is_not_annualised(tmp_path: Path) -> None:
    period = with_site(read_metered(written(tmp_path, SOUND), "Europe/Berlin"), Site())
    assert period.interim
    assert period.ends["start_local"] == "2025-01-01T00:00:00+01:00"
    assert period.ends["end_local"] == "2025-04-01T00:00:00+02:00"
    assert period.ends["end_utc"] == "2025-03-31T22:00:00Z"
    pue = next(one for one in all_facts(period, Site())[0] if one.name == "iso30134.pue_category_1")
    assert pue.long_name == "iPUE, category 1"
    assert pue.value == pytest.approx(3800 / 3000)
    assert period.quantities["edc_kwh"].value == 3800.0
    assert period.quantities["edc_kwh"].quality == pue.quality == "estimated"


def test_a_year_of_months_is_not_interim(tmp_path: Path) -> None:
    rows = "".join(f"2024-{m:02d},100,80\n" for m in range(1, 13))
    period = read_metered(written(tmp_path, "month,edc_kwh,eit_kwh\n" + rows), "Europe/Berlin")
    assert not period.interim
    assert period.years == 1.0


def test_a_month_marked_missing_leaves_no_sum_but_a_reason(tmp_path: Path) -> None:
    text = SOUND.replace("2025-02,1250,1000,OK", "2025-02,,1000,MISSING")
    period = read_metered(written(tmp_path, text))
    assert period.quantities["edc_kwh"].value is None
    assert period.quantities["edc_kwh"].reason == "row 3 of meters.csv is MISSING"
    assert period.quantities["eit_ups_kwh"].value == 3000.0


def test_an_empty_column_was_not_measured(tmp_path: Path) -> None:
    text = "month,edc_kwh,win_m3\n2025-01,10,\n2025-02,10,\n"
    period = read_metered(written(tmp_path, text))
    assert period.quantities["win_m3"].value is None
    assert "not measured" in period.quantities["win_m3"].reason


def test_what_a_meter_tells_is_not_overridden(tmp_path: Path) -> None:
    period = read_metered(written(tmp_path, SOUND))
    with pytest.raises(InputError, match=r"stated\.edc_kwh: is metered already"):
        with_site(period, Site(stated={"edc_kwh": 5}))
    told = with_site(period, Site(missing={"win_m3": "confidential"}, stated={"ereuse_kwh": 0}))
    assert told.quantities["win_m3"].reason == "confidential"
    assert told.quantities["ereuse_kwh"].value == 0.0
    assert told.quantities["ereuse_kwh"].quality == "estimated"


def test_stated_uncertainty_of_meters_goes_through_ratios_in_quadrature(tmp_path: Path) -> None:
    """PUE 1.25 of parts known to 0.6 % and 0.8 %: 1 % together (GUM 5.1), to second order in the shares."""
    text = "month,edc_kwh,eit_kwh,win_m3\n2025-01,1250,1000,2\n"
    site = Site(uncertainty_frac={"edc_kwh": 0.006, "eit_ups_kwh": 0.008})
    period = with_site(read_metered(written(tmp_path, text)), site)
    facts = {one.name: one for one in all_facts(period, site)[0]}
    pue, edc, water = (facts[name] for name in ("iso30134.pue_category_1", "quantity.edc_kwh", "quantity.win_m3"))
    assert (edc.low, edc.high) == (pytest.approx(1242.5), pytest.approx(1257.5))
    assert pue.low is not None
    assert pue.high is not None
    assert (pue.high - pue.low) / 2 == pytest.approx(0.01 * 1.25, rel=1e-3)
    assert "taken as independent" in pue.uncertainty
    assert (facts["eed.PUE"].low, facts["eed.PUE"].high) == (pue.low, pue.high)
    assert facts["esrs.E1-5.EnergyConsumptionRelatedToOwnOperations"].high == pytest.approx(1.2575)
    assert water.low is None
    assert "no uncertainty of its meters is stated" in water.uncertainty


def test_an_uncertainty_that_is_no_share_is_refused(tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text("uncertainty_frac: {edc_kwh: 5}\n")
    with pytest.raises(InputError) as caught:
        read_site(tmp_path / "site.yaml")
    assert "site.yaml:1:20: uncertainty_frac.edc_kwh: 5 is more than the value itself" in str(caught.value)


def test_the_example_that_is_shipped_reports_all_that_its_meters_tell() -> None:
    about = about_site(Path("data:reporting/example/site.yaml"))
    period = with_site(read_metered(resolve("data:reporting/example/meters.csv"), about.site.timezone), about.site)
    facts = {one.name: one for one in all_facts(period, about.site, about.base)[0]}
    assert not period.interim
    assert period.ends["start_local"] == "2025-01-01T00:00:00+01:00"
    assert facts["iso30134.pue_category_1"].number == pytest.approx(11_328_340 / 9_030_160)
    assert facts["ghg.scope2_location"].number == pytest.approx(0.363 * 11_242_985)
    left = 11_242_985 - 6_500_000 - 1_800_000
    assert facts["ghg.scope2_market"].number == pytest.approx(0.729 * left)
    assert "7 years older than the period" in facts["ghg.scope2_market"].basis
    assert facts["enefg.pue_from_2030-07-01"].value == "meets"
    assert facts["eed.scope"].value == "to be reported"


def test_only_what_is_cancelled_counts(tmp_path: Path) -> None:
    text = "month,edc_kwh,grid_import_kwh\n2025-01,1000,1000\n"
    held = {"kind": "GO", "energy_kwh": 600, "kgco2_per_kwh": 0, "source": "s"}
    residual = {"kgco2_per_kwh": 0.5, "data_year": 2024, "source": "r"}
    market = {}
    for status in ("issued", "cancelled"):
        site = Site.model_validate({"instruments": [held | {"status": status}], "residual": residual})
        facts = all_facts(with_site(read_metered(written(tmp_path, text)), site), site)[0]
        market[status] = {one.name: one.number for one in facts}
    assert market["issued"]["ghg.scope2_market"] == pytest.approx(500.0)
    assert market["cancelled"]["ghg.scope2_market"] == pytest.approx(200.0)
    assert (market["issued"]["quantity.eres_goo_kwh"], market["cancelled"]["quantity.eres_goo_kwh"]) == (0.0, 600.0)


def test_a_file_of_semicolons_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"meters\.csv:1:6: its cells stand apart by semicolons; save it with commas"):
        read_metered(written(tmp_path, "month;edc_kwh\n2025-01;1,5\n"))


def test_hours_of_meters_are_put_together_by_local_month(tmp_path: Path) -> None:
    """A day on either side of New York's first of March; the change of clocks is far."""
    first = datetime.fromisoformat("2025-02-28T00:00-05:00")
    hours = [(first + timedelta(hours=k), first + timedelta(hours=k + 1)) for k in range(48)]
    text = "start,end,edc_kwh,grid_cfe_frac\n"
    text += "".join(f"{a.isoformat()},{b.isoformat()},{k},{k / 100}\n" for k, (a, b) in enumerate(hours))
    found = by_month(read_metered(written(tmp_path, text), "America/New_York"))
    assert [one.ends["start_local"][:10] for one in found] == ["2025-02-28", "2025-03-01"]
    assert [one.values["edc_kwh"] for one in found] == [276.0, 852.0]
    assert [one.values["grid_cfe_frac"] for one in found] == [pytest.approx(0.115), pytest.approx(0.355)]
    weeks = "start,end,edc_kwh\n2025-02-24,2025-03-03,7\n2025-03-03,2025-03-10,7\n"
    assert len(by_month(read_metered(written(tmp_path, weeks)))) == 2, "weeks stay weeks"
