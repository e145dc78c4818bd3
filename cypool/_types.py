"""Types of arguments for the stubs beside the modules.  Nothing imports this at run time; stubs do."""

from collections.abc import Sequence
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array: TypeAlias = NDArray[Any]
Axes: TypeAlias = int | Sequence[int] | None
Boundary: TypeAlias = Literal["constant", "edge", "reflect", "wrap"]
Boxes: TypeAlias = ArrayLike | Sequence[ArrayLike]
CeilMode: TypeAlias = bool | Literal["keep"]
DataFormat: TypeAlias = Literal["channels_first", "channels_last"]
Empty: TypeAlias = float | np.number[Any] | None
IndexLayout: TypeAlias = Literal["plane", "global", "global_column_major", "channels_last", "window"]
Ints: TypeAlias = int | Sequence[int]
Nan: TypeAlias = Literal["propagate", "ignore"]
Out: TypeAlias = Array | tuple[Array | None, ...] | None
OutputSize: TypeAlias = int | Sequence[int | None] | None
Padding: TypeAlias = int | Sequence[int] | Sequence[tuple[int, int]] | Literal["valid", "same", "same_lower"]
Rng: TypeAlias = int | np.random.Generator | None
Rounding: TypeAlias = Literal["trunc", "floor", "nearest", "half_up"]


class Plan(Protocol):
    """What `cypool.plan` returns."""

    shape: tuple[int, ...]
    out_shape: tuple[int, ...]

    def __call__(self, x: ArrayLike, *, out: Any = None, num_threads: int | None = None) -> Any:
        """Pool one array of the plan's shape and dtype."""
