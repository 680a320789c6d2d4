"""What a screen shows of a store is what the store holds: filter, front, words with units, failures, percentiles."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("plotly")

from tests.studies.studies import COMPARED, written
from twin.outputs import study_view as view_of
from twin.outputs.batch import in_threads, prepared, run_batch
from twin.outputs.figures_look import Look
from twin.outputs.figures_study import (
    bands_figure,
    effects_figure,
    indices_figure,
    parallel_figure,
    pareto_figure,
)
from twin.outputs.store import TABLE, Store
from twin.outputs.store_compare import Reading, read_store
from twin.outputs.study_view import Wanted, seen, value_text
from twin.studies.sensitivity import Index

AXES = ("total_cost", "water_use_m3")
SUPPLY = "plants.main.supply_c"
BOUND = "constraints: {max_rack_inlet_c: {at_most: 26.0}}\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """32 runs of two days: 16 as they are, 16 without chillers, which run away."""
    here = tmp_path_factory.mktemp("study")
    batch, store = prepared(written(here, COMPARED + BOUND)), Store(here / "store")
    with store.writing():
        run_batch(batch, store, in_threads(1))
    return store.folder


@pytest.fixture(scope="module")
def reading(folder: Path) -> Reading:
    return read_store(folder)


def test_without_a_filter_all_runs_are_shown_that_did_not_fail(reading: Reading) -> None:
    view = seen(reading, Wanted(), AXES)
    assert len(view.frame) == (reading.table["error"] == "").sum() > 0
    assert not (view.front & view.broken).any()
    x, y = (view.frame[name].to_numpy() for name in AXES)
    for at in np.flatnonzero(view.front):
        others = ~view.broken
        assert not ((x[others] <= x[at]) & (y[others] <= y[at]) & ((x[others] < x[at]) | (y[others] < y[at]))).any()


def test_a_filter_keeps_its_words_and_range_and_drops_runs_beyond_a_bound(reading: Reading) -> None:
    weather = next(name for name in reading.paths if name == "weather.file")
    wanted = Wanted({weather: ["pvlib:12839.tm2"]}, {SUPPLY: (7.0, 9.0)}, with_violations=False)
    kept = seen(reading, wanted, AXES).frame
    assert 0 < len(kept) < len(seen(reading, Wanted(), AXES).frame)
    assert set(kept[weather]) == {"pvlib:12839.tm2"}
    assert kept[SUPPLY].between(7.0, 9.0).all()
    assert (kept["violations"] == "").all()
    assert len(seen(reading, Wanted(ranges={"pue": (0.0, 0.5)}), AXES).frame) == 0


def test_columns_have_words_and_units_and_factors_say_so(reading: Reading) -> None:
    assert view_of.label_of("max_rack_inlet_c", reading) == "Warmest inlet, °C"
    assert view_of.label_of(SUPPLY, reading) == "main: supply, °C"
    unit, size = view_of.unit_in(reading, "facility_energy_kwh")
    assert (unit, size) == ("MWh", 1e3)
    shown = view_of.values_in(reading, "facility_energy_kwh", reading.table)
    assert np.nanmax(shown) == pytest.approx(reading.table["facility_energy_kwh"].max() / 1e3, rel=1e-12)


def test_a_path_that_factors_are_drawn_for_is_told_as_times_the_base(tmp_path: Path) -> None:
    from twin.studies.study import read_study

    part = "vary: [{kind: random, samples_count: 2, of: {plants.main.supply_c: {kind: uniform, low: 1, high: 2"
    text = f"name: x\nbase: {Path('scenarios/quickstart.yaml').resolve()}\n{part}, relative: true}}}}}}]\n"
    study, _ = read_study(written(tmp_path, text))
    assert view_of.is_factor(study, SUPPLY)
    plain, _ = read_study(written(tmp_path, text.replace(", relative: true", "")))
    assert not view_of.is_factor(plain, SUPPLY)


def test_each_value_of_what_is_no_choice_has_a_front_of_its_own(reading: Reading) -> None:
    rank = reading.study.rank.model_copy(update={"within": "weather.file"})
    reading_within = dataclasses.replace(reading, study=reading.study.model_copy(update={"rank": rank}))
    view = seen(reading_within, Wanted(), AXES)
    front = view.frame[view.front]
    assert set(front["weather.file"]) == set(view.frame["weather.file"])
    lines = [t for t in pareto_figure(reading_within, view, AXES, Look()).data if t.mode == "lines+markers"]
    assert len(lines) == front["weather.file"].nunique()
    assert sum(len(line.x) for line in lines) == len(front)
    for name, part in front.groupby("weather.file"):
        alone = seen(reading, Wanted({"weather.file": [str(name)]}), AXES)
        assert sorted(part["run"]) == sorted(alone.frame[alone.front]["run"])


def test_the_first_axes_are_the_pair_with_the_longest_front(reading: Reading) -> None:
    pair = view_of.first_axes(reading)
    assert pair is not None
    longest = seen(reading, Wanted(), pair).front.sum()
    for other in (("total_cost", "water_use_m3"), ("total_cost", "max_rack_inlet_c")):
        assert seen(reading, Wanted(), other).front.sum() <= longest


def test_every_failed_run_is_in_the_table_of_causes_once(reading: Reading) -> None:
    failed = reading.table[reading.table["error"] != ""]
    causes = view_of.failures(reading)
    assert causes["Runs"].sum() == len(failed) == 16
    assert causes["Runs"].is_monotonic_decreasing
    assert set(causes["Cause"]) == set(failed["cause"])


def test_headlines_count_runs_and_name_the_best_of_those_shown(reading: Reading) -> None:
    view = seen(reading, Wanted(), AXES)
    told = {one.name: one for one in view_of.headlines_of_store(reading, view, AXES)}
    assert (told["runs"].value, told["failed"].value) == ("32", "16")
    assert int(told["front"].value) == view.front.sum()
    good = view.frame[~view.broken]
    assert told["total_cost"].change == f"run {good.loc[good['total_cost'].idxmin(), 'run']}"


def test_the_picture_has_every_run_once_and_opens_it_by_number(reading: Reading) -> None:
    view = seen(reading, Wanted(), AXES)
    for look in (Look(), Look(dark=True)):
        chart = pareto_figure(reading, view, AXES, look)
        runs = [int(one[0]) for trace in chart.data for one in trace.customdata]
        assert sorted(runs) == sorted(view.frame["run"])
        assert chart.layout.paper_bgcolor == look.paper
        assert chart.layout.xaxis.title.text == view_of.label_of(AXES[0], reading)
    assert sorted(view_of.in_order(reading, view)) == sorted(view.frame["run"])


def test_parallel_axes_carry_settings_and_figures_of_each_run(reading: Reading) -> None:
    view = seen(reading, Wanted(), AXES)
    names = [*view_of.settings_of(reading), "total_cost"]
    (lines,) = parallel_figure(reading, view, names, "total_cost", Look()).data
    assert len(lines.dimensions) == len(names)
    by_label = {axis.label: axis for axis in lines.dimensions}
    assert list(by_label["main: supply, °C"].values) == view.frame[SUPPLY].tolist()
    weather = by_label["weather: file"]
    assert [weather.ticktext[at] for at in weather.values] == [
        name.removeprefix("pvlib:") for name in view.frame["weather.file"]
    ]


def test_percentiles_effects_and_indices_are_drawn_from_the_reading(reading: Reading) -> None:
    assert reading.bands is not None
    view = seen(reading, Wanted(), AXES)
    values = view_of.sample_of(reading, view, "total_cost")
    chart = bands_figure(reading, values, "total_cost", Look())
    lines = [shape.x0 for shape in chart.layout.shapes if shape.type == "line"]
    assert lines == [pytest.approx(np.median(values))]
    chart = effects_figure(reading, reading.effects, "total_cost", Look())
    (bars,) = chart.data
    ends = {(note.y, note.xanchor): note for note in chart.layout.annotations}
    widest = ends[bars.y[-1], "left"]
    assert (widest.text, widest.x) == (value_text(reading.effects[0].at_high), pytest.approx(reading.effects[0].high))
    least, most = chart.layout.xaxis.range
    assert least < min(bars.base)
    assert most > max(note.x for note in ends.values())
    assert list(bars.x)[::-1] == pytest.approx([one.span for one in reading.effects])
    traces = indices_figure([Index("a.b_c", 0.4, 0.6, 0.01, 0.02)], "pue", Look()).data
    assert [list(trace.x) for trace in traces] == [[0.6], [0.4]]
    assert [list(trace.error_x.array) for trace in traces] == [[0.02], [0.01]]


def test_stores_are_found_by_name_below_a_folder_and_in_it(folder: Path) -> None:
    assert view_of.stores_in(folder.parent, TABLE) == {"store": folder}
    assert view_of.stores_in(folder, TABLE)["store"] == folder
    assert view_of.stores_in(folder / "nothing", TABLE) == {}


def test_tables_have_a_row_for_each_run_that_is_shown(reading: Reading) -> None:
    view = seen(reading, Wanted(), AXES)
    table = view_of.runs_table(reading, view)
    assert sorted(table["Run"]) == sorted(view.frame["run"])
    assert (table["On the front"] == "yes").sum() == view.front.sum()
    bands = view_of.bands_table(reading)
    assert list(bands.columns) == ["p5", "p25", "p50", "p75", "p95"]
