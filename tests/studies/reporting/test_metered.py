"""Meter files: what is wrong is told with row and column, and what is missing stays missing."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from twin.errors import InputError
from twin.series.files import resolve
from twin.studies.reporting.inputs import about_site
from twin.studies.reporting.metered import read_metered
from twin.studies.reporting.quantities import KEYS, by_month
from twin.studies.reporting.report import STANDARDS, all_facts, report_document, with_site
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
        ("2025-02,", "2025-01,", "meters.csv:3:1: 2025-01-01 stands there twice"),
        ("2025-02,", "2024-12,", "meters.csv:3:1: is earlier than the row above; rows stand in the order of time"),
        ("2025-02,", "Feb-25,", "meters.csv:3:1: month: 'Feb-25' is no month, such as 2025-01"),
        (
            "2025-02,",
            "45689,",
            "meters.csv:3:1: month: '45689' is no month, such as 2025-01; it is a day as Excel counts",
        ),
        (
            "2025-02,1250",
            "2025-02,1.250",
            "meters.csv:3:3: eit_ups_kwh: 1000 is more than edc_kwh of the same row, 1.25",
        ),
        ("2025-02,1250", "2025-02,0", "meters.csv:3:3: eit_ups_kwh: 1000 is more than edc_kwh of the same row, 0"),
        ("2025-02,1250", "2025-02,1250,5", "meters.csv:3: has 5 cells, the header 4; a comma within a number?"),
        (
            "2025-02,1250",
            "2025-02,-",
            "meters.csv:3:2: edc_kwh: '-' is not a number in kWh; a gap is an empty cell in a row",
        ),
        (
            "2025-01,1250,1000,OK",
            ",kWh,[kWh],\n2025-01,1250,1000,OK",
            "meters.csv:2: has texts where numbers belong: a li",
        ),
        ("edc_kwh", "EDC [kWh]", "meters.csv:1:2: column 'EDC [kWh]' is no known quantity: write 'edc_kwh'"),
        ("edc_kwh", "edc_kwh (MWh)", "meters.csv:1:2: column 'edc_kwh (MWh)' is no known quantity: write 'edc_kwh'"),
        ("eit_kwh", "grid_cfe_frac", "meters.csv:2:3: grid_cfe_frac: 1000 is more than 1: it is a share, 45 % is .45"),
        ("quality", "start", "meters.csv:1: has 'month' and 'start' or 'end'; one of the two says when"),
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


def test_the_law_is_not_judged_by_a_quarter(tmp_path: Path) -> None:
    site = Site(commissioned=date(2019, 5, 1), stated={"ereuse_kwh": 0, "eres_tot_kwh": 1900})
    facts = {one.name: one for one in all_facts(with_site(read_metered(written(tmp_path, SOUND)), site), site)[0]}
    assert facts["enefg.pue"].number == pytest.approx(3800 / 3000)
    for name in ("enefg.pue_from_2027-07-01", "enefg.renewable_from_2024-01-01"):
        assert (facts[name].value, facts[name].reason) == (None, "the law asks for the mean of a year")


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
    own = facts["esrs.E1-6.GrossLocationBasedScope2GreenhouseGasEmissions"]
    assert own.number == pytest.approx(0.15 * 0.363 * 11_242.985), "tonnes; tenants' energy is in category 13"
    assert "figures here are those of 2024" in facts["eed_2026_draft.scope"].basis
    assert "figures here" not in facts["eed.scope"].basis
    assert facts["iso30134.pue_category_1"].quality == "metered"
    assert facts["iso30134.wue_category_2"].quality == "estimated", "the water meter alone was exchanged"


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


def test_a_certificate_of_another_year_is_noted(tmp_path: Path) -> None:
    held = {"kind": "GO", "energy_kwh": 600, "kgco2_per_kwh": 0, "source": "s"}
    old = {"period_start_utc": "2023-01-01T00:00:00Z", "period_end_utc": "2024-01-01T00:00:00Z"}
    site = Site.model_validate({"instruments": [held, held | old]})
    period = with_site(read_metered(written(tmp_path, SOUND)), site)
    assert report_document(period, site, ["ghg"], {"inputs_sha256": {}, "scenario_sha256": None})["notes"][1:] == [
        "GO of 600 kWh is counted, but was made 2023-01-01T00:00:00Z to 2024-01-01T00:00:00Z, outside the period"
    ]


def test_a_text_for_a_field_that_no_form_has_is_refused(tmp_path: Path) -> None:
    period = read_metered(written(tmp_path, SOUND))
    told = Site(fields={"CDD": "3120"})
    assert {one.name: one.value for one in all_facts(with_site(period, told), told)[0]}["eed.CDD"] == "3120"
    wrong = Site(fields={"CDDD": "3120"})
    with pytest.raises(InputError, match=r"fields\.CDDD: is no field of the EU's forms \(did you mean 'CDD'\?\)"):
        all_facts(with_site(period, wrong), wrong)


def test_a_file_of_semicolons_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"meters\.csv:1:6: its cells stand apart by semicolons; save it with commas"):
        read_metered(written(tmp_path, "month;edc_kwh\n2025-01;1,5\n"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"month\tedc_kwh\n2025-01\t1\n", "meters.csv:1:6: its cells stand apart by tabs"),
        ("month,edc_kwh\n2025-01,1\n".encode("utf-16"), "meters.csv: is UTF-16; save it as CSV in UTF-8"),
        (b"PK\x03\x04\x14\x00", "meters.csv: is a workbook, not text; save its sheet as CSV"),
        (b"", "meters.csv: has no rows below its header"),
    ],
)
def test_what_is_no_csv_is_told_to_be_so(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "meters.csv").write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_metered(tmp_path / "meters.csv")
    assert message in str(caught.value)


def test_commas_that_a_spreadsheet_leaves_and_a_byte_order_mark_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "meters.csv").write_bytes(b"\xef\xbb\xbf" + SOUND.replace("\n", ",,\n").encode())
    assert read_metered(tmp_path / "meters.csv").quantities["edc_kwh"].value == 3800.0


def test_a_thirteenth_month_is_refused(tmp_path: Path) -> None:
    """A PUE without an i before it is of twelve months, ISO/IEC 30134-2; 29 February to 1 March is a year, too."""
    rows = [f"{2025 + m // 12}-{m % 12 + 1:02d},100,80\n" for m in range(13)]
    with pytest.raises(InputError, match=r"meters\.csv:14:1: is beyond the year 2025-01-01 to 2026-01-01: a report"):
        read_metered(written(tmp_path, "month,edc_kwh,eit_kwh\n" + "".join(rows)))
    leap = "start,end,edc_kwh\n2024-02-29,2025-03-01,7\n"
    assert not read_metered(written(tmp_path, leap)).interim


def test_times_that_the_clocks_have_twice_or_never_need_an_offset(tmp_path: Path) -> None:
    """Europe's clocks of 2025 go forward at 2 o'clock on 30 March and back at 3 on 26 October."""
    head = "start,end,edc_kwh\n"
    spring = head + "2025-03-30 01:00,2025-03-30 03:00,1\n2025-03-30 03:00,2025-03-30 04:00,1\n"
    assert read_metered(written(tmp_path, spring), "Europe/Berlin").intervals[0].hours == 1.0
    wrong = head + "2025-03-30 01:00,2025-03-30 02:00,1\n"
    with pytest.raises(InputError, match=r"meters\.csv:2:2: end: '2025-03-30 02:00' does not exist in Europe/Berlin"):
        read_metered(written(tmp_path, wrong), "Europe/Berlin")
    autumn = head + "2025-10-26 01:00,2025-10-26 02:00,1\n2025-10-26 02:00,2025-10-26 03:00,1\n"
    with pytest.raises(InputError) as caught:
        read_metered(written(tmp_path, autumn), "Europe/Berlin")
    assert "meters.csv:3:1: start: '2025-10-26 02:00' comes twice in Europe/Berlin" in str(caught.value)
    assert "write it with its offset: 2025-10-26T02:00+02:00 or 2025-10-26T02:00+01:00" in str(caught.value)
    told = head + "2025-10-26T02:00+02:00,2025-10-26T02:00+01:00,1\n2025-10-26T02:00+01:00,2025-10-26T03:00+01:00,2\n"
    assert read_metered(written(tmp_path, told), "Europe/Berlin").quantities["edc_kwh"].value == 3.0


def test_a_month_far_from_the_median_is_noted_with_its_place(tmp_path: Path) -> None:
    rows = "".join(f"2025-{m:02d},100,{'.322' if m == 7 else 300 + m}\n" for m in range(1, 13))
    notes = read_metered(written(tmp_path, "month,edc_kwh,win_m3\n" + rows)).notes
    assert len(notes) == 1
    assert notes[0].startswith(
        "meters.csv:8: win_m3: 0.322 m3 is far from the median of its column, 305.5: a wrong unit"
    )


def test_one_quantity_can_be_estimated_or_missing_in_a_row_whose_others_are_sound(tmp_path: Path) -> None:
    text = "month,edc_kwh,win_m3,win_m3_quality,note\n2025-01,10,2,ESTIMATED,by hand\n2025-02,10,,MISSING,\n"
    period = read_metered(written(tmp_path, text))
    assert period.quantities["edc_kwh"].quality == "metered"
    assert period.quantities["win_m3"].reason == "row 3 of meters.csv is MISSING"
    assert period.notes == ("meters.csv:2: win_m3 ESTIMATED: by hand", "meters.csv:3: win_m3 MISSING")


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


def test_the_page_on_reports_names_every_quantity_and_every_standard() -> None:
    page = (Path(__file__).parents[3] / "docs" / "reports.md").read_text(encoding="utf-8")
    columns = [f"| `{key}` | {one.unit} | {one.long_name} | {one.boundary} |" for key, one in KEYS.items()]
    assert [line for line in columns if line not in page] == []
    assert [word for word in STANDARDS if f"`{word}`" not in page] == []
