"""The grid connection: one meter at the utility's side of everything, which counts import and export apart."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from twin.compiled import compilable
from twin.components.base import Component, Fields, Ledger, Phase, Surroundings
from twin.components.power.device import hold_wanted
from twin.components.profiles import ALWAYS, Availability

NO_LIMIT_KW = 1e12  # beyond any site
ROUNDING_KW = 1e-9  # that sums of powers leave


@compilable
def see_feed(p, u, w, s, x, y, site, dt_h):  # type: ignore[no-untyped-def]
    """What the utility cannot feed in this step, before generators are called."""
    site.lost_frac = 1.0 - min(u.availability_frac, 1.0)


@compilable
def feed_site(p, u, w, s, x, y, bus, site, dt_h):  # type: ignore[no-untyped-def]
    """Share of the load that the utility, or the island that is left without it, can serve.

    An island is there while sets run or a battery forms it; photovoltaics only follow it. Its power is held against
    the load of the last step, as by :func:`twin.components.power.device.pass_power_on`. A site that was never fed has
    no such load: all of it is let on once there is an island, and what is too much is shed in the next step.
    """
    bus.wanted_kw = s.wanted_kw
    able_kw = site.ready_kw + site.sun_kw if site.ready_kw > 0.0 else 0.0
    black_frac = 0.0 if able_kw > 0.0 else site.lost_frac
    bus.off_frac = max(site.lost_frac - able_kw / s.wanted_kw, 0.0) if s.wanted_kw > 0.0 else black_frac
    bus.unfed_frac = bus.off_frac
    bus.carried_frac = 0.0


@compilable
def read_load(p, u, w, s, x, y, bus, site, dt_h):  # type: ignore[no-untyped-def]
    """What the site draws before on-site generation and batteries answer it."""
    site.load_kw = bus.load_kw
    hold_wanted(s, x, bus)


@compilable
def meter_step(p, u, w, s, x, y, site, dt_h):  # type: ignore[no-untyped-def]
    """Net of load, generation and batteries; caps on the site's import go by it in the next step."""
    net_kw = site.load_kw + site.charge_kw - site.supply_kw
    if site.lost_frac >= 1.0 and -ROUNDING_KW < net_kw < ROUNDING_KW:
        net_kw = 0.0  # an island's balance, not a draw on a utility that is not there
    y.import_kw = max(net_kw, 0.0)
    surplus_kw = max(-net_kw, 0.0)
    y.export_kw = min(surplus_kw, p.most_export_kw) if site.lost_frac < 1.0 else 0.0
    y.curtailed_kw = surplus_kw - y.export_kw
    site.import_kw = y.import_kw
    site.net_kw = net_kw
    y.unfed_kw = max(y.import_kw, 0.0) if site.lost_frac >= 1.0 else 0.0


class Meter(Component):
    """Connection to the grid. ``limit_kw`` is the contracted power; hours above it are reported."""

    limit_kw: float | None = Field(None, gt=0, le=1e7)
    """Contracted import power; exceeding it is reported, not prevented. None where there is no contract on it."""
    export_limit_kw: float | None = Field(None, ge=0, le=1e7)
    """Most power that may be exported; the rest of a surplus is curtailed. None: no limit; 0: nothing is exported."""
    export_per_kwh: float = Field(0.0, ge=-1e6, le=1e6)
    """What exported energy earns, in the tariff's currency; a credit beside the bill."""
    availability: Availability = ALWAYS
    """Share of the site's load that the utility can feed: 0 while its feeds are lost."""

    inputs: ClassVar[Fields] = {"availability_frac": "Share of the load that the utility can feed"}
    derived: ClassVar[dict[str, int]] = {"most_export_kw": 0}
    state: ClassVar[Fields] = {"wanted_kw": "Load with all of it served"}
    outputs: ClassVar[Fields] = {
        "import_kw": "Power imported from the grid",
        "export_kw": "Power exported to the grid",
        "curtailed_kw": "Surplus that is neither used nor exported",
        "unfed_kw": "Power drawn although the utility was lost: what the site cannot shed",
    }
    watched: ClassVar[dict[str, float]] = {"import_kw": 1e9}
    ledger: ClassVar[Ledger] = Ledger(supplies=("import_kw",), gives=("export_kw", "curtailed_kw"))
    phases: ClassVar[tuple[Phase, ...]] = (
        Phase("see_feed", see_feed, ("site",)),
        Phase("feed", feed_site, ("bus", "site")),
        Phase("site_load", read_load, ("bus", "site")),
        Phase("meter", meter_step, ("site",)),
    )

    def derive(self, around: Surroundings) -> dict[str, float]:
        """Limit of export, large where there is none."""
        return {"most_export_kw": NO_LIMIT_KW if self.export_limit_kw is None else self.export_limit_kw}
