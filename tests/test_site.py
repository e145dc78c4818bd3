"""What checks the documentation's site finds what is broken: links, and words."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[1] / ".ci"


def check(folder, script="links.py"):
    return subprocess.run(
        [sys.executable, str(SCRIPTS / script), str(folder)], capture_output=True, text=True, cwd=folder
    )


def test_links(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/other.html").write_text('<h1 id="here">x</h1><a href="../index.html#top">up</a>')
    index = tmp_path / "index.html"
    index.write_text('<a href="sub/other.html#here">x</a> <a href="https://example.com/a">y</a> <a href="#">z</a>')
    good = check(tmp_path)
    assert (good.returncode, good.stdout) == (0, "2 pages, 3 links inside, 1 addresses outside (not opened)\n")
    for link, problem in (
        ('<a href="sub/none.html">', "sub/none.html leads nowhere"),
        ('<img src="none.png">', "none.png leads nowhere"),
        ('<a href="sub/other.html#there">', "sub/other.html#there has no such place"),
        ('<a href="#there">', "#there has no such place"),
        ('<a href="http://example.com">', "http://example.com is not https"),
    ):
        index.write_text(link)
        bad = check(tmp_path)
        assert bad.returncode == 1 and bad.stdout.endswith(f"index.html: {problem}\n")


def test_spelling(tmp_path):
    pytest.importorskip("spellchecker", reason="pyspellchecker is not installed (extra: docs)")
    index = tmp_path / "index.html"
    index.write_text(
        "<p>NumPy's arrays are pooled.</p><pre>abcdefg</pre><p>docs/xyzzy.md and <code>qwert</code> are no words.</p>"
    )
    good = check(tmp_path, "spelling.py")
    assert good.returncode == 0 and good.stdout.endswith(" 0 of them unknown\n")
    index.write_text("<p>A maximun of windows.</p>")
    bad = check(tmp_path, "spelling.py")
    assert bad.returncode == 1 and bad.stdout.endswith("index.html: maximun\n")
