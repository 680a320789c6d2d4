"""The page of strategies: what to add where nothing can wait, controls, progress, stop, and the comparison."""

from __future__ import annotations

import threading

import pytest

pytest.importorskip("streamlit")

from tests.explorer.alone import MOST_S, alone, at_rest, html
from twin.errors import InputError
from twin.explorer import strategies, tasks

FILE = {"file": ["load_shifting.yaml"]}


def test_a_scenario_without_work_that_may_wait_says_what_to_add_and_opens_the_example() -> None:
    test = alone("strategies")
    assert not test.exception
    assert "Nothing here can be shifted yet" in test.info[0].value
    assert "slack_h" in test.code[1].value
    test.button(key="strategies-example").click().run()
    assert not test.exception
    assert test.title[0].value == "Strategies for Miami, work that may wait"


def test_controls_are_what_strategies_are_made_of(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple] = []

    def told(scenario, weights, choices, carbon, report):  # type: ignore[no-untyped-def]
        asked.append((scenario, weights, choices))
        raise InputError("batch: work that arrives cannot be done in time")

    monkeypatch.setattr(strategies, "compared", told)
    test = alone("strategies", **FILE)
    test.selectbox(key="objective").set_value("mix").run()
    test.number_input(key="carbon-worth").set_value(0.1)
    test.slider(key="cap-limit").set_value(60)
    test.slider(key="cap-dear").set_value(20)
    test.slider(key="cheap").set_value(40)
    test.selectbox(key="forecast").set_value("perfect").run()
    test.slider(key="noise").set_value(10)
    test.toggle(key="battery").set_value(True).run()
    test.number_input(key="battery-kwh").set_value(800.0).run()
    test.button(key="compare").click().run()
    at_rest(test, "strategies").run()
    assert not test.exception
    scenario, weights, choices = asked[0]
    assert scenario.run.duration == "28d"
    assert (weights.cost, weights.carbon_per_kgco2) == (1.0, 0.1)
    assert (choices.cap_frac, choices.dear_frac, choices.cheap_frac) == pytest.approx((0.6, 0.8, 0.4))
    assert (choices.battery.power_kw, choices.battery.energy_kwh) == (300.0, 800.0)
    assert (choices.rolling.forecast.kind, choices.rolling.forecast.noise_frac) == ("perfect", 0.1)
    assert "No comparison could be made" in test.error[0].value
    assert "cannot be done in time" in test.code[0].value
    assert any(button.key == "compare" for button in test.button)


def test_a_long_comparison_shows_progress_and_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    told = threading.Event()

    def endless(scenario, weights, choices, carbon, report):  # type: ignore[no-untyped-def]
        for at in range(10**9):
            report("MPC, day by day", at % 28, 28, 0)
            told.set()

    monkeypatch.setattr(strategies, "compared", endless)
    test = alone("strategies", **FILE, set=["run.duration=9d", "workloads.batch.late_per_kwh_h=0.02"])
    assert "batch (72 h, then late at 0.02 for each kWh and hour)" in test.caption[0].value
    test.button(key="compare").click().run()
    assert told.wait(MOST_S)
    test.run()
    test.button(key="stop:strategies").click().run()
    at_rest(test, "strategies").run()
    assert "Stopped" in test.info[0].value
    assert tasks.running("strategies") == []


@pytest.mark.slow
def test_the_comparison_is_shown_kept_and_told_apart_from_other_settings() -> None:
    test = alone("strategies", **FILE, set=["run.duration=4d"])
    test.button(key="compare").click().run()
    at_rest(test, "strategies").run()
    assert not test.exception
    assert html(test).count("<tr>") == 9
    assert test.segmented_control(key="way").value
    again = alone("strategies", **FILE, set=["run.duration=4d"])
    assert "tw-ways" in html(again)
    again.slider(key="cap-limit").set_value(90).run()
    assert "with other settings" in again.info[0].value
    assert "tw-ways" in html(again)
