"""Check the spelling of the built site, docstrings included: ``spelling.py docs/_build/html``.

Reads the prose of English pages: no code, no formulas, no signatures, no navigation.  A word is four letters or more; names and
terms that the dictionary does not have are in docs/words.txt.  Prints the others with a page of each; status 1 if there are any.
"""

import re
import sys
from html.parser import HTMLParser
from pathlib import Path

from spellchecker import SpellChecker

WORDS = Path(__file__).parents[1] / "docs/words.txt"
SILENT = {"aside", "code", "dt", "footer", "math", "nav", "pre", "script", "style", "svg", "title"}
NO_PROSE = r"\S*[/_.=@()\[\]]\S+|\S*\d\S*"  # paths, names, numbers


class Prose(HTMLParser):
    """The text of a page."""

    def __init__(self, text):
        super().__init__()
        self.silent, self.parts = 0, []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        """Enter an element, silent or not."""
        self.silent += tag in SILENT

    def handle_endtag(self, tag):
        """Leave it."""
        self.silent -= tag in SILENT

    def handle_data(self, data):
        """Collect."""
        if not self.silent:
            self.parts.append(data)


def main(arguments):
    """Print words that are in no list."""
    root, seen = Path(arguments[0]), {}
    for path in sorted(root.rglob("*.html")):
        place = path.relative_to(root)
        if place.parts[0].startswith(("_", "zh")) or place.name in ("genindex.html", "search.html"):
            continue
        text = re.sub(NO_PROSE, " ", " ".join(Prose(path.read_text("utf-8")).parts))
        for word in re.findall(r"\b[A-Za-z][a-z]{3,}\b", text):
            seen.setdefault(word.lower(), place)
    unknown = sorted(SpellChecker().unknown(seen) - set(WORDS.read_text("utf-8").split()))
    print(f"{len(seen)} words, {len(unknown)} of them unknown")
    for word in unknown:
        print(f"{seen[word]}: {word}")
    sys.exit(bool(unknown))


main(sys.argv[1:])
