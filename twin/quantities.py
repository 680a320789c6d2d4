"""Names that carry their unit, and the frozen record that all inputs are made of.

``supply_air_c`` is in degC because it ends in ``_c``. :func:`unit_of` reads the unit off a name; a float field
of a :class:`Spec` whose name states no unit cannot be defined.
"""

from __future__ import annotations

import types
import typing
from typing import Any

from pydantic import BaseModel, ConfigDict

UNITS = {
    "kwh_per_k": "kWh/K",
    "kw_per_k": "kW/K",
    "kgco2_per_kwh": "kgCO2e/kWh",
    "l_per_kwh": "L/kWh",
    "kwh_per_kw": "kWh/kW",
    "per_kwh": "currency/kWh",
    "per_kwh_h": "currency/(kWh h)",
    "per_kw": "currency/kW",
    "per_m3": "currency/m3",
    "per_t": "currency/tCO2e",
    "per_kvar": "currency/kvar",
    "per_month": "currency/month",
    "per_year": "currency/year",
    "rise_per_k": "1/K",
    "kw_per_kw": "kW/kW",
    "kj_kg_k": "kJ/(kg K)",
    "kj_kg": "kJ/kg",
    "kg_m3": "kg/m3",
    "kg_kg": "kg/kg",
    "kg_s": "kg/s",
    "m3_s": "m3/s",
    "m3_h": "m3/h",
    "m_s": "m/s",
    "w_m2": "W/m2",
    "kgco2": "kgCO2e",
    "kwh": "kWh",
    "kw": "kW",
    "kva": "kVA",
    "gb": "GB",
    "tb_s": "TB/s",
    "tflops": "1e12/s",
    "billion": "1e9",
    "usd": "USD",
    "ms": "ms",
    "per_s": "1/s",
    "per_h": "1/h",
    "per_device_h": "1/(device h)",
    "w": "W",
    "kpa": "kPa",
    "pa": "Pa",
    "c": "degC",
    "k": "K",
    "m3": "m3",
    "m2": "m2",
    "m": "m",
    "l": "L",
    "kg": "kg",
    "h": "h",
    "min": "min",
    "s": "s",
    "deg": "deg",
    "frac": "1",
    "cop": "1",
    "shi": "1",
    "ratio": "1",
    "count": "1",
    "year": "year",
    "years": "year",
}
_LONGEST = max(suffix.count("_") for suffix in UNITS) + 1


def unit_of(name: str) -> str | None:
    """Unit stated by a name's suffix, or None. The longest suffix wins: ``_kw_per_k`` before ``_k``.

    >>> unit_of("supply_air_c"), unit_of("coil_kw_per_k"), unit_of("efficiency")
    ('degC', 'kW/K', None)
    """
    words = name.split("_")
    for length in range(min(_LONGEST, len(words)), 0, -1):
        unit = UNITS.get("_".join(words[-length:]))
        if unit is not None:
            return unit
    return None


def _state_units(schema: dict[str, Any]) -> None:
    """Add to each number of a JSON Schema the unit that its name carries, for editors and forms."""
    for name, part in schema.get("properties", {}).items():
        if _is_number(part) and (unit := unit_of(name)):
            part["unit"] = unit


def _is_number(part: dict[str, Any]) -> bool:
    inner = [*part.get("anyOf", ()), *part.get("prefixItems", ()), part.get("items", {})]
    return part.get("type") in ("number", "integer") or any(isinstance(p, dict) and p and _is_number(p) for p in inner)


class Spec(BaseModel):
    """Frozen, closed input record. Each field has a one-line docstring, bounds, and a unit in its name."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=False,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
        validate_default=False,
        hide_input_in_errors=False,
        json_schema_extra=_state_units,
    )

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        for name, field in cls.model_fields.items():
            if _holds_float(field.annotation) and unit_of(name) is None:
                raise TypeError(
                    f"{cls.__name__}.{name}: a float field must state its unit as a suffix, such as {name}_kw"
                )


def _holds_float(annotation: Any) -> bool:
    if annotation is float:
        return True
    if typing.get_origin(annotation) in (typing.Union, types.UnionType, tuple, list, typing.Annotated):
        return any(_holds_float(part) for part in typing.get_args(annotation))
    return False
