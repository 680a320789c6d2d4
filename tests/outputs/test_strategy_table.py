"""The table of strategies tells each figure with its change, and marks by word and arrow what is worse."""

from __future__ import annotations

import pandas as pd
import pytest

from twin.outputs.strategy_table import best_of, cells, lines, table_html
from twin.studies.planning.comparison import FIGURES, Comparison
from twin.studies.planning.strategies import NAMES


@pytest.fixture
def made() -> Comparison:
    """Capping saves a tenth of the cost for two hours of delay and warmer racks; the others do as submitted."""
    figures = pd.DataFrame(dict.fromkeys(FIGURES, 1000.0), index=pd.Index(NAMES, name="strategy"))
    figures["gain_frac"] = [0.0, 0.1, 0.0, 0.0, 0.0, 0.0, 0.0]
    figures.loc["capping", ["cost", "delay_h", "inlet_max_c", "work_per_kwh_ratio"]] = [900.0, 1002.0, 1001.5, 1100.0]
    figures["rest_kwh"] = 1e-9
    figures.loc["capping", "late_kwh"] = 1010.0
    return Comparison("Made", "EUR", "UTC", 1.0, figures, pd.DataFrame(), pd.DataFrame(), {}, 0.0, ())


def test_gains_and_losses_stand_with_their_changes(made: Comparison) -> None:
    told = {one.name: one for one in cells(made, "capping")}
    assert (told["cost"].change, told["cost"].worse, told["cost"].unit) == ("↓ −10.0 %", False, "EUR")
    assert (told["delay_h"].change, told["delay_h"].worse) == ("↑ +2 h", True)
    assert (told["inlet_max_c"].change, told["inlet_max_c"].worse) == ("↑ +1.5 °C", True)
    assert (told["work_per_kwh_ratio"].change, told["work_per_kwh_ratio"].worse) == ("↑ +10.0 %", False)
    assert told["late_kwh"].worse
    assert told["peak_kw"].same


def test_what_rounding_leaves_of_work_is_none(made: Comparison) -> None:
    assert {one.name: one.value for one in cells(made, "MPC")}["rest_kwh"] == "0"


@pytest.mark.parametrize("name", ["water_m3", "late_cost"])
def test_water_and_a_price_of_delay_are_left_out_where_there_are_none(made: Comparison, name: str) -> None:
    assert name in {line.name for line in lines(made)}
    made.figures[name] = 0.0
    assert name not in {line.name for line in lines(made)}


def test_the_html_has_a_row_for_each_strategy_and_marks_what_is_worse(made: Comparison) -> None:
    text = table_html(made)
    assert text.count("<tr>") == 2 + len(NAMES)
    assert text.count("tw-worse") == 3
    assert text.count("tw-better") == 2
    assert best_of(made) == "capping"
