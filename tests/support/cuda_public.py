"""Public functions on a device that no array betrays, if it is the host."""

import numpy as np
from cuda_on_host import here, public, there


def run(device, name, *arguments, **options):
    """``cypool.NAME(*arguments, **options)``: arrays go to the device, also out of lists, and results come back."""

    def moved(value):
        if isinstance(value, list) and any(isinstance(one, np.ndarray) for one in value):
            return [moved(one) for one in value]
        return there(device, value) if isinstance(value, np.ndarray) else value

    arguments, options = [moved(a) for a in arguments], {name: moved(a) for name, a in options.items()}
    got = public(device, name, *arguments, **options)
    return type(got)(map(here, got)) if isinstance(got, (list, tuple)) else here(got)
