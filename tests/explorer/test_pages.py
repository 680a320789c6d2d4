"""The pages run without a browser, for the quickstart and for what cannot run; a download runs to the same figures."""

from __future__ import annotations

import io
import json
import re
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("streamlit")

from streamlit.testing import v1 as testing

from tests.explorer.alone import MOST_S
from twin.engine.watch import Watch
from twin.explorer.choice import Choice
from twin.explorer.explore import VIEWS
from twin.explorer.runs import Job, bundle_of, run_of, yaml_of

ROOT = Path(__file__).parents[2]
SHORT = ("run.duration", "2d")  # two days: pages are tested here, not years


def app(page: str = "", **address: list[str]) -> testing.AppTest:
    """The app as a visitor of an address meets it; a page other than the first without the frame around it."""
    script = f"from twin.explorer import session, {page}\nsession.start()\n{page}.page()\nsession.follow()\n"
    test = (testing.AppTest.from_string(script, default_timeout=MOST_S) if page
            else testing.AppTest.from_file(str(ROOT / "app.py"), default_timeout=MOST_S))  # fmt: skip
    for key, values in address.items():
        test.query_params[key] = values
    return test.run()


def headline(test: testing.AppTest) -> str:
    """HTML of the row of figures."""
    return "".join(element.proto.body for element in test.get("html"))


def test_the_overview_opens_on_the_quickstart() -> None:
    test = app(set=["=".join(SHORT)])
    assert not test.exception
    assert test.title[0].value == "Miami colocation"
    pue = run_of(Choice(overrides=(SHORT,))).metrics["pue"]["value"]
    assert f"{pue:.3f}" in headline(test)


def test_an_address_with_a_fault_names_it_and_keeps_the_page() -> None:
    test = app(set=["halls.ai.air.supply_air_c=99"])
    assert not test.exception
    assert "This scenario cannot run" in test.error[0].value
    assert "--set halls.ai.air.supply_air_c=99" in "".join(code.value for code in test.code)


def test_a_scenario_that_is_not_shipped_is_told() -> None:
    test = app(file=["../pyproject.toml"])
    assert not test.exception
    assert "there is no shipped scenario" in "".join(code.value for code in test.code)


def test_a_changed_setting_lands_in_the_address_and_beside_the_baseline() -> None:
    test = app(set=["=".join(SHORT)])
    test.session_state["choice"] = Choice(overrides=(SHORT, ("halls.ai.air.supply_air_c", "26")))
    test.run()
    assert not test.exception
    assert test.query_params["set"] == ["run.duration=2d", "halls.ai.air.supply_air_c=26"]
    assert "↑" in headline(test)


def test_two_sessions_at_once_keep_their_own_scenarios() -> None:
    first, second = app(set=["=".join(SHORT)]), app(file=["technologies/crac_dx.yaml"], set=["=".join(SHORT)])
    first.run()
    assert first.title[0].value == "Miami colocation"
    assert second.title[0].value != first.title[0].value
    assert first.query_params["file"] == "quickstart.yaml"


def test_the_downloaded_yaml_runs_in_batch_to_the_same_figures(tmp_path: Path) -> None:
    from twin.engine.simulate import simulate
    from twin.scenario.reading import read_scenario
    from twin.studies.kpis import kpis

    run = run_of(Choice(overrides=(SHORT, ("halls.ai.air.supply_air_c", "25.5"))))
    file = tmp_path / "scenario.yaml"
    file.write_text(yaml_of(run), encoding="utf-8")
    assert kpis(simulate(read_scenario(file))) == run.metrics


