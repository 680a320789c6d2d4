"""JSON Schema of ``metrics.json``, for the files of runs and of reports: what a reader may rely on."""

from __future__ import annotations

import json
from typing import Any

from twin.studies.facts import QUALITIES
from twin.studies.reporting.site import Site

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]


def metrics_schema_text() -> str:
    """The schema as JSON text."""
    return json.dumps(metrics_schema(), indent=2, ensure_ascii=False) + "\n"


def site_schema_text() -> str:
    """JSON Schema of the site's file of a report, as text."""
    return json.dumps({"$schema": DIALECT, **Site.model_json_schema()}, indent=2, ensure_ascii=False) + "\n"


def metrics_schema() -> Schema:
    """JSON Schema of ``metrics.json``: a value is a number, a text, or null with its reason; never not-a-number."""
    return {
        "$schema": DIALECT,
        "title": "Key figures of a run or a report of the data-center twin",
        "type": "object",
        "required": ["schema_version", "scenario", "statement", "period", "metrics", "provenance"],
        "properties": {
            "schema_version": {"const": 2},
            "scenario": {"type": "string", "description": "Name of the site or scenario."},
            "statement": {"type": "string", "description": "Whether the figures are simulated or metered."},
            "period": _period(),
            "metrics": {"type": "object", "additionalProperties": {"$ref": "#/$defs/metric"}},
            "months": {"type": "array", "items": {"$ref": "#/$defs/month"}},
            "warnings": {"type": "array", "items": {"type": "string"}},
            "notes": {"type": "array", "items": {"type": "string"}},
            "provenance": _provenance(),
        },
        "$defs": {"metric": _metric(), "ends": _ends(), "month": _month()},
    }


def _metric() -> Schema:
    text, number = {"type": "string"}, {"type": ["number", "null"]}
    return {
        "type": "object",
        "required": ["value", "unit", "long_name", "basis", "period", "boundary", "category", "quality", "source"],
        "properties": {
            "value": {"type": ["number", "string", "boolean", "null"]},
            "unit": {"type": "string", "description": "1 for a ratio; a currency code for money."},
            "long_name": text,
            "basis": {"type": "string", "description": "What the figure rests on."},
            "period": {"$ref": "#/$defs/ends"},
            "boundary": {"type": "string", "description": "What it is counted around."},
            "category": {"type": ["string", "null"], "description": "In the sense of the standard that defines it."},
            "quality": {"enum": [*QUALITIES, "missing"]},
            "low": number,
            "high": number,
            "uncertainty": {"type": "string", "description": "What low and high are, or why there are none."},
            "source": text,
            "standard": text,
            "formula": text,
            "inputs": {"type": "array", "items": text},
            "factors": {"type": "array", "items": text},
            "reason": {"type": "string", "description": "Why there is no value."},
            "verified": {"type": "boolean", "description": "False: name or form of the field is not confirmed."},
            "factors_verified": {
                "type": ["boolean", "null"],
                "description": "False: a factor in it was not checked against its source.",
            },
        },
        "if": {"properties": {"value": {"type": "null"}}},
        "then": {"required": ["reason"]},
    }


def _ends() -> Schema:
    names = ("start_utc", "end_utc", "start_local", "end_local")
    time = {"type": "string", "format": "date-time"}
    return {"type": "object", "required": list(names), "properties": dict.fromkeys(names, time),
            "description": "Start included, end excluded."}  # fmt: skip


def _period() -> Schema:
    time = {"type": "string", "format": "date-time"}
    more = {"start": time, "end": time, "step_s": {"type": "number"}, "steps": {"type": "integer"},
            "interim": {"type": "boolean", "description": "Shorter than a year; nothing is extrapolated."}}  # fmt: skip
    ends = _ends()
    return ends | {"properties": ends["properties"] | more, "required": [*ends["required"], "interim"]}


def _month() -> Schema:
    values = {"type": "object", "additionalProperties": {"type": ["number", "null"]}}
    return {"type": "object", "required": ["period", "values"],
            "properties": {"period": {"$ref": "#/$defs/ends"}, "values": values}}  # fmt: skip


def _provenance() -> Schema:
    sums = {"type": "object", "additionalProperties": {"type": "string", "pattern": "^[0-9a-f]{64}$"}}
    names = ("package", "package_version", "inputs_sha256", "factors_sha256", "seed", "data_nature")
    return {
        "type": "object",
        "required": list(names),
        "properties": {
            "package": {"type": "string"},
            "package_version": {"type": "string"},
            "scenario_sha256": {"type": ["string", "null"], "pattern": "^[0-9a-f]{64}$"},
            "inputs_sha256": sums,
            "factors_sha256": sums,
            "seed": {"type": ["integer", "null"], "description": "Of random draws; null where nothing is drawn."},
            "data_nature": {"enum": ["simulated", "metered"]},
        },
    }
