"""Lists on the page Explore: an item is changed, added and removed like any other setting; the download has it all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("streamlit.testing.v1")

from streamlit.testing.v1 import AppTest

from tests.explorer.alone import address_of, alone
from twin.engine.simulate import simulate
from twin.explorer.choice import Choice
from twin.explorer.runs import run_of, yaml_of
from twin.scenario.reading import read_scenario
from twin.studies.kpis import kpis

SHORT = "run.duration=2d"
EVENTS = "grid.contracts.demand_response.events"
WINDOWS = "grid.tariff.energy.windows"


def explored(part: str, *changes: str, file: str = "grid/contracts.yaml") -> AppTest:
    """The page with a part on the screen."""
    test = alone("explore", file=[file], set=[SHORT, *changes])
    test.session_state["part"] = part
    return test.run()


def labelled(elements: Any, label: str) -> Any:
    """The element whose label begins so."""
    return next(one for one in elements if one.label.removeprefix("● ").startswith(label))


def pressed(test: AppTest, label: str) -> None:
    """Press a button; nothing may be refused."""
    labelled(test.button, label).click().run()
    assert not test.exception
    assert not test.error


def asked(test: AppTest) -> list[str]:
    """Changes in the address."""
    return address_of(test)["set"]


@pytest.mark.slow
def test_an_event_is_moved_copied_and_removed_and_the_address_says_so(tmp_path: Path) -> None:
    test = explored("grid.contracts.demand_response")
    (items,) = test.radio
    assert items.options == ["1 · 2025-07-15 16:00 · 2 h", "2 · 2025-08-12 15:00 · 2 h"]
    labelled(test.text_input, "at").set_value("2025-01-01 15:00").run()
    assert asked(test) == [SHORT, f'{EVENTS}.0.at="2025-01-01 15:00"']
    pressed(test, "Add one like it")
    path, _, text = asked(test)[-1].partition("=")
    assert (path, len(test.session_state["choice"].overrides)) == (EVENTS, 2)  # the list holds the earlier change
    events = test.session_state["choice"].scenario().grid.contracts.demand_response.events
    assert [event.at for event in events] == ["2025-01-01 15:00", "2025-01-02 15:00", "2025-08-12 15:00"]
    assert test.radio[0].value == 1
    labelled(test.number_input, "duration").set_value(1.5).run()
    assert asked(test) == [SHORT, f"{EVENTS}={text}", f"{EVENTS}.1.duration_h=1.5"]
    file = tmp_path / "scenario.yaml"
    run = run_of(test.session_state["choice"])
    file.write_text(yaml_of(run), encoding="utf-8")
    assert kpis(simulate(read_scenario(file))) == run.metrics
    pressed(test, "Remove 2")
    assert len(test.radio[0].options) == 2


def test_what_is_added_and_removed_again_is_no_change() -> None:
    test = explored("grid.contracts.demand_response")
    pressed(test, "Add one like it")
    pressed(test, "Remove 2")
    assert asked(test) == [SHORT]


@pytest.mark.slow
def test_the_rates_of_a_table_are_taken_over_and_a_window_gets_other_hours_and_months() -> None:
    test = explored("grid.tariff", file="quickstart.yaml")
    before = run_of(Choice(overrides=(("run.duration", "2d"),))).metrics["total_cost"]["value"]
    pressed(test, "Take the table's rates over")
    assert run_of(test.session_state["choice"]).metrics["total_cost"]["value"] == before
    test.session_state["part"] = "grid.tariff.energy"
    test.run()
    labelled(test.selectbox, "start").set_value("05:00").run()
    assert asked(test)[-1] == f'{WINDOWS}.0.start="05:00"'
    assert run_of(test.session_state["choice"]).metrics["total_cost"]["value"] > before
    months = next(one for one in test.button_group if one.value == [11, 12, 1, 2, 3])
    months.set_value([1, 2]).run()
    assert asked(test)[-1] == f"{WINDOWS}.0.months=[1, 2]"


def test_changes_that_hold_only_together_are_kept_while_a_fault_is_told() -> None:
    test = explored("grid.contracts.demand_response")
    labelled(test.text_input, "at").set_value("2025-13-01 15:00").run()
    assert "cannot run" in test.error[0].value
    assert f"{EVENTS}[0].at" in "".join(code.value for code in test.code)
    assert labelled(test.text_input, "at").value == "2025-13-01 15:00"
    labelled(test.text_input, "at").set_value("2025-01-01 12:00").run()
    assert not test.error


def test_an_item_that_others_need_stays_and_the_page_says_why() -> None:
    periods = "{day: {base_per_kwh: 0.2}, night: {base_per_kwh: 0.1}}"
    windows = "[{period: day, start: '06:00', end: '22:00'}, {period: night, start: '22:00', end: '06:00'}]"
    tariff = f"{{kind: tou, currency: USD, energy: {{periods: {periods}, windows: {windows}}}}}"
    test = explored("grid.tariff.energy", f"grid.tariff={tariff}")
    labelled(test.button, "Remove 1").click().run()
    assert "Nothing was changed" in test.error[0].value
    assert "no period at 06:00 on weekdays of month 1" in "".join(code.value for code in test.code)
    assert len(asked(test)) == 2
    labelled(test.selectbox, "default period").select("day").run()
    assert not test.error
    (events,) = explored("grid.contracts.demand_response", f"{EVENTS}=[]").expander[1:2]
    assert "Add one" in [button.label for button in events.button]


@pytest.mark.slow
def test_hours_of_a_day_are_changed_one_by_one_and_a_list_is_left_out_and_stated() -> None:
    part = "halls.ai.rack_groups.gpu.utilisation"
    test = explored(part)
    noon = [one for one in test.number_input if one.label == "12:00"]
    noon[0].set_value(0.5).run()
    assert asked(test)[-1] == f"{part}.weekday_frac.12=0.5"
    pressed(test, "Leave out")
    assert asked(test)[-1] == f"{part}.weekend_frac=null"
    pressed(test, "State weekend")
    gpu = test.session_state["choice"].scenario().halls["ai"].rack_groups["gpu"].utilisation
    assert gpu.weekend_frac == gpu.weekday_frac


@pytest.mark.slow
def test_a_search_finds_a_list_by_the_words_of_its_items() -> None:
    test = explored("halls.ai.air")
    labelled(test.text_input, "Search").set_value("calls civil local time").run()
    assert any("events" in fold.label for fold in test.expander)
