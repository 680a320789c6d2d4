"""The search for the temperature of a water loop finds it where capacity runs out, and where heat is least welcome."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.engine import corners as at
from tests.engine.corners import Corner, corners
from twin.components.search import next_trial_c, open_search
from twin.engine.simulate import simulate


def passes(residual_k, start_c: float, flattest: float, wanted_k: float = 1e-6) -> tuple[float, int]:  # type: ignore[no-untyped-def]
    """Where the search ends, and after how many evaluations."""
    node = SimpleNamespace(low_c=0.0, cold_residual_k=0.0, warm_residual_k=0.0)
    open_search(node)
    trial_c = start_c
    for count in range(1, 60):
        missed = residual_k(trial_c)
        if abs(missed) < wanted_k:
            return trial_c, count
        trial_c = next_trial_c(node, trial_c, missed, flattest)
    return trial_c, 60


def test_a_straight_line_is_solved_in_three_evaluations() -> None:
    assert passes(lambda t: 3.0 * (12.0 - t), 7.0, -0.05) == (pytest.approx(12.0), 3)


@pytest.mark.parametrize("steep", [20.0, 1e3, 1e4])
def test_a_kink_behind_which_the_plant_carries_all_is_found(steep: float) -> None:
    """Below 8 degC capacity falls short, steeply; from there on water comes back at 7 whatever the trial."""
    found, count = passes(lambda t: steep * (8.0 - t) + 7.0 - t if t < 8.0 else 7.0 - t, 7.0, -0.05)
    assert found == pytest.approx(8.0 - 1.0 / (steep + 1.0), abs=1e-6)
    assert count <= 45


def test_a_jump_is_enclosed_to_the_last_digits() -> None:
    node = SimpleNamespace(low_c=0.0, cold_residual_k=0.0, warm_residual_k=0.0)
    open_search(node)
    trial_c = 7.0
    for _ in range(45):
        trial_c = next_trial_c(node, trial_c, 9.0 if trial_c < 21.3 else -4.0, -0.05)
    assert node.cold_c < 21.3 <= node.warm_c
    assert node.warm_c - node.cold_c < 1e-5


def unsolved_h(name: str, air: str, folder: Path, *changed: Corner) -> tuple[float, float]:
    """Steps without an answer up to the end or to a runaway, and most passes of any step."""
    ds = simulate([at.built(name, at.place(folder, air), changed)], keep="none")
    outputs = [str(o) for o in ds["output"].values]
    unsolved = sum(t for o, t in zip(outputs, ds["total"].values[0], strict=True) if o.endswith("unsolved_count"))
    return unsolved, max(p for o, p in zip(outputs, ds["peak"].values[0], strict=True) if o.endswith("passes_count"))


@pytest.mark.parametrize(("name", "air"), [
    ("reference_plant", "wet"),  # little water in the loop, a chiller just short of the load
    ("greensboro", "wet"),  # an economizer that a warm trial would switch on
    ("greensboro", "low"), ("technologies/air_cooled_free_cooling", "low"), ("technologies/direct_to_chip", "high"),
])  # fmt: skip
def test_a_site_short_of_capacity_has_an_answer_in_every_step(name: str, air: str, tmp_path: Path) -> None:
    unsolved, most = unsolved_h(name, air, tmp_path)
    assert unsolved == 0
    assert most <= 40


def test_a_loop_with_hardly_any_water_has_an_answer_too(tmp_path: Path) -> None:
    least = next(c for c in corners("technologies/direct_to_chip") if str(c) == "plants.warm.volume_m3 = 0.006")
    assert unsolved_h("technologies/direct_to_chip", "low", tmp_path, least)[0] == 0
