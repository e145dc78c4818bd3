// The playground's page: controls, four maps, the window that moves, and the texts beside them.
//
// The state is small: settings, the map, the given gradients, which output and which cell are looked at. Every change goes
// through `changed`, which computes everything anew (a few hundred additions) and writes it into what `build` has laid out.
"use strict";

(() => {
  const { ROWS, COLS, CONTROLS, PRESETS } = pooling;
  const root = document.getElementById("play");
  const PACE = 900; // milliseconds for a window while playing
  const SIDE_BY_SIDE = 12; // columns of both maps that a phone's width holds

  const state = {
    settings: {
      op: "max", kernelHeight: 3, kernelWidth: 3, stride: 1, padding: 0, dilation: 1, ceilMode: false, countIncludePad: true,
    },
    map: PRESETS.random(ROWS, COLS, 1),
    seed: 1,
    given: new Map(), // gradients of the output that are not 1, by "row,column"
    at: 0, // the output that is looked at
    cell: null, // the cell that is pointed at
    language: "en",
    timer: null,
  };

  // ---- words

  function say(key, values = {}) {
    return strings[state.language][key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
  }

  function speak() {
    root.lang = state.language === "zh" ? "zh-Hans" : state.language;
    document.querySelector("h1").firstChild.data = say("title");
    for (const each of root.querySelectorAll("[data-say]")) each.textContent = say(each.dataset.say);
    for (const each of root.querySelectorAll("[data-label]")) each.setAttribute("aria-label", say(each.dataset.label));
    for (const each of root.querySelectorAll("[data-language]")) {
      each.setAttribute("aria-pressed", each.dataset.language === state.language);
    }
  }

  const said = (tag, key, attributes = {}) => element(tag, { ...attributes, "data-say": key });

  // What a browser may forbid to pages that are opened from a file, is done without.
  function remembered(language) {
    try {
      if (language) localStorage.setItem("cypool-language", language);
      return localStorage.getItem("cypool-language");
    } catch {
      return null;
    }
  }

  // ---- the page, built once

  const parts = {};

  function languages() {
    const buttons = Object.entries(strings).map(([language, words]) => {
      const choose = () => {
        state.language = language;
        remembered(language);
        speak();
        changed();
      };
      const lang = language === "zh" ? "zh-Hans" : language;
      return element("button", { type: "button", lang, "data-language": language, click: choose }, words.language);
    });
    return element("div", { class: "play-languages", role: "group", "aria-label": "Language, 语言" }, ...buttons);
  }

  function control(name) {
    const group = element("fieldset", { class: "play-control", "data-control": name }, said("legend", name));
    const choices = element("div", { class: "play-choices" });
    for (const choice of CONTROLS[name]) {
      const pick = () => {
        state.settings[name] = choice;
        changed();
      };
      const input = element("input", { type: "radio", name: `play-${name}`, value: String(choice), change: pick });
      input.checked = state.settings[name] === choice;
      const word = name === "op" ? `op.${choice}` : typeof choice === "boolean" ? String(choice) : null;
      choices.append(element("label", {}, input, word ? said("span", word) : element("span", {}, String(choice))));
    }
    group.append(choices);
    return group;
  }

  function presets() {
    const buttons = Object.entries(PRESETS).map(([name, make]) => {
      const use = () => {
        state.seed += 1;
        state.map = make(ROWS, COLS, state.seed);
        changed();
      };
      return said("button", `preset.${name}`, { type: "button", "data-preset": name, click: use });
    });
    return element(
      "div",
      { class: "play-presets", role: "group", "data-label": "presets" },
      said("span", "presets"),
      ...buttons,
    );
  }

  function panel(name) {
    parts[name] = {
      extent: element("span", { class: "play-extent" }),
      holder: element("div", { class: "play-holder" }),
    };
    const head = element("div", { class: "play-head" }, said("h2", name), parts[name].extent);
    return element("section", { class: `play-panel play-${name}` }, head, parts[name].holder);
  }

  const ICONS = { back: "M10 3 5 8l5 5z", forth: "M6 3l5 5-5 5z", play: "M4 2l10 6-10 6z", pause: "M4 3h3v10H4zM9 3h3v10H9z" };

  function icon(name) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    svg.setAttribute("viewBox", "0 0 16 16");
    svg.setAttribute("aria-hidden", "true");
    path.setAttribute("d", ICONS[name]);
    svg.append(path);
    return svg;
  }

  function button(name, click) {
    return element("button", { type: "button", "data-step": name, click }, icon(name), said("span", name));
  }

  function build() {
    root.replaceChildren();
    parts.error = element("div", { class: "play-error", role: "alert" });
    parts.note = element("p", { class: "play-note", role: "status" });
    parts.where = element("p", { class: "play-where" });
    parts.formula = element("p", { class: "play-formula" });
    parts.index = element("p", { class: "play-index" });
    parts.cellName = element("p", { class: "play-where" });
    parts.cellFormula = element("p", { class: "play-formula" });
    parts.play = button("play", () => (state.timer ? pause() : play()));
    parts.code = element("code");
    parts.copy = said("button", "copy", { type: "button", class: "play-copy", click: copy });
    parts.invalid = element("p", { class: "play-note", role: "alert" });
    const steps = element(
      "div",
      { class: "play-steps", role: "group", "data-label": "step" },
      button("back", () => step(-1)),
      parts.play,
      button("forth", () => step(1)),
    );
    parts.status = element("div", { class: "play-status", role: "status" }, parts.where, parts.formula, parts.index);
    parts.backwards = element("div", { class: "play-status" }, parts.cellName, parts.cellFormula);
    const ones = said("button", "ones", { type: "button", "data-ones": "", click: () => (state.given.clear(), changed()) });
    const shown = (...names) => names.map(control);
    parts.stage = element(
      "div",
      { class: "play-stage" },
      element("div", { class: "play-maps" }, panel("input"), panel("output")),
      element("div", { class: "play-bar" }, steps, parts.status),
      element("div", { class: "play-maps" }, panel("gradInput"), panel("gradOutput")),
      element("div", { class: "play-bar" }, ones, parts.backwards),
    );
    root.append(
      element("div", { class: "play-top" }, said("p", "intro"), languages()),
      element(
        "form",
        { class: "play-controls", "data-label": "controls", submit: (event) => event.preventDefault() },
        ...shown(...Object.keys(CONTROLS)),
      ),
      presets(),
      parts.invalid,
      parts.note,
      parts.error,
      parts.stage,
      element(
        "section",
        { class: "play-python", "data-label": "code" },
        element("div", { class: "play-head" }, said("h2", "code"), parts.copy),
        element("pre", { tabindex: "0" }, parts.code),
      ),
      said("p", "keys", { class: "play-keys" }),
    );
  }

  // ---- grids, laid out anew when their shapes change

  let shapes = "";

  function layOut(pooled) {
    const { padding: p } = state.settings;
    const beyond = (end, n) => Math.max(0, ...pooled.all.map(end)) - (n + p);
    const frame = {
      top: -p,
      left: -p,
      rows: ROWS + 2 * p + Math.max(0, beyond((one) => one.bottom, ROWS)),
      cols: COLS + 2 * p + Math.max(0, beyond((one) => one.right, COLS)),
    };
    const shape = JSON.stringify([frame, pooled.rows, pooled.cols]);
    if (shape === shapes) return;
    shapes = shape;
    const kindOf = (row, col) => {
      if (row >= 0 && row < ROWS && col >= 0 && col < COLS) return "cell";
      return row < ROWS + p && col < COLS + p ? "pad" : "beyond";
    };
    const pointCell = (row, col) => look({ cell: row * COLS + col });
    const leave = () => look({ cell: null });
    const editCell = (row, col, value) => edit(value, () => (state.map[row * COLS + col] = value));
    const out = { top: 0, left: 0, rows: pooled.rows, cols: pooled.cols, kindOf: () => "cell" };
    const pointOutput = (row, col) => look({ at: row * pooled.cols + col });
    const editGiven = (row, col, value) => edit(value, () => state.given.set(`${row},${col}`, value));
    place("input", { ...frame, kindOf, edit: editCell, point: pointCell, leave });
    place("gradInput", { ...frame, top: 0, rows: ROWS, kindOf, point: pointCell, leave });
    place("output", { ...out, point: pointOutput });
    place("gradOutput", { ...out, edit: editGiven, point: pointOutput });
    const narrow = Math.max(pooled.cols, 4); // a single column still has a heading
    parts.stage.style.setProperty("--columns", `minmax(0, ${frame.cols}fr) minmax(0, ${narrow}fr)`);
    parts.stage.style.setProperty("--cells", frame.cols + narrow);
    parts.stage.classList.toggle("many", frame.cols + narrow > SIDE_BY_SIDE);
  }

  function place(name, options) {
    const { holder } = parts[name];
    parts[name].grid = new Grid(options);
    parts[name].grid.element.dataset.label = name;
    parts[name].grid.element.setAttribute("aria-label", say(name));
    holder.replaceChildren(parts[name].grid.element);
    const columns = name === "output" || name === "gradOutput" ? Math.max(options.cols, 4) : options.cols;
    holder.style.setProperty("--share", options.cols / columns);
    holder.style.setProperty("--cols", options.cols);
  }

  function edit(value, store) {
    parts.invalid.textContent = value === undefined ? say("invalid") : "";
    if (value !== undefined && value !== null) store();
    changed();
  }

  // ---- what is shown

  const shades = (values) => {
    const most = Math.max(...values.filter(Number.isFinite).map(Math.abs), 0) || 1;
    return (value) => (Number.isNaN(value) ? 0 : Math.max(-1, Math.min(1, value / most)));
  };

  function writeAll(name, cols, values, more) {
    const shade = shades(values);
    const { grid, extent } = parts[name];
    extent.textContent = say("extent", { rows: values.length / cols, cols });
    values.forEach((value, i) => {
      const [row, col] = [Math.floor(i / cols), i % cols];
      const text = lines.number(value, grid.options.edit ? 6 : 2);
      const label = `${say("cell", { row, col })}: ${lines.number(value)}`;
      grid.write(row, col, { text, heat: shade(value), label, ...more(i) });
    });
  }

  function describe(pooled, gradients) {
    const { at } = state;
    const [row, col] = [Math.floor(at / pooled.cols), at % pooled.cols];
    const { index, cells, middle, chosen } = pooled.results[at];
    parts.where.textContent = say("window", { n: at + 1, all: pooled.results.length, row, col });
    parts.formula.textContent = lines.ofWindow(pooled, at, state.map, state.settings);
    const place = { index, row: Math.floor(index / COLS), col: index % COLS };
    const empty = index === undefined ? say("noCell") : say("noIndex");
    parts.index.textContent = !cells.length ? empty : index === undefined ? "" : say("index", place);
    const cell = state.cell ?? (middle ? cells[middle[0]] : cells[chosen ?? 0]) ?? 0;
    parts.cellName.textContent = say("gradientAt", { row: Math.floor(cell / COLS), col: cell % COLS });
    const { terms } = gradients[cell];
    parts.cellFormula.textContent = lines.ofGradient(gradients[cell]) + (terms.length ? "" : ` (${say("noWindow")})`);
  }

  function writeMaps(pooled, given, gradients) {
    const now = pooled.results[state.at];
    const chosenNow = new Set(now.middle ? now.middle.map((i) => now.cells[i]) : now.index >= 0 ? [now.index] : []);
    const chosen = new Set(pooled.results.map(({ index }) => index));
    const taps = new Set(now.cells);
    const onInput = (i) => ({
      classes: { tap: taps.has(i), chosen: chosen.has(i), now: chosenNow.has(i), pointed: i === state.cell },
    });
    const onOutput = (i) => ({
      classes: { at: i === state.at, holds: state.cell !== null && pooled.results[i].cells.includes(state.cell) },
    });
    writeAll("input", COLS, state.map, onInput);
    writeAll("output", pooled.cols, pooled.results.map(({ y }) => y), onOutput);
    writeAll("gradInput", COLS, gradients.map(({ sum }) => sum), onInput);
    writeAll("gradOutput", pooled.cols, given, onOutput);
    const { top, left, bottom, right } = pooled.all[state.at];
    parts.input.grid.outline({ top, left, bottom, right });
    const onMap = { top: Math.max(top, 0), left: Math.max(left, 0), bottom: Math.min(bottom, ROWS), right: Math.min(right, COLS) };
    parts.gradInput.grid.outline(taps.size ? onMap : null);
    for (const name of ["output", "gradOutput"]) {
      parts[name].grid.cells.forEach(({ row, col, holder }) =>
        holder.setAttribute("aria-selected", row * pooled.cols + col === state.at),
      );
    }
    const counted = state.settings.op === "avg" && state.settings.countIncludePad;
    parts.input.grid.element.classList.toggle("counted", counted);
  }

  // The map alone, and around it the window that does not fit.
  function refused(message) {
    const { settings, map } = state;
    pause();
    parts.error.replaceChildren(element("strong", {}, say("fails")), element("code", {}, `ValueError: ${message}`));
    parts.stage.classList.add("refused");
    const { kernelHeight, kernelWidth, padding: p, dilation: d } = settings;
    const first = { top: -p, left: -p, bottom: d * (kernelHeight - 1) + 1 - p, right: d * (kernelWidth - 1) + 1 - p };
    layOut({ rows: 0, cols: 0, all: [first] });
    writeAll("input", COLS, map, () => ({ classes: { tap: false, chosen: false, now: false, pointed: false } }));
    parts.input.grid.outline(first);
    parts.code.textContent = lines.program(map, COLS, settings);
  }

  function changed() {
    const { settings, map } = state;
    const { kernelHeight, kernelWidth, padding } = settings;
    root.querySelector("[data-control=countIncludePad]").hidden = settings.op !== "avg";
    parts.note.textContent = 2 * padding > Math.min(kernelHeight, kernelWidth) ? say("muchPadding") : "";
    root.querySelector("[data-step=play] span").dataset.say = state.timer ? "pause" : "play";
    parts.play.querySelector("span").textContent = say(state.timer ? "pause" : "play");
    parts.play.querySelector("path").setAttribute("d", ICONS[state.timer ? "pause" : "play"]);
    const address = `#${new URLSearchParams(settings)}`;
    if (location.hash !== address) history.replaceState(null, "", address); // browsers limit how often
    let pooled;
    try {
      pooled = pooling.pool(map, ROWS, COLS, settings);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      refused(error.message);
      return;
    }
    parts.error.textContent = "";
    parts.stage.classList.remove("refused");
    state.at = Math.min(state.at, pooled.results.length - 1);
    layOut(pooled);
    const given = pooled.results.map((_, i) => state.given.get(`${Math.floor(i / pooled.cols)},${i % pooled.cols}`) ?? 1);
    const gradients = pooling.gradient(pooled, given, ROWS, COLS);
    state.outputs = pooled.results.length;
    writeMaps(pooled, given, gradients);
    describe(pooled, gradients);
    parts.code.textContent = lines.program(map, COLS, settings, given, pooled.cols);
  }

  // ---- moving

  function look(where) {
    if (Object.entries(where).every(([name, value]) => state[name] === value)) return;
    Object.assign(state, where);
    changed();
  }

  function step(by) {
    look({ at: (state.at + by + state.outputs) % state.outputs });
  }

  function play() {
    parts.status.setAttribute("aria-live", "off"); // nobody can listen so fast
    state.timer = setInterval(step, PACE, 1);
    changed();
  }

  function pause() {
    if (!state.timer) return;
    clearInterval(state.timer);
    state.timer = null;
    parts.status.removeAttribute("aria-live");
    changed();
  }

  async function copy() {
    let done = true;
    try {
      await navigator.clipboard.writeText(parts.code.textContent);
    } catch {
      getSelection().selectAllChildren(parts.code);
      done = document.execCommand("copy");
    }
    parts.copy.textContent = say(done ? "copied" : "notCopied");
    setTimeout(() => (parts.copy.textContent = say("copy")), 1500);
  }

  // ---- the beginning

  // Settings in the address, as `changed` writes them there; only what the controls offer is taken.
  function fromAddress() {
    for (const [name, text] of new URLSearchParams(location.hash.slice(1))) {
      const choice = CONTROLS[name]?.find((each) => String(each) === text);
      if (choice !== undefined) state.settings[name] = choice;
    }
  }

  const preferred = remembered() ?? (navigator.language.startsWith("zh") ? "zh" : "en");
  if (preferred in strings) state.language = preferred;
  fromAddress();
  build();
  speak();
  changed();
})();
