"""Scenarios that differ in numbers only: what no number reaches is validated once, the rest for each of them.

The model takes a part that is an instance already as it is. Runs of a template therefore hand over the parts of the
first one wherever none of their numbers stands at or below them; what holds a number is read anew, and so is all that
it stands in, up to the scenario with its checks between parts.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from twin.quantities import Spec
from twin.scenario.model import Scenario
from twin.scenario.overrides import placed
from twin.yaml_source import DataPath

Numbers = tuple[float | int, ...]


@dataclass(frozen=True)
class Template:
    """Walked data of a scenario, and the paths of the numbers that runs of this template differ in."""

    data: Any
    spots: tuple[DataPath, ...]

    def scenario(self, numbers: Numbers) -> Scenario:
        """The scenario with these numbers; pydantic's ValidationError where they do not hold."""
        try:
            return Scenario.model_validate(self._with(self._parts, numbers))
        except ValidationError:  # told of the data itself, of which a message may show a part
            return Scenario.model_validate(self._with(self.data, numbers))

    def _with(self, data: Any, numbers: Numbers) -> Any:
        for path, number in zip(self.spots, numbers, strict=True):
            data = placed(data, path, number)
        return data

    @functools.cached_property
    def _parts(self) -> Any:
        """The data with parts in place of what no number reaches; as it is where it is not sound by itself."""
        try:
            return _with_parts(self.data, Scenario.model_validate(self.data), self.spots)
        except ValidationError:
            return self.data

    def __reduce__(self) -> tuple[Any, ...]:
        """Only what it was made of travels to other processes."""
        return Template, (self.data, self.spots)


def _with_parts(data: Any, value: Any, spots: Sequence[DataPath]) -> Any:
    """Data with the parts of its validated ``value`` where no spot lies below them."""
    if not spots:
        return value if isinstance(value, Spec) else _items_as_parts(data, value)
    if not isinstance(data, dict) or () in spots:
        return data
    inside = {key: [path[1:] for path in spots if path[0] == key] for key in data}
    return {key: _with_parts(part, _below(value, key), inside[key]) for key, part in data.items()}


def _items_as_parts(data: Any, value: Any) -> Any:
    """A mapping of parts by name with its parts; any other data as it is."""
    if not (isinstance(data, dict) and isinstance(value, dict)):
        return data
    return {key: _with_parts(part, value.get(key), ()) for key, part in data.items()}


def _below(value: Any, key: str) -> Any:
    """What stands at a key of validated data: a field by its name or alias, or an entry of a mapping."""
    if isinstance(value, dict):
        return value.get(key)
    fields = type(value).model_fields if isinstance(value, Spec) else {}
    name = next((name for name, field in fields.items() if key in (name, field.alias)), None)
    return None if name is None else getattr(value, name)
