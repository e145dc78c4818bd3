"""The libraries that can compute a row: one function each, from a `Case` to the call that is timed.

The function returns ``(run, result)``: `run` computes once, into memory that is there already wherever the library has
means for that; ``result()`` is what it computed last, in the case's layout.  It raises NotImplementedError for a row that
the library has not, and if it is not installed.  Each has the layout that it likes best where that changes no result.
"""

import importlib

import numpy as np

import cypool


def need(name):
    """Import a library, or say in asv's way that it is not there."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise NotImplementedError(f"{name} is not installed") from error


def chosen(library, table, case):
    """The entry for the case's call."""
    if case.row.call not in table:
        raise NotImplementedError(f"{library} has no {case.row.call}")
    return table[case.row.call]


def same(a, b, call):
    """Whether two results of a call are equal, as far as two libraries' may be: sums are in any order, and round."""
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape:
        return False
    if "avg" not in call and "backward" not in call:
        return np.array_equal(a, b)
    if a.dtype.kind in "iu" or b.dtype.kind in "iu":
        return bool(np.all(np.abs(a.astype(np.float64) - b) <= 1))
    return np.allclose(a, b, rtol=1e-4, atol=1e-6)


def of_cypool(case):
    """The subject."""
    row, x, y, grad = case.row, case.x, case.y(), case.grad
    common = {"data_format": row.layout.replace(" ", "_"), "num_threads": case.threads}
    op = "max" if "max" in row.call else "avg"
    window = {"kernel_size": row.size, "stride": row.stride, "padding": row.padding}
    pool = getattr(cypool, f"{op}_pool{row.rank}d")
    backward = getattr(cypool, f"{op}_pool{row.rank}d_backward")
    if row.kind == "call" and row.call == "max":
        return lambda: pool(x, row.size), lambda: pool(x, row.size)
    if row.call in ("max", "avg"):
        return lambda: pool(x, out=y, **window, **common), lambda: y
    if row.call == "max with indices":
        indices = case.int_y()
        return lambda: pool(x, out=(y, indices), return_indices=True, **window, **common), lambda: indices
    if row.call.startswith("backward"):
        grad_x = case.grad_x()
        if op == "max":
            common["indices"] = pool(x, return_indices=True, **window)[1]
        return lambda: backward(grad, x, out=grad_x, **window, **common), lambda: grad_x
    if row.call.startswith("global"):
        pool = getattr(cypool, f"global_{op}_pool")
        return (lambda: pool(x, out=y, **common)), (lambda: y)
    pool = getattr(cypool, f"adaptive_{op}_pool{row.rank}d")
    return lambda: pool(x, row.size, out=y, **common), lambda: y


def of_torch(case):
    """PyTorch: the operators that torch.nn.functional calls, in the variants that write into given memory."""
    torch = need("torch")
    torch.set_num_threads(case.threads)
    aten, functional, row = torch.ops.aten, torch.nn.functional, case.row

    def tensor(array):
        return torch.from_numpy(array).movedim(-1, 1) if case.last else torch.from_numpy(array)

    x, y, axes = tensor(case.x), tensor(case.y()), tuple(range(2, row.rank + 2))
    size, stride, padding = ([n] * row.rank for n in (row.size, row.stride, row.padding))
    indices, result = None, y
    if "max" in row.call and row.rank > 1 and not row.call.startswith("global"):
        indices = tensor(case.int_y())
    if row.call == "max with indices":
        result = indices
    if row.call.startswith("backward"):
        grad, result = tensor(case.grad), tensor(case.grad_x())
        if row.call == "backward of max":
            aten.max_pool2d_with_indices.out(x, size, stride, padding, out=y, indices=indices)

    def max_windows():
        if row.kind == "call":
            return functional.max_pool2d(x, row.size)
        if row.rank == 1:
            return functional.max_pool1d(x, size, stride, padding)
        pool = aten.max_pool2d_with_indices if row.rank == 2 else aten.max_pool3d_with_indices
        return lambda: pool.out(x, size, stride, padding, out=y, indices=indices)

    plain = {
        ("max", "call"): lambda: functional.max_pool2d(x, row.size),
        ("max", 1): lambda: functional.max_pool1d(x, size, stride, padding),
        ("max", 2): lambda: aten.max_pool2d_with_indices.out(x, size, stride, padding, out=y, indices=indices),
        ("max", 3): lambda: aten.max_pool3d_with_indices.out(x, size, stride, padding, out=y, indices=indices),
    }
    del plain, max_windows
    raise NotImplementedError
