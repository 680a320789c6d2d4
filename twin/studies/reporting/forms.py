"""Forms that are data: the EU's fields for data centres and the datapoints of ESRS, filled from figures and the site.

A form is a versioned YAML file in data/reporting; a new version is a new file. What has no value has a reason.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from twin.errors import Fault, InputError, Place, did_you_mean
from twin.series.files import resolve
from twin.studies.reporting.fact import Fact
from twin.studies.reporting.site import Site
from twin.yaml_source import load

EED_VERSIONS = ("eed_2024_1364", "eed_2026_draft")
ESRS_VERSION = "esrs_set1_2023-12-22"


class _Field(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    key: str
    name: str
    unit: str
    of: str = Field(alias="from")
    verified: bool


class EedForm(BaseModel):
    """A version of the EU form."""

    model_config = ConfigDict(extra="forbid")
    title: str
    version: str
    status: Literal["in force", "draft"]
    source: str
    threshold_kw: float
    due: str
    extends: str | None = None
    differs: str = ""
    removed: tuple[str, ...] = ()
    fields: tuple[_Field, ...]


class _Datapoint(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    dr: str
    label: str
    unit: str
    element: str | None = None
    of: str | None = Field(default=None, alias="from")
    own: str | None = None
    scale: float = 1.0
    reason: str = ""


class EsrsForm(BaseModel):
    """A version of the datapoints of ESRS."""

    model_config = ConfigDict(extra="forbid")
    title: str
    version: str
    status: str
    source: str
    datapoints: tuple[_Datapoint, ...]


@functools.cache
def _form(version: str, model: type[Any]) -> Any:
    path = resolve(f"data:reporting/{version}.yaml")
    document = load(path)
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        raise InputError([Fault(one["msg"], str(one["loc"]), Place(str(path))) for one in error.errors()]) from error


def eed_form(version: str) -> EedForm:
    """A version of the EU form with what it extends."""
    form: EedForm = _form(version, EedForm)
    if form.extends is None:
        return form
    before = tuple(one for one in eed_form(form.extends).fields if one.key not in form.removed)
    return form.model_copy(update={"fields": before + form.fields})


def eed(version: str, site: Site, name: str, figures: Mapping[str, Fact]) -> list[Fact]:
    """Whether the form is due, and each of its fields, with value or reason; ``figures`` by name."""
    form = eed_form(version)
    _refuse_unknown(site)
    standard = f"EU 2024/1364 ({form.version}, {form.status})"
    prefix = "eed" if form.status == "in force" else form.version
    told = {"NAME": site.name or name}
    return [
        _scope(form, prefix, standard, site.installed_it_kw),
        *(_filled(one, f"{prefix}.{one.key}", standard, site, told, figures) for one in form.fields
          if f"{prefix}.{one.key}" not in figures),
    ]  # fmt: skip


def _refuse_unknown(site: Site) -> None:
    known = [one.key for version in EED_VERSIONS for one in eed_form(version).fields]
    if wrong := [key for key in site.fields if key not in known]:
        raise InputError([Fault(f"is no field of the EU's forms{did_you_mean(key, known)}", f"fields.{key}")
                          for key in wrong])  # fmt: skip


def _scope(form: EedForm, prefix: str, standard: str, installed_kw: float | None) -> Fact:
    formula = f"PDIT at least {form.threshold_kw:g} kW"
    value = None
    if installed_kw is not None:
        value = "to be reported" if installed_kw >= form.threshold_kw else "below the threshold"
    basis = "; ".join(filter(None, (formula, f"due {form.due}", form.source, form.differs)))
    return Fact(f"{prefix}.scope", standard, "Obligation to report", value, formula=formula, inputs=(f"{prefix}.PDIT",),
                basis=basis, quality="estimated", source="the site's file",
                reason="PDIT is not stated (installed_it_kw, in the site's file)")  # fmt: skip


def _filled(
    one: _Field, name: str, standard: str, site: Site, told: Mapping[str, str], figures: Mapping[str, Fact]
) -> Fact:
    kind, _, of = one.of.partition(":")
    if kind in ("quantity", "fact"):
        source = figures[f"quantity.{of}" if kind == "quantity" else of]
        return Fact(name, standard, one.name, source.value, one.unit, f"{one.key} = {source.name}", (source.name,),
                    boundary=source.boundary, basis=source.basis, quality=source.quality, reason=source.reason,
                    verified=one.verified, category=source.category, low=source.low, high=source.high,
                    spread=source.spread)  # fmt: skip
    value: Any = told.get(one.key) or site.fields.get(one.key)
    why = f"not stated in the site's file (fields.{one.key})"
    if kind == "site" and not value:
        value, why = getattr(site, of), f"not stated in the site's file ({of})"
    if kind == "refrigerants" and site.refrigerants is not None:
        value = ", ".join(gas.name for gas in site.refrigerants) or "none"
    if not isinstance(value, float):
        value = str(value) if value else None
    return Fact(name, standard, one.name, value, one.unit, source="the site's file", quality="estimated", reason=why,
                verified=one.verified)  # fmt: skip


def esrs(figures: Mapping[str, Fact]) -> list[Fact]:
    """The datapoints, named by element where that is known; ``verified`` is false where it is not."""
    form: EsrsForm = _form(ESRS_VERSION, EsrsForm)
    return [_datapoint(k, one, form, figures) for k, one in enumerate(form.datapoints, 1)]


def _datapoint(number: int, one: _Datapoint, form: EsrsForm, figures: Mapping[str, Fact]) -> Fact:
    name = f"esrs.{one.dr}.{one.element or f'{number:02d}'}"
    standard = f"ESRS {one.dr} ({form.version})"
    more: dict[str, Any] = {"verified": one.element is not None, "category": one.element and f"esrs:{one.element}"}
    if one.of is None:
        return Fact(name, standard, one.label, None, one.unit, reason=one.reason, **more)
    source = figures.get(one.own or "", figures[one.of])  # without tenants, where the approach leaves them out
    value, low, high = (None if x is None else x * one.scale for x in (source.number, source.low, source.high))
    formula = f"{source.name} x {one.scale:g}" if one.scale != 1.0 else source.name
    return Fact(name, standard, one.label, value, one.unit, formula, (source.name,), basis=source.basis,
                boundary=source.boundary, quality=source.quality, reason=source.reason, low=low, high=high,
                spread=source.spread, **more)  # fmt: skip
