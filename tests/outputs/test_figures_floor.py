"""The plan view shows every rack once, in its group's colour, and marks the limits of its class."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("plotly")

from tests.studies.test_portrait import quickstart
from twin.outputs.curves import moment, step_at
from twin.outputs.figures_floor import floor_figure, groups_of
from twin.outputs.figures_look import Look


def test_every_rack_of_a_hall_is_a_cell_with_the_value_of_its_group() -> None:
    run = quickstart()
    cells, racks = floor_figure(run, "enterprise", "inlet_c", 4000, Look()).data
    values = np.array(cells.z, dtype=float)
    assert np.isfinite(values).sum() == 40
    assert set(values[np.isfinite(values)]) == {run.values("halls.enterprise.rack_groups.web.inlet_c")[4000]}
    assert len(racks.x) == 40  # what can be clicked
    assert set(racks.customdata) == {"web"}
    assert cells.colorbar.ticktext == ("18 recommended", "27 recommended", "15 allowable", "32 allowable")


def test_the_power_of_a_rack_times_racks_is_that_of_the_group() -> None:
    run = quickstart()
    (group,) = groups_of(run, "ai", "power_kw")
    assert group.values[7] * group.racks == pytest.approx(run.values("halls.ai.rack_groups.gpu.power_kw")[7])


def test_a_time_of_the_slider_finds_its_step() -> None:
    run = quickstart()
    assert [step_at(run, moment(run, at)) for at in (0, 5, 8759)] == [0, 5, 8759]
