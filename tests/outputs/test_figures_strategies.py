"""Pictures of strategies show the table's figures, and open where a strategy saves most."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from twin.outputs.figures_look import Look
from twin.outputs.strategies import part_rows, parts, rows
from twin.studies.planning.comparison import ADDITIVE, FIGURES, SCHEDULE, Comparison
from twin.studies.planning.strategies import NAMES

pytest.importorskip("plotly")
from twin.outputs.figures_strategies import best_week, finding, parts_figure, schedule_figure, strategies_figure


@pytest.fixture
def made() -> Comparison:
    """Four weeks around the end of January; in the third MPC draws 50 kW less in its dear hours."""
    time = pd.date_range("2021-01-18", periods=28 * 24, freq="h")
    price = np.full(time.size, 0.05)
    dear = (time >= "2021-02-01") & (time < "2021-02-08")
    price[dear] = 1.0
    schedules = {}
    for name in NAMES:
        steps = pd.DataFrame({column: np.full(time.size, 100.0) for column in SCHEDULE}, index=time)
        steps["limit_frac"], steps["stored_kwh"] = 1.0, 0.0
        steps.loc[dear, "import_kw"] -= 50.0 if name == "MPC" else 0.0
        schedules[name] = steps
    index = pd.MultiIndex.from_product([NAMES, ["2021-01", "2021-02"]], names=["strategy", "month"])
    months = pd.DataFrame(dict.fromkeys([*ADDITIVE, "peak_kw"], 200000.0), index=index)
    months.loc[("MPC", "2021-02"), ["cost", "rest_kwh"]] = [100_000.0, -1000.0]
    figures = pd.DataFrame(dict.fromkeys(FIGURES, 1000.0), index=pd.Index(NAMES, name="strategy"))
    figures["cost"] = [400_000.0, 400_000.0, 500_000.0, 200_000.0, 300_000.0, 400_000.0, 100_000.0]
    figures["gain_frac"] = 1.0 - figures["cost"] / 400_000.0
    figures["rest_kwh"] = figures["late_kwh"] = 0.0
    signals = pd.DataFrame({"price_per_kwh": price, "carbon_kgco2_per_kwh": 0.4, "outdoor_c": 10.0}, index=time)
    return Comparison("Made", "EUR", "UTC", 1.0, figures, months, signals, schedules, 0.5, ())


def test_the_table_tells_changes_below_their_figures(made: Comparison) -> None:
    heads, cells = rows(made)
    assert heads == ["", *NAMES]
    assert cells[0] == ["Cost, k EUR", "400.0", "400.0", "500.0", "200.0", "300.0", "400.0", "100.0"]
    assert cells[1] == ["  change, %", "", "", "+25.0", "-50.0", "-25.0", "", "-75.0"]
    _, apart = part_rows(made, ["2021-02"])
    assert [row[0] for row in apart[:5]] == ["All months", "  change, %", "  moved, MWh", "2021-02", "  change, %"]
    assert apart[3][5] == "100.0"
    assert apart[4][5] == "-50.0"


def test_bars_and_their_changes_are_those_of_the_table(made: Comparison) -> None:
    chart = strategies_figure(made, Look())
    bars = [trace for trace in chart.data if trace.type == "bar"]
    assert list(bars[0].x) == [400.0, 400.0, 500.0, 200.0, 300.0, 400.0, 100.0]
    changes = next(trace for trace in chart.data if trace.type == "scatter")
    assert ["25.0 %" in text for text in changes.text] == [False, False, True, False, True, False, False]
    assert "↑" in changes.text[2]
    assert "↓" in changes.text[4]
    assert (
        finding(made)
        == "Of single strategies optimal saves most (50.0 % of the objective), MPC 25.0 %, all together 75.0 %"
    )
    portions = parts_figure(made, parts(made, ["2021-02"]), Look())
    assert [trace.x[4] for trace in portions.data if trace.type == "bar"] == [300.0, 100.0, 200.0]
    assert portions.layout.title.text == "2021-02 is 50 % of what the run costs as submitted"


def test_a_schedule_opens_in_the_week_in_which_its_strategy_saves_most(made: Comparison) -> None:
    start, end = pd.Timestamp("2021-02-01"), pd.Timestamp("2021-02-08")
    assert best_week(made, "MPC") == (start, end)
    chart = schedule_figure(made, "MPC", Look(dark=True))
    assert tuple(pd.Timestamp(edge) for edge in chart.layout.xaxis.range) == (start, end)
    assert [trace.name for trace in chart.data] == [
        "price", "carbon", "outdoor air", "IT as submitted", "IT as run", "import as submitted", "import",
    ]  # fmt: skip
    made.schedules["MPC"]["stored_kwh"] = 5.0
    assert schedule_figure(made, "MPC", Look()).data[-1].name == "charge of the battery"
