"""Pooling for NumPy arrays at the speed of memory: every operator, forward and backward.

Functions carry PyTorch's names and take arrays; layers carry torch.nn's.  See `cypool.functional`, `cypool.layers`.
"""

import importlib
import re

from cypool import functional, layers
from cypool.config import __version__, get_config, show_config  # noqa: F401
from cypool.functional import *  # noqa: F403
from cypool.kernels.core import C_API as _C_API  # noqa: F401
from cypool.layers import *  # noqa: F403
from cypool.threads import get_num_threads, num_threads, set_num_threads  # noqa: F401

_FAMILIES = {
    "powers": "lp_?pool|rms_?pool",
    "soft": "(lse|soft|gem)_?pool",
    "spread": "(range|std)_?pool",
    "stochastic": "stochastic_?pool",
    "importance": "lip_?pool",
    "fractional": "fractional",
    "unpool": "unpool",
    "segments": "segment|sequence",
    "regions": "roi_",
    "region_layers": "roi(pool|align)",
    "ranks": "(median|quantile|topk|mode)_pool",
    "morphology": "morphological",
    "blur": "blur_pool",
    "mixed": "(mixed|gated)_pool",
    "operator_layers": "(lp|rms|lse|soft|gem|range|std|median|quantile|topk|blur|mixed|gated|morphological)pool[123]d",
    "pyramids": "^pyramid$",
    "spatial_pyramid": "spatial_?pyramid",
    "embedding": "get_include",
}
"""Modules whose names are published here too, and what all of these have in common in lower case.  A module is imported when
the first of its names is used: importing cypool takes as long as its most frequent operators do."""


_DOORS = ("cuda", "onnx")
"""Modules whose names stay theirs, imported in the same way."""


def _published():
    """Every public name."""
    own = ["__version__", "functional", "get_config", "get_num_threads", "layers", "num_threads", "set_num_threads"]
    own += ["show_config", *functional.__all__, *layers.__all__]
    return own + [name for family in _FAMILIES for name in importlib.import_module(f"cypool.{family}").__all__]


def __getattr__(name):
    if name == "__all__":
        return _published()
    if name in _DOORS:
        return importlib.import_module(f"cypool.{name}")
    for family, pattern in _FAMILIES.items():
        if name == family:
            return importlib.import_module(f"cypool.{family}")
        if re.search(pattern, name.lower()):
            module = importlib.import_module(f"cypool.{family}")
            if name in module.__all__:
                globals()[name] = found = getattr(module, name)
                return found
    raise AttributeError(f"module 'cypool' has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *_published(), *_DOORS})
