"""A pytest plugin (``PYTEST_PLUGINS=installed_only``): stop unless it is the installed package that is tested."""

import sysconfig
from pathlib import Path

import pytest

import cypool


def pytest_sessionstart(session):
    """Refuse a package that lies anywhere but in site-packages."""
    if not Path(cypool.__file__).is_relative_to(sysconfig.get_path("platlib")):
        pytest.exit(f"not the installed package: {cypool.__file__}", returncode=3)
