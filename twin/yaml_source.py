"""YAML text to plain data, with the place of every part.

The only file that knows yaml. It takes the parser's events rather than its nodes: they come without recursion,
without YAML 1.1's guesses (``12:30`` is 750 there, ``NO`` is false) and four times as fast. What a plain scalar
means follows YAML 1.2's core schema: https://yaml.org/spec/1.2.2/#103-core-schema. On top of it stands the merge
key ``<<``, which files with anchors commonly use. Keys are always text.

Nothing in a text can raise or exhaust memory: its size, its depth and the number of its values (an alias counts as
often as it is used) are bounded, and whatever is wrong comes back as faults.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn

import yaml

from twin.errors import Fault, Place
from twin.references import near_files

DataPath = tuple[str | int, ...]

MAX_BYTES = 4_000_000  # a file; 5,000 rack groups take 0.8 MB
MAX_VALUES = 200_000  # values of a document with its aliases written out
MAX_DEPTH = 64  # levels of nesting
_LONGEST_SHOWN = 60  # characters of a value or a key in a fault

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # YAML 1.2.2 eq. [1]
_CORE_TAG = "tag:yaml.org,2002:"
_INT = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_LONGEST_INT = 300  # digits; beyond, a float (which is infinite) says what matters and prints short
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **{sign + word: float(sign + "inf") for sign in ("", "+", "-") for word in (".inf", ".Inf", ".INF")},
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}


@dataclass(frozen=True)
class Document:
    """What a text says: plain data, the place of every part of it, and what is wrong with the text.

    ``places`` holds the place of the key for each entry of a mapping, and of the item for each item of a list.
    ``data`` is None where nothing could be read; then ``faults`` say why.
    """

    name: str
    data: Any
    places: Mapping[DataPath, Place]
    faults: tuple[Fault, ...] = ()

    def place(self, path: DataPath) -> Place:
        """Place of a part, or of the nearest part around it that is there."""
        return nearest_place(self.places, path) or Place(self.name)


def nearest_place(places: Mapping[DataPath, Place], path: DataPath) -> Place | None:
    """Place of a path, or of the longest beginning of it that has one."""
    beginnings = (path[:length] for length in range(len(path), -1, -1))
    return next((places[beginning] for beginning in beginnings if beginning in places), None)


def dotted(path: DataPath) -> str:
    """A path as it is shown: ``halls.a.tariff[1].price_per_kwh``.

    >>> dotted(("halls", "a", "tariff", 1, "price_per_kwh"))
    'halls.a.tariff[1].price_per_kwh'
    """
    return "".join(f"[{part}]" if isinstance(part, int) else f".{_cut(part)}" for part in path).removeprefix(".")


def load(path: str | Path, name: str | None = None) -> Document:
    """Document of a file, which must hold a mapping; whatever is wrong with file or text is in its faults."""
    name = str(path) if name is None else name
    try:
        with Path(path).open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        return _unreadable(name, Fault(_why_not_opened(Path(path), error), place=Place(name)))
    except ValueError:
        return _unreadable(repr(name), Fault("is not a file name", place=Place(repr(name))))
    return parse(raw, name)


def parse(text: str | bytes, name: str) -> Document:
    """Document of a text that must hold a mapping; ``name`` stands for the file in places."""
    document = parse_value(text, name)
    if isinstance(document.data, dict) or (document.data is None and document.faults):
        return document
    if document.data is None:
        return _unreadable(name, Fault("is empty: a mapping of keys to values is expected", place=Place(name)))
    message = f"must be a mapping of keys to values, got {shown(document.data)}"
    hint = " (a ':' needs a space behind it)" if re.match(r"\w+:\S", str(document.data)) else ""
    return _unreadable(name, Fault(message + hint, place=document.place(())))


def parse_value(text: str | bytes, name: str) -> Document:
    """Document of a text that may hold anything: a number, a list, a mapping."""
    fault = _oversize(text, name)
    if fault is None and isinstance(text, bytes):
        text, fault = _decoded(text, name)
    if fault is None:
        fault = _forbidden_character(str(text), name)
    if fault is not None:
        return _unreadable(name, fault)
    return _Builder(str(text).removeprefix("\ufeff"), name).document()


def shown(value: Any) -> str:
    """A value in a few words, as a fault quotes it.

    >>> [shown(value) for value in (24, "24", None, True, [1, 2], {"a": 1})]
    ['24', "'24'", 'null', 'true', 'a list', 'a mapping']
    """
    if isinstance(value, dict | list | tuple):
        return "a mapping" if isinstance(value, dict) else "a list"
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    return _cut(repr(value))


def _cut(text: str) -> str:
    text = text if text.isprintable() else repr(text)  # faults are one line each
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}… ({len(text)} characters)"


def _unreadable(name: str, *faults: Fault) -> Document:
    return Document(name, None, {}, faults)


def _why_not_opened(path: Path, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"no such file{near_files(path)}"
    if isinstance(error, IsADirectoryError):
        return "is a folder, not a file"
    return f"cannot be read: {(error.strerror or str(error)).lower()}"


def _oversize(text: str | bytes, name: str) -> Fault | None:
    if len(text) <= MAX_BYTES:
        return None
    return Fault(f"is larger than {MAX_BYTES / 1e6:g} MB; put long tables into files of their own", place=Place(name))


def _decoded(raw: bytes, name: str) -> tuple[str, Fault | None]:
    try:
        return raw.decode("utf-8"), None
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8")
        message = f"is not UTF-8 text (byte 0x{raw[error.start]:02x}); save the file as UTF-8"
        return "", Fault(message, place=_place_after(before, name))


def _forbidden_character(text: str, name: str) -> Fault | None:
    found = _FORBIDDEN.search(text)
    if found is None:
        return None
    message = f"character U+{ord(found.group()):04X} is not allowed in YAML"
    return Fault(message, place=_place_after(text[: found.start()], name))


def _place_after(before: str, name: str) -> Place:
    return Place(name, before.count("\n") + 1, len(before) - before.rfind("\n"))


@lru_cache(maxsize=4096)  # the same words and numbers come again and again
def plain_value(text: str) -> Any:
    """Value of a plain (unquoted) scalar by YAML 1.2's core schema.

    >>> [plain_value(text) for text in ("12:30", "1e5", "NO", "0123", "0x1F", "~")]
    ['12:30', 100000.0, 'NO', 123, 31, None]
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "0123456789.+-":
        return text
    if _INT.fullmatch(text):
        return int(text) if len(text) <= _LONGEST_INT else float(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _BASED.fullmatch(text) and len(text) <= _LONGEST_INT:
        return int(text, 0)
    return text


class _Unreadable(Exception):
    """Carries the fault that ends the reading of a text."""

    def __init__(self, fault: Fault):
        self.fault = fault
        super().__init__(str(fault))


class _Builder:
    """Turns the parser's events into data and counts what it makes."""

    def __init__(self, text: str, name: str):
        self.text = text
        self.name = name
        self.places: dict[DataPath, Place] = {}
        self.faults: list[Fault] = []
        self.anchors: dict[str, tuple[Any, DataPath] | None] = {}  # None: its node is still being read
        self.count = 0
        self.events: Iterator[Any] = yaml.parse(text, Loader=_LOADER)

    def document(self) -> Document:
        """The whole text's document."""
        data = None
        try:
            data = self.only_document()
        except _Unreadable as stop:
            self.faults.append(stop.fault)
        except yaml.YAMLError as error:
            self.faults.append(_syntax_fault(error, self.text, self.name))
        faults = sorted(self.faults, key=lambda fault: fault.place or Place(self.name))
        return Document(self.name, data, self.places, tuple(faults))

    def only_document(self) -> Any:
        """Value of the text's first document; a second one is a fault."""
        data = None
        for event in self.events:
            if type(event) is yaml.DocumentStartEvent:
                if () in self.places:
                    self.stop("a second document starts here; one file holds one", event)
                event = next(self.events)
                self.places[()] = self.place(event)
                data = self.node(event, ())
        return data

    def node(self, event: Any, path: DataPath) -> Any:
        """Value of the node that an event begins."""
        self.grow(event, path)
        if type(event) is yaml.AliasEvent:
            return self.alias(event, path)
        value = self.scalar(event) if type(event) is yaml.ScalarEvent else self.collection(event, path)
        if event.anchor is not None:
            self.anchors[event.anchor] = (value, path)
        return value

    def scalar(self, event: Any) -> Any:
        """Value of a scalar: text where it is quoted, else by its look or its tag."""
        if event.tag is None:
            return plain_value(event.value) if event.implicit[0] else self.sound(event)
        kind = event.tag.removeprefix(_CORE_TAG)
        value = plain_value(event.value)
        if kind in ("!", "str"):
            return self.sound(event)
        if kind == "float" and type(value) in (int, float):
            return float(value)
        if kind != {int: "int", bool: "bool", type(None): "null"}.get(type(value)):
            self.stop(f"the tag {_shown_tag(event.tag)} is not known here, or does not fit {shown(event.value)}", event)
        return value

    def sound(self, event: Any) -> str:
        """Text of a scalar, whose escapes may not make half a character."""
        text = str(event.value)
        if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
            self.stop("an escape makes half of a surrogate pair", event)
        return text

    def collection(self, event: Any, path: DataPath) -> Any:
        """Value of a list or a mapping."""
        is_list = type(event) is yaml.SequenceStartEvent
        if event.tag not in (None, "!", _CORE_TAG + ("seq" if is_list else "map")):
            self.stop(f"the tag {_shown_tag(event.tag)} is not known here", event)
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        return self.sequence(path) if is_list else self.mapping(path)

    def sequence(self, path: DataPath) -> list[Any]:
        """Items up to the end of a list."""
        items: list[Any] = []
        while type(event := next(self.events)) is not yaml.SequenceEndEvent:
            child = (*path, len(items))
            self.places.setdefault(child, self.place(event))
            items.append(self.node(event, child))
        return items

    def mapping(self, path: DataPath) -> dict[str, Any]:
        """Entries up to the end of a mapping; of a key that comes twice the first one stays."""
        entries: dict[str, Any] = {}
        lines: dict[str, int] = {}
        merged: tuple[Any, Any] | None = None
        while type(event := next(self.events)) is not yaml.MappingEndEvent:
            if type(event) is not yaml.ScalarEvent:
                self.stop("a key must be plain text (quote a text that starts with '{', '[' or '*')", event)
            key, child, place = event.value, (*path, event.value), self.place(event)
            if lines.setdefault(key, place.line) != place.line or key in entries:
                self.faults.append(Fault(f"duplicate key (first at line {lines[key]})", dotted(child), place))
            self.places.setdefault(child, place)
            value = self.node(next(self.events), child)
            if key == "<<" and event.implicit[0]:
                merged = (value, event)
            else:
                entries.setdefault(key, value)
        if merged is not None:
            self.merge(entries, merged[0], merged[1], path)
        return entries

    def merge(self, entries: dict[str, Any], value: Any, event: Any, path: DataPath) -> None:
        """Add the entries of the mappings that ``<<`` names, where the mapping does not hold them itself."""
        below: DataPath = (*path, "<<")
        sources = [((*below, i), item) for i, item in enumerate(value)] if isinstance(value, list) else [(below, value)]
        for origin, source in sources:
            if not isinstance(source, dict):
                self.stop("'<<' must name a mapping or a list of mappings", event)
            for key, part in source.items():
                if key not in entries:
                    entries[key] = part
                    self.copy_places(part, (*origin, key), (*path, key), event)

    def alias(self, event: Any, path: DataPath) -> Any:
        """Value that an alias stands for; its parts keep the places where they are written."""
        if event.anchor not in self.anchors:
            self.stop(f"there is no anchor for the alias {shown('*' + event.anchor)}", event)
        anchored = self.anchors[event.anchor]
        if anchored is None:
            self.stop(f"the alias {shown('*' + event.anchor)} stands inside what it names", event)
        self.copy_places(anchored[0], anchored[1], path, event)
        return anchored[0]

    def copy_places(self, value: Any, origin: DataPath, path: DataPath, event: Any) -> None:
        """Give the parts of a value that is used again their places under the new path."""
        self.grow(event, path)
        self.places.setdefault(path, self.places[origin])
        if isinstance(value, dict | list):
            for key, part in value.items() if isinstance(value, dict) else enumerate(value):
                self.copy_places(part, (*origin, key), (*path, key), event)

    def grow(self, event: Any, path: DataPath) -> None:
        """Count one value and refuse what is too much or too deep."""
        self.count += 1
        if self.count > MAX_VALUES:
            self.stop(f"more than {MAX_VALUES:,} values (an alias counts as often as it is used)", event)
        if len(path) > MAX_DEPTH:
            self.stop(f"nested more than {MAX_DEPTH} levels deep", event)

    def place(self, event: Any) -> Place:
        """Place where an event starts."""
        return Place(self.name, event.start_mark.line + 1, event.start_mark.column + 1)

    def stop(self, message: str, event: Any) -> NoReturn:
        """End the reading with a fault at an event."""
        raise _Unreadable(Fault(message, place=self.place(event)))


def _shown_tag(tag: str) -> str:
    return shown(tag.replace(_CORE_TAG, "!!"))


_PLAIN_ENGLISH = (  # what the parsers say (C and Python differ) -> what is wrong and what would do
    (r"unexpected end of stream", "the quote opened here is not closed"),
    (r"could not find expected ':'", "is not 'key: value' (a ':' with a space behind it is missing)"),
    (r"^mapping values are not", "a ':' is not expected here (check the indentation; quote a text that holds ': ')"),
    (r"^(block )?sequence entries", "a list item '- ' is not expected here (start it on a line of its own)"),
    (r"unknown escape|invalid Unicode|expected escape", "unknown escape: write \\\\ for \\, or use single quotes"),
    (r"document start", "the document has ended before this"),
    (r"expected (the )?node content", "a value is missing, or a bracket too many stands here"),
    (r"expected key|block end|'-' indicator", "does not line up with what is above it (check indentation and quotes)"),
)
_AT_START = ("while scanning a quoted scalar", "while scanning a simple key")  # faults best shown where these began


def _syntax_fault(error: yaml.YAMLError, text: str, name: str) -> Fault:
    problem = str(getattr(error, "problem", None) or error).splitlines()[0]
    mark, start = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    context = str(getattr(error, "context", None) or "")
    if start is not None and context in _AT_START:
        mark = start
    place = Place(name, mark.line + 1, mark.column + 1) if mark is not None else Place(name)
    return Fault(_syntax_message(problem, context, start, _character(text, mark)), place=place)


def _syntax_message(problem: str, context: str, start: Any, character: str) -> str:
    if character == "\t":
        return "a tab cannot indent; use spaces"
    if "cannot start any token" in problem:
        return f"a value cannot start with '{character}' (quote it)"
    if context in ("while parsing a flow sequence", "while parsing a flow mapping") and start is not None:
        kind, bracket = ("list", "[") if "sequence" in context else ("mapping", "{")
        return f"a ',' or the end of the {kind} that '{bracket}' opened at line {start.line + 1} is missing before this"
    plain = next((plain for pattern, plain in _PLAIN_ENGLISH if re.search(pattern, problem)), None)
    return plain or f"is not valid YAML: {problem}"


def _character(text: str, mark: Any) -> str:
    line = mark.line if mark is not None else 0
    lines = re.split("\r\n|[\n\r\x85\u2028\u2029]", text)[line : line + 1]  # the parser's line breaks
    return lines[0][mark.column : mark.column + 1] if mark is not None and lines else ""
