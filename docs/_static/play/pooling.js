// The arithmetic of the playground: the windows of one small map, their results, and the gradient.
//
// Nothing here knows the page. A test runs this file over everything that the controls offer and compares it with cypool,
// messages included. The rules are those of docs/semantics.md; taps are visited in row-major order everywhere.
//
//   CONTROLS    what the page offers, value by value; the page builds its controls from this table
//   PRESETS     maps to start from, functions of rows, columns and a seed
//   windows     geometry: for every output its taps; throws RangeError with cypool's message where none fits
//   pool        values of all windows, and the slopes dy/dx that the gradient is made of
//   gradient    the gradient at every cell of the map, and the terms that were added
"use strict";

const pooling = (() => {
  const ROWS = 6;
  const COLS = 6;

  const CONTROLS = {
    op: ["max", "min", "avg", "sum", "lp", "median", "lse"],
    kernelHeight: [1, 2, 3, 4, 5],
    kernelWidth: [1, 2, 3, 4, 5],
    stride: [1, 2, 3, 4],
    padding: [0, 1, 2],
    dilation: [1, 2, 3],
    ceilMode: [false, true],
    countIncludePad: [true, false], // of the average alone
  };

  // ---- maps

  // Numbers from 0 up to, not including, 1: xorshift, the same for the same seed.
  function randomNumbers(seed) {
    let state = (seed * 2654435761 + 88675123) >>> 0 || 1;
    const next = () => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return (state >>> 0) / 4294967296;
    };
    next();
    return next;
  }

  function filled(rows, cols, value) {
    return Array.from({ length: rows * cols }, (_, i) => value(Math.floor(i / cols), i % cols));
  }

  const PRESETS = {
    random(rows, cols, seed) {
      const next = randomNumbers(seed);
      return filled(rows, cols, () => Math.floor(next() * 10));
    },
    edge: (rows, cols) => filled(rows, cols, (row, col) => (2 * col + row < cols + 2 ? 1 : 8)),
    ramp: (rows, cols) => filled(rows, cols, (row, col) => row + col),
    noise(rows, cols, seed) {
      const next = randomNumbers(seed + 100);
      return filled(rows, cols, () => [0, 9][Math.floor(next() * 8)] ?? 4); // a quarter of the cells is struck
    },
    special(rows, cols) {
      const values = filled(rows, cols, (row, col) => ((row * 3 + col * 5) % 7) - 3);
      values[cols + 1] = NaN;
      values[3 * cols + 4] = Infinity;
      values[4 * cols + 1] = -Infinity;
      return values;
    },
  };

  // ---- windows

  // One axis: for every output its taps as positions, first tap of the frame's first cell at -p.
  function axisWindows(n, k, s, p, d, ceilMode, axis) {
    const reach = d * (k - 1) + 1;
    let out = Math.floor((n + 2 * p - reach + (ceilMode ? s - 1 : 0)) / s) + 1;
    if (ceilMode && (out - 1) * s >= n + p) out -= 1;
    if (out < 1) {
      throw new RangeError(
        `the window does not fit axis ${axis}: extent ${n} with kernel_size ${k}, stride ${s}, padding (${p}, ${p}), ` +
          `dilation ${d} gives output extent ${out}, must be at least 1`,
      );
    }
    return Array.from({ length: out }, (_, o) => {
      const start = o * s - p;
      const taps = Array.from({ length: k }, (_, t) => start + t * d).filter((position) => position < n + p);
      return { start, end: start + reach, taps };
    });
  }

  // All windows of a map. A tap has its position, and the number of its cell or null in the padding.
  function windows(rows, cols, { kernelHeight, kernelWidth, stride: s, padding: p, dilation: d, ceilMode }) {
    const down = axisWindows(rows, kernelHeight, s, p, d, ceilMode, 2);
    const across = axisWindows(cols, kernelWidth, s, p, d, ceilMode, 3);
    const all = [];
    for (const y of down) {
      for (const x of across) {
        const taps = [];
        for (const row of y.taps) {
          for (const col of x.taps) {
            const inside = row >= 0 && row < rows && col >= 0 && col < cols;
            taps.push({ row, col, cell: inside ? row * cols + col : null });
          }
        }
        all.push({ top: y.start, left: x.start, bottom: y.end, right: x.end, taps });
      }
    }
    return { rows: down.length, cols: across.length, all };
  }

  // ---- operators: of a window's numbers, in row-major order, the result y and the slopes dy/dx

  const oneOf = (n, chosen) => Array.from({ length: n }, (_, i) => (i === chosen ? 1 : 0));
  const sumOf = (numbers) => numbers.reduce((total, x) => total + x, 0);
  const lastNaN = (numbers) => numbers.findLastIndex(Number.isNaN);

  // The first of equals, the last NaN.
  function selection(better, nothing) {
    return (numbers) => {
      if (!numbers.length) return { y: nothing, slopes: [], chosen: -1 };
      let chosen = lastNaN(numbers);
      if (chosen < 0) {
        chosen = 0;
        numbers.forEach((x, i) => {
          if (better(x, numbers[chosen])) chosen = i;
        });
      }
      return { y: numbers[chosen], slopes: oneOf(numbers.length, chosen), chosen };
    };
  }

  function average(numbers, divisor) {
    return { y: divisor ? sumOf(numbers) / divisor : NaN, slopes: numbers.map(() => 1 / divisor) };
  }

  function norm(numbers) {
    const y = Math.sqrt(sumOf(numbers.map((x) => x * x)));
    return { y, slopes: numbers.map((x) => (y === 0 ? 0 : x / y)) };
  }

  function median(numbers) {
    const n = numbers.length;
    if (!n) return { y: NaN, slopes: [] };
    const lost = lastNaN(numbers);
    if (lost >= 0) return { y: NaN, slopes: oneOf(n, lost) };
    const ranked = numbers.map((_, i) => i).sort((i, j) => (numbers[i] < numbers[j] ? -1 : numbers[i] > numbers[j] ? 1 : i - j));
    const middle = [ranked[(n - 1) >> 1], ranked[n >> 1]];
    const [low, high] = middle.map((i) => numbers[i]);
    const slopes = numbers.map(() => 0);
    for (const i of middle) slopes[i] += 0.5;
    return { y: low === high ? low : 0.5 * low + 0.5 * high, slopes, middle };
  }

  function logSumExp(numbers) {
    if (!numbers.length) return { y: -Infinity, slopes: [] };
    const most = Math.max(...numbers);
    if (!Number.isFinite(most)) return { y: most, slopes: numbers.map(() => NaN) };
    const terms = numbers.map((x) => Math.exp(x - most));
    const total = sumOf(terms);
    return { y: most + Math.log(total), slopes: terms.map((e) => e / total) };
  }

  const OPERATORS = {
    max: selection((x, best) => x > best, -Infinity),
    min: selection((x, best) => x < best, Infinity),
    avg: average,
    sum: (numbers) => average(numbers, 1),
    lp: norm,
    median,
    lse: logSumExp,
  };

  // ---- forward and backward

  // What every window yields: {y, slopes, cells, numbers, divisor}, and of max and min the index of the chosen cell or -1.
  function pool(map, rows, cols, settings) {
    const geometry = windows(rows, cols, settings);
    const results = geometry.all.map(({ taps }) => {
      const cells = taps.filter((tap) => tap.cell !== null).map((tap) => tap.cell);
      const numbers = cells.map((cell) => map[cell]);
      const divisor = settings.countIncludePad ? taps.length : cells.length;
      const result = OPERATORS[settings.op](numbers, divisor);
      const index = result.chosen === undefined ? undefined : result.chosen < 0 ? -1 : cells[result.chosen];
      return { ...result, cells, numbers, divisor, index };
    });
    return { ...geometry, results };
  }

  // For every cell its gradient and the terms that it is the sum of: {output, given, slope}.
  function gradient(pooled, gradOutput, rows, cols) {
    const at = filled(rows, cols, () => ({ sum: 0, terms: [] }));
    const selects = pooled.results.some((result) => result.index !== undefined || result.middle);
    pooled.results.forEach(({ cells, slopes }, output) => {
      cells.forEach((cell, i) => {
        if (selects && slopes[i] === 0) return; // what was not chosen has no part in it, whatever comes from above
        at[cell].sum += gradOutput[output] * slopes[i];
        at[cell].terms.push({ output, given: gradOutput[output], slope: slopes[i] });
      });
    });
    return at;
  }

  return { ROWS, COLS, CONTROLS, PRESETS, windows, pool, gradient };
})();
