"""The picture of an event: what it shows, what its title says, and when there is nothing to draw."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from tests.engine.scenarios import FOLDER, shipped
from twin.cli import commands
from twin.engine.simulate import simulate
from twin.errors import InputError
from twin.outputs.figures_failure import failure_figure

WINDOW = ("run.start=2025-07-15 14:00", "run.duration=1h", "run.step=5min", "run.warmup_h=12",
          "run.refine={step: 5s, for: 15min}")  # fmt: skip


def test_a_picture_shows_where_the_power_came_from_and_how_warm_it_got() -> None:
    chart = failure_figure(simulate(shipped("failures/utility_outage", *WINDOW)))
    drawn = {trace.name: max(trace.y) for trace in chart.data}
    assert {"Grid", "Generators", "UPS batteries", "Heat taken up", "Heat removed"} <= set(drawn)
    assert {"Air at enterprise.web", "Air at ai.gpu"} <= set(drawn)
    assert drawn["UPS batteries"] == pytest.approx(1139.0, rel=0.02)
    assert "Servers not served" not in drawn
    title = chart.layout.title.text
    assert "<b>Ten minutes without the utility</b>" in title
    assert "never above allowable; water of main up to 11." in title
    assert "no server without power" in title
    # 1170 kW for 270 s and 325 kW for 60 s more, until the second chiller runs, into 25 m3 of water
    assert drawn["Water of main"] == pytest.approx(8.5 + (1170 * 270 + 325 * 60) / (25 * 4186), abs=0.1)


def test_a_picture_shows_a_level_line_before_the_event_and_names_what_is_lost() -> None:
    """An hour's step before short ones: its mean from the edge of the picture up to the event, not a slope to it."""
    cells = "plants.main.condenser.towers.cells"
    lost = f"events={{one: {{unit: {cells}, at: '2025-07-15 15:00', for: 20min, lost_count: 1}}}}"
    day = ("run.start=2025-07-15 12:00", "run.duration=4h", "run.step=1h", "run.refine={step: 1min, for: 30min}")
    chart = failure_figure(simulate(shipped("failures/utility_outage", *day, f"{cells}.parallel_count=3", lost)))
    (grid,) = [trace for trace in chart.data if trace.name == "Grid"]
    before = [(x, y) for x, y in zip(grid.x, grid.y, strict=True) if x < np.datetime64("2025-07-15T15:00")]
    assert [str(x)[11:19] for x, _ in before] == ["14:54:00", "14:59:59"]
    assert before[0][1] == before[1][1]
    assert "shaded: 1 of 3: heat rejection cells of main lost for 20 min" in chart.layout.xaxis3.title.text


def test_a_title_tells_what_was_not_served() -> None:
    sets = "onsite.standby.availability={kind: constant, value_frac: 0}"
    scenario = shipped("failures/utility_outage", *WINDOW, sets, "power.ups.battery.energy_kwh=30")
    chart = failure_figure(simulate(scenario))
    assert "kWh of IT not served" in chart.layout.title.text
    assert "Servers not served" in {trace.name for trace in chart.data}


def test_a_run_without_events_has_no_picture() -> None:
    with pytest.raises(ValueError, match="nothing is lost in this run"):
        failure_figure(simulate(shipped("quickstart", "run.duration=2h", "run.warmup_h=1")))


def test_the_command_writes_the_picture_and_refuses_where_there_is_none(tmp_path: Path) -> None:
    def run(name: str, *options: str):
        sets = [word for option in options for word in ("--set", option)]
        file, out, picture = FOLDER / f"{name}.yaml", tmp_path / "run", tmp_path / "picture.html"
        asked = ["run", str(file), "--out", str(out), "--picture", str(picture), "-q", *sets]
        return CliRunner().invoke(commands, asked, catch_exceptions=False)

    assert run("failures/utility_outage", *WINDOW).exit_code == 0
    assert "Generators" in (tmp_path / "picture.html").read_text()
    with pytest.raises(InputError, match="--picture: nothing is lost in this run"):
        run("quickstart", "run.duration=2h", "run.warmup_h=1")
