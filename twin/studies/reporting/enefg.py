"""German Energy Efficiency Act (EnEfG) §11: what a data centre must keep to from which day, and whether it does.

Source: EnEfG §11 as at gesetze.legal/bund/enefg/11 in November 2026; an amendment that would relax 1.2 was under
discussion in April 2026. Electricity that only upgrades waste heat is not part of this PUE. Exemptions of §11 (3), such
as agreements with municipalities, are not judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from twin.studies.reporting.fact import Fact, derived
from twin.studies.reporting.quantities import Quantity, ReportingPeriod

ENEFG = "German EnEfG §11"
NEW = date(2026, 7, 1)  # §11 (2): from here on the stricter rules
ERF_STEPS = ((date(2028, 7, 1), 0.20), (date(2027, 7, 1), 0.15), (NEW, 0.10))  # §11 (2), planned ERF
OLD_PUE = ((date(2027, 7, 1), 1.5), (date(2030, 7, 1), 1.3))  # §11 (1)
NEW_PUE = 1.2  # §11 (2)
RENEWABLE = ((date(2024, 1, 1), 0.5), (date(2027, 1, 1), 1.0))  # §11 (5): share of electricity, by balance
A_YEAR = "the law asks for the mean of a year"
GRACE_YEARS = 2  # §11 (2): at the latest two years after operation began


@dataclass(frozen=True)
class Rule:
    """A limit on PUE (at most) or ERF (at least) from a day on."""

    figure: str
    limit: float
    since: date

    def holds(self, value: float) -> bool:
        """Whether the value keeps to it."""
        return value <= self.limit if self.figure == "PUE" else value >= self.limit


def rules(commissioned: date) -> list[Rule]:
    """The rules for a data centre by the day on which its operation began."""
    if commissioned < NEW:
        return [Rule("PUE", limit, since) for since, limit in OLD_PUE]
    day = 28 if (commissioned.month, commissioned.day) == (2, 29) else commissioned.day
    deadline = date(commissioned.year + GRACE_YEARS, commissioned.month, day)
    erf = next(share for since, share in ERF_STEPS if commissioned >= since)
    return [Rule("PUE", NEW_PUE, deadline), Rule("ERF", erf, deadline)]


def enefg(period: ReportingPeriod, commissioned: date | None) -> list[Fact]:
    """PUE in the sense of §11, and one result for each rule: meets, fails, or missing with the reason.

    The law asks for the mean of a year: from less than a year nothing is concluded.
    """
    upgrade = period.quantities["heat_upgrade_kwh"]
    if upgrade.value is None:  # nothing is known of such heat pumps: PUE with all energy, which is never too low
        upgrade = Quantity(0.0, period.nature, "no heat pumps of heat reuse are told of")
    parts = {
        "quantity.edc_kwh": period.quantities["edc_kwh"],
        "quantity.heat_upgrade_kwh": upgrade,
        "quantity.eit_ups_kwh": period.quantities["eit_ups_kwh"],
    }
    basis = f"interim: {A_YEAR}" if period.interim else "annual mean"
    if period.quantities["heat_upgrade_kwh"].value is None:
        basis += "; electricity that upgrades waste heat is not told, none is taken off"
    pue = derived(
        period, "enefg.pue", ENEFG, "PUE in the sense of §11", "1", "(EDC - electricity upgrading waste heat) / EIT",
        parts, lambda edc, heat, it: (edc - heat) / it, basis=basis,
    )  # fmt: skip
    erf = derived(period, "enefg.erf", ENEFG, "ERF", "1", "EREUSE / EDC", ("ereuse_kwh", "edc_kwh"), lambda a, b: a / b)
    shares = _renewable(period)
    if commissioned is None:
        reason = "the day on which operation began is not stated (commissioned, in the site's file)"
        return [pue, erf, *shares, Fact("enefg.result", ENEFG, "Result of §11", None, reason=reason)]
    return [
        pue,
        erf,
        *shares,
        *(
            _judged(rule, pue if rule.figure == "PUE" else erf, commissioned, period.interim)
            for rule in rules(commissioned)
        ),
    ]


def _renewable(period: ReportingPeriod) -> list[Fact]:
    """Share of renewable energy, by balance, and whether it keeps to the share asked for from each day on."""
    share = derived(
        period, "enefg.renewable", ENEFG, "Share of renewable electricity, by balance", "1", "ERES-TOT / EDC",
        {"eed.ERES-TOT": period.quantities["eres_tot_kwh"], "quantity.edc_kwh": period.quantities["edc_kwh"]},
        lambda a, b: a / b, basis="of all energy of the data centre",
    )  # fmt: skip
    value = None if period.interim else share.number
    judged = [
        Fact(
            f"enefg.renewable_from_{since.isoformat()}", ENEFG,
            f"Renewable electricity at least {100 * limit:g} % from {since.isoformat()}",
            None if value is None else "meets" if value >= limit else "fails", formula=f"share at least {limit:g}",
            inputs=(share.name,), quality=share.quality, basis="by balance over the period",
            reason=share.reason or (A_YEAR if period.interim else ""),
        )
        for since, limit in RENEWABLE
    ]  # fmt: skip
    return [share, *judged]


def _judged(rule: Rule, figure: Fact, commissioned: date, interim: bool) -> Fact:
    value = None if interim else figure.number
    sign = "at most" if rule.figure == "PUE" else "at least"
    return Fact(
        f"enefg.{rule.figure.lower()}_from_{rule.since.isoformat()}", ENEFG,
        f"{rule.figure} {sign} {rule.limit:g} from {rule.since.isoformat()}",
        None if value is None else "meets" if rule.holds(value) else "fails",
        formula=f"{rule.figure} {sign} {rule.limit:g}", inputs=(figure.name,), quality=figure.quality,
        basis=f"operation began {commissioned.isoformat()}; law of November 2026; exemptions of §11 (3) not judged",
        reason=figure.reason or (A_YEAR if interim else ""),
    )  # fmt: skip
