"""Which way a call takes on a GPU: the special kernels of `near.cu`, `lanes.cu`, `whole.cu`, `slide.cu`, or the general ones.

`PATHS` is the table, and a device has it: the first way that takes a call computes it, and the general kernels compute what
none takes.  A way looks at geometry and at strides alone, and is held to the general kernels by the tests
(``tests/test_cuda_paths.py``).  What all of them ask for is a `View`: at most one axis of planes, three pooled axes and one of
lanes, and offsets within a plane that fit 32 bits.
"""

from math import prod

from cypool.cuda.large import slide, whole
from cypool.cuda.small import lanes, near
from cypool.cuda.views import PACK_BYTES, Launch, arguments_of, view_of
from cypool.windows import _division

PATHS = (whole, slide, near, lanes)
"""Ways in the order in which they are asked."""


MOST_REMEMBERED = 64
"""Launches of one geometry's calls: more are found anew."""


def run(windows, call):
    """Whether one of the ways has computed a call.

    What a `Launch` depends on beside the windows is remembered with it: types, strides, and how addresses are aligned.
    """
    ways, kept = windows.device.paths, windows._cached
    if not ways or call.target.size == 0 or any(table.source is not None for table in windows.tables):
        return False
    address = windows.device.address
    arrays = [a for a in (call.source, call.target, call.third) if a is not None]
    key = (call.verb, call.types, *((a.dtype.itemsize, a.strides, address(a) % PACK_BYTES) for a in arrays))
    launch = kept.get(key)
    if launch is None:
        view = view_of(windows, call)
        launch = view is not None and next(filter(None, (way(windows, call, view) for way in ways)), False)
        if not isinstance(launch, Launch):
            return launch
        if len(kept) < MOST_REMEMBERED:
            kept[key] = launch
    windows.device.launch(launch.name, launch.items, (*launch.first, *arguments_of(call)))
    return True


def mean_of(windows, mean):
    """`Windows.total`'s mean as kernels take it: by one number where all windows have the same share."""
    if mean != "shares":
        return _division(mean)
    if mean not in windows._cached:
        shares = [table.share for table in windows.tables if len(table.share)]
        same = all((share == share[0]).all() for share in shares)
        windows._cached[mean] = (1, float(prod(int(share[0]) for share in shares))) if same else _division(mean)
    return windows._cached[mean]
