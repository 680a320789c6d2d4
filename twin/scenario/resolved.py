"""The resolved scenario as text and back: what travels with results, each made once per process."""

from __future__ import annotations

import functools
import weakref

from twin.scenario.model import Scenario
from twin.scenario.reading import read_model
from twin.scenario.writing import dump_model

_texts: dict[int, tuple[weakref.ref[Scenario], str]] = {}


def resolved_yaml(scenario: Scenario) -> str:
    """Text that reads again to an equal scenario; kept for as long as the scenario lives, since it cannot change."""
    known = _texts.get(id(scenario))
    if known and known[0]() is scenario:
        return known[1]
    key, text = id(scenario), dump_model(scenario)
    _texts[key] = (weakref.ref(scenario, lambda _: _texts.pop(key, None)), text)
    return text


@functools.lru_cache(maxsize=256)
def parse_scenario(text: str) -> Scenario:
    """The scenario of a resolved text. Raises InputError where it is none."""
    return read_model(Scenario, "scenario.yaml", text=text)
