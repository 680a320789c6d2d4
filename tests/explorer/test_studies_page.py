"""The page of studies: stores to choose, filters, runs to open, studies to run, watch and stop."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

pytest.importorskip("streamlit")

from tests.explorer.alone import MOST_S, address_of, alone, at_rest, html
from tests.studies.studies import COMPARED, written
from twin.errors import InputError
from twin.explorer import stores, tasks
from twin.outputs.batch import in_threads, prepared, run_batch
from twin.outputs.store import Store

SHORT = "set: {run.start: 2025-07-01, run.duration: 2d, run.warmup_h: 24}\n"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty runs of two days, the last four without chillers."""
    here = tmp_path_factory.mktemp("runs")
    batch, store = prepared(written(here, COMPARED), 20), Store(here / "small")
    with store.writing():
        run_batch(batch, store, in_threads(1))
    return store.folder


@pytest.fixture
def root(store: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(stores.ROOT_VARIABLE, str(store.parent))
    return store.parent


def test_a_folder_without_stores_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(stores.ROOT_VARIABLE, str(tmp_path))
    test = alone("studies")
    assert not test.exception
    assert f"There is no store below {tmp_path}" in test.info[0].value
    assert "twin batch" in test.info[0].value


def test_each_view_of_a_store_is_drawn_or_says_why_not(root: Path) -> None:
    test = alone("studies")
    assert not test.exception
    assert "20" in html(test)
    for view in ("Parallel", "Percentiles", "What moves it", "Failures", "Runs"):
        test.segmented_control(key="study-view").set_value(view).run()
        assert not test.exception, view
        assert not test.error, view
    test.segmented_control(key="study-view").set_value("Failures").run()
    assert test.dataframe[0].value["Runs"].sum() == 4


def test_a_filter_leaves_fewer_runs_and_none_says_so(root: Path, store: Path) -> None:
    test = alone("studies")
    before = len(test.selectbox(key="open:small").options)
    weather = next(one for one in test.multiselect if one.label == "weather: file")
    weather.set_value(["pvlib:12839.tm2"]).run()
    assert 0 < len(test.selectbox(key="open:small").options) < before
    supply = next(one for one in test.select_slider if one.label.startswith("main: supply"))
    supply.set_range(supply.options[-1], supply.options[-1]).run()  # warm water is not the dearest
    assert not test.exception
    next(one for one in test.selectbox if one.label == "Bound a figure").set_value("total_cost").run()
    bound = next(one for one in test.slider if one.label.startswith("Bill"))
    bound.set_range(bound.max, bound.max).run()
    assert not test.exception
    assert "No run passes the filter" in test.info[0].value


def test_what_is_shown_of_a_store_is_in_the_address_and_comes_back_from_it(root: Path, store: Path) -> None:
    test = alone("studies")
    assert address_of(test)["store"] == ["small"]
    test.multiselect(key="filter:small:20:weather.file").set_value(["pvlib:12839.tm2"])
    next(one for one in test.selectbox if one.label == "Bound a figure").set_value("total_cost")
    test.segmented_control(key="study-view").set_value("Runs").run()
    bound = next(one for one in test.slider if one.label.startswith("Bill"))
    bound.set_range(bound.min, bound.max / 2 + bound.min / 2).run()
    run = test.selectbox(key="open:small").options[1].partition(" ")[0]
    test.selectbox(key="open:small").set_value(int(run)).run()
    assert not test.exception
    address = address_of(test)
    assert address["only"] == ["weather.file=pvlib:12839.tm2"]
    assert address["run"] == [run]
    assert not any(str(store.parent) in value for values in address.values() for value in values)
    again = alone("studies", **address)
    assert not again.exception
    assert address_of(again) == address
    assert again.dataframe[0].value.equals(test.dataframe[0].value)
    assert len(again.dataframe[0].value) < 20


@pytest.mark.parametrize("name", ["../small", "/etc", "nowhere (temporary)", "small/../small", ""])
def test_an_address_opens_no_store_but_those_of_the_list(root: Path, name: str) -> None:
    test = alone("studies", store=[name], only=["weather.file=x", "=", "a"], range=["total_cost=nan..2", "b=1..0"],
                 by=["no_figure"], view=["Nothing"], run=["-1"])  # fmt: skip
    assert not test.exception
    assert not test.error
    assert test.selectbox(key="store").value == "small"
    assert [name for warning in test.warning if f"no store `{name}` here" in warning.value] == ([name] if name else [])
    assert address_of(test)["store"] == ["small"]


def test_a_run_opens_with_the_figures_that_the_store_has_of_it(root: Path, store: Path) -> None:
    test = alone("studies")
    test.selectbox(key="open:small").set_value(3).run()
    assert not test.exception
    assert any("Run 3 of small" in one.value for one in test.subheader)
    pue = stores.run_of(store, 3).metrics["pue"]["value"]
    table = stores.read(store).table
    assert pue == pytest.approx(table.loc[table["run"] == 3, "pue"].item(), rel=1e-12)
    assert f"{pue:.3f}" in html(test)
    test.button(key="opened-load").click().run()
    assert test.session_state["choice"].file == "small-run-3.yaml"
    assert test.session_state["choice"].scenario().name


def test_a_store_has_a_name_below_its_root_and_no_other_study(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("../elsewhere", "/tmp/x", "a b", "x" * 80, ".hidden"):
        with pytest.raises(InputError, match="is no name of a store"):
            stores.folder_for("setpoints", name)
    assert stores.folder_for("setpoints", "mine") == root.resolve() / "mine"
    with pytest.raises(InputError, match="holds runs of another study"):
        stores.folder_for("setpoints", "small")
    (root / "notes").mkdir(exist_ok=True)
    (root / "notes" / "a.txt").write_text("x")
    with pytest.raises(InputError, match="holds no store"):
        stores.folder_for("setpoints", "notes")
    assert not (root / "mine").exists()
    assert stores.folder_for("setpoints", "").parent == stores.temporary()


def test_studies_of_strategies_are_not_offered_here() -> None:
    offered = stores.shipped_studies()
    assert "setpoints" in offered
    assert all(not stores.is_of_strategies(stores.file_of(study)) for study in offered)
    with pytest.raises(InputError, match="there is no study"):
        stores.file_of("../quickstart")


def test_a_study_is_run_from_the_page_into_a_store_that_is_then_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(stores.ROOT_VARIABLE, str(tmp_path / "runs"))
    file = written(tmp_path, COMPARED)
    monkeypatch.setattr(stores, "file_of", lambda study: file)
    test = alone("studies")
    test.number_input(key="study-limit").set_value(2)
    test.text_input(key="study-name").set_value("mine")
    test.button(key="study-run").click().run()
    at_rest(test, "study-0").run()
    assert not test.exception
    assert "2 runs: 2 made, 0 there before; 0 failed" in test.success[0].value
    assert test.selectbox(key="store").value == "mine"
    assert len(stores.read(tmp_path / "runs" / "mine").table) == 2


def test_a_study_that_runs_shows_its_progress_and_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(stores.ROOT_VARIABLE, str(tmp_path))
    told = threading.Event()

    def endless(study: str, folder: Path, limit: int | None, report: tasks.Report) -> None:
        for at in range(10**9):
            report("run", at % 50, 50, 0)
            told.set()

    monkeypatch.setattr(stores, "made", endless)
    test = alone("studies")
    test.button(key="study-run").click().run()
    assert told.wait(MOST_S)
    test.run()
    assert any(button.key == "stop:study-0" for button in test.button)
    test.button(key="stop:study-0").click().run()
    at_rest(test, "study-0").run()
    assert not test.exception
    assert "Stopped" in test.success[0].value
    assert tasks.running("study") == []
