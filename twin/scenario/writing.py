"""Plain data and models to YAML text: a resolved scenario that reads again to an equal one, and writes the same bytes.

Everything is written out, defaults too, so that results do not move when a default changes. The text comes from
here rather than from a library, so that its bytes do not move with a library either.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from twin.scenario.shape import key_of

_UNQUOTED = re.compile(r"(?!.*(: |:$| $))[^\W\d][\w ./:()+%-]*|(?!.*(: |:$| $))/[\w ./:()+%-]+")
_OTHER_READERS = {"yes", "no", "on", "off", "y", "n", "true", "false", "null"}  # what YAML 1.1 reads otherwise
_LONGEST_KEY = 1000  # characters that a key written without '? ' may have: 1024 with its quotes, YAML 1.2.2 §7.4.2
_LONGEST_LINE = 100  # characters of a list written in one line


def dump(data: Any) -> str:
    """YAML text of plain data, the same for equal data: keys in their order, floats to the last bit.

    Mappings and long lists are written in block style, a list of scalars that fits in one line in brackets. Strings
    that this or another reader could take for something else are quoted. Raises TypeError for what is not plain data.
    """
    if isinstance(data, dict | list | tuple) and data:
        return "\n".join(_block(data, "")) + "\n"
    return _inline(data) + "\n"


def _block(data: Any, pad: str) -> Iterator[str]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _entry(_head(key, pad), value, pad)
    else:
        for item in data:
            yield from _item(item, pad)


def _entry(head: str, value: Any, pad: str) -> Iterator[str]:
    if _fits(value):
        yield f"{pad}{head} {_inline(value)}"
    else:
        yield pad + head
        yield from _block(value, pad + "  ")


def _item(value: Any, pad: str) -> Iterator[str]:
    if _fits(value):
        yield f"{pad}- {_inline(value)}"
    else:
        lines = _block(value, pad + "  ")
        yield f"{pad}- {next(lines).removeprefix(pad + '  ')}"
        yield from lines


def _head(key: Any, pad: str) -> str:
    if not isinstance(key, str):
        raise TypeError(f"a key must be text, got {key!r}")
    text = _inline(key)
    return f"{text}:" if len(text) <= _LONGEST_KEY else f"? {text}\n{pad}:"


def _fits(value: Any) -> bool:
    if isinstance(value, list | tuple) and value:
        return not any(isinstance(item, dict | list | tuple) for item in value) and len(_inline(value)) <= _LONGEST_LINE
    return not isinstance(value, dict) or not value


def _inline(value: Any) -> str:
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, bool | int):
        return "null" if value is None else str(value).lower()
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_inline(item) for item in value) + "]"
    if value == {}:
        return "{}"
    raise TypeError(f"cannot be written as YAML: {value!r}")


def _float(value: float) -> str:
    if value != value or value in (float("inf"), float("-inf")):
        return ".nan" if value != value else (".inf" if value > 0 else "-.inf")
    mantissa, mark, exponent = repr(value).partition("e")
    return mantissa + (".0" if mark and "." not in mantissa else "") + mark + exponent  # YAML 1.1 wants the point


def _text(text: str) -> str:
    if _UNQUOTED.fullmatch(text) and text.lower() not in _OTHER_READERS:
        return text
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def dump_model(instance: BaseModel) -> str:
    """YAML text of a model with everything written out; only fields that are None by default and by value stay away."""
    return dump(plain(instance))


def plain(instance: BaseModel) -> dict[str, Any]:
    """The same as data."""
    return _plain_fields(instance, instance.model_dump(mode="json"))


def _plain(value: Any, dumped: Any) -> Any:
    """``dumped``, which is ``value`` as plain data, without what need not be written."""
    if isinstance(value, BaseModel):
        return _plain_fields(value, dumped)
    if isinstance(value, dict) and isinstance(dumped, dict):
        return {key: _plain(part, dumped[key]) for part, key in zip(value.values(), dumped, strict=True)}
    if isinstance(value, list | tuple) and isinstance(dumped, list):
        return [_plain(*pair) for pair in zip(value, dumped, strict=True)]
    return dumped


def _plain_fields(instance: BaseModel, dumped: dict[str, Any]) -> dict[str, Any]:
    plain = {}
    for name, field in type(instance).model_fields.items():
        value = getattr(instance, name)
        if value is not None or field.default is not None:
            plain[key_of(name, field)] = _plain(value, dumped[name])
    return plain
