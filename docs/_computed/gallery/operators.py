"""The gallery's rows: every operator on one photograph.

A row is a function below `operator`, which holds the operator's formula and that of its derivative.  Its name is that of the
operator, its lines but the last are the code on the page, and what it returns are the pictures, by their captions.  The
sentence and the source come from the operator's own page.  A new operator is a new function here; a test says so.
"""

import inspect
import textwrap
from functools import cache
from typing import NamedTuple

import numpy as np
from skimage import data

import cypool


class Operator(NamedTuple):
    """A row: formulas in TeX, and what runs."""

    formula: str
    derivative: str
    run: object

    def code(self):
        """The lines that make the pictures, as they stand in this file."""
        lines = inspect.getsource(self.run).splitlines()
        (start,) = [i for i, line in enumerate(lines) if line.startswith("def ")]
        end = max(i for i, line in enumerate(lines) if line.startswith("    return "))
        return textwrap.dedent("\n".join(lines[start + 1 : end]))


OPERATORS = {}


def operator(formula, derivative):
    """A row of the gallery."""

    def add(run):
        OPERATORS[run.__name__] = Operator(formula, derivative, run)
        return run

    return add


@cache
def photograph():
    """240 x 240 cells of a photograph in [0, 1]: Lav Varshney's cameraman, CC0, which ships with scikit-image."""
    return (data.camera()[40:280, 110:350] / 255).astype(np.float32)


@operator(r"y = \max_{t \in W} x_t", r"\frac{\partial y}{\partial x_t} = 1 \text{ for the first largest cell}")
def max_pool(x):
    y, where = cypool.max_pool(x, 8, stride=4, return_indices=True)
    dx = cypool.max_pool_backward(np.ones_like(y), x, 8, stride=4, indices=where)
    return {"result": y, "gradient": dx}


@operator(r"y = \min_{t \in W} x_t", r"\frac{\partial y}{\partial x_t} = 1 \text{ for the first smallest cell}")
def min_pool(x):
    y, where = cypool.min_pool(x, 8, stride=4, return_indices=True)
    dx = cypool.min_pool_backward(np.ones_like(y), x, 8, stride=4, indices=where)
    return {"result": y, "gradient": dx}


@operator(r"y = \frac{1}{n} \sum_{t \in W} x_t", r"\frac{\partial y}{\partial x_t} = \frac{1}{n}")
def avg_pool(x):
    y = cypool.avg_pool(x, 8, stride=4)
    dx = cypool.avg_pool_backward(np.ones_like(y), x.shape, 8, stride=4)
    return {"result": y, "gradient": dx}


@operator(r"y = \sum_{t \in W} x_t", r"\frac{\partial y}{\partial x_t} = 1")
def sum_pool(x):
    y = cypool.sum_pool(x, 8, stride=4)
    dx = cypool.sum_pool_backward(np.ones_like(y), x.shape, 8, stride=4)
    return {"result": y, "gradient": dx}


@operator(
    r"y = \left( \sum_{t \in W} |x_t|^p \right)^{1/p}",
    r"\frac{\partial y}{\partial x_t} = \operatorname{sign}(x_t) \left( \frac{|x_t|}{y} \right)^{p-1}",
)
def lp_pool(x):
    y = cypool.lp_pool(x, 4, 8, stride=4)
    dx = cypool.lp_pool_backward(np.ones_like(y), x, 4, 8, stride=4)
    return {"result, p = 4": y, "gradient": dx}


@operator(
    r"y = \sqrt{\frac{1}{n} \sum_{t \in W} x_t^2}",
    r"\frac{\partial y}{\partial x_t} = \frac{x_t}{n \, y}",
)
def rms_pool(x):
    y = cypool.rms_pool(x, 8, stride=4)
    dx = cypool.rms_pool_backward(np.ones_like(y), x, 8, stride=4)
    return {"result": y, "gradient": dx}


