"""What checks the links of the documentation's site finds the broken ones."""

import subprocess
import sys
from pathlib import Path

CHECK = Path(__file__).parents[1] / ".ci/links.py"


def check(folder):
    return subprocess.run([sys.executable, str(CHECK), str(folder)], capture_output=True, text=True, cwd=folder)


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
