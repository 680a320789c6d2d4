"""Data center energy and cooling twin: ``kpis(simulate(read_scenario("site.yaml")))``.

Names are imported when first used, so that ``import twin`` and ``twin --help`` stay fast.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from twin.version import VERSION as __version__

if TYPE_CHECKING:
    from twin.engine.simulate import simulate
    from twin.scenario.reading import read_scenario
    from twin.studies.kpis import kpis

__all__ = ["__version__", "kpis", "read_scenario", "simulate"]

_HOMES = {
    "kpis": "twin.studies.kpis",
    "read_scenario": "twin.scenario.reading",
    "simulate": "twin.engine.simulate",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'twin' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)