@operator(
    r"y = \frac{1}{\beta} \log \sum_{t \in W} e^{\beta x_t}",
    r"\frac{\partial y}{\partial x_t} = \frac{e^{\beta x_t}}{\sum_{s \in W} e^{\beta x_s}} = q_t",
)
def lse_pool(x):
    y = cypool.lse_pool(x, 8, stride=4, beta=20)
    dx, dbeta = cypool.lse_pool_backward(np.ones_like(y), x, 8, stride=4, beta=20)
    return {"result, β = 20": y, f"gradient (of β: {dbeta:.4g})": dx}


@operator(
    r"y = \sum_{t \in W} q_t x_t, \quad q_t = \frac{e^{\beta x_t}}{\sum_{s \in W} e^{\beta x_s}}",
    r"\frac{\partial y}{\partial x_t} = q_t \left( 1 + \beta (x_t - y) \right)",
)
def soft_pool(x):
    y = cypool.soft_pool(x, 8, stride=4, beta=10)
    dx, dbeta = cypool.soft_pool_backward(np.ones_like(y), x, 8, stride=4, beta=10)
    return {"result, β = 10": y, f"gradient (of β: {dbeta:.4g})": dx}


@operator(
    r"y = \left( \frac{1}{n} \sum_{t \in W} \max(x_t, \varepsilon)^p \right)^{1/p}",
    r"\frac{\partial y}{\partial x_t} = \frac{1}{n} \left( \frac{x_t}{y} \right)^{p-1} \text{ where } x_t \ge \varepsilon",
)
def gem_pool(x):
    y = cypool.gem_pool(x, 8, stride=4, p=8)
    dx, dp = cypool.gem_pool_backward(np.ones_like(y), x, 8, stride=4, p=8)
    return {"result, p = 8": y, f"gradient (of p: {dp:.4g})": dx}


@operator(
    r"y = \frac{\sum_{t \in W} e^{l_t} x_t}{\sum_{t \in W} e^{l_t}}",
    r"\frac{\partial y}{\partial x_t} = q_t, \quad \frac{\partial y}{\partial l_t} = q_t (x_t - y)",
)
def lip_pool(x):
    logits = 20 * np.hypot(*np.gradient(x))  # edges are important
    y = cypool.lip_pool(x, logits, 8, stride=4)
    dx, dlogits = cypool.lip_pool_backward(np.ones_like(y), x, logits, 8, stride=4)
    return {"result": y, "gradient": dx, "gradient of the logits": dlogits}


@operator(
    r"y = x_t \text{ with probability } \frac{a_t}{\sum_{s \in W} a_s}, \quad a = \max(x, 0)",
    r"\frac{\partial y}{\partial x_t} = 1 \text{ for the cell that was chosen}",
)
def stochastic_pool(x):
    y, where = cypool.stochastic_pool(x, 8, stride=4, rng=0, return_indices=True)
    dx = cypool.stochastic_pool_backward(np.ones_like(y), x, 8, stride=4, indices=where)
    return {"result": y, "gradient": dx}


@operator(
    r"y = \max_{t \in W} x_t - \min_{t \in W} x_t",
    r"\frac{\partial y}{\partial x_t} = 1 \text{ for the largest cell, } -1 \text{ for the smallest}",
)
def range_pool(x):
    y = cypool.range_pool(x, 8, stride=4)
    dx = cypool.range_pool_backward(np.ones_like(y), x, 8, stride=4)
    return {"result": y, "gradient": dx}


@operator(
    r"y = \sqrt{\frac{1}{n} \sum_{t \in W} (x_t - \mu)^2}, \quad \mu = \frac{1}{n} \sum_{t \in W} x_t",
    r"\frac{\partial y}{\partial x_t} = \frac{x_t - \mu}{n \, y}",
)
def std_pool(x):
    y = cypool.std_pool(x, 8, stride=4)
    dx = cypool.std_pool_backward(np.ones_like(y), x, 8, stride=4)
    return {"result": y, "gradient": dx}


@operator(
    r"y = \sum_{t \in W} f_t x_t, \quad f_t = \prod_{\text{axes}} 2^{1-k} \binom{k-1}{t}",
    r"\frac{\partial y}{\partial x_t} = f_t",
)
def blur_pool(x):
    y = cypool.blur_pool(x, 7, stride=4)
    dx = cypool.blur_pool_backward(np.ones_like(y), x.shape, 7, stride=4)
    return {"result": y, "gradient": dx}


