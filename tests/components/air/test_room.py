"""Electrical rooms: hours in which their fan coils would condense."""

from __future__ import annotations

import numpy as np
import pytest

from tests.engine.scenarios import shipped
from twin.engine.simulate import simulate
from twin.studies.kpis import kpis

DAYS = ("run.start=2025-01-10", "run.duration=5d")


@pytest.mark.parametrize(("stated", "dew_c"), [((), None), (("rooms.electrical.dew_point_c=5",), 5.0),
                                               (("rooms.electrical.dew_point_c=15",), 15.0)])  # fmt: skip
def test_a_room_counts_the_hours_in_which_its_water_is_below_the_dew_point(
    stated: tuple[str, ...], dew_c: float | None
) -> None:
    results = simulate(shipped("quickstart", *stated, *DAYS))
    ds = results.isel(scenario=0)
    dew = ds["weather.dew_point_c"].values if dew_c is None else np.full(ds.sizes["time"], dew_c)
    water = ds["plants.main.supply_c"].values
    wet = ds["rooms.electrical.wet_coil"].values
    sure = np.abs(water - dew) > 0.2
    assert sure.sum() > 20
    assert np.array_equal(wet[sure], (water < dew)[sure].astype(float))
    assert kpis(results)["room_coil_below_dew_point_h"]["value"] == wet.sum()
