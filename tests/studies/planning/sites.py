"""Small sites whose work may wait, for studies that run the twin."""

from __future__ import annotations

from typing import Any

from tests.engine.work_sites import H100, compute, work_site
from twin.scenario.model import Scenario

DAY = [
    0.2,
    0.2,
    0.2,
    0.2,
    0.2,
    0.3,
    0.5,
    0.7,
    0.9,
    1.0,
    1.0,
    1.0,
    1.0,
    1.0,
    1.0,
    0.9,
    0.8,
    0.7,
    0.6,
    0.5,
    0.4,
    0.3,
    0.2,
    0.2,
]
DEMAND = {"kind": "profile", "rate_per_h": 70.0, "use": {"kind": "daily", "weekday_frac": DAY}}


def site(*overrides: str, **classes: Any) -> Scenario:
    """A hall of 160 H100 with a service at once and two divisible classes that may wait a day and two."""
    work: dict[str, Any] = {
        "service": compute() | {"demand": DEMAND, "priority_count": 1},
        "daily": compute(30.0, slack_h=24) | {"draw_frac": 0.9},
        "batch": compute(25.0, slack_h=48) | {"draw_frac": 0.6},
    }
    return work_site({"g": H100}, work | classes, "run.duration=14d", *overrides)
