"""Software carbon intensity of a unit of work, ISO/IEC 21031."""

from __future__ import annotations

from twin.studies.reporting.fact import Fact, derived
from twin.studies.reporting.measures import embodied_share, software_carbon_intensity
from twin.studies.reporting.quantities import ReportingPeriod, hours_of
from twin.studies.reporting.site import Site

SCI, KG = "SCI (ISO/IEC 21031)", "kgCO2e"


def software_intensity(period: ReportingPeriod, site: Site, location: Fact) -> Fact:
    """The score of the site's functional unit: location-based emissions and embodied carbon over life."""
    work, words = site.work, ("sci.score", SCI, "Software carbon intensity")
    if work is None or site.equipment is None:
        why = "the unit of work (work) or the equipment is not stated in the site's file"
        return Fact(*words, None, "gCO2e per unit", "(O + M) / R", reason=why)
    hours = hours_of(period.ends)
    made = sum(embodied_share(e.embodied_kgco2, hours, e.life_years * 8760.0, work.share_frac) for e in site.equipment)
    return derived(
        period, *words, f"gCO2e/{work.unit}", "(O + M) / R: O location-based, M embodied over life",
        {location.name: location.as_quantity()},
        lambda kg: 1000.0 * software_carbon_intensity(kg * work.share_frac, made, work.units_count),
        basis=f"M {made:.6g} {KG}, R {work.units_count:g} of {work.unit}, {work.share_frac:g} of the site",
        boundary="site energy and stated equipment; no market instruments", source="the site's file",
    )  # fmt: skip
