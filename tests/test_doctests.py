"""Every example in the README, in the documentation's pages and in the package's docstrings does what it says."""

import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest

import cypool

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted(p for p in (ROOT / "docs").rglob("*") if p.suffix in (".md", ".rst"))]
MODULES = [name for _, name, _ in pkgutil.walk_packages(cypool.__path__, "cypool.") if not name.endswith("__main__")]


def run(test):
    """Run one doctest; the failures' report becomes the assertion's text."""
    report = []
    result = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(test, out=report.append)
    assert result.failed == 0, "".join(report)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_page(page):
    # The fence that closes an example is not part of what the example prints.
    text = "\n".join("" if line.startswith("```") else line for line in page.read_text("utf-8").splitlines())
    run(doctest.DocTestParser().get_doctest(text, {}, page.name, str(page), 0))


@pytest.mark.parametrize("name", ["cypool", *MODULES])
def test_docstrings(name):
    module = importlib.import_module(name)
    for test in doctest.DocTestFinder(exclude_empty=True).find(module):
        run(test)


def test_the_readme_has_examples():
    assert PAGES[0].read_text("utf-8").count(">>> ") >= 10
