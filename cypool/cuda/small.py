"""Small windows, and whatever is plain: the kernels of `near.cu` and `lanes.cu`, and of the latter that which checks indices."""

import numpy as np

from cypool.cuda.views import (
    INT_MAX,
    Call,
    aligned,
    geometry_of,
    lane_pack,
    launch_of,
    most_taps,
    pack_of,
    small_of,
    view_of,
)

NEAR = ((2, 2, 0), (3, 2, 0), (3, 2, 1), (3, 1, 0), (3, 1, 1), (4, 4, 0), (5, 1, 2))
"""Columns' windows, strides and paddings that `near` kernels are compiled for, when one is first used; rows are free."""

AT_ONCE = 3
"""Rows that a `near` kernel loads before it folds them."""

LOG_ROWS = 2
"""Of the rows that `lanes` kernels compute side by side."""


def near(windows, call, view):
    """Columns side by side, their windows among those that kernels are compiled for."""
    axis = windows.tables[-1]
    shape = next(((k, s, p) for k, s, p in NEAR if axis.reach == (-p, s, k) and axis.window == k), None)
    arrays = (call.source, call.target, call.third)
    columns = [strides[1][2] for strides, array in zip(view.strides, arrays, strict=True) if array is not None]
    geometry = geometry_of(windows, call.gradient)
    if shape is None or view.across or geometry is None or any(step != 1 for step in columns):
        return False
    steps = [[plane, *inner[:2]] for plane, inner, _ in view.strides]
    n = pack_of(windows, [call.cells], axis.n_in, [steps[1 if call.gradient else 0]])
    per_thread = max(n // shape[1], 1)
    packs = -(-axis.n_in // (per_thread * shape[1])) if call.gradient else -(-axis.n_out // per_thread)
    small = small_of(view, geometry, packs, 1)
    if small is None:
        return False
    inside, other = axis.n_out % per_thread == 0, 0 if call.gradient else 1
    small["wide"] = inside and aligned(windows, arrays[other], steps[other], per_thread)
    small["wide_third"] = inside and aligned(windows, call.third, steps[2], per_thread)
    rows = min(AT_ONCE, max(1, most_taps(windows, call.gradient)[1]))
    return launch_of(call, "near", (rows, *shape, n), small, geometry)


def lanes(windows, call, view):
    """Everything else that is plain; packs of lanes where they lie side by side."""
    geometry = geometry_of(windows, call.gradient)
    n = lane_pack(windows, call, view)
    if geometry is None:
        return False
    # Windows that share rows: a block of several rows of windows finds more of its cells in its own cache.
    rows, shared = view.extent[1], most_taps(windows, call.gradient)[1] * view.extent[1] > geometry.cells[1]
    small = small_of(
        view, geometry, view.extent[2], view.lanes // n, LOG_ROWS if view.across and shared and rows > 2 else 0
    )
    if small is None:
        return False
    small["wide"] = small["wide_third"] = 1
    return launch_of(call, "lanes", (n,), small, geometry)


def planes(windows, indices, size, out, bad):
    """Whether indices have been checked, and translated into `out` if it is an array; `bad` as in `cypool_planes`."""
    from cypool.cuda.windows import _lanes

    if not windows.device.paths or indices.size == 0:
        return False
    target = indices if out is None else out
    call = Call("planes", (), indices, target, None, ())
    view = view_of(windows, call)
    steps, batch = windows._strides(indices, indices.ndim), [a for a in windows.batch_axes if indices.shape[a] != 1]
    lanes = _lanes(batch, [a for a in windows.axes if indices.shape[a] > 1], steps)
    geometry = geometry_of(windows, False)
    if view is None or geometry is None or windows.window_taps > INT_MAX or lanes != batch[len(batch) - len(lanes) :]:
        return False
    small = small_of(view, geometry, view.extent[2], view.lanes)
    if small is None:
        return False
    out = np.uint64(0) if out is None else out
    windows.device.launch(
        "cypool_lanes_planes<1>", int(small["items"]), (small, geometry.copy, indices, size, out, bad)
    )
    return True
