"""The search for the water temperature of a loop at which what goes in agrees with what comes out."""

from __future__ import annotations

from twin.compiled import compilable

FAR_C = 1e6  # no trial was that cold or that warm
STEEPEST_STEP_K = 50.0  # a trial goes no further than this beyond the last one
HALVING_FROM = 12.0  # passes after which an end that stays means halving: a jump has no slope to follow


@compilable
def open_search(node):  # type: ignore[no-untyped-def]
    """No trial was too cold or too warm yet."""
    node.pass_count = 0.0
    node.cold_c = -FAR_C
    node.warm_c = FAR_C
    node.low_residual_k = 0.0


@compilable
def next_trial_c(node, trial_c, residual_k, flattest):  # type: ignore[no-untyped-def]
    """The temperature to try after ``trial_c`` came to ``trial_c + residual_k``; counts the pass.

    Secant, its slope at least as steep as ``flattest`` (negative), while it stays between the warmest trial that was
    too cold and the coldest that was too warm. Where it leaves them, as at the kink where capacity runs out: the
    Illinois form of regula falsi, which halves the residual of the end that stays (Dowell and Jarratt 1971, BIT 11).
    """
    slope = -1.0
    if node.pass_count > 0.5 and abs(trial_c - node.low_c) > 1e-12:
        slope = (residual_k - node.low_residual_k) / (trial_c - node.low_c)
    guess_c = min(trial_c - residual_k / min(slope, flattest), trial_c + STEEPEST_STEP_K)
    stays = node.low_residual_k * residual_k > 0.0
    if residual_k > 0.0:
        node.cold_c, node.cold_residual_k = trial_c, residual_k
        node.warm_residual_k *= 0.5 if stays else 1.0
    else:
        node.warm_c, node.warm_residual_k = trial_c, residual_k
        node.cold_residual_k *= 0.5 if stays else 1.0
    node.low_c, node.low_residual_k = trial_c, residual_k
    node.pass_count += 1.0
    if node.cold_c > -FAR_C and node.warm_c < FAR_C:
        share = node.cold_residual_k / max(node.cold_residual_k - node.warm_residual_k, 1e-300)
        if stays and node.pass_count > HALVING_FROM:
            guess_c = 0.5 * (node.cold_c + node.warm_c)
        elif not (node.cold_c < guess_c and guess_c < node.warm_c):
            guess_c = node.cold_c + share * (node.warm_c - node.cold_c)
    return guess_c


@compilable
def forget_trials(node, trial_c):  # type: ignore[no-untyped-def]
    """What was told of trials up to ``trial_c`` holds no longer: something has been switched on."""
    node.cold_c = -FAR_C
    node.warm_c = FAR_C
    node.low_c, node.low_residual_k = trial_c, 0.0
