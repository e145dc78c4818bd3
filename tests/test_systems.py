"""What docs/systems.md and the guides for those who come from elsewhere say of cypool and of others is what they do."""

import importlib.util

import elsewhere
import numpy as np
import pytest

import cypool

GUIDES = elsewhere.PAGE.parent / "guides"
PAIRS = [pair for page in ("from-pytorch", "from-scipy") for pair in elsewhere.pairs(GUIDES / f"{page}.md")]
ROWS = elsewhere.tables()
OWN = [row for row in ROWS if row.system == "cypool"]
OTHERS = [row for row in ROWS if row.system != "cypool"]


def named(row):
    return f"{row.subject}-{row.system}"


def needed(system):
    for module in elsewhere.SYSTEMS[system].needs:
        if importlib.util.find_spec(module) is None:
            pytest.skip(f"{module} is not installed (extra: {'tensorflow' if system == 'TensorFlow' else 'peers'})")


def check(row):
    got = elsewhere.gives(row.system, row.setup, row.call)
    assert got == row.result, f"{row.system}: {row.call} gives {got}"


def test_the_page_is_read():
    assert {row.system for row in ROWS} == set(elsewhere.SYSTEMS)
    assert len({row.subject for row in ROWS}) >= 15 and all(row.setup.startswith("x = ") for row in ROWS)
    subjects = [row.subject for row in OWN]
    assert {row.subject for row in OTHERS} == set(subjects)  # each says what cypool does
    tables = elsewhere.PAGE.read_text("utf-8").split("\n## ", 1)[1].splitlines()
    lines = [line for line in tables if line.startswith("| ") and not line.startswith("| system ")]
    assert len(ROWS) == len(lines)  # no row is misread, or it would not be tested


def test_the_errors_are_listed():
    lines = [
        line for line in elsewhere.PAGE.read_text("utf-8").splitlines() if line.startswith("- **") and "](#" in line
    ]
    assert lines == elsewhere.errors(ROWS)


@pytest.mark.parametrize("row", OWN, ids=named)
def test_cypool(row):
    check(row)


@pytest.mark.peers
@pytest.mark.filterwarnings("ignore")  # theirs
@pytest.mark.parametrize("row", OTHERS, ids=named)
def test_others(row, monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))  # where it writes when it is imported
    needed(row.system)
    check(row)


@pytest.mark.peers
@pytest.mark.parametrize(("setup", "system", "call", "own"), PAIRS, ids=[pair[3] for pair in PAIRS])
def test_pairs(setup, system, call, own):
    needed(system)
    enter = None
    if system == "PyTorch":
        import torch

        enter = torch.from_numpy
    wanted, got = (
        value if isinstance(value, tuple) else (value,)
        for value in (
            elsewhere.evaluate(system, setup, call, enter or (lambda x: x)),
            elsewhere.evaluate("cypool", setup, own, lambda x: x),
        )
    )
    assert len(wanted) == len(got)
    for one, other in zip(wanted, got, strict=True):
        np.testing.assert_allclose(np.asarray(other), np.asarray(one), rtol=1e-5, atol=1e-6)


def test_the_guides_are_read():
    for page, least in (("from-pytorch", 15), ("from-scipy", 20)):
        text = (GUIDES / f"{page}.md").read_text("utf-8")
        assert len(list(elsewhere.pairs(GUIDES / f"{page}.md"))) == text.count("\n| `") >= least


@pytest.mark.peers
def test_the_autograd_function():
    """The lines that join a function of cypool's and autograd do: by central differences."""
    torch = pytest.importorskip("torch", reason="torch is not installed (extra: peers)")
    (lines,) = (
        block.split("```")[0]
        for block in (GUIDES / "from-pytorch.md").read_text("utf-8").split("```python\n")
        if "class MedianPool2d" in block
    )
    names = {"torch": torch, "cypool": cypool}
    exec(lines, names)
    assert names["y"].shape == (1, 3, 2, 2) and names["y"].requires_grad
    x = torch.randn(1, 2, 4, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0), requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: names["MedianPool2d"].apply(x, 2), x)
