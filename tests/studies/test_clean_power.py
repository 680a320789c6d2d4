"""Market-based emissions and the carbon-free score against the worked examples of their methods."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydantic import ValidationError

from twin.components.grid.carbon import CleanPower, FlatCarbon, FlatMarginal, VolumeClaim
from twin.components.grid.tariffs import FlatTariff
from twin.errors import InputError
from twin.scenario.model import Grid
from twin.series.axis import TimeAxis, year_axis
from twin.studies.carbon_figures import carbon_figures
from twin.studies.clean_power import (
    Claimed,
    carbon_free_by_volume,
    carbon_free_score,
    claimed,
    hourly,
    market_annual_kgco2,
    market_hourly_kgco2,
)

FOUR = TimeAxis(np.datetime64("2025-01-01", "ns"), 3600.0, 4)
LOAD, SUN = np.full(4, 10.0), np.array([20.0, 8.0, 0.0, 12.0])


def with_hours(kwh: NDArray[np.float64], factor: float = 0.0) -> Claimed:
    return Claimed("sun", kwh, float(kwh.sum()), factor, True)


def grid(**more: Any) -> Grid:
    tariff = FlatTariff(currency="USD", energy_per_kwh=0.1)
    carbon = FlatCarbon(average_kgco2_per_kwh=0.4)
    return Grid.model_validate({"tariff": tariff.model_dump(), "carbon": carbon.model_dump(), **more})


def generation(folder: Path, kw: NDArray[np.float64], axis: TimeAxis = FOUR) -> dict[str, Any]:
    stamps = axis.utc().strftime("%Y-%m-%dT%H:%MZ")
    rows = "\n".join(f"{stamp},{value}" for stamp, value in zip(stamps, kw, strict=True))
    (folder / "sun.csv").write_text(f"time_utc,kw\n{rows}")
    return {"kind": "hourly", "generation": {"file": str(folder / "sun.csv"), "column": "kw"}}


def values(figures: dict[str, Any]) -> dict[str, float]:
    return {name: metric["value"] for name, metric in figures.items()}


def test_the_worked_score_is_82_percent_where_matching_by_volume_says_100() -> None:
    # L = 10 each, C = 20, 8, 0, 12, g = .4: (10 + 8.8 + 4 + 10) / 40
    assert carbon_free_score(LOAD, [with_hours(SUN)], 0.4) == pytest.approx(0.82)
    assert carbon_free_by_volume(LOAD, [with_hours(SUN)]) == 1.0


def test_certificates_for_three_quarters_leave_the_residual_mix_on_the_rest() -> None:
    # 100 MWh, 75 MWh of certificates at 0, Italy's residual mix .4412: 11.03 t
    assert market_annual_kgco2(100e3, [Claimed("go", None, 75e3, 0.0, True)], 0.4412) == pytest.approx(11_030)


def test_a_gigawatt_hour_in_britain_is_177_tonnes_of_scope_2_and_none_of_scope_3() -> None:
    # UK DESNZ 2025: .177 kg/kWh generated; transmission losses and upstream are scope 3 and stay out.
    axis = year_axis(2025, 3600.0)
    uk = {"kind": "flat", "average_kgco2_per_kwh": 0.177, "source": "DESNZ 2025"}
    figures = carbon_figures(np.full(8760, 1e6 / 8760), axis, grid(carbon=uk), 0.0, "")
    assert figures["emissions_kgco2"]["value"] == pytest.approx(177_000)
    assert set(figures) == {"emissions_kgco2"}  # nothing that the scenario does not state


def test_claims_are_used_in_their_order_and_no_more_than_is_drawn() -> None:
    claims = [Claimed("go", None, 60.0, 0.0, True), Claimed("supplier", None, 100.0, 0.2, False)]
    assert market_annual_kgco2(100.0, claims, 0.5) == pytest.approx(40 * 0.2)
    assert market_annual_kgco2(200.0, claims, 0.5) == pytest.approx(100 * 0.2 + 40 * 0.5)
    assert carbon_free_by_volume(np.array([100.0]), claims) == pytest.approx(0.6)


def test_matching_by_the_hour_leaves_what_the_year_would_hide() -> None:
    assert market_annual_kgco2(40.0, [with_hours(SUN)], 0.5) == 0.0
    assert market_hourly_kgco2(LOAD, [with_hours(SUN)], np.full(4, 0.5)) == pytest.approx(12 * 0.5)
    assert market_hourly_kgco2(LOAD, [with_hours(SUN, 0.1)], np.full(4, 0.5)) == pytest.approx(28 * 0.1 + 12 * 0.5)


def test_volumes_without_hours_match_no_hour() -> None:
    claims = [Claimed("go", None, 40.0, 0.0, True)]
    assert market_hourly_kgco2(LOAD, claims, np.full(4, 0.5)) == pytest.approx(20.0)
    assert carbon_free_score(LOAD, claims, 0.0) == 0.0


HOURLY = st.lists(st.floats(0, 1e4), min_size=24, max_size=24).map(np.array)


@settings(deadline=None)
@given(HOURLY.filter(lambda load: load.sum() > 1), HOURLY, st.floats(0, 1))
def test_the_score_lies_between_the_grids_share_and_1_and_more_claims_never_lower_it(
    load: NDArray[np.float64], sun: NDArray[np.float64], share: float
) -> None:
    score = carbon_free_score(load, [with_hours(sun)], share)
    assert share - 1e-9 <= score <= 1 + 1e-9
    assert carbon_free_score(load, [with_hours(sun * 1.5)], share) >= score - 1e-9
    assert carbon_free_score(load, [with_hours(sun)], 0.0) <= carbon_free_by_volume(load, [with_hours(sun)]) + 1e-9


@settings(deadline=None)
@given(HOURLY, HOURLY)
def test_the_hour_never_emits_less_than_the_year(load: NDArray[np.float64], sun: NDArray[np.float64]) -> None:
    by_hour = market_hourly_kgco2(load, [with_hours(sun)], np.full(24, 0.5))
    assert by_hour >= market_annual_kgco2(float(load.sum()), [with_hours(sun)], 0.5) - 1e-6


def test_figures_state_each_method_with_its_basis(tmp_path: Path) -> None:
    sun = generation(tmp_path, SUN)
    clean = {"claims": {"sun": sun}, "residual": {"factor_kgco2_per_kwh": 0.5, "source": "AIB"}, "grid_cfe_frac": 0.4}
    marginal = {"kind": "flat", "marginal_kgco2_per_kwh": 0.6}
    figures = carbon_figures(LOAD, FOUR, grid(clean_power=clean, marginal_carbon=marginal), 20.0, "; interim, 4 h")
    found = values(figures)
    assert found["emissions_kgco2"] == pytest.approx(16.0)
    assert found["cue_kgco2_per_kwh"] == pytest.approx(0.8)
    assert found["emissions_market_kgco2"] == 0.0
    assert found["emissions_market_hourly_kgco2"] == pytest.approx(6.0)
    assert found["emissions_marginal_kgco2"] == pytest.approx(24.0)
    assert found["cfe_score"] == pytest.approx(0.82)
    assert found["cfe_by_volume"] == 1.0
    assert found["grid_cfe"] == pytest.approx(0.4)
    assert figures["emissions_market_kgco2"]["basis"] == (
        "claims matched by volume (GHG Protocol 2015); market-based, direct; residual mix (AIB); interim, 4 h"
    )
    assert (
        figures["emissions_marginal_kgco2"]["basis"]
        == "marginal, direct; for differences between runs only, no inventory"
    )
    assert "draft" in figures["emissions_market_hourly_kgco2"]["basis"]


def test_without_a_residual_mix_the_grids_average_stands_in_and_is_disclosed() -> None:
    clean = {"claims": {"go": {"kind": "volume", "energy_kwh": 8760.0 * 5}}}
    axis = year_axis(2025, 3600.0)
    figures = carbon_figures(np.full(8760, 10.0), axis, grid(clean_power=clean), 0.0, "")
    assert figures["emissions_market_kgco2"]["value"] == pytest.approx(8760 * 5 * 0.4)
    assert "no residual mix is given: the grid's average stands in" in figures["emissions_market_kgco2"]["basis"]
    assert "cfe_score" not in figures  # nothing has hours
    assert figures["cfe_by_volume"]["value"] == pytest.approx(0.5)


def test_a_volume_of_a_year_is_taken_in_proportion_to_a_shorter_run() -> None:
    clean = CleanPower(claims={"go": VolumeClaim(energy_kwh=8760.0)})
    assert claimed(clean, TimeAxis(FOUR.start, 900.0, 16))[0].volume_kwh == pytest.approx(4.0)
    assert claimed(clean, year_axis(2024, 3600.0))[0].volume_kwh == pytest.approx(8760.0)  # a leap year has no more


def test_quarters_are_matched_within_their_hour() -> None:
    quarters = TimeAxis(np.datetime64("2025-01-01T00:30", "ns"), 900.0, 8)
    assert hourly(np.arange(8.0), quarters).tolist() == [0 + 1, 2 + 3 + 4 + 5, 6 + 7]
    assert hourly(LOAD, FOUR) is LOAD


def test_a_marginal_signal_may_be_negative_and_scores_a_difference() -> None:
    signal = grid(marginal_carbon=FlatMarginal(marginal_kgco2_per_kwh=-0.1).model_dump())
    less, more = (values(carbon_figures(load, FOUR, signal, 0.0, "")) for load in (LOAD, LOAD + 1))
    assert more["emissions_marginal_kgco2"] - less["emissions_marginal_kgco2"] == pytest.approx(-0.4)


LIFE = {"basis": "life_cycle"}


@pytest.mark.parametrize(
    "more",
    [
        {"marginal_carbon": {"kind": "flat", "marginal_kgco2_per_kwh": 0.5, **LIFE}},
        {"clean_power": {"residual": {"factor_kgco2_per_kwh": 0.5, **LIFE}}},
        {
            "clean_power": {
                "claims": {"sun": {"kind": "volume", "energy_kwh": 1, "factor_kgco2_per_kwh": 0.045, **LIFE}}
            }
        },
    ],
)
def test_direct_and_life_cycle_factors_are_never_mixed(more: dict[str, Any]) -> None:
    with pytest.raises(
        ValidationError, match=r"is life_cycle, the grid's average \(carbon\) is direct: the two are never"
    ):
        grid(**more)
    same = grid(carbon={"kind": "flat", "average_kgco2_per_kwh": 0.5, **LIFE}, **more)
    assert "life cycle" in carbon_figures(LOAD, FOUR, same, 0.0, "")["emissions_kgco2"]["basis"]


def test_the_basis_of_a_subregion_is_that_of_its_table() -> None:
    clean = {"residual": {"factor_kgco2_per_kwh": 0.5, "basis": "life_cycle"}}
    with pytest.raises(ValidationError, match="is life_cycle, the grid's average"):
        grid(carbon={"kind": "subregion", "subregion": "SRVC"}, clean_power=clean)


def test_a_factor_that_is_not_zero_states_its_basis() -> None:
    with pytest.raises(ValidationError, match="a factor that is not zero states its basis: direct or life_cycle"):
        VolumeClaim(energy_kwh=1.0, factor_kgco2_per_kwh=0.1)


def test_a_share_in_percent_is_told_from_a_fraction(tmp_path: Path) -> None:
    share = {"file": generation(tmp_path, np.array([10.0, 20, 30, 40]))["generation"]["file"], "column": "kw"}
    with pytest.raises(InputError, match=r"column 'kw' is no fraction of 0 to 1: for percent give `scale_ratio: .01`"):
        carbon_figures(LOAD, FOUR, grid(clean_power={"grid_cfe": share}), 0.0, "")
    figures = carbon_figures(LOAD, FOUR, grid(clean_power={"grid_cfe": {**share, "scale_ratio": 0.01}}), 0.0, "")
    assert figures["cfe_score"]["value"] == pytest.approx(0.25)
