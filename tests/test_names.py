"""Which names cypool has, and what importing it imports."""

import importlib
import subprocess
import sys

import pytest

import cypool


@pytest.mark.parametrize("family", cypool._FAMILIES)
def test_families_are_published(family):
    module = importlib.import_module(f"cypool.{family}")
    assert getattr(cypool, family) is module
    for name in module.__all__:
        assert getattr(cypool, name) is getattr(module, name)
        assert name in cypool.__all__ and name in dir(cypool)


def test_families_are_imported_when_they_are_used(tmp_path):
    code = f"""
import sys, cypool
families = {list(cypool._FAMILIES)}
assert not [f for f in families if "cypool." + f in sys.modules]
cypool.lp_pool2d, cypool.RoIAlign
assert "cypool.powers" in sys.modules and "cypool.fractional" not in sys.modules
from cypool import max_unpool2d
from cypool import *
assert FractionalMaxPool2d is cypool.fractional.FractionalMaxPool2d
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)


def test_other_names_are_refused():
    for name in ("max_pool4d", "lp_pool4d", "no_such_thing"):
        with pytest.raises(AttributeError, match=f"module 'cypool' has no attribute '{name}'"):
            getattr(cypool, name)


def test_names_are_distinct():
    assert len(set(cypool.__all__)) == len(cypool.__all__)
