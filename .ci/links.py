"""Check every link of the built site: ``links.py docs/_build/html [--network]``.

Inside the site a link must lead to a file, and its fragment to an element; a picture must exist.  What leads out must be https, and
is opened only with ``--network``, because builds have none.  Prints what is broken; status 1 if anything is.
"""

import sys
import urllib.request
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

PLACES = {"a": "href", "img": "src", "link": "href", "script": "src", "source": "src"}
PATIENCE = 20


class Page(HTMLParser):
    """A page's ids and links."""

    def __init__(self, path):
        super().__init__()
        self.ids, self.links = {"", "top"}, []
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag, attrs):
        """Collect."""
        attrs = dict(attrs)
        self.ids.update(attrs[name] for name in ("id", "name") if attrs.get(name))
        if attrs.get(PLACES.get(tag)):
            self.links.append(attrs[PLACES[tag]])


def broken(root, network):
    """What is wrong with each link, and how many there are."""
    pages = {path: Page(path) for path in sorted(root.rglob("*.html")) if "_static" not in path.relative_to(root).parts}
    outside, inside = {}, 0
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            where = f"{path.relative_to(root)}: {link}"
            if parts.scheme == "https":
                outside.setdefault(link.partition("#")[0], where)
            elif parts.scheme == "data":
                continue
            elif parts.scheme or parts.netloc:
                yield f"{where} is not https"
            else:
                inside += 1
                target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
                if not target.exists():
                    yield f"{where} leads nowhere"
                elif target in pages and unquote(parts.fragment) not in pages[target].ids:
                    yield f"{where} has no such place"
    for link, where in outside.items() if network else ():
        request = urllib.request.Request(link, headers={"User-Agent": "Mozilla/5.0 (links.py)"})
        try:
            urllib.request.urlopen(request, timeout=PATIENCE).close()
        except OSError as error:
            yield f"{where}: {error}"
    opened = "opened" if network else "not opened"
    print(f"{len(pages)} pages, {inside} links inside, {len(outside)} addresses outside ({opened})")


def main(arguments):
    """Print what is broken."""
    found = list(broken(Path(arguments[0]).resolve(), "--network" in arguments))
    print(*found, sep="\n", end="\n" if found else "")
    sys.exit(bool(found))


main(sys.argv[1:])
