"""Plots hold the run's numbers, the colour of each meaning, units on every axis, and no more points than a screen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("plotly")

from tests.studies.test_portrait import quickstart
from twin.outputs.assumptions import assumed
from twin.outputs.curves import air_states, curves_of, labels_of
from twin.outputs.figures_air import envelope_outline, psychrometric_figure
from twin.outputs.figures_look import LIGHT_ON_DARK, MOST_POINTS, Look, line_data, thinned
from twin.outputs.figures_plant import plant_figure, plant_rows
from twin.outputs.figures_site import by_meaning, carbon_figure, costs_figure, margins_figure, months_figure, sankey
from twin.outputs.figures_time import (
    by_hour_and_day,
    colours_of,
    duration_figure,
    heat_map,
    scatter_figure,
    series_figure,
)
from twin.outputs.headline import change_text, difference_table, headlines
from twin.outputs.palette import COLOURS, END_USES, MEANINGS
from twin.physics.fluids import relative_humidity_frac
from twin.studies.compare import Row
from twin.studies.kpis import END_USES as LEDGER

LOOKS = (Look(), Look(dark=True))
NAMES = ["grid.meter.import_kw", "weather.wet_bulb_c", "halls.ai.air.fan_kw"]
ZONE = "America/New_York"


def figures(look: Look) -> list:
    """Every plot of the quickstart."""
    run = quickstart()
    curves = curves_of(run, NAMES)
    wet = run.values("weather.wet_bulb_c")
    return [
        sankey(run.flows, look), months_figure(run.monthly, look), costs_figure(run.monthly, look),
        carbon_figure(run.monthly, look), margins_figure(run.margins, look), series_figure(curves, look, ZONE, curves),
        duration_figure(curves, run.dt_h, look, curves), heat_map(curves[NAMES[0]], look, ZONE),
        scatter_figure(wet, run.pue, look, (wet, run.pue)), psychrometric_figure(**air_states(run, "ai"), look=look),
    ]  # fmt: skip


@pytest.mark.parametrize("look", LOOKS, ids=["light", "dark"])
def test_every_plot_has_a_title_the_theme_s_paper_and_units_on_its_axes(look: Look) -> None:
    for figure in figures(look):
        assert figure.layout.title.text
        assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == look.paper
        if figure.data[0].type not in ("sankey", "heatmap", "bar"):
            assert figure.layout.xaxis.title.text
            assert figure.layout.yaxis.title.text


def test_every_end_use_of_the_ledger_has_a_meaning_and_every_meaning_a_colour() -> None:
    assert {use for use, _ in LEDGER.values()} <= set(END_USES)
    assert set(END_USES.values()) == set(MEANINGS) <= set(COLOURS)
    assert set(LIGHT_ON_DARK) <= set(COLOURS)


def test_the_months_are_stacked_in_the_palette_s_colours_and_add_up() -> None:
    run = quickstart()
    bars = [trace for trace in months_figure(run.monthly, Look()).data if trace.type == "bar"]
    assert [bar.marker.color for bar in bars] == [COLOURS[meaning] for meaning in by_meaning(run.monthly)]
    total_mwh = sum(sum(bar.y) for bar in bars)
    assert total_mwh * 1e3 == pytest.approx(run.metrics["facility_energy_kwh"]["value"], rel=1e-9)


def test_the_sankey_draws_every_flow_once_and_ends_in_heat() -> None:
    run = quickstart()
    (trace,) = sankey(run.flows, Look()).data
    total = run.metrics["facility_energy_kwh"]["value"]
    out = [at for at, name in enumerate(trace.node.customdata) if name.startswith("Heat to") or "outdoors" in name]
    ends = sum(v for v, target in zip(trace.link.value, trace.link.target, strict=True) if target in out)
    assert ends == pytest.approx(total, rel=1e-9)
    assert trace.node.color[list(trace.node.label).index("IT<br>9.446 GWh")] == COLOURS["it"]


def test_a_long_series_keeps_its_peak_and_has_few_points() -> None:
    run = quickstart()
    curves = curves_of(run, NAMES[:1])
    lines = series_figure(curves, Look(), ZONE).data
    assert sum(len(line.y) for line in lines) == 8760
    assert max(max(line.y) for line in lines) == pytest.approx(run.metrics["peak_grid_kw"]["value"], rel=1e-7)
    long = np.random.default_rng(1).normal(size=105_120)
    _, fewer = thinned(np.arange(long.size), long)
    assert len(fewer) <= MOST_POINTS
    assert (fewer.min(), fewer.max()) == (long.min(), long.max())


def test_a_title_names_what_is_drawn_and_a_baseline_that_is_the_same_is_left_out() -> None:
    curves = curves_of(quickstart(), NAMES[:2])
    fan = curves_of(quickstart(), NAMES[2:])
    other = {name: replace(curve, values=curve.values + 1.0) for name, curve in curves.items()}
    drawn = {name: series_figure(curves, Look(), ZONE, base) for name, base in (("same", curves), ("other", other))}
    assert drawn["same"].layout.title.text == " and ".join(curve.label for curve in curves.values())
    assert series_figure(curves | fan, Look(), ZONE).layout.title.text.endswith(" and 1 more")
    told = {name: {line.name for line in figure.data} for name, figure in drawn.items()}
    assert told["same"] == {curve.label for curve in curves.values()}
    assert len(told["other"]) == 4
    titles = drawn["same"].layout.yaxis.title.text, drawn["same"].layout.yaxis2.title.text
    assert titles == ("Power, kW", "Temperature, °C")


def test_hundredths_of_a_kelvin_do_not_fill_a_plot() -> None:
    wet = curves_of(quickstart(), NAMES[1:2])[NAMES[1]]
    still = replace(wet, values=23.5 + 0.01 * np.sin(np.arange(wet.values.size)))
    low, high = series_figure({"inlet": still}, Look(), ZONE).layout.yaxis.range
    assert (low, high) == pytest.approx((22.5, 24.5), abs=1e-6)
    assert series_figure({"wet": wet}, Look(), ZONE).layout.yaxis.range is None


def test_what_a_run_stands_on_is_told_with_its_sources() -> None:
    told = "\n".join(assumed(quickstart()))
    for word in ("`pvlib:12839.tm2`", "2025-01-01 00:00 to 2026-01-01 00:00, 8,760 steps of 1 h", "GSLDT-1, USD",
                 "eGRID2023", "no water"):  # fmt: skip
        assert word in told


def test_a_line_needs_times_only_where_civil_time_jumps() -> None:
    """New York 2025: 02:00 of 9 March does not exist, 01:00 of 2 November comes twice."""
    run = quickstart()
    spring, summer, autumn = line_data(run.civil, run.pue)
    assert (spring["x0"], summer["x0"], autumn["x0"]) == (
        "2025-01-01T00:00:00", "2025-03-09T03:00:00", "2025-11-02T01:00:00",
    )  # fmt: skip
    assert summer["dx"] == 3_600_000
    assert np.allclose(np.concatenate([part["y"] for part in (spring, summer, autumn)]), run.pue, rtol=1e-6)


def test_a_year_of_hours_is_sent_in_few_bytes() -> None:
    curves = curves_of(quickstart(), NAMES[:2])
    assert len(series_figure(curves, Look(), ZONE, curves).to_json()) < 250_000  # 1.5 MB with times and doubles


def test_a_part_of_a_curve_lies_between_its_times() -> None:
    curve = curves_of(quickstart(), NAMES[:1])[NAMES[0]]
    day = curve.between(np.datetime64("2025-07-01T00"), np.datetime64("2025-07-02T00"))
    assert (day.values.size, str(day.time[0])[:13]) == (25, "2025-07-01T00")


def test_the_state_of_a_plant_has_a_row_for_each_thing_that_it_does() -> None:
    run = quickstart()
    rows = {row.title: row for row in plant_rows(run, "main")}
    assert list(rows) == ["Cooling, kW", "Chillers running", "Water and outdoor wet bulb, °C",
                          "Fans of heat rejection, % of design air", "Water valves, % open"]  # fmt: skip
    cooling = sum(curve.values for curve in rows["Cooling, kW"].curves)
    assert np.allclose(cooling, run.values("plants.main.removed_kw"), rtol=1e-9)
    assert {curve.label for curve in rows["Water valves, % open"].curves} >= {"ai.air", "enterprise.air"}
    week = np.datetime64("2025-07-01"), np.datetime64("2025-07-08")
    figure = plant_figure(run, "main", Look(), ZONE, week)
    assert all(len(line.y) == 169 for line in figure.data)
    assert figure.layout.legend3.title.text == "<b>Water and outdoor wet bulb, °C</b>  "


def test_a_colour_that_has_a_meaning_goes_to_its_curve_and_a_limit_s_to_none() -> None:
    curves = curves_of(quickstart(), [*NAMES, "halls.enterprise.air.fan_kw", "pue"])
    colours = colours_of(curves, Look())
    assert (colours[NAMES[0]], colours[NAMES[2]]) == (COLOURS["grid"], COLOURS["fans"])
    assert COLOURS["limit"] not in colours.values()
    assert len(set(colours.values())) == 5


def test_the_duration_curve_falls_and_spans_the_year() -> None:
    run = quickstart()
    line = duration_figure(curves_of(run, NAMES[:1]), run.dt_h, Look()).data[0]
    assert (np.diff(line.y) <= 0).mean() > 0.999
    assert line.x[-1] == 8760


def test_the_heat_map_has_a_row_for_each_hour_and_keeps_the_mean() -> None:
    curve = curves_of(quickstart(), NAMES[:1])[NAMES[0]]
    table = by_hour_and_day(curve)
    assert table.shape == (24, 365)
    assert float(table.mean().mean()) == pytest.approx(curve.values.mean(), rel=1e-3)


def test_the_envelope_is_bounded_by_its_dew_points_and_relative_humidity() -> None:
    """ASHRAE TC 9.9 2021, recommended: 18 to 27 degC, -9 to 15 degC dew point (10.67 g/kg at sea level), 60 %."""
    x, y = envelope_outline("A1", "recommended", 0.0, 101325.0)
    assert (x.min(), x.max()) == (18.0, 27.0)
    assert y.max() == pytest.approx(10.67, abs=0.05)
    assert max(relative_humidity_frac(t, w / 1e3, 101325.0) for t, w in zip(x, y, strict=True)) < 0.6 + 1e-6
    assert (x[0], y[0]) == (x[-1], y[-1])


def test_headlines_state_band_basis_and_difference() -> None:
    run = quickstart()
    better = {**run.metrics, "pue": run.metrics["pue"] | {"value": run.metrics["pue"]["value"] * 1.1}}
    row = {one.name: one for one in headlines(run.metrics, run.bands, better)}
    assert (row["pue"].value, row["pue"].change) == ("1.296", "↓ −9.1 %")
    assert not row["pue"].worse
    drier = {**run.metrics, "wue_l_per_kwh": run.metrics["wue_l_per_kwh"] | {"value": 1.0}}
    assert {one.name: one.worse for one in headlines(run.metrics, {}, drier)}["wue_l_per_kwh"]
    assert row["pue"].band == "band 1.49–1.78: below"
    assert "category 3: IT at equipment input" in row["pue"].tip
    assert (row["total_cost"].unit, row["total_cost"].change, row["total_cost"].same) == ("USD", "= baseline", True)
    other_period = {one.name: one.change for one in headlines(run.metrics, run.bands, better, same_period=False)}
    assert (other_period["pue"], other_period["total_cost"]) == ("↓ −9.1 %", "")


def test_a_change_for_the_worse_is_marked_by_word_and_arrow() -> None:
    run = quickstart()
    less = {**run.metrics, "peak_grid_kw": run.metrics["peak_grid_kw"] | {"value": 1000.0}}
    (row,) = [row for row in difference_table(run.metrics, less) if row["Figure"] == "Peak grid power"]
    assert (row["Now"], row["Unit"], row["Note"]) == ("1.451", "MW", "worse")
    assert row["Difference"] == "↑ +45.1 %"


@pytest.mark.parametrize(
    ("row", "text"),
    [(Row("a_frac", "", "1", (0.1, 0.15), "less"), "↑ +5.00 pts"),
     (Row("t", "", "degC", (25.0, 23.5), "less"), "↓ −1.5 °C"),
     (Row("x", "", "h", (0.0, 12.0), "less"), "↑ +12 h"), (Row("x", "", "h", (None, 12.0), "less"), "")],
)  # fmt: skip
def test_differences_are_in_the_unit_that_makes_sense(row: Row, text: str) -> None:
    assert change_text(row, 1) == text


def test_every_series_has_a_label_with_its_unit() -> None:
    labels = labels_of(quickstart())
    assert labels["weather.wet_bulb_c"] == "Outdoor wet bulb · °C"
    assert len(labels) > 150
