# Written by tests/support/stubs.py: do not edit.
from collections.abc import Sequence
from typing import Literal
from numpy.typing import ArrayLike
from cypool._types import Array, Axes, DataFormat, Ints, Nan, Out, Rounding

__all__ = [
    "pyramid",
]

def pyramid(
    x: ArrayLike, factor: Ints, levels: int | Sequence[int] | Sequence[Sequence[int]], op: str = "mean", *,
    axes: Axes = None, edge: Literal["partial", "trim", "pad"] = "partial", rounding: Rounding = "trunc",
    data_format: DataFormat = "channels_first", num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, out: Out = None
) -> list[Array]: ...
