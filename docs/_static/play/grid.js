// Maps on the page: grids of cells that are read or edited, and walked with the arrow keys.
//
// A grid is one stop of the Tab key; arrows, Home and End move inside it. Cells stand at positions (row, column) that may
// be negative, as the padding's are; only those that `kindOf` gives a kind are real.
"use strict";

// An element with attributes; a function is a listener, false leaves an attribute out.
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value !== false) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

// The number that a text stands for, or undefined. Six digits on either side of the point keep every formula in range.
function parsed(text) {
  const word = text.trim().toLowerCase().replace("−", "-");
  if (word === "nan") return NaN;
  if (/^[-+]?inf(inity)?$/.test(word)) return word.startsWith("-") ? -Infinity : Infinity;
  return /^[-+]?(\d{1,6}(\.\d{0,6})?|\.\d{1,6})$/.test(word) ? Number(word) || 0 : undefined;
}

class Grid {
  // options: rows, cols, top, left, kindOf(row, col) -> "cell" or a class name, edit(row, col, value) or nothing,
  // point(row, col) when a cell is focused or under the mouse, leave() when it is no longer
  constructor(options) {
    this.options = options;
    this.cells = new Map();
    this.box = element("div", { class: "play-window", "aria-hidden": "true", hidden: "" });
    this.element = element("div", { class: "play-grid", role: "grid", style: `--cols: ${options.cols}` });
    for (let r = options.top; r < options.top + options.rows; r++) {
      const row = element("div", { class: "play-row" });
      let real = false;
      for (let c = options.left; c < options.left + options.cols; c++) {
        const kind = options.kindOf(r, c);
        real ||= kind === "cell";
        row.append(kind === "cell" ? this.#cell(r, c) : element("div", { class: `play-${kind}`, "aria-hidden": "true" }));
      }
      row.setAttribute(real ? "role" : "aria-hidden", real ? "row" : "true");
      this.element.append(row);
    }
    this.element.append(this.box);
    this.element.addEventListener("keydown", (event) => this.#walk(event));
    this.element.addEventListener("mouseleave", () => options.leave?.());
    this.#home([...this.cells.values()][0]);
  }

  #cell(row, col) {
    const { edit, point } = this.options;
    const holder = element("div", { class: "play-cell", role: "gridcell" });
    let target = holder;
    if (edit) {
      target = element("input", { type: "text", inputmode: "decimal", autocomplete: "off", spellcheck: "false", maxlength: 14 });
      target.addEventListener("input", () => {
        const value = parsed(target.value);
        target.setAttribute("aria-invalid", value === undefined);
        edit(row, col, value);
      });
      target.addEventListener("blur", () => {
        if (parsed(target.value) === undefined) edit(row, col, null); // back to the last number
        target.removeAttribute("aria-invalid");
      });
      holder.append(target);
    }
    const cell = { row, col, holder, target };
    target.tabIndex = -1;
    target.addEventListener("focus", () => {
      this.#home(cell);
      if (edit) target.select();
      point(row, col);
    });
    target.addEventListener("blur", () => this.options.leave?.());
    holder.addEventListener("mouseenter", () => point(row, col));
    this.cells.set(`${row},${col}`, cell);
    return holder;
  }

  at(row, col) {
    return this.cells.get(`${row},${col}`);
  }

  // The cell that the Tab key reaches.
  #home(cell) {
    if (this.home) this.home.target.tabIndex = -1;
    this.home = cell;
    if (cell) cell.target.tabIndex = 0;
  }

  #walk(event) {
    const { row, col, target } = this.home;
    const text = this.options.edit ? target : null;
    const inside = (edge) => text && text.selectionStart !== (edge ? 0 : text.value.length); // the caret has where to go
    const selected = text && text.selectionStart === 0 && text.selectionEnd === text.value.length;
    const moves = {
      ArrowUp: [-1, 0],
      ArrowDown: [1, 0],
      Enter: [1, 0],
      ArrowLeft: selected || !inside(true) ? [0, -1] : null,
      ArrowRight: selected || !inside(false) ? [0, 1] : null,
    };
    const cells = [...this.cells.values()].filter((cell) => cell.row === row);
    const ends = text && !selected ? {} : { Home: cells[0], End: cells.at(-1) };
    const move = moves[event.key];
    const next = move ? this.at(row + move[0], col + move[1]) : ends[event.key];
    if (!move && !next) return;
    event.preventDefault();
    next?.target.focus();
  }

  // Writes a cell: its text, how strong its colour is (-1 to 1, 0 none), its name, classes that come and go.
  write(row, col, { text, heat, label, classes = {} }) {
    const { holder, target } = this.at(row, col);
    if (this.options.edit) {
      if (document.activeElement !== target) target.value = text; // whoever types is left alone
    } else if (holder.textContent !== text) {
      holder.textContent = text;
    }
    target.setAttribute("aria-label", label);
    holder.style.setProperty("--heat", `${Math.round(Math.abs(heat) * 100)}%`);
    holder.classList.toggle("negative", heat < 0);
    holder.classList.toggle("long", text.length > 3);
    holder.classList.toggle("longer", text.length > 5);
    for (const [name, on] of Object.entries(classes)) holder.classList.toggle(name, on);
  }

  // Lays the window's outline around rows top to bottom and columns left to right, the ends not included.
  outline(rectangle) {
    this.box.hidden = !rectangle;
    if (!rectangle) return;
    const { rows, cols, top, left } = this.options;
    const percent = (part, whole) => `${(100 * part) / whole}%`;
    this.box.style.top = percent(rectangle.top - top, rows);
    this.box.style.left = percent(rectangle.left - left, cols);
    this.box.style.height = percent(rectangle.bottom - rectangle.top, rows);
    this.box.style.width = percent(rectangle.right - rectangle.left, cols);
  }
}