@operator(
    r"y = \alpha \max_{t \in W} x_t + (1 - \alpha) \frac{1}{n} \sum_{t \in W} x_t",
    r"\frac{\partial y}{\partial x_t} = \alpha [t = t^*] + \frac{1 - \alpha}{n}, \quad"
    r" \frac{\partial y}{\partial \alpha} = \max - \text{mean}",
)
def mixed_pool(x):
    y = cypool.mixed_pool(x, 8, stride=4, alpha=0.25)
    dx, dalpha = cypool.mixed_pool_backward(np.ones_like(y), x, 8, stride=4, alpha=0.25)
    return {"result, α = 0.25": y, f"gradient (of α: {dalpha:.4g})": dx}


@operator(
    r"y = \alpha \max_{t \in W} x_t + (1 - \alpha) \frac{1}{n} \sum_{t \in W} x_t, \quad"
    r" \alpha = \frac{1}{1 + e^{-s}}, \quad s = \sum_{t \in W} w_t x_t + b",
    r"\frac{\partial y}{\partial x_t} = \alpha [t = t^*] + \frac{1 - \alpha}{n}"
    r" + (\max - \text{mean}) \, \alpha (1 - \alpha) \, w_t",
)
def gated_pool(x):
    w, bias = np.full((8, 8), 1 / 4), -8.0  # bright windows: the maximum
    y = cypool.gated_pool(x, w, stride=4, bias=bias)
    dx, dw, dbias = cypool.gated_pool_backward(np.ones_like(y), x, w, stride=4, bias=bias)
    return {"result": y, f"gradient (of the bias: {dbias:.4g})": dx, "gradient of w": dw}


@operator(
    r"y = \operatorname{med}_{t \in W} x_t",
    r"\frac{\partial y}{\partial x_t} = \frac{1}{2} \text{ for both middle cells, 1 for a single one}",
)
def median_pool(x):
    y = cypool.median_pool(x, 8, stride=4)
    dx = cypool.median_pool_backward(np.ones_like(y), x, 8, stride=4)
    return {"result": y, "gradient": dx}


@operator(
    r"y = (1 - u) \, x_{(i)} + u \, x_{(i+1)}, \quad i + u = q (n - 1)",
    r"\frac{\partial y}{\partial x_{(i)}} = 1 - u, \quad \frac{\partial y}{\partial x_{(i+1)}} = u",
)
def quantile_pool(x):
    y = cypool.quantile_pool(x, 8, stride=4, q=0.9)
    dx = cypool.quantile_pool_backward(np.ones_like(y), x, 8, stride=4, q=0.9)
    return {"result, q = 0.9": y, "gradient": dx}


@operator(
    r"y = \frac{1}{k} \sum_{i=1}^{k} x_{[i]}, \quad x_{[1]} \ge x_{[2]} \ge \dots",
    r"\frac{\partial y}{\partial x_t} = \frac{1}{k} \text{ for the } k \text{ largest cells}",
)
def topk_pool(x):
    y = cypool.topk_pool(x, 8, stride=4, k=8)
    dx = cypool.topk_pool_backward(np.ones_like(y), x, 8, stride=4, k=8)
    return {"result, k = 8": y, "gradient": dx}


@operator(r"y = \operatorname{argmax}_{c} \, \left| \{ t \in W \,:\, x_t = c \} \right|", "")
def mode_pool(x):
    labels = (x * 6).astype(np.uint8)
    y = cypool.mode_pool(labels, 8, stride=4)
    return {"labels": labels, "result": y}


@operator(
    r"y = \max_{t \in W} \left( x_t + w_t \right)",
    r"\frac{\partial y}{\partial x_t} = \frac{\partial y}{\partial w_t} = 1 \text{ for the first largest sum}",
)
def morphological_pool(x):
    disk = np.where(np.hypot(*np.ogrid[-5:6, -5:6]) <= 5, 0, -np.inf)
    y = cypool.morphological_pool(x, disk, stride=4)
    dx, dw = cypool.morphological_pool_backward(np.ones_like(y), x, disk, stride=4)
    return {"result": y, "gradient": dx, "gradient of the disk": dw}


