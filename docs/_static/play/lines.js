// What the playground writes about a window or a call, the same in every language: formulas and Python.
"use strict";

const lines = (() => {
  // A number for reading: at most `decimals` behind the point, and a true minus.
  function number(value, decimals = 4) {
    if (Number.isNaN(value)) return "nan";
    if (!Number.isFinite(value)) return value < 0 ? "−inf" : "inf";
    const rounded = Number(value.toFixed(decimals));
    const text = rounded === 0 && value !== 0 ? value.toExponential(0) : String(Math.abs(rounded) === 0 ? 0 : rounded);
    return text.replaceAll("-", "−");
  }

  const bracketed = (value) => (value < 0 ? `(${number(value)})` : number(value));

  // " = 2.5", or " ≈ 0.6667" where digits are left out.
  function equals(value) {
    const exact = !Number.isFinite(value) || Number(value.toFixed(4)) === value;
    return ` ${exact ? "=" : "≈"} ${number(value)}`;
  }

  const listed = (numbers) => numbers.map((x) => number(x)).join(", ");
  const added = (numbers, term = bracketed) => numbers.map(term).join(" + ") || "0";

  // The padding's zeros where they count, at their places among the numbers.
  function withPadding(taps, map) {
    return taps.map((tap) => (tap.cell === null ? 0 : map[tap.cell]));
  }

  function middleOf({ numbers, middle }) {
    if (!middle || middle[0] === middle[1]) return "";
    return ` = (${bracketed(numbers[middle[0]])} + ${bracketed(numbers[middle[1]])}) / 2`;
  }

  const FORMULAS = {
    max: (result) => `max(${listed(result.numbers)})`,
    min: (result) => `min(${listed(result.numbers)})`,
    avg(result, taps, map, { countIncludePad }) {
      const numbers = countIncludePad ? withPadding(taps, map) : result.numbers;
      return numbers.length > 1 ? `(${added(numbers)}) / ${result.divisor}` : `${added(numbers)} / ${result.divisor}`;
    },
    sum: (result) => (result.numbers.length ? added(result.numbers) : "sum()"),
    lp: (result) => (result.numbers.length ? `√(${added(result.numbers, (x) => `${bracketed(x)}²`)})` : "√0"),
    median: (result) => `median(${listed(result.numbers)})${middleOf(result)}`,
    lse: (result) => `log(${added(result.numbers, (x) => `exp(${number(x)})`)})`,
  };

  // "max(1, 3, 2, 9) = 9"
  function ofWindow(pooled, output, map, settings) {
    const result = pooled.results[output];
    return FORMULAS[settings.op](result, pooled.all[output].taps, map, settings) + equals(result.y);
  }

  // "1 × 0.25 + 2 × 0.25 = 0.75": given gradient times slope, summed over the windows that hold the cell
  function ofGradient({ sum, terms }) {
    if (!terms.length) return "0";
    return terms.map(({ given, slope }) => `${bracketed(given)} × ${bracketed(slope)}`).join(" + ") + equals(sum);
  }

  // ---- Python

  function python(value) {
    return Number.isNaN(value) ? "np.nan" : Number.isFinite(value) ? String(value) : value < 0 ? "-np.inf" : "np.inf";
  }

  function array(values, cols, indent) {
    const width = Math.max(...values.map((value) => python(value).length));
    const rows = [];
    for (let i = 0; i < values.length; i += cols) {
      rows.push(`[${values.slice(i, i + cols).map((value) => python(value).padStart(width)).join(", ")}]`);
    }
    return `[${rows.join(`,\n${" ".repeat(indent + 1)}`)}]`;
  }

  function parameters({ op, kernelHeight, kernelWidth, stride, padding, dilation, ceilMode, countIncludePad }) {
    const kernel = kernelHeight === kernelWidth ? kernelHeight : `(${kernelHeight}, ${kernelWidth})`;
    return [
      op === "lp" && "norm_type=2",
      `kernel_size=${kernel}`,
      `stride=${stride}`,
      padding !== 0 && `padding=${padding}`,
      dilation !== 1 && `dilation=${dilation}`,
      ceilMode && "ceil_mode=True",
      op === "avg" && !countIncludePad && "count_include_pad=False",
      op === "lp" && "signed=False",
    ].filter(Boolean).join(", ");
  }

  // The two calls that compute what the page shows. The gradient of log-sum-exp comes with that of its exponent.
  function calls(settings) {
    const [name, rest] = [`cypool.${settings.op}_pool2d`, parameters(settings)];
    return {
      forward: `y = ${name}(x, ${rest})`,
      backward: `grad_x${settings.op === "lse" ? ", _" : ""} = ${name}_backward(grad_y, x, ${rest})`,
    };
  }

  // A whole program: the map, the call, and unless nothing comes out (gradOutput is null) the gradient.
  function program(map, cols, settings, gradOutput, outCols) {
    const { forward, backward } = calls(settings);
    const text = ["import numpy as np", "import cypool", ""];
    text.push(`x = np.array(${array(map, cols, 13)}, float)[None, None]`, forward);
    if (gradOutput) {
      const ones = gradOutput.every((g) => g === 1);
      const given = `np.array(${array(gradOutput, outCols, 18)}, float)[None, None]`;
      text.push("", `grad_y = ${ones ? "np.ones_like(y)" : given}`, backward);
    }
    return text.join("\n") + "\n";
  }

  return { number, ofWindow, ofGradient, calls, program };
})();
