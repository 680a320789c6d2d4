"""Losses of the power chain: three coefficients for UPS, PDU, rectifier and transformer.

loss / rated = a0 + a1 x + a2 x², x = output / rated, input = output + loss: no-load, proportional and square-law
parts (Schneider Electric White Paper 108).
"""

from __future__ import annotations

from twin.compiled import compilable

# Each set is constructed: its shape follows White Paper 108, its level is pinned to the published figure named here.
UPS_COEFFICIENTS = {
    "modern": (0.0085, 0.0102, 0.0125),  # constructed, pinned to 97 % at full load (Schneider Galaxy VS data sheet)
    "legacy": (0.030, 0.028, 0.0173),  # constructed, pinned to about 85 % at 20-25 % load (White Paper 108)
    "eco": (0.0040, 0.0030, 0.0030),  # constructed, pinned to 99 % in eConversion (Galaxy VS); needs 5-10 % load
}

# Least efficiency of low-voltage dry-type three-phase transformers at 35 % load by rating in kVA, made from 2016 to
# 2029: 10 CFR 431.196(a)(2).
TRANSFORMER_EFFICIENCY = {
    15: 0.9789, 30: 0.9823, 45: 0.9840, 75: 0.9860, 112.5: 0.9874, 150: 0.9883, 225: 0.9894, 300: 0.9902, 500: 0.9914,
    750: 0.9923, 1000: 0.9928,
}  # fmt: skip
TRANSFORMER_LOAD_FRAC = 0.35  # load at which those efficiencies are rated


@compilable
def three_coefficient_loss_frac(load_frac: float, a0: float, a1: float, a2: float) -> float:
    """Loss over rating at a load that is output over rating; the no-load part is drawn without output too.

    >>> round(1000.0 * three_coefficient_loss_frac(0.5, 0.0085, 0.0102, 0.0125), 4)
    16.725
    """
    return a0 + load_frac * (a1 + load_frac * a2)


@compilable
def input_kw(output_kw: float, rated_kw: float, a0: float, a1: float, a2: float) -> float:
    """Input in kW of a converter with the given output.

    >>> input_kw(500.0, 1000.0, 0.0085, 0.0102, 0.0125) / 500.0
    1.03345
    """
    return output_kw + rated_kw * three_coefficient_loss_frac(output_kw / rated_kw, a0, a1, a2)


@compilable
def efficiency_frac(load_frac: float, a0: float, a1: float, a2: float) -> float:
    """Output over input at a load over rating; 0 without load.

    >>> [round(efficiency_frac(x, 0.0085, 0.0102, 0.0125), 3) for x in (0.1, 0.25, 0.5, 1.0)]
    [0.912, 0.955, 0.968, 0.97]
    """
    taken = load_frac + three_coefficient_loss_frac(load_frac, a0, a1, a2)
    return load_frac / taken if taken > 0.0 else 0.0


@compilable
def transformer_losses_frac(peak_efficiency_frac: float, peak_load_frac: float) -> tuple[float, float]:
    """No-load and load loss over rating of a transformer whose efficiency peaks, at the value given, at a load.

    At the peak NLL = x² LL (unity power factor, no temperature correction); use as a0 and a2 with a1 = 0.

    >>> nll, ll = transformer_losses_frac(0.9928, 0.35)
    >>> round(nll, 8), round(ll, 7), round(efficiency_frac(1.0, nll, 0.0, ll), 5)
    (0.00126914, 0.0103603, 0.9885)
    """
    no_load = 0.5 * peak_load_frac * (1.0 / peak_efficiency_frac - 1.0)
    return no_load, no_load / (peak_load_frac * peak_load_frac)


def doe_2016_efficiency_frac(rated_kva: float) -> float:
    """Least efficiency at 35 % load of a low-voltage dry-type transformer of 15 to 1000 kVA (outside: that of the end).

    Between the ratings listed it is interpolated in kVA, as 10 CFR 431.196(a)(2) has it.

    >>> doe_2016_efficiency_frac(1000.0), round(doe_2016_efficiency_frac(625.0), 6), doe_2016_efficiency_frac(2000.0)
    (0.9928, 0.99185, 0.9928)
    """
    sizes = sorted(TRANSFORMER_EFFICIENCY)
    kva = min(max(rated_kva, sizes[0]), sizes[-1])
    above = next(size for size in sizes if size >= kva)
    below = max((size for size in sizes if size < above), default=above)
    share = (kva - below) / (above - below) if above > below else 0.0
    low, high = TRANSFORMER_EFFICIENCY[below], TRANSFORMER_EFFICIENCY[above]
    return low + share * (high - low) if share < 1.0 else high


@compilable
def converter_input(output: float, fixed: float, efficiency: float) -> float:
    """Input of a converter with a fixed loss before a constant efficiency: (output + fixed) / η, in the same unit.

    The form of the Frontier model (ExaDigiT RAPS): SIVOC .98 with 13 W, rectifier .96 with 17 W.

    >>> round(converter_input(626.26, 13.0, 0.98), 3)
    652.306
    """
    return (output + fixed) / efficiency
