"""The kernels' source: one text from the files beside this one, in the order in which they build on each other."""

from functools import cache
from importlib import resources

PARTS = (
    "kernels.cu", "masked.cu", "filters.cu", "mixed.cu", "keys.cu", "order.cu", "ranks.cu", "morphology.cu", "placed.cu",
    "regions.cu", "segments.cu", "pyramids.cu", "weighed.cu", "powers.cu", "soft.cu", "spread.cu", "drawn.cu", "small.cu",
    "near.cu", "lanes.cu", "whole.cu", "slide.cu",
)  # fmt: skip
"""The first holds what all kernels share: storage types, places, the walk over a window.  A family of operators is a row."""


@cache
def text():
    """What is compiled: by NVRTC for CuPy, by nvcc and by a C++ compiler in the tests."""
    folder = resources.files("cypool.cuda")
    return "\n".join(folder.joinpath(part).read_text(encoding="utf-8") for part in PARTS)
