"""What ``twin run`` prints: key figures, where the energy went, what it cost, what is worth a look, and the files.

Reads nothing but the document of ``metrics.json``. Names that are not there are left out.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from twin.outputs.numbers import figure, share, whole
from twin.outputs.palette import COLOURS
from twin.outputs.work import job_table, unit_table, work_table, work_warnings

Document = Mapping[str, Any]
Metrics = Mapping[str, Mapping[str, Any]]

WIDE = 110  # columns from which the basis of each figure has room
BAR = 18  # characters of the longest bar

KEY_FIGURES: dict[str, dict[str, str]] = {
    "Energy": {
        "pue": "PUE, IT at equipment inlet",
        "pue_category_1": "PUE, IT at UPS output",
        "tue": "TUE, IT without fans and PSUs",
        "facility_energy_kwh": "Facility",
        "it_energy_kwh": "IT equipment",
        "cooling_energy_kwh": "Cooling",
        "power_chain_loss_kwh": "Power chain losses",
        "peak_grid_kw": "Peak grid power",
    },
    "Cooling": {
        "max_rack_inlet_c": "Warmest rack inlet",
        "hours_above_recommended_h": "Inlet above recommended",
        "hours_above_allowable_h": "Inlet above allowable",
        "hours_above_recommended_moisture_h": "Inlet moister than recommended",
        "hours_below_recommended_moisture_h": "Inlet drier than recommended",
        "free_cooling_h": "Free cooling",
        "partial_free_cooling_h": "Partial free cooling",
    },
    "Failures": {
        "time_to_recommended_min": "Until above recommended",
        "time_to_allowable_min": "Until above allowable",
        "time_to_shutdown_min": "Until servers shut down",
        "unserved_it_kwh": "IT not served",
        "lost_server_h": "Server hours lost",
        "restart_peak_kw": "Grid peak after an event",
    },
    "Reuse": {"reused_energy_kwh": "Heat reused", "erf": "ERF", "ere": "ERE", "heat_pump_cop": "COP of heat pumps"},
    "Reserve": {"ride_through_min": "Ride-through of batteries", "fuel_l": "Fuel of test runs"},
    "On site": {
        "onsite_generation_kwh": "On-site generation",
        "self_consumption_frac": "Used on site",
        "export_kwh": "Exported",
        "battery_throughput_kwh": "Battery throughput",
        "battery_capacity_lost_frac": "Battery capacity lost",
        "onsite_fuel_l": "Fuel of on-site generators",
        "site_battery_kwh": "Carried by batteries, no utility",
    },
    "Water": {"wue_l_per_kwh": "WUE", "water_use_m3": "Water", "condensate_m3": "Condensate"},
    "Work": {"devices_busy_frac": "Accelerators that work", "work_capped_h": "Under a power cap"},
    "Carbon": {
        "cue_kgco2_per_kwh": "CUE",
        "emissions_kgco2": "Emissions",
        "emissions_market_kgco2": "Emissions, market-based",
        "emissions_market_hourly_kgco2": "  by the hour (draft)",
        "emissions_marginal_kgco2": "Emissions, marginal",
        "onsite_emissions_kgco2": "Emissions of on-site fuel",
        "cfe_score": "24/7 carbon-free",
    },
    "Money": {
        "total_cost": "Electricity bill",
        "fuel_cost": "Fuel of on-site generators",
        "export_credit": "Credit for export",
        "net_cost": "Bill, fuel and export together",
    },
    "Check": {"energy_balance_residual_frac": "Energy balance residual"},
}

END_USES = {  # metric -> label, meaning of the colour
    "it_energy_kwh": ("IT equipment", "it"),
    "chiller_energy_kwh": ("Chillers", "chillers"),
    "crac_energy_kwh": ("DX units", "chillers"),
    "crah_fan_energy_kwh": ("CRAH fans", "fans"),
    "rear_door_energy_kwh": ("Rear doors", "fans"),
    "fan_coil_energy_kwh": ("Fan coils", "fans"),
    "pump_energy_kwh": ("Pumps", "pumps"),
    "tower_fan_energy_kwh": ("Tower fans", "heat_rejection"),
    "humidifier_energy_kwh": ("Humidifiers, reheat", "other"),
    "ups_loss_kwh": ("UPS losses", "losses"),
    "pdu_loss_kwh": ("PDU losses", "losses"),
    "panel_loss_kwh": ("Panel losses", "losses"),
    "rectifier_loss_kwh": ("Rectifier losses", "losses"),
    "transformer_loss_kwh": ("Transformer losses", "losses"),
    "battery_loss_kwh": ("Batteries", "losses"),
    "heat_pump_energy_kwh": ("Heat pumps", "chillers"),
    "lighting_energy_kwh": ("Lighting", "other"),
    "auxiliary_energy_kwh": ("Auxiliaries", "other"),
}

COSTS = {
    "energy_cost": "Energy",
    "demand_cost": "Demand",
    "fixed_cost": "Fixed",
    "tax_cost": "Taxes",
    "power_purchase_cost": "Power purchase",
    "carbon_cost": "Carbon price",
    "demand_response_cost": "Demand response",
    "water_cost": "Water and sewer",
}

CLAMPED = "_clamped_h"  # end of the name of a figure by end use
DARK = (
    "no server had power in this run: nothing feeds the site, and what it would have drawn is not known: IT not "
    "served is told as 0"
)
NOTICED = 0.05  # a figure that should be zero is shown from here on, in its own unit
CAUTIONS = {
    "unserved_it_kwh": "of IT that power did not reach, or that was starting again",
    "unfed_kwh": "drawn while the utility was lost, by units that nothing sheds: count it as a fault of the model",
    "unmet_cooling_kwh": "of cooling short of the set-point: a coil or the plant was at its limit",
    "hours_above_allowable_h": "with rack inlets above the allowable envelope",
    "hours_above_allowable_moisture_h": "with rack inlets moister than the allowable envelope",
    "hours_below_allowable_moisture_h": "with rack inlets drier than the allowable envelope",
    "coil_below_dew_point_h": "with a coil surface below the dew point of a hall whose moisture is not tracked: the "
    "water that would condense and the energy that it takes are not counted",
    "running_coil_below_dew_point_h": "in which running compressors hold their coils below the dew point of a hall "
    "whose moisture is not tracked: the same holds of them",
    "door_below_dew_point_h": "with rear doors' water below the dew point of a hall whose moisture is not tracked: the "
    "same holds of them",
    "curve_extrapolation_h": "outside the range of a performance curve, summed over units; the curve's edge was used",
    "carnot_extrapolation_h": "of a warm-water chiller beyond its curves; its COP is extrapolated at a constant share "
    "of Carnot",
    "unsolved_step_count": "steps in which a search did not converge",
    "chilled_water_excess_k": "above its set-point, at worst, is the chilled water that a plant could not cool",
    "room_excess_k": "above its set-point, at worst, is the air of an electrical room",
    "power_overload_kw": "above its rating, at worst, goes through a power device",
    "pump_over_flow_h": "in which more flow is asked of pumps than their rated; their power is that of rated flow",
    "battery_short_kwh": "that rules ask of batteries and that they cannot give, at a limit of power or charge",
    "above_grid_limit_h": "in which the site draws more than the contracted power",
}


def print_summary(document: Document, paths: Sequence[Path], console: Console | None = None) -> None:
    """Print the table of a run: a ``metrics.json`` document and the paths of the files written."""
    screen = console or Console(highlight=False)
    metrics = document["metrics"]
    screen.print(_title(document))
    for note in document.get("notes", ()):
        if note not in document.get("warnings", ()):
            screen.print(_dim(note))
    _section(screen, "Key figures", _key_figures(metrics, screen.width))
    _section(screen, "Where the energy went", _end_uses(metrics, screen.encoding.startswith("utf")))
    _section(screen, "What it cost", _costs(metrics))
    _section(screen, "Work", work_table(metrics))
    _section(screen, "What a unit of work took", unit_table(metrics))
    _section(screen, "Jobs", job_table(metrics))
    _section(screen, "Worth a look", _cautions(document))
    screen.print(Text("\nFiles written", style="bold"))
    for path in paths:
        screen.print(f"  {path}", soft_wrap=True, markup=False)


def print_warnings(document: Document) -> None:
    """Print only the warnings of a run, to stderr."""
    for text in warnings_of(document):
        print(f"warning: {text}", file=sys.stderr)


def warnings_of(document: Document) -> list[str]:
    """Sentences on what a reader of the figures has to know: figures that should be zero, then the run's own notes."""
    metrics = document["metrics"]
    found = [name for name in CAUTIONS if _value(metrics, name) > NOTICED]
    texts = [f"{_shown(metrics[n])} {CAUTIONS[n]}{_whose(metrics, n)}" for n in found]
    if "lost_server_h" in metrics and not _value(metrics, "it_energy_kwh"):
        texts.insert(0, DARK)
    return [*texts, *work_warnings(metrics), *(str(text) for text in document.get("warnings", ()))]


