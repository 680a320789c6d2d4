"""What neither a run nor a meter tells of a site: who, what for, since when, certificates, refrigerants, factors."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from twin.errors import SpecFault, did_you_mean
from twin.quantities import Spec
from twin.references import InputFile
from twin.scenario.reading import read_model
from twin.series.series_file import Timezone
from twin.studies.reporting.factors import FactorName
from twin.studies.reporting.quantities import KEYS

TIME = r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)?$"


class Instrument(Spec):
    """Energy bought with a certificate or a contract, retired for the period."""

    kind: Literal["GO", "REC", "I-REC", "GC", "PPA", "supplier"]
    """What it is."""
    energy_kwh: float = Field(gt=0)
    """Energy that it covers in the period."""
    kgco2_per_kwh: float = Field(ge=0, le=5)
    """What a unit of it emits."""
    renewable: bool = True
    """Whether it is renewable: it then counts in REF."""
    source: str
    """Registry and serial numbers, or the contract."""
    certificate_id: str = ""
    """Identifier in the registry."""
    registry: str = ""
    """Registry, such as that of an AIB member."""
    device: str = ""
    """Generator."""
    technology: str = ""
    """Such as wind."""
    bidding_zone: str = ""
    """Grid area of the generator, such as DE-LU."""
    period_start_utc: str = Field(default="", pattern=TIME)
    """Start of generation, such as 2025-01-01T00:00:00Z; that of the period if left out."""
    period_end_utc: str = Field(default="", pattern=TIME)
    """End of generation, excluded."""
    status: Literal["issued", "transferred", "cancelled"] = "cancelled"
    """Where it is in its life; only what is cancelled (retired) for the period counts."""
    beneficiary: str = ""
    """For whom it is cancelled."""

    @property
    def counts(self) -> bool:
        """Whether it may be claimed: what is only issued or transferred may still be sold."""
        return self.status == "cancelled"


class Residual(Spec):
    """Residual mix: what energy emits for which no instrument is held."""

    kgco2_per_kwh: float = Field(gt=0, le=5)
    """Factor. Zero is none: the AIB's 0 for Austria must not be used."""
    basis: Literal["direct", "life_cycle"] = "direct"
    """Direct combustion, or the life cycle."""
    data_year: int = Field(ge=2000, le=2100)
    """Year of its data."""
    source: str
    """Who publishes it; the AIB's are CO2 alone."""


class Refrigerant(Spec):
    """A refrigerant on site and what of it leaks."""

    name: str
    """Its name in the table of warming potentials, such as R-410A."""
    charge_kg: float = Field(ge=0)
    """Charge."""
    leak_frac: float = Field(ge=0, le=1)
    """Share of the charge that leaks in a year."""


class Embodied(Spec):
    """Equipment with the carbon of its making."""

    name: str
    """What it is."""
    embodied_kgco2: float = Field(ge=0)
    """Carbon of its making, all pieces together."""
    life_years: float = Field(gt=0, le=60)
    """Years over which SCI spreads it."""
    bought_in_period: bool = False
    """Whether it was bought in the period: scope 3 category 2 books all of it then."""
    source: str
    """Where the figure stands."""


class Work(Spec):
    """Functional unit of the software carbon intensity."""

    unit: str
    """What is counted, such as request."""
    units_count: float = Field(gt=0)
    """How many in the period."""
    share_frac: float = Field(default=1.0, gt=0, le=1)
    """Share of the site's energy and equipment that they use."""


class Change(Spec):
    """A change from an earlier report: a correction, a restatement, another method."""

    on: date
    """Day."""
    what: str
    """What changed, and which figures with it."""


