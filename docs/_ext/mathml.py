"""Formulas as MathML, which every browser sets without a script and without the network.

Sphinx's own ways to set formulas load a script from elsewhere or call LaTeX.  latex2mathml does neither; what it cannot read is
a warning here, and fails the build.
"""

from docutils.nodes import SkipNode
from latex2mathml.converter import convert
from sphinx.util import logging

log = logging.getLogger(__name__)


def mathml(node, display):
    """A node's TeX as MathML."""
    try:
        return convert(node.astext(), display=display)
    except Exception as error:
        log.warning("no MathML for %r: %r", node.astext(), error, location=node)
        return ""


def inline(translator, node):
    """Set a formula in a line."""
    translator.body.append(mathml(node, "inline"))
    raise SkipNode


def block(translator, node):
    """Set a formula in a line of its own."""
    translator.body.append(f'<div class="math">{mathml(node, "block")}</div>')
    raise SkipNode


def setup(app):
    """Register the renderer."""
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
