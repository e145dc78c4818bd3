"""The type stubs are those of the package as it is; .ci/typing.sh has mypy read them."""

from pathlib import Path

import pytest
import stubs

import cypool

HERE = Path(cypool.__file__).parent


def test_stubs_are_written_again_after_a_change():
    texts = stubs.everything()
    beside = {path.relative_to(HERE).as_posix() for path in HERE.rglob("*.pyi")}
    again = "run `python tests/support/stubs.py` and commit what it writes"
    assert beside == texts.keys(), again
    for name, text in texts.items():
        assert (HERE / name).read_text("utf-8") == text, f"{name}: {again}"


def test_package_says_that_it_is_typed():
    assert (HERE / "py.typed").is_file()


def test_unknown_parameters_and_results_are_named():
    def pool(x, colour=1):
        """Returns
        -------
        numpy.ndarray
        """

    with pytest.raises(SystemExit, match=r"cypool\.some\.pool has a parameter 'colour'"):
        stubs.function("cypool.some", "pool", pool)

    def other(x):
        """Returns
        -------
        a rainbow
        """

    with pytest.raises(SystemExit, match=r"cypool\.some\.other returns 'a rainbow'"):
        stubs.function("cypool.some", "other", other)