def _shown(metric: Mapping[str, Any]) -> str:
    return " ".join(figure(metric["value"], metric["unit"])).strip()


def _whose(metrics: Metrics, name: str) -> str:
    """Which parts' curves were left, after the sum of all; nothing for other figures."""
    if name != "curve_extrapolation_h":
        return ""
    parts = [part for part in metrics if part.endswith(CLAMPED) and _value(metrics, part) > NOTICED]
    parts.sort(key=lambda part: -_value(metrics, part))
    return "".join(f"; {_label(part)} {_shown(metrics[part])}" for part in parts)


def _label(part: str) -> str:
    """What the table calls an end use, in lower case but for its first letters where they are capitals."""
    use = part.removesuffix(CLAMPED)
    label = END_USES.get(f"{use}_energy_kwh", (use.replace("_", " "), ""))[0]
    return label if label[:2].isupper() else label.lower()


def _title(document: Document) -> Text:
    period = document.get("period")
    text = Text(str(document.get("scenario", "")), style="bold")
    if period:
        last = datetime.fromisoformat(period["end"]) - timedelta(seconds=1)
        text.append(f"   {period['start'][:10]} to {last:%Y-%m-%d}, {_step(period['step_s'])}", style="dim")
    return text


def _step(seconds: float) -> str:
    size, unit = next(((size, unit) for size, unit in ((3600, "h"), (60, "min")) if seconds % size == 0), (1, "s"))
    return f"steps of {seconds / size:g} {unit}"


