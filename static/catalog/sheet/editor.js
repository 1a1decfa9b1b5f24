// The editor that stands in for a cell while it is written: a line to type in, and below it either the choices there
// are or what the desk reads so far. Asking the server never holds a key up.

import { addressOf, textOf } from "./cells.js";

const PAUSE = 160; // ms without a key before the text is read

export class Editor {
  constructor({ sheet, grid, server, commit, cancel, more }) {
    Object.assign(this, { sheet, grid, server, commit, cancel, more });
    this.box = sheet.querySelector("#sheet-editor");
    this.input = this.box.querySelector("input");
    this.reading = this.box.querySelector("[data-part=reading]");
    this.hint = this.box.querySelector("[data-part=hint]");
    this.options = this.box.querySelector("[role=listbox]");
    this.cell = null;
    this.input.addEventListener("input", () => this.typed());
    this.box.addEventListener("keydown", (event) => this.key(event));
    this.box.addEventListener("focusout", (event) => this.left(event));
    this.options.addEventListener("mousedown", (event) => this.picked(event));
    grid.table.parentElement.addEventListener("scroll", () => this.cell && this.put());
    window.addEventListener("resize", () => this.cell && this.put());
  }

  get isOpen() {
    return this.cell !== null;
  }

  /** Open on a cell. `typed` replaces what stands there; without it the cell's own text is there to change. */
  open(cell, { typed = null } = {}) {
    const row = cell.parentElement.dataset;
    this.cell = cell;
    this.fresh = typed !== null; // arrows then leave the cell, as in any spreadsheet
    this.many = row.editor === "checklist";
    this.choices = JSON.parse(row.options || "[]");
    this.start = cell.dataset.typed ?? textOf(cell);
    this.ticked = new Set(this.many ? this.choices.filter(([, , of]) => of).map(([t]) => t).filter((t) => this.has(t)) : []);
    this.input.value = typed ?? this.start;
    this.input.setAttribute("aria-label", `${this.grid.headOf(cell).dataset.name}, ${row.name}`);
    this.hint.textContent = row.hint ?? "";
    this.tell("", "");
    this.box.hidden = false;
    this.list();
    this.put();
    this.input.focus({ preventScroll: true });
    if (typed === null) this.input.select();
    this.read();
  }

  has(choice) {
    const listed = this.start.split(/,\s*/);
    return listed.includes(choice) || listed.includes(choice.replace(/^"|"$/g, ""));
  }

  put() {
    const at = this.cell.getBoundingClientRect();
    const wide = Math.min(Math.max(at.width, 260), window.innerWidth - 16);
    const left = Math.min(at.left, window.innerWidth - wide - 8);
    this.box.style.left = `${Math.max(8, left)}px`;
    this.box.style.width = `${wide}px`;
    const room = window.innerHeight - at.bottom;
    this.box.classList.toggle("is-above", room < 220 && at.top > room);
    this.box.style.top = this.box.classList.contains("is-above") ? "auto" : `${at.top - 1}px`;
    this.box.style.bottom = this.box.classList.contains("is-above") ? `${window.innerHeight - at.bottom - 1}px` : "auto";
    this.input.style.height = `${at.height + 1}px`;
  }

  close() {
    this.asked?.abort();
    clearTimeout(this.timer);
    this.cell = null;
    this.box.hidden = true;
    this.options.replaceChildren();
  }

  /** Leave with what stands in the line, or with what was chosen from the list. */
  keep(text, then) {
    const cell = this.cell;
    this.close();
    this.commit(cell, text.trim(), then);
    return true;
  }

