"""NREL ESIF (case V5): PUE, WUE and heat shares of a year with and without the thermosyphon, through ``simulate``."""

from __future__ import annotations

import xarray as xr

from tests.engine.scenarios import shipped
from tests.validation.rows import Row, compared
from twin.engine.simulate import simulate
from twin.studies.kpis import kpis

SITE = "sites/esif"
TOWERS_ONLY = "plants.erw.precooler=null"
SOURCE = "NREL ESIF, September 2016 to August 2017"
REUSED = 0.105  # share of the heat that warmed buildings (NREL)
DRY, WET = 0.425, 0.47  # shares of thermosyphon and towers (NREL)
TYPICAL = "weather of a typical year; heat reuse left out"


def dry_share(ds: xr.Dataset) -> float:
    """Heat of the thermosyphon over that of thermosyphon and towers."""
    total = dict(zip(ds["output"].values.tolist(), ds["total"].values[0].tolist(), strict=True))
    dry, wet = total["plants.erw.precooler.heat_kw"], total["plants.erw.economizer.heat_kw"]
    return float(dry / (dry + wet))


def esif() -> list[Row]:
    """Rows of the year; the same parameters with the thermosyphon and without."""
    hybrid, towers = (simulate(shipped(SITE, *changes), keep="none") for changes in ((), (TOWERS_ONLY,)))
    pue, wue = (float(kpis(hybrid)[name]["value"]) for name in ("pue", "wue_l_per_kwh"))
    alone = float(kpis(towers)["wue_l_per_kwh"]["value"])

    def row(key: str, text: str, unit: str, published: float, ours: float, limit: float, kind: str, note: str) -> Row:
        return compared("facilities", f"esif_{key}", f"NREL ESIF: {text}", unit, SOURCE, published, ours, limit, kind,
                        note)  # fmt: skip

    return [
        row("pue", "PUE", "", 1.034, pue, 0.015, "abs", f"no UPS; {TYPICAL}"),
        row("wue_hybrid", "WUE, thermosyphon and towers", "L/kWh", 0.70, wue, 0.2, "rel",
            f"{TYPICAL}; all heat of the towers evaporates water"),
        row("wue_towers", "WUE, towers only", "L/kWh", 1.42, alone, 0.2, "rel", "the same parameters"),
        row("wue_reuse", "WUE, heat reuse and towers", "L/kWh", 1.27, alone * (1 - REUSED), 0.2, "rel",
            "towers only, less the stated share of reuse in every hour"),
        row("dry", "share of the thermosyphon in the heat that is not reused", "1", DRY / (DRY + WET),
            dry_share(hybrid), 0.15, "abs",
            "published 42.5 % thermosyphon, 47 % towers, 10.5 % reuse; reported, no tolerance is published"),
    ]  # fmt: skip
