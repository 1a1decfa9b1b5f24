// What the reader is told: whether everything is saved, what stands in the cell at hand, how much is changed.

import { sayOf, textOf } from "./cells.js";

export class State {
  constructor(sheet) {
    this.line = sheet.querySelector("#sheet-state");
    this.wrong = false;
    this.note = "";
  }

  say(words, look) {
    this.line.textContent = words;
    this.line.className = `sheet-state ${look}`;
  }

  saving() {
    this.wrong = false;
    this.note = "";
    this.say("Saving…", "is-busy");
  }

  forget() {
    this.wrong = false;
  }

  failed(words) {
    this.wrong = true;
    this.say(words, "is-red");
  }

  /** Said beside the next "Saved": what was kept deserves a second look. */
  remember(words) {
    this.note = words;
  }

  /** Nothing is on its way any more; `bad` cells hold something that can't be read. */
  rest(bad) {
    if (bad && !this.wrong) this.say(`Not saved: ${bad} cell${bad > 1 ? "s" : ""} can’t be read.`, "is-red");
    else if (!this.wrong && this.note) this.say(`Saved. ${this.note}`, "is-amber");
    else if (!this.wrong) this.say("Saved", "is-green");
  }
}

/** The line above the sheet: where the focus is, and everything there is to know of that cell. */
export class CellLine {
  constructor(sheet, grid) {
    Object.assign(this, { grid });
    this.where = sheet.querySelector("#cell-where");
    this.says = sheet.querySelector("#cell-says");
    this.notes = sheet.querySelector("#cell-notes");
    grid.watchers.push(() => this.tell());
  }

  tell() {
    const cell = this.grid.focus;
    if (!cell) return;
    const head = this.grid.headOf(cell).dataset;
    this.described?.removeAttribute("aria-describedby");
    cell.setAttribute("aria-describedby", "cell-notes");
    this.described = cell;
    this.where.textContent = `${head.name} · ${cell.parentElement.dataset.name}`;
    this.says.textContent = cell.dataset.typed || sayOf(cell) || "nothing said";
    this.says.classList.toggle("is-inherited", !textOf(cell) && Boolean(sayOf(cell)));
    this.notes.replaceChildren(...this.parts(cell).map(([look, text]) => note(look, text)));
  }

  parts(cell) {
    const { bad, was, wasIn, from, sold, page } = cell.dataset;
    const alike = this.grid.headOf(cell).dataset.flat && /^\d/.test(textOf(cell));
    const many = this.grid.chosen.size;
    return [
      bad && ["is-red", bad],
      many > 1 && ["", `${many} cells chosen`],
      from && ["", from],
      was && ["is-amber", `was ${was} in ${wasIn}`],
      alike && ["is-amber", "the same however many are bought; “per unit” behind the amount multiplies it"],
      sold && ["", `sold as ${sold}`],
      page && ["", `on the price page: “${page}”`],
    ].filter(Boolean);
  }
}

function note(look, text) {
  return Object.assign(document.createElement("span"), { className: look, textContent: text });
}
