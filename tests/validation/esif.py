"""NREL ESIF (case V5): PUE, ERE, WUE and heat shares of a year with and without its parts, through ``simulate``."""

from __future__ import annotations

import xarray as xr

from tests.engine.scenarios import shipped
from tests.validation.rows import Row, compared
from twin.engine.simulate import simulate
from twin.studies.kpis import kpis

SITE = "sites/esif"
NO_DRY, NO_REUSE = "plants.erw.precooler=null", "plants.erw.heat_reuse=null"
SOURCE = "NREL ESIF, September 2016 to August 2017"
PARTS = {"reuse": "heat_reuse.source_kw", "dry": "precooler.heat_kw", "wet": "economizer.heat_kw"}
SHARES = {"dry": ("thermosyphon", 0.425), "wet": ("towers", 0.47)}  # of the heat; the rest is reused (NREL)
REPORTED = 0.15  # shares are reported beside the published ones, which state no tolerance
TYPICAL = "weather of a typical year"


def shares(ds: xr.Dataset) -> dict[str, float]:
    """Share of each part in the heat that leaves the loop."""
    total = dict(zip(ds["output"].values.tolist(), ds["total"].values[0].tolist(), strict=True))
    heat = {part: total[f"plants.erw.{name}"] for part, name in PARTS.items()}
    return {part: kwh / sum(heat.values()) for part, kwh in heat.items()}


def esif() -> list[Row]:
    """Rows of the year; the same parameters with all parts, without the thermosyphon, and with towers only."""
    runs = [simulate(shipped(SITE, *changes), keep="none") for changes in ((), (NO_DRY,), (NO_DRY, NO_REUSE))]
    figures = [{name: float(metric["value"]) for name, metric in kpis(ds).items()} for ds in runs]
    found = shares(runs[0])

    def row(key: str, text: str, unit: str, published: float, ours: float, limit: float, kind: str, note: str) -> Row:
        return compared("facilities", f"esif_{key}", f"NREL ESIF: {text}", unit, SOURCE, published, ours, limit, kind,
                        note)  # fmt: skip

    return [
        row("pue", "PUE", "", 1.034, figures[0]["pue"], 0.015, "abs", f"no UPS; {TYPICAL}"),
        row("ere", "ERE", "", 0.929, figures[0]["ere"], 0.015, "abs", f"10.5 % reused is given; {TYPICAL}"),
        row("wue_hybrid", "WUE, heat reuse, thermosyphon and towers", "L/kWh", 0.70, figures[0]["wue_l_per_kwh"], 0.2,
            "rel", f"{TYPICAL}; all heat of the towers evaporates water"),
        row("wue_reuse", "WUE, heat reuse and towers", "L/kWh", 1.27, figures[1]["wue_l_per_kwh"], 0.2, "rel",
            "the same parameters"),
        row("wue_towers", "WUE, towers only", "L/kWh", 1.42, figures[2]["wue_l_per_kwh"], 0.2, "rel",
            "the same parameters"),
        *(row(part, f"share of the {name} in the heat", "1", share, found[part], REPORTED, "abs",
              "reported beside the published share; the reused share is given") for part, (name, share) in
          SHARES.items()),
    ]  # fmt: skip
