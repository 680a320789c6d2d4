"""What is on the screen, as a value: a shipped file or an uploaded text, with overrides. It fits in an address."""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from twin.errors import InputError
from twin.outputs.template import scenarios_folder
from twin.scenario.lists import held_at
from twin.scenario.model import Scenario
from twin.studies.visitors import LARGEST_UPLOAD, Handed, files_beside, read_shipped, read_upload

FIRST = "quickstart.yaml"
LONGEST_ADDRESS = 12_000  # characters that an upload may take in an address
MOST_OVERRIDES = 200
MOST_LEFT_OUT = 20  # changes that are tried for the one that cannot be read


@dataclass(frozen=True)
class Choice:
    """A scenario by where it comes from: ``text`` is that of an upload, empty for a shipped file."""

    file: str = FIRST
    text: str = ""
    overrides: tuple[tuple[str, str], ...] = ()  # path, value as YAML
    handed: tuple[Handed, ...] = ()  # weather or prices that were uploaded; they stay out of an address

    def scenario(self) -> Scenario:
        """The scenario, read as a stranger's. Raises InputError with every fault."""
        options = [f"{path}={value}" for path, value in self.overrides]
        if self.text:
            return read_upload(self.text, self.file, options, self.handed)
        return read_shipped(scenarios_folder(), self.file, options, self.handed)

    def readable(self) -> Scenario | None:
        """The scenario, where need be without one change, the last first, or without the last several; else None."""
        count = len(self.overrides)
        kept = [self.overrides[:at] + self.overrides[at + 1 :] for at in reversed(range(count))][:MOST_LEFT_OUT]
        for overrides in (self.overrides, *kept, *(self.overrides[:at] for at in range(count - 2, -1, -1))):
            with contextlib.suppress(InputError):
                return replace(self, overrides=overrides).scenario()
        return None

    def changes(self, path: str) -> bool:
        """Whether a change states what stands at a path, something around it, or an item of it."""
        return any(path == p or path.startswith(f"{p}.") or p.startswith(f"{path}.") for p, _ in self.overrides)

    def with_list(self, path: str, value: str) -> Choice:
        """The same with another list at a path; no change where that is the list of the scenario without any."""
        before = self.changed(path, None)
        with contextlib.suppress(InputError):
            held = held_at(before.scenario(), path)
            if held is not None and held.plain == json.loads(value):
                return before
        return before.changed(path, value)

    def changed(self, path: str, value: str | None) -> Choice:
        """The same with another value at a path, which replaces what stood below it; None takes the change back."""
        kept = {p: v for p, v in self.overrides if p != path and not p.startswith(f"{path}.")}
        if value is not None:
            kept[path] = value
        return replace(self, overrides=tuple(kept.items()))

    def with_file(self, one: Handed) -> Choice:
        """The same with a file that was handed in, in place of another at its path and of changes below it."""
        kept = tuple(old for old in self.handed if old.path != one.path)
        overrides = tuple((p, v) for p, v in self.overrides if p != one.path and not p.startswith(f"{one.path}."))
        return replace(self, overrides=overrides, handed=(*kept, one))

    def files(self) -> tuple[Path, ...]:
        """Files that go with its YAML: those that were handed in, and those beside a shipped scenario."""
        beside = () if self.text else files_beside(scenarios_folder(), self.file)
        return (*(Path(one.folder, one.name) for one in self.handed), *(file.resolve() for file in beside))

    def address(self) -> dict[str, list[str]]:
        """Parts of an address that :func:`from_address` reads again; an upload that is too large for one stays out."""
        parts = {"file": [self.file]}
        if self.text:
            packed = base64.urlsafe_b64encode(zlib.compress(self.text.encode(), 9)).decode()
            parts["yaml"] = [packed] if len(packed) <= LONGEST_ADDRESS else []
        parts["set"] = [f"{path}={value}" for path, value in self.overrides]
        return {key: values for key, values in parts.items() if values}


def from_address(parts: Mapping[str, Sequence[str]]) -> Choice:
    """What an address asks for. Raises InputError where it cannot be read."""
    pairs = [text.partition("=") for text in parts.get("set", ())]
    if len(pairs) > MOST_OVERRIDES:
        raise InputError(f"the address holds more than {MOST_OVERRIDES} changes")
    overrides = tuple((path.strip(), value.strip()) for path, equals, value in pairs if equals)
    packed = next(iter(parts.get("yaml", ())), "")
    return Choice(next(iter(parts.get("file", ())), FIRST), _unpacked(packed) if packed else "", overrides)


def _unpacked(packed: str) -> str:
    """The text that an address carries; never more of it than an upload may have."""
    try:
        unpacker = zlib.decompressobj()
        raw = unpacker.decompress(base64.urlsafe_b64decode(packed.encode()), LARGEST_UPLOAD)
        if unpacker.unconsumed_tail:
            raise InputError("the scenario in the address is too large")
        if not unpacker.eof:
            raise ValueError("cut off")
        return raw.decode()
    except (ValueError, binascii.Error, zlib.error) as error:
        raise InputError("the scenario in the address is damaged; load a scenario from the list") from error
