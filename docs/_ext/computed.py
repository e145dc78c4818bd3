"""What the site shows is computed while the site is built: a directive and a role that run modules of docs/_computed.

A module is plain Python.  It may have

    measure()                        the work that takes time; anything that pickle keeps (imported from another module, if how
                                     it is shown changes more often than what it is)
    claims(measured)                 {"what the page says of it": True or False}; a false one is a warning, and fails the build
    values(measured)                 {"name": "text"}, for the role
    ANYTHING(measured, ...)          what the directive shows

where `measured` is handed to functions that have a parameter of this name.  Functions that have a parameter `language` are
told the page's ("en", or "zh" below docs/zh/), and those that have one named `wide` are asked for two pictures: True for the
column of a wide screen (720 CSS pixels), False for a phone's (360).  A page says

    {computed}`explained.shift moved`               the text values()["moved"] of docs/_computed/explained/shift.py

    ```{computed} explained.shift curves            what its function curves() returns
    :alt: what is to be seen, for those who do not see it
    :with: {"kernel": 3}                            more arguments, if any, as JSON
    The caption.
    ```

and the function returns

    a matplotlib figure, or the text of an SVG      drawn with the colours of paint.PALETTE, it suits light pages and dark ones
    a list of (caption, array of bytes)             pictures side by side, as many to a row as there is room for; a third
                                                    entry is the label in this page that the picture leads to
    any other text                                  Markdown, set as if it stood in the page

Results are kept in docs/_build/computed under a hash of the module, of those it imports from docs/_computed, and of every
file of the installed cypool, compiled ones included: what did not change is not computed again, and a kernel that did change
changes what is on the page.
"""

import ast
import hashlib
import html
import importlib
import inspect
import io
import json
import os
import pickle
import re
import sys
import warnings
from functools import cache
from pathlib import Path

import numpy as np
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

import cypool

DOCS = Path(__file__).resolve().parents[1]
MODULES = DOCS / "_computed"
KEPT = DOCS / "_build" / "computed"
WIDTHS = {True: "wide", False: "narrow"}

sys.path.insert(0, str(MODULES))
log = logging.getLogger(__name__)


@cache
def digest_of_cypool():
    """A hash of every file of the package that could change a result."""
    found = hashlib.sha256()
    (folder,) = map(Path, cypool.__path__)
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".py", ".so", ".pyd"):
            found.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return found.hexdigest()


def sources(name):
    """The file of a module of docs/_computed, and those of all modules there that it imports."""
    found, waiting = [], [name]
    while waiting:
        path = MODULES / (waiting.pop().replace(".", "/") + ".py")
        if path in found or not path.exists():
            continue
        found.append(path)
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                waiting += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                waiting += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return found


def key(name, *rest):
    """What a result of this module is kept under."""
    parts = [digest_of_cypool(), np.__version__, name, repr(rest)]
    parts += [path.read_text("utf-8") for path in sorted(sources(name))]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]


def kept(path, make):
    """The object in this file; made and written if there is no such file."""
    if path.exists():
        return pickle.loads(path.read_bytes())
    value = make()
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}")
    partial.write_bytes(pickle.dumps(value))
    partial.replace(path)
    return value


@cache
def measured(name):
    """What the module's measure() returns, from this build or an earlier one."""
    measure = importlib.import_module(name).measure
    path = KEPT / f"{measure.__module__}-{key(measure.__module__)}.pickle"
    if not path.exists():
        log.info("computing %s", measure.__module__)
    return kept(path, measure)


def call(name, function, language="en", **given):
    """What a module's function returns, told what it has parameters for; figures as the text of their SVG."""
    module = importlib.import_module(name)
    run = getattr(module, function)
    parameters = inspect.signature(run).parameters
    if "measured" in parameters:
        given["measured"] = measured(name)
    if "language" in parameters:
        given["language"] = language
    result = run(**given)
    return svg_of(result, f"{name} {function}") if hasattr(result, "savefig") else result


def rendered(name, function, language="en", **given):
    """`call`, from an earlier build if nothing changed."""
    path = (
        KEPT
        / f"{name}-{function}-{key(name, Path(__file__).read_text('utf-8'), function, language, sorted(given.items()))}.pickle"
    )
    return kept(path, lambda: call(name, function, language, **given))


FAILED = set()  # of this build


def attempted(name, function, where=None, **given):
    """`rendered`, or None and a warning if that is not possible, as when a kernel gives what cannot be."""
    if (name, function) in FAILED:
        return None
    try:
        return rendered(name, function, **given)
    except Exception as error:
        FAILED.add((name, function))
        log.warning("%s: %s() failed: %r", name, function, error, location=where)
        return None


