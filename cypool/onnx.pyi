# Written by tests/support/stubs.py: do not edit.
from typing import Any

__all__ = [
    "ops",
]

def ops() -> list[type[Any]]: ...
