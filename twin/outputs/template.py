"""The texts that ``twin new`` and ``twin schema`` write, made from the model so that they cannot fall behind it.

The scenario to start from is the shipped quickstart with a comment behind each line: what the field means, its unit,
its bounds and the choices there are. Fields that the quickstart leaves at their default stand there too, commented
out, where their technology first appears.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from twin.quantities import unit_of
from twin.scenario.model import Scenario
from twin.scenario.reading import read_scenario
from twin.scenario.writing import dump

COMMENT_COLUMN, WIDTH = 44, 120
Line = tuple[str, str]  # YAML text, note on it
_PACKAGE = Path(__file__).resolve().parent.parent

DIALECT = "https://json-schema.org/draft/2020-12/schema"
EXTENDS = {
    "description": "File or files, relative to this one, whose values hold where this file states none.",
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
}
HEADER = """\
# {name}: a scenario of the data-center twin, to change as you like.
# Names end in their unit; fractions run from 0 to 1. A line behind one # shows a field at its default.
#   twin check FILE    every fault, with its line
#   twin run FILE      a year, with its key figures

"""


def schema_text() -> str:
    """JSON Schema of a scenario file, the same text for the same model.

    Beside the model it knows ``extends``; a file that extends others need not be complete.
    """
    schema = {"$schema": DIALECT, **Scenario.model_json_schema()}
    schema["properties"] = {"extends": EXTENDS, **schema["properties"]}
    schema["if"] = {"not": {"required": ["extends"]}}
    schema["then"] = {"required": schema.pop("required")}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def scenario_text(name: str) -> str:
    """A commented scenario called ``name``: the shipped quickstart with what its fields mean."""
    scenario = read_scenario(scenarios_folder() / "quickstart.yaml")
    return HEADER.format(name=name) + commented(scenario.model_copy(update={"name": name}))


def scenarios_folder() -> Path:
    """Folder of the shipped scenarios: inside an installed package, or beside it in a checkout."""
    installed = _PACKAGE / "_scenarios"
    return installed if installed.is_dir() else _PACKAGE.parent / "scenarios"


def commented(instance: BaseModel) -> str:
    """YAML text of a model, each field with its meaning; unset fields commented out, once for each class."""
    lines = _fields(instance, _Around("", set(), in_comment=False), ())
    return "\n".join(part for line in lines for part in _written(*line)) + "\n"


@dataclass(frozen=True)
class _Around:
    """What surrounds a piece of the text: its indentation, classes explained before, whether it is a comment."""

    pad: str
    seen: set[type]
    in_comment: bool

    def deeper(self, levels: int) -> _Around:
        """The same, further in."""
        return replace(self, pad=self.pad + "  " * levels)


def _fields(instance: BaseModel, around: _Around, kinds: tuple[str, ...]) -> Iterator[Line]:
    """Lines of a model's fields; ``kinds`` are the technologies that could stand in its place."""
    model, is_first, pad = type(instance), type(instance) not in around.seen, around.pad
    around.seen.add(model)
    for name in sorted(model.model_fields, key=lambda name: name != "kind"):
        is_set = name in instance.model_fields_set or name == "kind"
        if not (is_set or is_first):
            continue
        note = _note(name, model.model_fields[name], kinds if name == "kind" else ()) if is_first else ""
        inner = around if is_set and not around.in_comment else _Around(pad, set(), in_comment=True)
        lines = list(_entry(instance, name, note, inner))
        if not pad and len(lines) > 1:
            yield "", ""
        newly = inner.in_comment and not around.in_comment
        yield from ((f"{pad}# {text[len(pad) :]}", note) for text, note in lines) if newly else lines