@operator(
    r"y_i = \max \left\{ x_t \,:\, a_i \le t < a_i + k \right\}, \quad"
    r" a_i = \lfloor \alpha (i + u) \rfloor - \lfloor \alpha u \rfloor, \quad \alpha = \frac{n - k}{m - 1}",
    r"\frac{\partial y}{\partial x_t} = 1 \text{ for the first largest cell}",
)
def fractional_max_pool(x):
    x = x[None]
    y, where = cypool.fractional_max_pool2d(x, 6, 59, rng=0, return_indices=True)
    dx = cypool.fractional_max_pool2d_backward(np.ones_like(y), x, 6, 59, indices=where)
    return {"result": y, "gradient": dx}


@operator(
    r"y_i = \frac{1}{b_{i+1} - b_i} \sum_{t=b_i}^{b_{i+1}-1} x_t, \quad b \text{ drawn at random}",
    r"\frac{\partial y_i}{\partial x_t} = \frac{1}{b_{i+1} - b_i}",
)
def fractional_avg_pool(x):
    y = cypool.fractional_avg_pool(x, 6.4, rng=0)
    dx = cypool.fractional_avg_pool_backward(np.ones_like(y), x, 6.4, rng=0)
    return {"result": y, "gradient": dx}


@operator(
    r"y_t = v_o \text{ where } t \text{ is the index of } v_o, \text{ else } 0",
    r"\frac{\partial L}{\partial v_o} = \frac{\partial L}{\partial y_t}",
)
def max_unpool(x):
    v, where = cypool.max_pool2d(x[None], 8, return_indices=True)
    y = cypool.max_unpool2d(v, where, 8)
    dv = cypool.max_unpool2d_backward(x[None], v, where, 8)  # the gradient of y is the photograph
    return {"maxima": v, "put back": y, "gradient of the maxima": dv}


@operator(
    r"y_i = \frac{1}{n_i} \sum_{t=\lfloor i n / m \rfloor}^{\lceil (i+1) n / m \rceil - 1} x_t",
    r"\frac{\partial y_i}{\partial x_t} = \frac{1}{n_i}",
)
def adaptive_avg_pool(x):
    y = cypool.adaptive_avg_pool(x, (9, 23))
    dx = cypool.adaptive_avg_pool_backward(np.ones_like(y), x.shape, (9, 23))
    return {"result": y, "gradient": dx}


@operator(r"y = \frac{1}{n} \sum_t x_t \text{ over whole axes}", r"\frac{\partial y}{\partial x_t} = \frac{1}{n}")
def global_avg_pool(x):
    y = cypool.global_avg_pool(x, axes=0)  # the mean of every column
    dx = cypool.global_avg_pool_backward(np.ones_like(y), x.shape, axes=0)
    return {"result, repeated 24 times": np.tile(y, (24, 1)), "gradient": dx}


@operator(
    r"y = \max_{t \in W_{ij}} x_t, \quad W_{ij} \text{ the whole cells of bin } (i, j)",
    r"\frac{\partial y}{\partial x_t} = 1 \text{ for the first largest cell}",
)
def roi_pool(x):
    x = x[None, None]
    boxes = [[0, 60, 8, 170, 118]]  # image, x1, y1, x2, y2
    y, where = cypool.roi_pool(x, boxes, 24, return_indices=True)
    dx = cypool.roi_pool_backward(np.ones_like(y), x, boxes, 24, indices=where)
    return {"result": y, "gradient": dx}


