"""The page of reports: its statement, every file to download, previews, a site's file good and bad."""

from __future__ import annotations

import pytest

pytest.importorskip("streamlit")

from tests.explorer.alone import alone
from twin.explorer import reports
from twin.explorer.choice import Choice
from twin.explorer.runs import run_of
from twin.outputs.reporting import of_run

SHORT = ("run.duration", "2d")


@pytest.mark.slow
def test_the_report_says_that_it_is_simulated_and_shows_every_file() -> None:
    test = alone("reports", set=["=".join(SHORT)])
    assert not test.exception
    assert "Simulated, not a metered disclosure" in test.warning[0].value
    report = of_run.report_of(run_of(Choice(overrides=(SHORT,))), reports.FIRST)
    box = test.selectbox(key="report-file")
    assert [option.split(" · ")[0] for option in box.options] == of_run.by_use(report)
    assert box.value == "report.html"
    for name in ("figures.csv", "metrics.json", "manifest.sha256", "report.xlsx"):
        test.selectbox(key="report-file").set_value(name).run()
        assert not test.exception, name
    test.selectbox(key="report-file").set_value("ghg.csv").run()
    assert set(test.dataframe[0].value["metric"].str.split(".").str[0]) == {"ghg"}


def test_without_a_standard_the_page_says_what_to_choose() -> None:
    test = alone("reports", set=["=".join(SHORT)])
    test.get("button_group")[0].set_value([]).run()
    assert not test.exception
    assert "Choose at least one standard" in test.info[0].value


def test_a_faulty_site_file_is_told_with_its_line() -> None:
    test = alone("reports", set=["=".join(SHORT)])
    test.get("file_uploader")[0].upload("site.yaml", b"owner: x\nfloor_m2: -1\n", "text/yaml").run()
    assert not test.exception
    assert "The report cannot be made" in test.error[0].value
    assert "site.yaml:2" in test.code[0].value


def test_a_scenario_that_cannot_run_has_no_report() -> None:
    test = alone("reports", set=["halls.ai.air.supply_air_c=99"])
    assert not test.exception
    assert "This scenario cannot run" in test.error[0].value
