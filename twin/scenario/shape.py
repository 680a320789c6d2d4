"""What a model expects at a place of the data: a walk along annotations and data side by side.

pydantic says what is wrong with a value; it does not say which keys would have been right beside an unknown one,
nor which strings name files, and it takes ``"24"`` and ``true`` for numbers. All three need the annotation that
belongs to a piece of data, through optional fields, unions (by their tag), named things and lists.
"""

from __future__ import annotations

import datetime
import enum
import types
import typing
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from pydantic import BaseModel, BeforeValidator, PlainValidator, WrapValidator
from pydantic.fields import FieldInfo

from twin.errors import did_you_mean
from twin.references import FileMarker
from twin.yaml_source import DataPath

_CONVERTED = object()  # marks what a validator of the model's class converts first
_CONVERTERS = (BeforeValidator, PlainValidator, WrapValidator)  # so do these; what they take is their own affair
_KINDS = {types.NoneType: "null", bool: "bool", int: "number", float: "number", str: "text", list: "list"}
_LONGEST = 100  # characters of a word that are compared with others
_FEW = 12  # known keys that a message lists
_EXPECTED = {  # of types that take one kind of scalar: that kind, and how a fault names it
    float: ("number", "a number"),
    int: ("number", "a whole number"),
    bool: ("bool", "true or false"),
    str: ("text", "text"),
    Path: ("text", "a path"),
    datetime.date: ("text", "a date such as '2024-07-01'"),
    datetime.datetime: ("text", "a time such as '2024-07-01T12:00'"),
    datetime.time: ("text", "a time of day such as '12:30'"),
    types.NoneType: ("null", "null"),
}


@dataclass(frozen=True, eq=False)
class Choice:
    """One type that a value may have: a class or an alias such as ``dict[str, Rack]``, and what annotates it."""

    type: Any
    marks: tuple[Any, ...] = ()

    @cached_property
    def origin(self) -> Any:
        """The class behind the alias."""
        return typing.get_origin(self.type) or self.type

    @cached_property
    def items(self) -> tuple[Choices, ...]:
        """Choices of what it holds: of a mapping its values, of a list its items, of a fixed tuple each of them."""
        arguments = [part for part in typing.get_args(self.type) if part is not Ellipsis]
        return tuple(choices(part) for part in (arguments[1:] if self.is_mapping else arguments))

    @cached_property
    def is_model(self) -> bool:
        """Whether it is a pydantic model."""
        return isinstance(self.type, type) and issubclass(self.type, BaseModel)

    @cached_property
    def is_mapping(self) -> bool:
        """Whether it is a mapping of named things."""
        return isinstance(self.origin, type) and issubclass(self.origin, Mapping)

    @cached_property
    def is_list(self) -> bool:
        """Whether a list of items becomes it."""
        is_class = isinstance(self.origin, type) and not issubclass(self.origin, str | bytes)
        return is_class and issubclass(self.origin, Sequence | Set)

    @cached_property
    def words(self) -> tuple[Any, ...]:
        """The values of a Literal or an Enum."""
        is_enum = isinstance(self.type, type) and issubclass(self.type, enum.Enum)
        members = typing.get_args(self.type) if self.origin is typing.Literal else self.type if is_enum else ()
        return tuple(member.value if isinstance(member, enum.Enum) else member for member in members)

    @cached_property
    def converts(self) -> bool:
        """Whether a validator converts what is given before pydantic looks at its kind."""
        marked = any(mark is _CONVERTED or isinstance(mark, _CONVERTERS) for mark in self.marks)
        return marked or (self.is_model and _converts(self.type))

    @cached_property
    def kind(self) -> str:
        """Kind of data that it takes, as :func:`kind_of` names it; empty where only pydantic knows."""
        if self.is_model or self.is_mapping:
            return "mapping"
        if self.is_list:
            return "list"
        return _EXPECTED.get(self.type, ("", ""))[0] if isinstance(self.type, type) else ""

    @cached_property
    def expected(self) -> str:
        """How a fault names what would do."""
        if any(isinstance(mark, FileMarker) for mark in self.marks):
            return "a file name"
        return {"mapping": "a mapping", "list": "a list"}.get(self.kind) or _EXPECTED[self.type][1]

    def takes(self, value: Any) -> bool:
        """Whether a value is of the right kind; its bounds are pydantic's affair."""
        if self.converts:
            return True
        if self.words:
            return any(type(value) is type(word) and value == word for word in self.words)
        return not self.kind or self.kind == kind_of(value)


Choices = tuple[Choice, ...]


def kind_of(value: Any) -> str:
    """Kind of a piece of plain data: null, bool, number, text, list or mapping."""
    return _KINDS.get(type(value), "mapping")


def choices(annotation: Any, marks: Iterable[Any] = ()) -> Choices:
    """Types that an annotation allows, unions taken apart.

    >>> [choice.type for choice in choices(float | None)]
    [<class 'float'>, <class 'NoneType'>]
    """
    marks = tuple(marks)
    if hasattr(annotation, "__value__"):  # a ``type X = …`` alias
        return choices(annotation.__value__, marks)
    if typing.get_origin(annotation) is typing.Annotated:
        return choices(annotation.__origin__, (*marks, *annotation.__metadata__))
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return tuple(choice for part in typing.get_args(annotation) for choice in choices(part, marks))
    return (Choice(types.NoneType if annotation is None else annotation, marks),)


def key_of(name: str, field: FieldInfo) -> str:
    """Key under which a field is written in a file."""
    return field.validation_alias if isinstance(field.validation_alias, str) else field.alias or name