def svg_of(figure, salt):
    """A figure's SVG, with the same bytes each time."""
    import matplotlib

    target = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": salt}), warnings.catch_warnings():
        # the browser draws the text, and has fonts that may lack here
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure.savefig(target, format="svg", metadata={"Date": None, "Creator": None})
    return target.getvalue()


def themed(svg, label, prefix):
    """The SVG to stand in a page: as wide as its place, colours that are the theme's, ids that are this picture's alone."""
    from paint import PALETTE

    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.S)
    head, body = svg.split(">", 1)
    width = float(re.search(r'viewBox="[-\d.]+ [-\d.]+ ([\d.]+)', head)[1])
    head = re.sub(r' (width|height|version|xmlns:xlink)="[^"]*"', "", head)
    head += f' role="img" aria-label="{html.escape(label)}" style="max-width: {width:g}px"'
    for name, (light, _) in PALETTE.items():
        body = re.sub(light, f"var(--computed-{name})", body, flags=re.I)
    body = re.sub(r"font-family: [^;\"]*;", "font-family: var(--font-stack);", body)  # or, of an older matplotlib:
    body = re.sub(r"(font: [^;\"]*?px)[^;\"]*", r"\1 var(--font-stack)", body)
    body = re.sub(r'\bid="', f'id="{prefix}-', body)
    body = re.sub(r"url\(#", f"url(#{prefix}-", body)
    body = re.sub(r'href="#', f'href="#{prefix}-', body)
    return re.sub(r"\n\s*", "\n", f"{head}>{body}")


def style():
    """The sheet that says what the palette's colours are, on light pages and on dark ones."""
    from paint import PALETTE

    light, dark = (" ".join(f"--computed-{n}: {pair[i]};" for n, pair in PALETTE.items()) for i in (0, 1))
    return f"""/* Written by docs/_ext/computed.py from paint.PALETTE. */
body {{ {light} }}
@media not print {{
  body[data-theme="dark"] {{ {dark} }}
  @media (prefers-color-scheme: dark) {{ body:not([data-theme="light"]) {{ {dark} }} }}
}}
.computed svg {{ display: block; width: 100%; height: auto; margin: 0 auto; }}
.computed-narrow {{ display: none; }}
@media (max-width: 600px) {{ .computed-narrow {{ display: block; }} .computed-wide {{ display: none; }} }}
.computed-table th {{ min-width: 4.5em; }}
.computed-table td {{ white-space: nowrap; }}
@media (max-width: 600px) {{ .computed-table {{ font-size: 0.8em; }} .computed-table th {{ min-width: 3em; }} }}
.computed-panels {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(min(10rem, 45%), 1fr)); gap: 0.6rem 0.8rem; }}
.computed-panels figure {{ margin: 0; }}
.computed-panels img {{ width: 100%; image-rendering: pixelated; border-radius: 3px; }}
.computed-panels figcaption p {{ margin: 0.2rem 0 0; text-align: center; }}
figure.computed {{ margin: 1.5rem 0; }}
figure.computed > figcaption {{ margin-top: 0.4rem; font-size: 0.9em; text-align: left; color: var(--color-foreground-secondary); }}
"""


def language_of(docname):
    """The language of a page, by where it lies."""
    return "zh" if docname.startswith("zh/") else "en"


def check_claims(env, name, where):
    """Once a page: warn of each sentence that it builds on and the measurement denies; note what it depends on."""
    checked = env.temp_data.setdefault("computed", set())
    if name in checked:
        return
    checked.add(name)
    for path in [*sources(name), Path(__file__)]:
        env.note_dependency(path)
    for path in Path(cypool.__path__[0]).rglob("*"):
        if path.suffix in (".py", ".so", ".pyd"):
            env.note_dependency(path)
    module = importlib.import_module(name)
    if hasattr(module, "claims"):
        for sentence, holds in (attempted(name, "claims", where) or {}).items():
            if not holds:
                log.warning("%s: the measurement denies what the page says: %s", name, sentence, location=where)


