"""One colour per meaning, for every table, figure and page (after Okabe and Ito, told apart by all eyes)."""

from __future__ import annotations

COLOURS = {
    "it": "#0072B2",
    "chillers": "#009E73",
    "fans": "#56B4E9",
    "pumps": "#3C8DAD",
    "heat_rejection": "#8CCFC5",
    "losses": "#E69F00",
    "other": "#999999",
    "grid": "#333333",
    "pv": "#F0C419",
    "battery": "#CC79A7",
    "cost": "#7A4E9E",
    "carbon": "#5B5B5B",
    "water": "#2F6FBF",
    "limit": "#D55E00",
    "baseline": "#8A8A8A",
}

MEANINGS = {  # meaning -> words, in the order in which parts are stacked
    "it": "IT equipment",
    "chillers": "Chillers",
    "fans": "Fans",
    "pumps": "Pumps",
    "heat_rejection": "Towers, dry coolers",
    "losses": "Power chain losses",
    "other": "Lighting, other",
}
END_USES = {  # end use of the ledger -> meaning
    "it": "it",
    "chiller": "chillers",
    "crac": "chillers",
    "heat_pump": "chillers",
    "crah_fan": "fans",
    "rear_door": "fans",
    "pump": "pumps",
    "tower_fan": "heat_rejection",
    "pdu": "losses",
    "panel": "losses",
    "ups": "losses",
    "rectifier": "losses",
    "transformer": "losses",
    "battery": "losses",
    "humidifier": "other",
    "lighting": "other",
    "auxiliary": "other",
}
