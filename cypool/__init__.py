"""Pooling for NumPy arrays at the speed of memory: every operator, forward and backward.

Functions carry PyTorch's names and take arrays; layers carry torch.nn's.  See `cypool.functional`, `cypool.layers`.
"""

from cypool import fractional, functional, layers, powers, region_layers, regions, segments, soft, spread, unpool
from cypool.config import __version__, get_config, show_config
from cypool.fractional import *  # noqa: F403
from cypool.functional import *  # noqa: F403
from cypool.layers import *  # noqa: F403
from cypool.powers import *  # noqa: F403
from cypool.region_layers import *  # noqa: F403
from cypool.regions import *  # noqa: F403
from cypool.segments import *  # noqa: F403
from cypool.soft import *  # noqa: F403
from cypool.spread import *  # noqa: F403
from cypool.threads import get_num_threads, num_threads, set_num_threads
from cypool.unpool import *  # noqa: F403

__all__ = [
    "__version__",
    "functional",
    "get_config",
    "get_num_threads",
    "layers",
    "num_threads",
    "region_layers",
    "regions",
    "set_num_threads",
    "show_config",
    *fractional.__all__,
    *functional.__all__,
    *layers.__all__,
    *powers.__all__,
    *segments.__all__,
    *soft.__all__,
    *spread.__all__,
    *unpool.__all__,
    *region_layers.__all__,
    *regions.__all__,
]