@operator(
    r"y = \frac{1}{g^2} \sum_{p \in \text{bin}} \sum_t \max(0, 1 - |p_1 - t_1|) \max(0, 1 - |p_2 - t_2|) \, x_t",
    r"\frac{\partial y}{\partial x_t} = \text{the weights of the samples near } t",
)
def roi_align(x):
    x = x[None, None]
    boxes = [[0, 60.3, 8.6, 170.2, 118.9]]
    y = cypool.roi_align(x, boxes, 24, sampling_ratio=2, aligned=True)
    dx = cypool.roi_align_backward(np.ones_like(y), x.shape, boxes, 24, sampling_ratio=2, aligned=True)
    return {"result": y, "gradient": dx}


@operator(
    r"y_{c,ij} = \frac{1}{n} \sum_{t \in W_{ij}} x_{(c m + i) n + j, \, t}",
    r"\frac{\partial y_{c,ij}}{\partial x_t} = \frac{1}{n} \text{ in the one channel that serves bin } (i, j)",
)
def ps_roi_pool(x):
    x = np.stack([x * (1 + i % 3) / 3 for i in range(36)])[None]
    boxes = [[0, 60, 8, 170, 118]]
    y = cypool.ps_roi_pool(x, boxes, 6)
    dx = cypool.ps_roi_pool_backward(np.ones_like(y), x.shape, boxes, 6)
    return {"result of 36 channels": y, "gradient, channel 14": dx[0, 14]}


@operator(
    r"y_{c,ij} = \text{roi\_align of channel } (c m + i) n + j, \text{ bin } (i, j)",
    r"\frac{\partial y_{c,ij}}{\partial x_t} = \text{the weights of the samples near } t, \text{ in that channel}",
)
def ps_roi_align(x):
    x = np.stack([x * (1 + i % 3) / 3 for i in range(36)])[None]
    boxes = [[0, 60.3, 8.6, 170.2, 118.9]]
    y = cypool.ps_roi_align(x, boxes, 6, sampling_ratio=4)
    dx = cypool.ps_roi_align_backward(np.ones_like(y), x.shape, boxes, 6, sampling_ratio=4)
    return {"result of 36 channels": y, "gradient, channel 14": dx[0, 14]}


@operator(
    r"y_i = \operatorname{op} \left\{ x_t \,:\, t \text{ in segment } i \right\}",
    r"\frac{\partial y_i}{\partial x_t} = \frac{1}{n_i} \text{ for op = mean}",
)
def segment_pool(x):
    lengths = [10, 30, 20, 60, 40, 80]  # of rows, one behind the other
    y = cypool.segment_pool(x, lengths, op="mean")
    dx = cypool.segment_pool_backward(np.ones_like(y), x, lengths, op="mean")
    return {"result, each row as high as its segment": np.repeat(y, lengths, axis=0), "gradient": dx}


@operator(
    r"y = \operatorname{op} \left\{ x_t \,:\, m_t \right\}",
    r"\frac{\partial y}{\partial x_t} = 1 \text{ for the first largest valid cell, for op = max}",
)
def sequence_pool(x):
    mask = np.arange(240) < 100  # steps of the sequence, in the rows, that are there
    y = cypool.sequence_pool(x, mask, op="max")
    dx = cypool.sequence_pool_backward(np.ones_like(y), x, mask, op="max")
    return {"result, repeated 24 times": np.tile(y, (24, 1)), "gradient": dx}


@operator(r"y^{(l)} = \frac{1}{n} \sum_{t \in W} x_t, \quad W \text{ of } f^l \text{ cells along each axis}", "")
def pyramid(x):
    levels = cypool.pyramid(x, 2, 4)
    return {f"level {i}": level for i, level in enumerate(levels, 1)}


@operator(
    r"y = \left( \max_{t \in W_{ij}^{(m)}} x_t \right)_{m, i, j}, \quad m \times m \text{ bins for every level } m",
    r"\frac{\partial L}{\partial x_t} = \text{the sum over the levels}",
)
def spatial_pyramid_pool(x):
    x = x[None, None]
    y = cypool.spatial_pyramid_pool(x, [1, 2, 4, 8], op="max")
    dx = cypool.spatial_pyramid_pool_backward(np.ones_like(y), x, [1, 2, 4, 8], op="max")
    return {"result, 85 numbers, repeated 8 times": np.tile(y, (8, 1)), "gradient": dx}