class Computed(SphinxDirective):
    """Show what a function of docs/_computed returns."""

    required_arguments = 2
    has_content = True
    option_spec = {"alt": directives.unchanged, "with": json.loads, "class": directives.class_option}  # noqa: RUF012

    def run(self):
        """The picture, the pictures or the text."""
        name, function = self.arguments
        where = self.get_location()
        check_claims(self.env, name, where)
        self.given = {"language": language_of(self.env.docname), **self.options.get("with", {})}
        run = getattr(importlib.import_module(name), function)
        if "wide" in inspect.signature(run).parameters:
            drawn = {word: attempted(name, function, where, wide=wide, **self.given) for wide, word in WIDTHS.items()}
        else:
            drawn = {"only": attempted(name, function, where, **self.given)}
        first = next(iter(drawn.values()))
        if first is None:
            return []
        if isinstance(first, str) and "<svg" in first[:1000]:
            return [self.figure(self.inline(drawn))]
        if isinstance(first, str):
            parsed = self.parse_text_to_nodes(first, allow_section_headings=True)
            if all(isinstance(node, nodes.table) for node in parsed):
                for table in parsed:
                    table["classes"].append("computed-table")
            return parsed
        return [self.figure(self.panels(first))]

    def figure(self, content):
        """A figure with the directive's text as its caption."""
        made = nodes.figure("", content, classes=["computed", *self.options.get("class", [])])
        if self.content:
            parsed = self.parse_content_to_nodes()
            made += nodes.caption("", "", *parsed[0].children)
            if parsed[1:]:
                made += nodes.legend("", *parsed[1:])
        self.set_source_info(made)
        return made

    def alt(self):
        """The words for those who do not see the picture; they must be there."""
        if not self.options.get("alt"):
            raise self.error("a computed picture needs :alt:")
        return self.options["alt"]

    def inline(self, drawn):
        """The SVGs, of which the page shows the one that fits."""
        parts = []
        for word, svg in drawn.items():
            prefix = f"c{hashlib.sha256(repr((self.arguments, self.given, word)).encode()).hexdigest()[:8]}"
            parts.append(f'<div class="computed-{word}">{themed(svg, self.alt(), prefix)}</div>')
        return nodes.raw("", "\n".join(parts), format="html")

    def panels(self, pictures):
        """Pictures side by side, each with a line below."""
        from PIL import Image

        row = nodes.container(classes=["computed-panels"])
        for index, (caption, pixels, *label) in enumerate(pictures):
            target = io.BytesIO()
            Image.fromarray(np.ascontiguousarray(pixels)).save(target, "PNG", optimize=True)
            path = KEPT / f"{hashlib.sha256(target.getvalue()).hexdigest()[:24]}.png"
            path.write_bytes(target.getvalue())
            alt = f"{self.alt()}: {caption}" if index == 0 else caption
            image = nodes.image(uri="/" + path.relative_to(DOCS).as_posix(), alt=alt)
            if label:
                image = nodes.reference("", "", image, refuri=f"#{label[0]}", internal=True)
            row += nodes.figure("", image, nodes.caption("", caption))
        return row


class Value(SphinxRole):
    """A measured number in a sentence."""

    def run(self):
        """The text that values() has under this name."""
        name, value = self.text.split()
        check_claims(self.env, name, self.get_location())
        values = attempted(name, "values", self.get_location())
        return [nodes.Text("?" if values is None else values[value])], []


def prepare(app, config):
    """Write the style sheet before Sphinx looks for it."""
    folder = KEPT / "static"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "computed.css").write_text(style(), "utf-8")
    config.html_static_path.append(str(folder))


def say_language(app, pagename, templatename, context, doctree):
    """A page's language, for browsers, readers aloud and fonts."""
    if language_of(pagename) == "zh":
        context["language"] = "zh-Hans"


def set_anew(text, words):
    """Put other words in the place of a text; equal texts are not the same."""
    place = next(i for i, child in enumerate(text.parent) if child is text)
    text.parent[place] = nodes.Text(words)


def prose(doctree):
    """The texts of a page that are not code."""
    return [
        text
        for text in doctree.findall(nodes.Text)
        if not isinstance(text.parent, nodes.literal | nodes.literal_block | nodes.raw)
    ]


def typeset(app, doctree):
    """No line ends within 3 × 3; on Chinese pages, no space where a line of the source ended, nor after bold text's full stop."""
    for text in prose(doctree):
        if " × " in text:
            set_anew(text, text.replace(" × ", "\u00a0×\u00a0"))
    if language_of(app.env.docname) != "zh":
        return
    wide = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60“”…]")
    texts = prose(doctree)
    for before, text, after in zip(texts, texts[1:], texts[2:] + [""], strict=False):
        following = text.lstrip(" \n") or after
        closed = before[-1:] in set("。：；，、）”") or (wide.match(before[-1:]) and wide.match(following[:1]))
        if closed and text[:1] in (" ", "\n"):
            set_anew(text, text.lstrip(" \n"))


def setup(app):
    """Register the directive, the role and the style."""
    app.add_directive("computed", Computed)
    app.add_role("computed", Value())
    app.add_css_file("computed.css")
    app.connect("config-inited", prepare)
    app.connect("html-page-context", say_language)
    app.connect("doctree-read", typeset)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
