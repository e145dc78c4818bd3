# Written by tests/support/stubs.py: do not edit.
from typing import Literal, overload
from numpy.typing import ArrayLike
from cypool._types import Array, Empty, IndexLayout, Nan, Out, Rounding

__all__ = [
    "segment_pool",
    "segment_pool_backward",
    "sequence_pool",
    "sequence_pool_backward",
]

@overload
def segment_pool(
    x: ArrayLike, lengths: ArrayLike, op: str = "sum", return_indices: Literal[False] = False, *, axis: int = 0,
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, empty: Empty = None, rounding: Rounding = "trunc",
    index_layout: IndexLayout = "plane"
) -> Array: ...
@overload
def segment_pool(
    x: ArrayLike, lengths: ArrayLike, op: str = "sum", *, return_indices: Literal[True], axis: int = 0, out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, empty: Empty = None, rounding: Rounding = "trunc",
    index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def segment_pool(
    x: ArrayLike, lengths: ArrayLike, op: str, return_indices: Literal[True], *, axis: int = 0, out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, empty: Empty = None, rounding: Rounding = "trunc",
    index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def segment_pool(
    x: ArrayLike, lengths: ArrayLike, op: str = "sum", return_indices: bool = False, *, axis: int = 0, out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, empty: Empty = None, rounding: Rounding = "trunc",
    index_layout: IndexLayout = "plane"
) -> Array | tuple[Array, Array]: ...
@overload
def segment_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, lengths: ArrayLike, op: str = "sum", return_indices: bool = False, *,
    axis: int = 0, out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: None = None, empty: Empty = None, rounding: Rounding = "trunc",
    index_layout: IndexLayout = "plane", indices: ArrayLike | None = None
) -> Array: ...
@overload
def segment_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, lengths: ArrayLike, op: str = "sum", return_indices: bool = False, *,
    axis: int = 0, out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike, empty: Empty = None, rounding: Rounding = "trunc",
    index_layout: IndexLayout = "plane", indices: ArrayLike | None = None
) -> tuple[Array, Array]: ...
@overload
def segment_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, lengths: ArrayLike, op: str = "sum", return_indices: bool = False, *,
    axis: int = 0, out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, empty: Empty = None, rounding: Rounding = "trunc",
    index_layout: IndexLayout = "plane", indices: ArrayLike | None = None
) -> Array | tuple[Array, Array]: ...
@overload
def sequence_pool(
    x: ArrayLike, mask: ArrayLike | None = None, op: str = "mean", return_indices: Literal[False] = False, *,
    axis: int = -2, out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    weights: ArrayLike | None = None, empty: Empty = None, rounding: Rounding = "trunc"
) -> Array: ...
@overload
def sequence_pool(
    x: ArrayLike, mask: ArrayLike | None = None, op: str = "mean", *, return_indices: Literal[True], axis: int = -2,
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", weights: ArrayLike | None = None,
    empty: Empty = None, rounding: Rounding = "trunc"
) -> tuple[Array, Array]: ...
@overload
def sequence_pool(
    x: ArrayLike, mask: ArrayLike | None, op: str, return_indices: Literal[True], *, axis: int = -2, out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", weights: ArrayLike | None = None, empty: Empty = None,
    rounding: Rounding = "trunc"
) -> tuple[Array, Array]: ...
@overload
def sequence_pool(
    x: ArrayLike, mask: ArrayLike | None = None, op: str = "mean", return_indices: bool = False, *, axis: int = -2,
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", weights: ArrayLike | None = None,
    empty: Empty = None, rounding: Rounding = "trunc"
) -> Array | tuple[Array, Array]: ...
@overload
def sequence_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, mask: ArrayLike | None = None, op: str = "mean", return_indices: bool = False,
    *, axis: int = -2, out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", weights: None = None,
    empty: Empty = None, rounding: Rounding = "trunc", indices: ArrayLike | None = None
) -> Array: ...
@overload
def sequence_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, mask: ArrayLike | None = None, op: str = "mean", return_indices: bool = False,
    *, axis: int = -2, out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", weights: ArrayLike,
    empty: Empty = None, rounding: Rounding = "trunc", indices: ArrayLike | None = None
) -> tuple[Array, Array]: ...
@overload
def sequence_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, mask: ArrayLike | None = None, op: str = "mean", return_indices: bool = False,
    *, axis: int = -2, out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    weights: ArrayLike | None = None, empty: Empty = None, rounding: Rounding = "trunc",
    indices: ArrayLike | None = None
) -> Array | tuple[Array, Array]: ...
