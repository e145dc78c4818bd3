# Written by tests/support/stubs.py: do not edit.


__all__ = [
    "get_include",
]

def get_include() -> str: ...
