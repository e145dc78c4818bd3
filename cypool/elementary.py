"""exp, log and pow by the project's own rows (``kernels/elementary.h``): vectors, and the same bits on every machine.

`run` gives any pass of ``kernels/passes.h`` its arrays; `exp`, `log` and `power` are what float64 algebra uses in place of
NumPy's, whose own differ from machine to machine.
"""

import importlib

import numpy as np

from cypool import config
from cypool.arrays import entered
from cypool.kernels import core

kernels = importlib.import_module(f"cypool.kernels.powers_{config.ISA}")
kernels.use_rows(importlib.import_module(f"cypool.kernels.rows_{config.ISA}").table)


def run(name, inputs, outputs, b=1.0, floor=0.0, factor=1.0, threads=0):
    """Run a pass over arrays of one shape; what it tells is 0 unless something cannot be trusted.

    Parameters
    ----------
    name : str
        Of ``kernels.PASSES``.
    inputs, outputs : sequence of numpy.ndarray
        Of any strides and floating dtypes; an output may be an input.
    b, floor, factor : float
        The exponent (beta or p), what cells of powers count as at least, what multiplies totals.
    threads : int
        As `num_threads`, 0 for the setting's.

    Returns
    -------
    int
    """
    moved = 0
    for array in outputs:
        moved += array.nbytes
    return kernels.run(
        kernels.PASSES[name],
        b,
        floor,
        factor,
        tuple(map(entered, inputs)),
        tuple(map(entered, outputs)),
        core.threads_for(4.0 * moved, threads),
    )


def exp(x, out=None):
    """exp(x) in float64; subnormal results are gradual."""
    out = np.empty_like(x, np.float64) if out is None else out
    run("exp_f64", (x,), (out,))
    return out


def log(x, out=None):
    """The natural logarithm in float64: -inf of 0, NaN of negative numbers."""
    out = np.empty_like(x, np.float64) if out is None else out
    run("log_f64", (x,), (out,))
    return out


def power(x, p, out=None):
    """x**p in float64, as numpy.power; p is finite and not 0, and broadcast against x."""
    out = np.empty_like(x, np.float64) if out is None else out
    run("power_f64", (x, np.broadcast_to(np.asarray(p, np.float64), np.shape(x))), (out,))
    return out