class Site(Spec):
    """A site as reports need it. Whatever is left out is reported as missing, with that reason."""

    name: str = ""
    """Name of the data centre; else that of the scenario or the meter file."""
    timezone: Timezone = "UTC"
    """Time zone of meters whose times state no offset."""
    owner: str = ""
    """Owner."""
    operator: str = ""
    """Operator and contact."""
    kind: Literal["enterprise", "colocation", "co-hosting"] | None = None
    """Type in the sense of Regulation (EU) 2024/1364."""
    lau_code: str = ""
    """Local administrative unit."""
    eu_entity_reference_id: str = ""
    """Identifier of the entity, from the member state."""
    eu_dc_reference_id: str = ""
    """Identifier of the data centre, from the member state."""
    commissioned: date | None = None
    """Day on which operation began."""
    installed_it_kw: float | None = Field(default=None, gt=0)
    """PDIT: rated power of network, servers and storage together."""
    floor_m2: float | None = Field(default=None, gt=0)
    """Total floor area."""
    computer_room_m2: float | None = Field(default=None, gt=0)
    """Floor area of computer rooms."""
    electrical_redundancy: str = ""
    """Such as N, N+1, 2N."""
    cooling_redundancy: str = ""
    """Such as N, N+1, 2N."""
    waste_heat_c: float | None = Field(default=None, ge=-20, le=120)
    """Mean temperature of waste heat."""
    inlet_set_c: float | None = Field(default=None, ge=5, le=50)
    """Mean set-point of intake air."""
    server_performance_per_w_ratio: float | None = Field(default=None, gt=0)
    """ITEEsv, such as of SERT: operations per watt."""
    server_utilisation_frac: float | None = Field(default=None, ge=0, le=1)
    """ITEUsv: mean utilisation of server processors."""
    electricity: FactorName | None = None
    """Location-based factor of purchased electricity; a run has its own."""
    upstream: tuple[FactorName, ...] = ()
    """Factors of losses and well to tank of electricity: scope 3 category 3."""
    diesel: FactorName = FactorName(file="data:factors/fuels.yaml", name="diesel")
    """Factor of diesel burnt."""
    diesel_upstream: FactorName | None = None
    """Factor of well to tank of diesel: scope 3 category 3."""
    refrigerant_table: InputFile = "data:factors/refrigerants_ar5.yaml"
    """Table of warming potentials, of the assessment report that the fuel's factor has."""
    refrigerants: tuple[Refrigerant, ...] | None = None
    """Refrigerants; an empty list says that there are none."""
    instruments: tuple[Instrument, ...] | None = None
    """Certificates and contracts; an empty list says that there are none."""
    residual: Residual | None = None
    """Residual mix of the market."""
    tenant_frac: float | None = Field(default=None, ge=0, le=1)
    """Share of purchased electricity that tenants use."""
    tenant_energy: Literal["scope_2", "category_13"] = "scope_2"
    """Where tenants' energy is reported under the consolidation approach that the operator has chosen."""
    consolidation: Literal["operational_control", "financial_control", "equity_share"] = "operational_control"
    """Consolidation approach of the inventory."""
    equipment: tuple[Embodied, ...] | None = None
    """Equipment with its embodied carbon."""
    work: Work | None = None
    """Functional unit of SCI."""
    stated: dict[str, int | float] = Field(default_factory=dict)
    """Quantities that nothing measures, by name: estimates."""
    uncertainty_frac: dict[str, float] = Field(default_factory=dict)
    """Uncertainty of quantities by name: half the width of the 95 % interval over the value, such as .005 for 0.5 %."""
    missing: dict[str, str] = Field(default_factory=dict)
    """Quantities that are not measured, not applicable or confidential, by name, each with its reason."""
    changes: tuple[Change, ...] = ()
    """Changes from earlier reports."""
    fields: dict[str, str] = Field(default_factory=dict)
    """Texts for fields of the EU form that have no other place, by key."""

    @field_validator("stated", "missing", "uncertainty_frac")
    @classmethod
    def _known(cls, value: dict[str, object]) -> dict[str, object]:
        for key, one in value.items():
            if key not in KEYS:
                raise SpecFault((key,), f"is no quantity{did_you_mean(key, KEYS)}")
            if isinstance(one, int | float) and not 0 <= one < float("inf"):
                raise SpecFault((key,), f"{one:g} is negative or no number")
        return value

    @field_validator("uncertainty_frac")
    @classmethod
    def _a_fraction(cls, value: dict[str, float]) -> dict[str, float]:
        for key, one in value.items():
            if one > 1.0:
                raise SpecFault((key,), f"{one:g} is more than the value itself; 0.5 % is .005")
        return value


def read_site(path: Path | None) -> Site:
    """The site of a YAML file; without a file one of which nothing is known. Raises InputError with every fault."""
    return Site() if path is None else read_model(Site, path)
