"""What pydantic found wrong, in the words of this house: where it stands, what was read and what would do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import NoneType
from typing import Any

from pydantic import BaseModel, ValidationError

from twin.errors import SpecFault, SpecFaults
from twin.scenario.shape import at, below, choices, either, known_keys, meaning, near, one_of, part, unknown_key
from twin.yaml_source import DataPath, shown

Found = tuple[DataPath, str]  # where it stands in the data, and the message

_EXPECTED = {  # pydantic's error -> what would do, filled from its context
    "greater_than": "> {gt}",
    "greater_than_equal": ">= {ge}",
    "less_than": "< {lt}",
    "less_than_equal": "<= {le}",
    "multiple_of": "a multiple of {multiple_of}",
    "finite_number": "a finite number",
    "int_from_float": "a whole number",
    "string_pattern_mismatch": "text that matches {pattern}",
    "string_too_short": "text of at least {min_length} characters",
    "string_too_long": "text of at most {max_length} characters",
    "date_parsing": "a date such as '2024-07-01'",
    "date_from_datetime_parsing": "a date such as '2024-07-01'",
    "date_from_datetime_inexact": "a date such as '2024-07-01'",
    "datetime_parsing": "a time such as '2024-07-01T12:00'",
    "datetime_from_date_parsing": "a time such as '2024-07-01T12:00'",
    "time_parsing": "a time of day such as '12:30'",
}
_FORMS = {  # patterns of names, in words; of others the field's own docstring tells what would do
    r"^[A-Za-z][A-Za-z0-9_-]*$": "letters, digits, - and _ that begin with a letter",
    r"^[a-z][a-z0-9_]*$": "small letters, digits and _ that begin with a letter",
}
# Of a list; too short it is only where nothing inside it is wrong, for pydantic counts the items that are sound.
_COUNTED = {"too_short": "at least {min_length} items", "too_long": "at most {max_length} items"}
_WRONG_KIND = re.compile(r".*_(type|parsing)|literal_error|enum|is_instance_of|none_required")


@dataclass(frozen=True)
class _Said:
    """One error of pydantic: a message, or what would do (``expects``) where the value does not.

    ``other_branch``: perhaps only said by a branch of a union that was not meant.
    """

    path: DataPath
    text: str
    expects: bool = False
    other_branch: bool = False


def found_by_pydantic(
    error: ValidationError, model: type[BaseModel], data: Any, known: Iterable[DataPath]
) -> list[Found]:
    """Faults of a validation at other paths than the ``known`` ones.

    What several branches of a union expect of one value becomes one fault; a branch that wanted another kind of value
    is silent where another has more to say.
    """
    known = set(known)
    said = [one for detail in error.errors(include_url=False) for one in _said(dict(detail), model, data)]
    paths = {one.path for one in said} | known
    telling = {path[:length] for path in paths for length in range(len(path))}  # something inside is wrong
    telling |= {one.path for one in said if not one.other_branch}
    expected: dict[DataPath, list[str]] = {}
    found: list[Found] = []
    for one in said:
        if one.path in known or (one.other_branch and one.path in telling):
            continue
        if one.expects:
            expected.setdefault(one.path, []).append(one.text)
        else:
            found.append((one.path, one.text))
    for path, texts in expected.items():
        found.append((path, f"must be {either(texts)}, got {shown(at(model, data, path)[1])}"))
    return found


def _said(detail: dict[str, Any], model: type[BaseModel], data: Any) -> Iterator[_Said]:
    kind, context = detail["type"], {key: _number(value) for key, value in detail.get("ctx", {}).items()}
    path = _path(detail, model, data)
    if kind in ("value_error", "assertion_error"):
        yield from _raised(context["error"], path)
    elif kind == "missing":
        yield _Said(path, "is required")
    elif kind == "extra_forbidden":
        yield _Said(path, unknown_key(path[-1], known_keys(*at(model, data, path[:-1]))))
    elif kind in ("union_tag_invalid", "union_tag_not_found"):
        yield _tag(kind, (*path, context["discriminator"].strip("'")), model, data)
    elif detail["loc"][-1:] == ("[key]",):
        expected = _FORMS.get(context.get("pattern", "")) or _EXPECTED.get(kind, "another").format(**context)
        yield _Said(path, f"the name must be {expected}, got {shown(path[-1])}")
    elif kind in _COUNTED:
        text = f"must hold {_COUNTED[kind].format(**context)}, got {context['actual_length']}"
        text = text.replace(" 1 items", " 1 item") + meaning(*at(model, data, path[:-1]), path[-1])
        yield _Said(path, text, other_branch=kind == "too_short")
    elif kind in _EXPECTED:
        told = meaning(*at(model, data, path[:-1]), path[-1]) if kind == "string_pattern_mismatch" else ""
        expected = f"in the right form{told}" if told else _EXPECTED[kind].format(**context)
        yield _Said(path, expected, True, bool(_WRONG_KIND.fullmatch(kind)))
    else:
        yield _in_its_words(path, kind, detail["msg"])


def _path(detail: dict[str, Any], model: type[BaseModel], data: Any) -> DataPath:
    """Path in the data of pydantic's ``loc``, which names the branches of unions, too."""
    options, at_branch = choices(model), False
    path: DataPath = ()
    location = detail["loc"]
    for position, piece in enumerate(location):
        if not at_branch and sum(option.type is not NoneType for option in options) > 1:
            at_branch = True
        elif part(data, piece) is not None or (isinstance(data, dict) and piece in data):
            options, data = below(options, data, piece), part(data, piece)
            path, at_branch = (*path, piece), False
        elif detail["type"] == "missing" and position == len(location) - 1:
            path = (*path, piece)
    return path


def _raised(error: Any, path: DataPath) -> Iterator[_Said]:
    if isinstance(error, SpecFaults):
        for fault in error.faults:
            yield from _raised(fault, path)
    elif isinstance(error, SpecFault):
        yield _Said((*path, *error.path), error.message)
    else:
        yield _Said(path, str(error) or "is not valid")


def _tag(kind: str, path: DataPath, model: type[BaseModel], data: Any) -> _Said:
    options, value = at(model, data, path)
    words = list(dict.fromkeys(str(word) for option in options for word in option.words))
    if kind == "union_tag_not_found":
        return _Said(path, f"is required ({one_of(words)})")
    return _Said(path, one_of(words) + near(value, words), True)


def _in_its_words(path: DataPath, kind: str, message: str) -> _Said:
    expected = re.sub(r"^(Input|Value) should be ", "", message)
    if expected != message:
        return _Said(path, expected, True, bool(_WRONG_KIND.fullmatch(kind)))
    return _Said(path, message[:1].lower() + message[1:])


def _number(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value
