"""Key figures as statements that stand alone: each with its period, boundary, category, quality and source.

What :func:`twin.studies.kpis.kpis` gives (value, unit, long name, basis) stays as it is; the rest is added by the name
of the figure, so that a new figure is stated as fully as those before it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

SIMULATED = "simulated, not a metered disclosure"
YEAR_DAYS = 365.0  # a run of a typical or common year; a leap year has one more

# Beginning or part of a figure's name -> what it is counted around. The first that fits holds.
BOUNDARIES: tuple[tuple[tuple[str, ...], str], ...] = (
    (("facility_", "emissions", "cue", "pue", "tue", "erf", "ere", "ref_"), "whole site, at the grid meter"),
    (("it_energy_ups",), "IT equipment and all else that UPS feed, at UPS outputs"),
    (("it_energy_pdu",), "IT equipment, at PDU outputs"),
    (("it_", "work_", "devices_"), "IT equipment, at its input"),
    (("peak_grid", "billed", "above_grid", "grid_", "export", "cfe"), "connection to the grid"),
    (("_cost", "export_credit"), "electricity account of the site"),
    (("water_", "wue", "condensate", "natural_water"), "site, water for cooling and humidity"),
    (("cooling_", "chiller", "crac", "crah", "rear_door", "pump", "tower", "humidifier", "ppue_cooling", "free_",
      "partial_free", "unmet", "condenser", "chilled", "heat_removed"), "cooling of the site"),
    (("power_", "ups_", "pdu_", "panel", "rectifier", "transformer", "battery", "ppue_power", "redundancy",
      "ride_through"), "power chain of the site"),
    (("reuse", "heat_pump"), "heat reuse, up to the network"),
    (("generator", "fuel", "onsite"), "generators and generation on site"),
    (("rack", "hours_", "coil", "room"), "halls and electrical rooms"),
)  # fmt: skip

# Category in the sense of the standard that defines the figure; all of a twin are design values.
CATEGORIES = {
    "pue": "ISO/IEC 30134-2 category 3, design (dPUE)",
    "pue_category_1": "ISO/IEC 30134-2 category 1, design (dPUE)",
    "ppue_cooling": "ISO/IEC 30134-2 partial, design",
    "ppue_power": "ISO/IEC 30134-2 partial, design",
    "wue_l_per_kwh": "ISO/IEC 30134-9, water drawn on site (input, total), design",
    "cue_kgco2_per_kwh": "ISO/IEC 30134-8, purchased electricity, location-based, design",
    "erf": "ISO/IEC 30134-6, design",
}

QUALITIES = ("simulated", "metered", "estimated")


def stated(metrics: Mapping[str, Mapping[str, Any]], period: Mapping[str, Any], source: str) -> dict[str, Any]:
    """Each figure of a run with its period, boundary, category, quality, low, high and source.

    Parameters
    ----------
    metrics
        Figures of :func:`twin.studies.kpis.kpis`.
    period
        What :func:`period_of` gives; each figure carries its ends, start included, end excluded.
    source
        Where figures come from that name no source themselves, such as the simulation and its version.
    """
    ends = {name: period[name] for name in ("start_utc", "end_utc", "start_local", "end_local")}
    interim = is_interim(period)
    return {name: _stated(name, metric, ends, interim, source) for name, metric in metrics.items()}


def _stated(
    name: str, metric: Mapping[str, Any], ends: Mapping[str, str], interim: bool, source: str
) -> dict[str, Any]:
    category = CATEGORIES.get(name)
    full = {
        "period": dict(ends),
        "boundary": boundary(name),
        "category": category.replace("design", "interim, design", 1) if category and interim else category,
        "quality": "simulated",
        "low": None,
        "high": None,
        "source": source,
    } | dict(metric)
    value = full.get("value")
    if isinstance(value, float) and not math.isfinite(value):
        full |= {"value": None, "reason": "not a finite number"}
    return full


def boundary(name: str) -> str:
    """What a figure is counted around, by its name."""
    for words, text in BOUNDARIES:
        if any(name.startswith(w) or (w.startswith("_") and name.endswith(w)) or f"_{w}" in name for w in words):
            return text
    return "whole site"


def period_of(start_ns: int, seconds: float, offset_h: float) -> dict[str, str]:
    """Ends of a period in UTC and in local standard time, start included, end excluded; ISO 8601."""
    zone = timezone(timedelta(hours=offset_h))
    start = datetime.fromtimestamp(start_ns / 1e9, tz=UTC)
    end = start + timedelta(seconds=seconds)
    return {
        "start_utc": _utc(start),
        "end_utc": _utc(end),
        "start_local": start.astimezone(zone).isoformat(),
        "end_local": end.astimezone(zone).isoformat(),
    }


def _utc(time: datetime) -> str:
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def is_interim(period: Mapping[str, Any]) -> bool:
    """Whether a period is shorter than a year, so that a ratio over it is interim."""
    start, end = (datetime.fromisoformat(period[name]) for name in ("start_utc", "end_utc"))
    return (end - start) < timedelta(days=YEAR_DAYS)
