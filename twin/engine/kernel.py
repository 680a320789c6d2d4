"""The compiled time loop: one signature for every step, one loop that calls a table of addresses.

A technology's step is compiled once, as a C callback that views its blocks as records; a composition is only a
table of addresses and offsets, so a new composition compiles nothing. Imported only where numba is there:
``twin.engine.plain`` runs the same steps without it and gives the same bits.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from twin.compiled import disk_cache, numba, once, register_marked
from twin.engine.composition import Composition, record_types

nb = numba()  # sets numba up before anything else of it is imported

from llvmlite import ir  # noqa: E402
from numba import carray  # noqa: E402
from numba.core import types  # noqa: E402
from numba.extending import intrinsic  # noqa: E402

POINTERS = 9  # p, u, w, s, x, y and three nodes
SIGNATURE = types.void(*[types.voidptr] * POINTERS, types.float64)


@intrinsic
def call_address(typing, address, p, u, w, s, x, y, a, b, c, dt_h):  # type: ignore[no-untyped-def]
    """Call the function at an address with nine pointers, all given as integers, and the step's length."""
    signature = types.void(*[types.int64] * (POINTERS + 1), types.float64)

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        pointer = ir.IntType(8).as_pointer()
        function = ir.FunctionType(ir.VoidType(), [pointer] * POINTERS + [ir.DoubleType()]).as_pointer()
        blocks = [builder.inttoptr(a, pointer) for a in args[1:-1]]
        builder.call(builder.inttoptr(args[0], function), [*blocks, args[-1]])
        return context.get_dummy_value()

    return signature, generate


@once
def entry(step: Callable[..., None], records: tuple[np.dtype[Any], ...]) -> Any:
    """C callback of ``step`` for the record types of p, u, w, s, x, y and its nodes; keep the object alive."""
    register_marked()
    call = _CALLS[len(records) - 6](step, *records)
    with disk_cache(step, *records) as cached:
        return nb.cfunc(SIGNATURE, cache=cached, error_model="numpy")(call)


def _call1(step, P, U, W, S, X, Y, A):  # type: ignore[no-untyped-def]
    def call(p, u, w, s, x, y, a, b, c, dt_h):  # type: ignore[no-untyped-def]
        step(carray(p, 1, P)[0], carray(u, 1, U)[0], carray(w, 1, W)[0], carray(s, 1, S)[0], carray(x, 1, X)[0],
             carray(y, 1, Y)[0], carray(a, 1, A)[0], dt_h)  # fmt: skip

    return call


def _call2(step, P, U, W, S, X, Y, A, B):  # type: ignore[no-untyped-def]
    def call(p, u, w, s, x, y, a, b, c, dt_h):  # type: ignore[no-untyped-def]
        step(carray(p, 1, P)[0], carray(u, 1, U)[0], carray(w, 1, W)[0], carray(s, 1, S)[0], carray(x, 1, X)[0],
             carray(y, 1, Y)[0], carray(a, 1, A)[0], carray(b, 1, B)[0], dt_h)  # fmt: skip

    return call


def _call3(step, P, U, W, S, X, Y, A, B, C):  # type: ignore[no-untyped-def]
    def call(p, u, w, s, x, y, a, b, c, dt_h):  # type: ignore[no-untyped-def]
        step(carray(p, 1, P)[0], carray(u, 1, U)[0], carray(w, 1, W)[0], carray(s, 1, S)[0], carray(x, 1, X)[0],
             carray(y, 1, Y)[0], carray(a, 1, A)[0], carray(b, 1, B)[0], carray(c, 1, C)[0], dt_h)  # fmt: skip

    return call


_CALLS: dict[int, Callable[..., Any]] = {1: _call1, 2: _call2, 3: _call3}


@functools.lru_cache(maxsize=256)
def addresses(composition: Composition) -> Any:
    """Addresses of the steps of a program. Valid in this process only; the callbacks are kept by :func:`entry`."""
    calls = [entry(i.phase.run, record_types(composition, i)) for i in composition.program]
    return np.array([call.address for call in calls], dtype=np.int64)


@once
def compiled_loop() -> Callable[..., int]:
    """The loop as machine code: same arguments, same bits as :func:`twin.engine.plain.run_plain`."""
    with disk_cache(_run) as cached:
        return nb.njit(nogil=True, cache=cached, error_model="numpy")(_run)


def _run(addresses, offsets, back, flag, gather_end, gather_from, gather_to, cut_at, cut_from, cut_to,  # type: ignore[no-untyped-def]
         zero, begins, keep, watch, limits, P, U, S, X, Y, N, out, start, sums, peaks, lows, hours, warm_h,
         warm_count):  # fmt: skip
    row = U.shape[1] * 8
    p, u0, s, x, y, n = P.ctypes.data, U.ctypes.data, S.ctypes.data, X.ctypes.data, Y.ctypes.data, N.ctypes.data
    CUT = np.empty(U.shape[1])
    cut = CUT.ctypes.data
    for t in range(-warm_count, U.shape[0]):
        dt = hours[t] if t >= 0 else warm_h
        u = u0 + row * (t if t >= 0 else 0)
        if cut_at >= 0:  # units that lose power have their inputs cut, which must not change those of the run
            for i in range(CUT.size):
                CUT[i] = U[max(t, 0), i]
            u = cut
        if t == 0:
            for i in range(begins.size):
                S[begins[i]] = start[begins[i]]
            for i in range(S.size):
                start[i] = S[i]
        for i in range(zero.size):
            N[zero[i]] = 0.0
        j = gathered = 0
        while j < addresses.size:
            if j >= gathered:  # a group that is repeated must not collect what comes from outside it again
                for g in range(gather_end[j], gather_end[j + 1]):
                    N[gather_to[g]] += Y[gather_from[g]]
                if j == cut_at:
                    for g in range(cut_to.size):
                        CUT[cut_to[g]] *= Y[cut_from[g]]
                gathered = j + 1
            o = offsets[j]
            call_address(addresses[j], p + o[0], u + o[1], u, s + o[2], x + o[2], y + o[3],
                         n + o[4], n + o[5], n + o[6], dt)  # fmt: skip
            j = back[j] if back[j] >= 0 and N[flag[j]] > 0.5 else j + 1
        for i in range(S.size):
            S[i] = X[i]
        failed = False
        for i in range(watch.size):
            if not Y[watch[i]] < limits[i]:  # a NaN is not below any limit
                failed = True
        if t < 0 and not failed:
            continue
        weight_h = hours[max(t, 0)]
        for i in range(Y.size):
            sums[i] += Y[i] * weight_h
            peaks[i] = Y[i] if Y[i] > peaks[i] else peaks[i]
            lows[i] = Y[i] if Y[i] < lows[i] else lows[i]
        for i in range(keep.size):
            out[max(t, 0), i] = Y[keep[i]]
        if failed:
            return max(t, 0)  # what runs away in the warm-up fails the first step
    return -1
