"""Heat removed by cooling: what the air ledgers and the liquid of racks say, for every technology."""

from __future__ import annotations

from pathlib import Path

import pytest

from twin.engine.composition import members_of
from twin.engine.simulate import simulate
from twin.scenario.reading import read_scenario
from twin.studies.heat_removed import heat_removed
from twin.studies.kpis import kpis
from twin.studies.sums import Sums, sums_of

SCENARIOS = Path(__file__).parents[2] / "scenarios"


def test_all_heat_that_is_made_in_rooms_is_removed_but_for_what_their_mass_keeps() -> None:
    scenario = read_scenario(SCENARIOS / "quickstart.yaml", ("run.start=2025-01-30", "run.duration=3d"))
    results = simulate(scenario)
    sums, figures = sums_of(results.isel(scenario=0)), kpis(results)
    made = sum(sums.end_use[name] for name in ("it", "crah_fan", "pdu", "ups", "panel", "lighting"))
    assert figures["heat_removed_kwh"]["value"] == pytest.approx(made, rel=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted((SCENARIOS / "technologies").glob("*.yaml")), ids=lambda path: path.stem)
def test_it_counts_the_outputs_of_the_air_ledger_of_every_technology(path: Path) -> None:
    scenario = read_scenario(path)
    members = members_of(scenario)
    ones = {f"{one.path}.{name}": 1.0 for one in members for name in one.kind.outputs}
    taken = sum(len(one.kind.ledger.from_air) for one in members if not one.path.endswith(".humidity"))
    racks = sum(name.endswith(".liquid_heat_kw") for name in ones) - sum(n.endswith(".tank_loss_kw") for n in ones)
    found = heat_removed(Sums(ones, {}, {}, 1.0, 1.0))
    assert found.get("heat_removed_kwh", {"value": 0.0})["value"] == taken + racks
