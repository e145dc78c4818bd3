"""Public functions on a device that no array betrays, if it is the host: arrays go there, and results come back."""

import numpy as np
from cuda_on_host import here, public, there

import cypool


def placed(device, value):
    """Arrays moved to the device, wherever they are among arguments."""
    if isinstance(value, dict):
        return {name: placed(device, one) for name, one in value.items()}
    if isinstance(value, list) and any(isinstance(one, np.ndarray) for one in value):
        return [placed(device, one) for one in value]
    return there(device, value) if isinstance(value, np.ndarray) else value


def fetched(result):
    return type(result)(map(here, result)) if isinstance(result, (tuple, list)) else here(result)


def run(device, name, *arguments, **options):
    """``cypool.NAME(*arguments, **options)`` of NumPy arrays, computed on a device."""
    return fetched(public(device, name, *(placed(device, a) for a in arguments), **placed(device, options)))


def both(device, reference, name, *arguments, **options):
    """What a device gives, and what a slow reference gives."""
    with np.errstate(all="ignore"):
        got = run(device, name, *arguments, **options)
    return got, getattr(reference, name)(*arguments, **options)


def as_on_the_host(device, name, x, *arguments, **p):
    """Forward and gradients of a call for float32, which on the host are held to the reference by tests of their own."""
    want = getattr(cypool, name)(x, *arguments, **p)
    np.testing.assert_allclose(run(device, name, x, *arguments, **p), want, rtol=2e-6, atol=2e-6)
    gradient = np.random.default_rng(4).integers(-8, 9, want.shape).astype(np.float32)
    want = getattr(cypool, name + "_backward")(gradient, x, *arguments, **p)
    got = run(device, name + "_backward", gradient, x, *arguments, **p)
    for one, other in zip(got, want, strict=True) if isinstance(want, tuple) else [(got, want)]:
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5 * max(1, np.abs(other).max()))