def test_a_download_with_uploaded_weather_runs_in_batch_to_the_same_figures(tmp_path: Path) -> None:
    from twin.engine.simulate import simulate
    from twin.scenario.reading import read_scenario
    from twin.studies.handed_in import weather
    from twin.studies.kpis import kpis

    march = ("run.calendar_year", "2024"), ("run.start", "2024-03-01"), ("run.duration", "1d")
    choice = Choice(overrides=march)
    epw = ROOT / "tests" / "series" / "weather" / "good.epw"
    one = weather(choice.scenario(), epw.read_bytes(), "own.epw")
    run = run_of(choice.with_file(one))
    zipfile.ZipFile(io.BytesIO(bundle_of(run, choice.with_file(one).files()))).extractall(tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["own.epw", "scenario.yaml"]
    assert tempfile.gettempdir() not in (tmp_path / "scenario.yaml").read_text(encoding="utf-8")
    assert kpis(simulate(read_scenario(tmp_path / "scenario.yaml"))) == run.metrics
    assert run.metrics["pue"]["value"] < run_of(choice).metrics["pue"]["value"]  # it is colder than Miami


def test_a_shipped_scenario_with_files_beside_it_is_downloaded_with_them(tmp_path: Path) -> None:
    from twin.scenario.reading import read_scenario

    choice = Choice("work/shift_policies.yaml", overrides=(SHORT,))
    run = SimpleNamespace(scenario=choice.scenario())
    assert {file.date_time for file in zipfile.ZipFile(io.BytesIO(bundle_of(run, choice.files()))).filelist} == {
        (1980, 1, 1, 0, 0, 0)
    }
    zipfile.ZipFile(io.BytesIO(bundle_of(run, choice.files()))).extractall(tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["made_up_plan.csv", "scenario.yaml"]
    text = (tmp_path / "scenario.yaml").read_text(encoding="utf-8")
    assert "file: made_up_plan.csv" in text
    assert str(ROOT) not in text
    assert read_scenario(tmp_path / "scenario.yaml").run == run.scenario.run


def test_a_run_that_was_kept_is_not_changed_by_being_shown() -> None:
    choice = Choice(overrides=(SHORT,))
    before = run_of(choice).one.copy(deep=True)
    app(set=["=".join(SHORT)])
    assert run_of(choice).one.identical(before)


@pytest.mark.slow
def test_another_technology_comes_with_settings_that_run() -> None:
    test = app("explore", set=["=".join(SHORT)])
    (kind,) = [box for box in test.selectbox if box.label == "technology"]
    assert (kind.value, set(kind.options)) == ("crah", {"crah", "crac", "outdoor air", "indirect evaporative"})
    kind.select("outdoor_air").run()
    assert not test.exception
    assert not test.error
    path, block = test.session_state["choice"].overrides[-1]
    assert path == "halls.enterprise.air"
    assert '"kind": "outdoor_air"' in block
    labels = {slider.label for slider in test.slider}
    assert any("supply low" in label for label in labels)  # only outdoor air has it
    assert not any("coil return air" in number.label for number in test.number_input)


def test_a_technology_that_cannot_stand_there_is_told_in_plain_words() -> None:
    test = app("explore", set=["=".join(SHORT)])
    test.session_state["part"] = "halls.enterprise.rack_groups.web"
    test.run()
    (kind,) = [box for box in test.selectbox if box.label == "technology"]
    kind.select("blades").run()
    assert not test.exception
    assert "blades cannot stand at halls.enterprise.rack_groups.web as the site is" in test.error[0].value
    assert "5 coils of 125 kW cannot carry" in "".join(code.value for code in test.code)
    assert test.session_state["choice"].overrides == (SHORT,)


def test_a_chiller_is_added_as_a_copy_changed_and_removed_again() -> None:
    test = app("explore", set=["=".join(SHORT)])
    test.session_state["part"] = "plants.main.chillers.large"
    test.run()
    labelled(test.text_input, "Name").set_value("spare")
    pressed(test, "Add")
    assert not test.exception
    assert not test.error
    assert test.session_state["part"] == "plants.main.chillers.spare"
    path, block = test.session_state["choice"].overrides[-1]
    assert (path, json.loads(block)["rated_kw"]) == ("plants.main.chillers.spare", 750.0)
    labelled(test.number_input, "rated · kW").set_value(500.0).run()
    assert test.session_state["choice"].scenario().plants["main"].chillers["spare"].rated_kw == 500.0
    pressed(test, "Remove spare")
    assert test.session_state["choice"] == Choice(overrides=(SHORT,))


@pytest.mark.slow
def test_a_battery_is_added_where_there_was_none_and_a_part_of_the_file_is_removed() -> None:
    test = app("explore", set=["=".join(SHORT)])
    labelled(test.selectbox, "Where").select("onsite").run()
    labelled(test.selectbox, "Kind").select("battery").run()
    assert labelled(test.text_input, "Name").value == "battery"
    pressed(test, "Add")
    assert test.session_state["choice"].scenario().onsite["battery"].energy_kwh > 0
    labelled(test.selectbox, "Where").select("loads").run()
    pressed(test, "Remove lighting_enterprise")
    assert not test.error
    assert test.session_state["choice"].overrides[-1] == ("loads.lighting_enterprise", "null")
    assert "lighting_enterprise" not in test.session_state["choice"].scenario().loads


def test_a_kind_that_is_chosen_just_before_add_is_the_one_that_is_added() -> None:
    test = app("explore", set=["=".join(SHORT)])
    labelled(test.selectbox, "Where").select("onsite").run()
    labelled(test.selectbox, "Kind").select("battery")  # the form has not followed it yet
    pressed(test, "Add")
    assert not test.exception
    assert list(test.session_state["choice"].scenario().onsite) == ["battery"]
    assert test.session_state["part"] == "onsite.battery"


def test_a_part_that_cannot_come_or_go_is_told_and_nothing_changes() -> None:
    test = app("explore", set=["=".join(SHORT)])
    for shelf, button, name, told in (
        ("plants.main.chillers", "Add", "a.b", "'a.b' is no name: a letter, then letters, digits, - and _, at most 64"),
        ("plants.main.chillers", "Add", "small", "there is a 'small' already"),
        ("plants.main.chillers", "Remove large", "", "1,000 kW of chillers cannot carry 1,100 kW"),
        ("rooms", "Remove electrical", "", "power.ups.heat_to: there is no place 'rooms.electrical'"),
    ):
        labelled(test.selectbox, "Where").select(shelf).run()
        labelled(test.text_input, "Name").set_value(name)
        pressed(test, button)
        assert not test.exception
        assert "Nothing was changed" in test.error[0].value
        assert told in "".join(code.value for code in test.code)
        assert test.session_state["choice"].overrides == (SHORT,)


def labelled(elements: Iterable[Any], label: str) -> Any:
    """The element whose label begins so."""
    return next(one for one in elements if one.label.removeprefix("● ").startswith(label))


def pressed(test: testing.AppTest, label: str) -> None:
    """Press a button."""
    labelled(test.button, label).click().run()


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_of_explore_is_drawn(view: str) -> None:
    test = app("explore", set=["=".join(SHORT)])
    test.session_state["view"] = view
    test.run()
    assert not test.exception
    assert not test.error
    assert test.get("plotly_chart") or test.dataframe


def test_a_long_run_can_be_stopped_and_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("twin.explorer.parts.LONG_STEPS", 10)
    slow = ("run.step", "1min"), ("run.duration", "3d")
    test = app("floor", set=["=".join(one) for one in slow])  # runs to its end: there is no one to press Stop
    assert not test.exception
    assert test.title[0].value == "Miami colocation"
    other = Choice(overrides=(("run.step", "1min"), ("run.duration", "4d")))
    monkeypatch.setattr("twin.explorer.runs.Watch", lambda: Watch(stopped=True))  # stopped before it can come to an end
    job = Job(other)
    test.session_state["job"], test.session_state["choice"] = job, other
    test.run()
    assert not test.exception
    assert "This run was stopped" in test.info[0].value
    assert [button.label for button in test.button] == ["Run it again"]


def test_a_run_with_more_series_than_a_server_keeps_is_told_what_would_do() -> None:
    test = app(set=["run.step=30s"])
    assert not test.exception
    (fault,) = (code.value for code in test.code if "run.step:" in code.value)
    assert re.search(r"1,051,200 steps of \d+ series take 1\.\d GB", fault)
