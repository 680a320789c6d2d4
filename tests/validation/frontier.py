"""Frontier (case V3): electrical power at four loads and the annual PUE of its mean load, through ``simulate``."""

from __future__ import annotations

from tests.components.it.test_blades import SITE, SYSTEM_MW, run, system_mw
from tests.engine.scenarios import shipped
from tests.validation.rows import Row, compared
from twin.engine.simulate import simulate
from twin.studies.kpis import kpis

CHAIN = "ExaDigiT RAPS configuration of Frontier, in closed form"
MEASURED = "Frontier 2022-2023: PUE 1.05 (1.03-1.07), IT at the racks' AC input (Sun et al., Sci Data 11:1077)"
PUBLISHED_PUE, PUE_BAND = 1.05, 0.02
STAND_IN = "weather of Greensboro stands in; mean load 11.6 MW"


def frontier() -> list[Row]:
    """Rows of power by load (CPU and GPU utilisation), and of the year."""
    powers = [
        compared("frontier", f"power_{cpu:g}_{gpu:g}", f"System power, CPU {cpu:g}, GPU {gpu:g}", "MW", CHAIN,
                 published, float(system_mw(run(cpu, gpu))[-1]), 1e-4, "abs")
        for (cpu, gpu), published in SYSTEM_MW.items()
    ]  # fmt: skip
    pue = kpis(simulate(shipped(SITE), keep="none"))["pue"]["value"]
    year = compared("frontier", "pue", "PUE of the year", "", MEASURED, PUBLISHED_PUE, pue, PUE_BAND, "abs", STAND_IN)
    return [*powers, year]
