"""A technology is one file and one word: here the file is this one, and the word goes into the union of loads.

What follows from it without another line: YAML, JSON Schema, faults with places, time loop, ledgers, labelled results.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import numpy as np
import pytest
from pydantic import Field, create_model

from tests.engine import corners
from tests.engine.scenarios import FOLDER
from twin.compiled import compilable
from twin.components.base import Component, Fields, Ledger, Name, Phase
from twin.components.catalog import Load
from twin.engine.simulate import simulate
from twin.errors import InputError
from twin.scenario.model import Scenario
from twin.scenario.reading import read_model
from twin.studies.kpis import kpis

# --- the file ---------------------------------------------------------------------------------------------------


@compilable
def keep_from_freezing(p, u, w, s, x, y, own, dt_h):  # type: ignore[no-untyped-def]
    """Power in proportion to the cold, up to the rated."""
    y.power_kw = p.rated_kw * min(max((p.from_c - w.dry_bulb_c) / p.span_k, 0.0), 1.0)
    y.on = 1.0 if y.power_kw > 0.0 else 0.0


class TraceHeating(Component):
    """Heating cables along pipes outdoors."""

    kind: Literal["trace_heating"] = "trace_heating"
    """Kind of load."""
    rated_kw: float = Field(gt=0, le=1e4)
    """Power of all cables."""
    from_c: float = Field(5.0, ge=0, le=10)
    """Outdoor air below which they heat."""
    span_k: float = Field(10.0, gt=0, le=50)
    """Kelvins below that at which they are at their rated power."""
    fed_by: str = "grid"
    """Power device that feeds them, or grid."""
    heat_to: str = "outdoors"
    """Where their heat goes."""

    outputs: ClassVar[Fields] = {"power_kw": "Power of the cables", "on": "1: they heat"}
    phases: ClassVar[tuple[Phase, ...]] = (Phase("demand", keep_from_freezing, ("own",)),)
    ledger: ClassVar[Ledger] = Ledger(electric=("power_kw",))
    draws: ClassVar[str | None] = "power_kw"
    loses: ClassVar[str | None] = "power_kw"


# --- the word ---------------------------------------------------------------------------------------------------

Loads = Annotated[Load | TraceHeating, Field(discriminator="kind")]

# --- what follows -----------------------------------------------------------------------------------------------

WithIt = create_model("Scenario", __base__=Scenario, loads=(dict[Name, Loads], Field({}, description="Loads by name.")))
SITE = FOLDER / "greensboro.yaml"
COLD = ("run.start=2025-01-01", "run.duration=10d")
CABLES = "loads: {cables: {kind: trace_heating, rated_kw: 80, fed_by: mechanical%s}}"


def site(*overrides: str, more: str = "") -> Scenario:
    """Greensboro in January with heating cables."""
    text = f"extends: greensboro.yaml\n{CABLES % more}\n"
    return read_model(WithIt, FOLDER / "with_cables.yaml", (*COLD, *overrides), text)


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("twin.scenario.resolved.Scenario", WithIt)


@pytest.mark.usefixtures("known")
def test_it_runs_from_yaml_to_labelled_results() -> None:
    ds = simulate(site())
    cold_k = np.clip(5.0 - ds["weather.dry_bulb_c"].values, 0.0, 10.0)
    np.testing.assert_allclose(ds["loads.cables.power_kw"].values, 80.0 * cold_k / 10.0, rtol=1e-12)
    assert ds["loads.cables.power_kw"].attrs == {"units": "kW", "long_name": "Power of the cables (loads.cables)"}
    assert "kind: trace_heating" in str(ds["scenario_yaml"].values[0])
    assert cold_k.max() > 5.0


@pytest.mark.usefixtures("known")
def test_its_energy_is_in_the_books_and_in_the_figures() -> None:
    without, ds = simulate(read_model(WithIt, SITE, COLD)), simulate(site())
    before, after = ({name: one["value"] for name, one in kpis(run).items()} for run in (without, ds))
    own_kwh = float(ds["loads.cables.power_kw"].sum())
    assert after["auxiliary_energy_kwh"] - before["auxiliary_energy_kwh"] == pytest.approx(own_kwh)
    assert after["facility_energy_kwh"] - before["facility_energy_kwh"] > own_kwh  # losses on the way to it, too
    assert after["energy_balance_residual_frac"] < 1e-9


def test_the_json_schema_and_the_faults_know_it() -> None:
    schema = WithIt.model_json_schema()
    assert schema["$defs"]["TraceHeating"]["properties"]["rated_kw"]["unit"] == "kW"
    with pytest.raises(InputError) as caught:
        site(more=", span_k: 70, form_c: 3")
    told = [str(fault) for fault in caught.value.faults]
    assert f"{FOLDER / 'with_cables.yaml'}:2:73: loads.cables.span_k: must be <= 50, got 70" in told
    assert any("did you mean 'from_c'?" in text for text in told)


def test_its_numbers_have_corners_that_the_sweep_of_bounds_would_find() -> None:
    found = {c.path[-1]: c for c in corners.of_site(site()) if c.owner is TraceHeating}
    assert set(found) == {"rated_kw", "from_c", "span_k"}


def test_plain_python_gives_the_same_bits() -> None:
    scenario = site("run.warmup_h=2", "run.duration=1d")
    plain, compiled = (simulate(scenario, engine=engine) for engine in ("plain", "auto"))
    np.testing.assert_array_equal(plain["total"].values, compiled["total"].values)
