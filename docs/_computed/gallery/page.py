"""The gallery's page: a picture of each operator, then a section for each, with its formulas, pictures, code and source."""

import re
import time

import numpy as np
from gallery.operators import OPERATORS, photograph

import cypool

ORANGE, BLUE = np.array([255, 155, 87]), np.array([98, 177, 255])  # on black: what a gradient raises, what it lowers


def measure():
    """What every row makes."""
    start = time.perf_counter()
    found = {name: row.run(photograph()) for name, row in OPERATORS.items()}
    return found | {"seconds": time.perf_counter() - start}


def claims(measured):
    """What the page says of all of them."""
    return {
        "the gradient of every row has the shape of the photograph": all(
            np.squeeze(picture).shape == photograph().shape
            for made in measured.values()
            if isinstance(made, dict)
            for caption, picture in made.items()
            if caption.startswith("gradient") and not caption.startswith("gradient of")
        ),
        "all of it is made in a few seconds": measured["seconds"] < 60,
    }


def function(name):
    """The function that has the operator's page."""
    return getattr(cypool, name, None) or getattr(cypool, f"{name}2d")


def sentence(name):
    """What the operator's own page begins with."""
    return function(name).__doc__.strip().splitlines()[0].replace(" of any axes", "")


def source(name):
    """What the operator's own page names as its source."""
    found = re.search(
        r"(?:References\n\s*-+\n\s*\.\. \[1\]|Source:)\s+(.*?)(?:\n\s*\n|$)", function(name).__doc__, re.DOTALL
    )
    return re.sub(r"\s+\.\. \[\d\] ", "; ", re.sub(r"\s+", " ", found[1]).replace(". .. [", " .. [")).replace("``", "`")


def bytes_of(picture, gradient):
    """Grey between the smallest and the largest number; of a gradient, colours on black, which is 0."""
    picture = np.squeeze(picture).astype(np.float64)
    if not gradient:
        low, high = picture.min(), picture.max()
        return np.uint8(np.rint((picture - low) * (255 / (high - low or 1))))
    scale = np.quantile(np.abs(picture[picture != 0]), 0.95) if picture.any() else 1
    part = np.clip(picture / scale, -1, 1)[..., None]
    return np.uint8(np.rint(np.where(part > 0, part * ORANGE, -part * BLUE)))


def described(caption, picture):
    """A caption with the picture's size, and the smallest and largest of its numbers."""
    size = "×".join(map(str, np.squeeze(picture).shape))
    return f"{caption}: {size}, {picture.min():.3g} … {picture.max():.3g}".replace("-", "−")


def pictures(measured, operator):
    """A row's pictures, described."""
    made = {"photograph": photograph()} | measured[operator] if operator == "max_pool" else measured[operator]
    return [
        (
            described(caption, picture),
            bytes_of(picture, caption.startswith("gradient") and "maxima" not in caption),
        )
        for caption, picture in made.items()
    ]


def anchor(name):
    """What links to the operator's section name."""
    return f"gallery-{name.replace('_', '-')}"


def overview(measured):
    """One picture for each operator, which leads to its section."""
    chosen = {
        name: next(made[caption] for caption in made if caption != "labels")
        for name, made in measured.items()
        if name in OPERATORS
    }
    return [(name, bytes_of(picture, False), anchor(name)) for name, picture in chosen.items()]


def sections():
    """One section for each operator."""
    return "\n\n".join(section(name, row) for name, row in OPERATORS.items())


def section(name, row):
    """Formulas, pictures, code, source and the way to the reference."""
    formulas = [f"$$\n{formula}\n$$" for formula in (row.formula, row.derivative) if formula]
    return "\n\n".join(
        [
            f"({anchor(name)})=\n## {name}",
            sentence(name),
            *formulas,
            f'````{{computed}} gallery.page pictures\n:with: {{"operator": "{name}"}}\n:alt: {name} of the photograph\n````',
            f"```python\n{row.code()}\n```",
            f"{{py:func}}`cypool.{function(name).__name__}`. Source: {source(name)}",
        ]
    )