def _section(screen: Console, title: str, table: Table) -> None:
    if table.row_count:
        screen.print(Text(f"\n{title}", style="bold"))
        screen.print(Padding(table, (0, 0, 0, 2), expand=False))


def _grid(*columns: Literal["left", "right", "text"]) -> Table:
    """Table without lines; a column of ``text`` may wrap."""
    table = Table(box=None, show_header=False, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(justify="right" if column == "right" else "left", no_wrap=column != "text")
    return table


def _key_figures(metrics: Metrics, width: int) -> Table:
    wide = width >= WIDE
    table = _grid("left", "left", "right", "left", "text") if wide else _grid("left", "left", "right", "left")
    for group, names in KEY_FIGURES.items():
        heading = group
        for name, label in names.items():
            if name in metrics:
                number, unit = figure(metrics[name]["value"], metrics[name]["unit"])
                basis = [_dim(metrics[name].get("basis", ""))] if wide else []
                table.add_row(_dim(heading), label, number, _dim(unit), *basis)
                heading = ""
    return table


def _end_uses(metrics: Metrics, smooth: bool) -> Table:
    table = _grid("left", "right", "left", "right", "left")
    uses = sorted(_present(metrics, END_USES), key=lambda name: -metrics[name]["value"])
    total = _value(metrics, "facility_energy_kwh") or sum(_value(metrics, name) for name in uses)
    if not uses or not total:
        return table
    largest = _value(metrics, uses[0])
    for name in uses:
        value, (label, meaning) = _value(metrics, name), END_USES[name]
        bar = Text(_bar(BAR * value / largest, smooth), style=COLOURS[meaning])
        table.add_row(label, *_energy(value, total), share(value / total), bar)
        if name == "it_energy_kwh" and _value(metrics, "it_fan_energy_kwh"):
            fans = _value(metrics, "it_fan_energy_kwh")
            table.add_row(_dim("  of which server fans"), *_energy(fans, total), _dim(share(fans / total)), "")
    table.add_row(_bold("Facility"), *_energy(total, total), share(1.0), "")
    return table


def _energy(value: float, total: float) -> tuple[str, Text]:
    """All rows in one unit, which the total chooses."""
    unit, size = ("MWh", 1e3) if total >= 1e4 else ("kWh", 1.0)
    return whole(value / size) if total / size >= 1e3 else f"{value / size:.1f}", _dim(unit)


def _bar(length: float, smooth: bool) -> str:
    if not smooth:
        return "#" * round(length)
    eighths = round(8 * length)
    return "█" * (eighths // 8) + " ▏▎▍▌▋▊▉"[eighths % 8].strip()


def _costs(metrics: Metrics) -> Table:
    table = _grid("left", "right", "left", "right")
    total, paid = _value(metrics, "total_cost"), _value(metrics, "net_cost" if "net_cost" in metrics else "total_cost")
    if not total and not paid:
        return table
    currency = metrics["total_cost"]["unit"]
    for name in _present(metrics, COSTS):
        value = _value(metrics, name)
        table.add_row(COSTS[name], _money(value, total), _dim(currency), share(value / total) if total else "")
    table.add_row(_bold("Total"), _money(total, max(total, paid)), _dim(currency), share(1.0) if total else "")
    if "net_cost" in metrics:
        fuel, credit = _value(metrics, "fuel_cost"), _value(metrics, "export_credit")
        for label, value in (("Fuel", fuel), ("Export", -credit), (_bold("Together"), paid)):
            if value:
                table.add_row(label, _money(value, max(total, paid)), _dim(currency), "")
    energy = _value(metrics, "facility_energy_kwh")
    if energy:
        number, unit = figure((paid - _value(metrics, "water_cost")) / energy, f"{currency}/kWh")
        table.add_row("Average", number, _dim(unit), "")
    return table


def _money(value: float, total: float) -> str:
    return whole(value) if total >= 1e3 else f"{value:.2f}"


def _cautions(document: Document) -> Table:
    table = _grid("left", "text")
    for text in warnings_of(document):
        table.add_row(Text("!", style=f"bold {COLOURS['limit']}"), Text(text))
    return table


def _present(metrics: Metrics, names: Iterable[str]) -> list[str]:
    """The figures that are there and not zero."""
    return [name for name in names if _value(metrics, name)]


def _value(metrics: Metrics, name: str) -> float:
    value = metrics.get(name, {}).get("value")
    return float(value) if value is not None and value == value else 0.0


def _dim(text: object) -> Text:
    return Text(str(text), style="dim")


def _bold(text: str) -> Text:
    return Text(text, style="bold")