def _entry(instance: BaseModel, name: str, note: str, around: _Around) -> Iterator[Line]:
    """Lines of one field and of the models that it holds."""
    value, pad = getattr(instance, name), around.pad
    kinds = tuple(dict.fromkeys(_kinds(type(instance).model_fields[name].annotation)))
    held = _models_in(value)
    if not held:
        texts = _scalar(name, instance.model_dump(mode="json")[name], pad)
        yield from zip(texts, [note, *[""] * len(texts)], strict=False)
        return
    yield f"{pad}{name}:", note
    for key, part in held:
        if key is None:
            yield from _fields(part, around.deeper(1), kinds)
        elif isinstance(key, str):
            yield f"{pad}  {dump(key).rstrip()}:", ""
            yield from _fields(part, around.deeper(2), kinds)
        else:
            (text, first_note), *more = _fields(part, around.deeper(2), kinds)
            yield f"{pad}  - {text[len(pad) + 4 :]}", first_note
            yield from more


def _models_in(value: Any) -> list[tuple[str | int | None, BaseModel]]:
    """Models that a value is or holds: under None itself, under a key or an index a part of it."""
    if isinstance(value, BaseModel):
        return [(None, value)]
    held = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, tuple | list) else ()
    return [(key, part) for key, part in held if isinstance(part, BaseModel)]


def _scalar(name: str, plain: Any, pad: str) -> list[str]:
    """Lines of a field that holds no models; a long list is wrapped."""
    if plain is None:
        return [f"{pad}{name}:"]
    if not isinstance(plain, list):
        return [pad + line for line in dump({name: plain}).splitlines()]
    items = "[" + ", ".join(dump(item).rstrip() for item in plain) + "]"
    indent = " " * (len(pad) + len(name) + 3)
    return textwrap.wrap(f"{pad}{name}: {items}", WIDTH, subsequent_indent=indent, drop_whitespace=True)


def _written(text: str, note: str) -> Iterator[str]:
    """A line with its note behind it and the note's further lines below; a long line has its note above, behind ##."""
    notes = textwrap.wrap(note, WIDTH - COMMENT_COLUMN - 4)
    if len(text) > COMMENT_COLUMN and notes:
        yield from (f"{text[: len(text) - len(text.lstrip())]}## {line}" for line in textwrap.wrap(note, WIDTH - 10))
        notes = []
    yield f"{text:<{COMMENT_COLUMN}}  # {notes[0]}" if notes else text
    yield from (f"{'':<{COMMENT_COLUMN}}  # {line}" for line in notes[1:])


def _note(name: str, field: FieldInfo, kinds: tuple[str, ...]) -> str:
    """Meaning, unit, bounds and choices: ``Air that racks draw in. degC, 10 to 40``."""
    meaning = " ".join((field.description or "").replace("``", "`").split())
    unit = unit_of(name)
    choices = kinds or _words(field.annotation)
    facts = ["" if unit in (None, "1", "year") else str(unit), _bounds(field)]
    facts += [f"one of {', '.join(choices)}"] if len(choices) > 1 else []
    return " ".join(part for part in (meaning, ", ".join(fact for fact in facts if fact)) if part)


def _bounds(field: FieldInfo) -> str:
    """Bounds in words: ``10 to 40``, ``above 0, up to 1``."""
    words = {"ge": "at least", "gt": "above", "le": "up to", "lt": "below"}
    found = {k: getattr(m, k) for k in words for m in field.metadata if getattr(m, k, None) is not None}
    if set(found) == {"ge", "le"}:
        return f"{found['ge']:.10g} to {found['le']:.10g}"
    return ", ".join(f"{words[k]} {bound:.10g}" for k, bound in found.items())


def _words(annotation: Any) -> tuple[str, ...]:
    return tuple(map(str, get_args(annotation))) if get_origin(annotation) is Literal else ()


def _kinds(annotation: Any) -> Iterator[str]:
    """Names of the technologies that a union offers."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        kind = annotation.model_fields.get("kind")
        yield from _words(kind.annotation) if kind else ()
    for part in get_args(annotation):
        yield from _kinds(part)