  typed() {
    this.list();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.read(), PAUSE);
  }

  async read() {
    const cell = this.cell;
    const text = this.input.value.trim();
    if (!cell || !text || this.active()) return this.tell("", "");
    this.asked?.abort();
    this.asked = new AbortController();
    try {
      const place = { ...addressOf(this.grid, cell), was: textOf(cell), text };
      const answer = await this.server.read([place], this.asked.signal);
      if (this.cell !== cell || this.input.value.trim() !== text) return undefined;
      const [read] = answer.cells;
      return read.sentence ? this.tell(read.sentence, "is-wrong") : this.tell(`= ${read.words}${read.left ? `; ${read.left}` : ""}`, "");
    } catch {
      return undefined; // only a help: saving tells what matters
    }
  }

  tell(words, look) {
    this.reading.textContent = words;
    this.reading.className = `sheet-reading ${look}`;
    this.input.setAttribute("aria-invalid", look === "is-wrong");
  }

  /** The choices that fit what was typed; all of them while nothing was. */
  list() {
    const typed = this.input.value.trim().toLowerCase();
    const untouched = this.input.value === this.start;
    const fitting = this.choices.filter(
      ([text, label]) => untouched || !typed || label.toLowerCase().startsWith(typed) || text.toLowerCase().startsWith(typed),
    );
    const shown = this.many && !untouched ? [] : fitting;
    this.options.replaceChildren(...shown.map((choice, index) => this.option(choice, index)));
    this.options.hidden = !shown.length;
    this.options.setAttribute("aria-multiselectable", this.many);
    const current = this.start ? shown.findIndex(([text]) => text === this.start) : -1;
    if (shown.length && (this.fresh || !this.many)) this.activate(typed && !untouched ? 0 : current);
    else if (this.many && shown.length) this.activate(0);
    else this.activate(-1);
  }

  option([text, label, ofMany], index) {
    const option = document.createElement("li");
    option.id = `sheet-option-${index}`;
    option.setAttribute("role", "option");
    option.dataset.text = text;
    option.dataset.many = ofMany ? "1" : "";
    option.textContent = label;
    option.setAttribute("aria-selected", ofMany ? this.ticked.has(text) : text === this.start);
    if (!ofMany && this.many) option.classList.add("is-apart");
    return option;
  }

  active() {
    return this.options.querySelector(".is-active");
  }

  activate(index) {
    this.active()?.classList.remove("is-active");
    const option = this.options.children[index];
    option?.classList.add("is-active");
    option?.scrollIntoView({ block: "nearest" });
    if (option) this.input.setAttribute("aria-activedescendant", option.id);
    else this.input.removeAttribute("aria-activedescendant");
  }

  walk(by) {
    const all = [...this.options.children];
    const now = all.indexOf(this.active());
    this.activate(now < 0 ? (by > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, now + by)));
    this.asked?.abort();
    this.tell("", "");
    return true;
  }

  toggle(option) {
    const { text } = option.dataset;
    if (!this.ticked.delete(text)) this.ticked.add(text);
    option.setAttribute("aria-selected", this.ticked.has(text));
    return true;
  }

  result() {
    const option = this.active();
    if (!option) return this.input.value;
    if (!option.dataset.many) return option.dataset.text;
    const listed = this.choices.filter(([text, , ofMany]) => ofMany && this.ticked.has(text)).map(([text]) => text);
    return listed.join(", ") || this.cell.parentElement.dataset.none;
  }

  picked(event) {
    const option = event.target.closest("[role=option]");
    event.preventDefault(); // the line keeps the focus
    if (!option) return;
    this.activate([...this.options.children].indexOf(option));
    if (option.dataset.many) this.toggle(option);
    else this.keep(option.dataset.text, "stay");
  }

  key(event) {
    event.stopPropagation();
    if (!event.isComposing && this.answers(event)) event.preventDefault();
  }

  /** Whether the key did something here; the others still type and move the caret. */
  answers({ key, shiftKey }) {
    const listed = this.options.children.length > 0;
    switch (key) {
      case "Enter":
        return shiftKey ? this.leave() : this.keep(this.result(), "down");
      case "Tab":
        return this.keep(this.result(), shiftKey ? "left" : "right");
      case "Escape":
        return this.giveUp();
      case "ArrowDown":
      case "ArrowUp":
        if (listed) return this.walk(key === "ArrowDown" ? 1 : -1);
        return this.fresh && this.keep(this.result(), key === "ArrowDown" ? "down" : "up");
      case "ArrowLeft":
      case "ArrowRight":
        return this.fresh && !listed && this.keep(this.result(), key === "ArrowLeft" ? "left" : "right");
      case " ":
        return Boolean(this.active()?.dataset.many) && this.toggle(this.active());
      default:
        return false;
    }
  }

  leave() {
    const cell = this.cell;
    this.keep(this.result(), "stay");
    this.more(cell);
    return true;
  }

  giveUp() {
    const cell = this.cell;
    this.close();
    this.cancel(cell);
    return true;
  }

  left(event) {
    if (this.cell && !this.box.contains(event.relatedTarget)) this.keep(this.result(), "gone");
  }
}