@cache
def fields(model: type[BaseModel]) -> dict[str, Choices]:
    """Keys of a model and what each may hold."""
    validators = model.__pydantic_decorators__.field_validators.values()
    converted = {name for validator in validators if validator.info.mode != "after" for name in validator.info.fields}
    return {
        key_of(name, field): choices(
            field.annotation, (*field.metadata, _CONVERTED) if converted & {name, "*"} else field.metadata
        )
        for name, field in model.model_fields.items()
    }


@cache
def _converts(model: type[BaseModel]) -> bool:
    validators = model.__pydantic_decorators__.model_validators.values()
    return any(validator.info.mode != "after" for validator in validators)


def fitting(options: Choices, data: Any) -> Choices:
    """Those choices that can hold a list or a mapping; of several models those whose tag the mapping carries."""
    if isinstance(data, list):
        return tuple(option for option in options if option.is_list)
    if len(options) == 1:
        return options if options[0].is_model or options[0].is_mapping else ()
    models = tuple(option for option in options if option.is_model)
    named = tuple(option for option in options if option.is_mapping)
    if len(models) < 2 or not isinstance(data, dict):
        return models + named
    tags = _tags(tuple(option.type for option in models))
    tagged = tuple(option for option in models if _carries_tag(option.type, tags, data))
    return (tagged or models) + named


@cache
def _tags(models: tuple[type[BaseModel], ...]) -> frozenset[str]:
    """Keys that hold a Literal in each of several models."""
    literal = ({key for key, options in fields(model).items() if any(o.words for o in options)} for model in models)
    return frozenset.intersection(*map(frozenset, literal))


def _carries_tag(model: type[BaseModel], tags: frozenset[str], data: dict[str, Any]) -> bool:
    return all(any(option.takes(data[tag]) for option in fields(model)[tag]) for tag in tags if tag in data)


def below(options: Choices, data: Any, key: str | int) -> Choices:
    """Choices of what a mapping holds under a key, or a list at an index; empty where the key is unknown."""
    return held(fitting(options, data), key)


def held(fits: Choices, key: str | int) -> Choices:
    """The same for choices that are known to fit the mapping or list."""
    if len(fits) == 1 and fits[0].is_model:
        return fields(fits[0].type).get(str(key), ())
    found: list[Choice] = []
    for option in fits:
        if option.is_model:
            found += fields(option.type).get(str(key), ())
        elif len(option.items) == 1:
            found += option.items[0]
        elif isinstance(key, int) and key < len(option.items):
            found += option.items[key]
    return tuple(found)


def at(model: type[BaseModel], data: Any, path: DataPath) -> tuple[Choices, Any]:
    """Choices and data at a path below a model; what is not there is None."""
    options = choices(model)
    for key in path:
        options = below(options, data, key)
        data = part(data, key)
    return options, data


def part(data: Any, key: str | int) -> Any:
    """What a mapping holds under a key or a list at an index, else None."""
    if isinstance(data, dict):
        return data.get(key)
    return data[key] if isinstance(data, list) and isinstance(key, int) and 0 <= key < len(data) else None


def meaning(options: Choices, data: Any, key: str | int) -> str:
    """What the model says about a field, for what a rule alone does not tell; empty where it says nothing."""
    models = [option.type for option in fitting(options, data) if option.is_model]
    described = {key_of(*field): field[1].description for model in models for field in model.model_fields.items()}
    text = (described.get(str(key)) or "").strip().rstrip(".")
    return f" ({text[:1].lower()}{text[1:]})" if text else ""


def known_keys(options: Choices, data: Any) -> list[str]:
    """Keys that would do in a mapping: fields of its model, or the names of its named things."""
    fits = fitting(options, data if isinstance(data, dict) else {})
    own = list(data) if isinstance(data, dict) and any(option.is_mapping for option in fits) else []
    return list(dict.fromkeys([key for option in fits if option.is_model for key in fields(option.type)] + own))


def allows_none(options: Choices) -> bool:
    """Whether null is among the choices."""
    return any(option.takes(None) for option in options)


def names_file(options: Choices, text: str) -> bool:
    """Whether a text here names a file, and is no word that may stand here instead."""
    is_word = any(option.words and option.takes(text) for option in options)
    return not is_word and any(isinstance(mark, FileMarker) for option in options for mark in option.marks)


def near(value: Any, words: Sequence[Any]) -> str:
    """Hint at the nearest word, for a text."""
    if value in words:
        return " (without quotes)"
    return did_you_mean(value[:_LONGEST], map(str, words)) if isinstance(value, str) else ""


def one_of(words: Sequence[str]) -> str:
    """Words as alternatives, in the order in which they are allowed."""
    return f"one of {', '.join(words)}" if len(words) > 1 else "".join(map(repr, words))


def unknown_key(key: str | int, known: Sequence[str]) -> str:
    """Message of a key that is not known, with the nearest one, or all of a few."""
    if str(key).isdigit():
        return "unknown key (a comma ends an entry here: numbers are written without signs of thousands)"
    few = f" (known here: {', '.join(known)})" if 0 < len(known) <= _FEW else ""
    return f"unknown key{near(key, known) or few}"


def either(texts: Iterable[str]) -> str:
    """Different texts as alternatives: ``a number, a mapping or null``."""
    *first, last = dict.fromkeys(texts)
    return f"{', '.join(first)} or {last}" if first else last


def expectation(options: Choices, value: Any) -> str | None:
    """What would do where a value is of the wrong kind, in words; None where its kind is right or unknown."""
    if not options or any(option.takes(value) for option in options):
        return None
    named = [option for option in options if option.type is not types.NoneType] or list(options)
    texts = [option.expected for option in named if not option.words]
    words = list(dict.fromkeys(str(word) for option in named for word in option.words))
    if words:
        texts.append(one_of(words) + near(value, words))
    return either(texts)
