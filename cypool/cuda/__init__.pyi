# Written by tests/support/stubs.py: do not edit.
from typing import Any

__all__ = [
    "available",
    "device",
]

def available() -> bool: ...
def device() -> Any: ...
