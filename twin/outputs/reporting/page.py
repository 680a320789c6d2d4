"""The report as one HTML page that loads nothing from elsewhere and prints as it stands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape

from twin.outputs.reporting.chart import energy_chart
from twin.outputs.reporting.tables import (
    Document,
    as_read,
    doubts,
    ends_of_range,
    factor_as_read,
    missing,
    provenance,
    quality_as_read,
    range_as_read,
    sections,
)

SHORT = {  # plainer names on the first screen
    "quantity.edc_kwh": "Energy",
    "ghg.scope2_location": "Scope 2, location-based",
    "iso30134.ref": "Renewable share (REF)",
}


def page(document: Document) -> str:
    """The page of a report document. Each figure's exact value is in a ``data`` element with its name."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.globals.update(shown=shown, anchor=anchor, range_as_read=range_as_read, doubts=doubts,
                               quality_as_read=quality_as_read, ends_of_range=ends_of_range,
                               factor_as_read=factor_as_read)  # fmt: skip
    return environment.get_template("report.html.j2").render(
        document=document,
        metrics=document["metrics"],
        short=SHORT,
        sections=[(title, part) for title, part in sections(document) if part],
        missing=missing(document),
        provenance=provenance(document),
        chart=energy_chart(document["months"]),
    )


def shown(name: str, metric: Any, with_unit: bool = True) -> Markup:
    """The value as people read it, in an element that has it exactly."""
    value = metric["value"]
    if value is None:
        return Markup('<span class="none">–</span>')
    if isinstance(value, str):
        return Markup(f'<data data-name="{escape(name)}" value="{escape(value)}">{escape(value)}</data>')
    number, scaled = as_read(metric)
    end = Markup(f' <span class="unit">{escape(scaled)}</span>') if with_unit and scaled else Markup("")
    return Markup(f'<data data-name="{escape(name)}" value="{value!r}">{escape(number)}</data>') + end


def anchor(name: str) -> str:
    """Name of a figure as the place in the page where it is explained."""
    return "how-" + "".join(one if one.isalnum() else "-" for one in name)
