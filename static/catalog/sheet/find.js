// Finding in the sheet: hits are marked, Enter steps through them, and on request only their rows stay in sight.

import { sayOf } from "./cells.js";

export class Find {
  constructor({ sheet, grid }) {
    this.grid = grid;
    this.form = sheet.querySelector("#sheet-find");
    this.line = this.form.elements.find;
    this.only = this.form.elements.only;
    this.told = this.form.querySelector("[data-part=told]");
    this.hits = [];
    this.line.addEventListener("input", () => this.look());
    this.only.addEventListener("change", () => this.look());
    this.form.addEventListener("submit", (event) => (event.preventDefault(), this.step(1)));
    this.line.addEventListener("keydown", (event) => this.key(event));
    if (this.line.value) this.look();
  }

  start() {
    this.line.focus();
    this.line.select();
  }

  key(event) {
    if (event.key === "Escape") {
      this.line.value = "";
      this.look();
      if (this.grid.focus) this.grid.go(this.grid.focus);
    } else if (event.key === "Enter" && event.shiftKey) {
      event.preventDefault();
      this.step(-1);
    } else if (event.key === "ArrowDown" && this.hits.length) {
      event.preventDefault();
      this.grid.go(this.hits[Math.max(0, this.now)]);
    }
  }

  look() {
    const wanted = this.line.value.trim().toLowerCase();
    const matches = (text) => wanted !== "" && text.toLowerCase().includes(wanted);
    for (const row of this.grid.body) {
      const named = matches(row.dataset.name);
      const cells = [...row.cells].slice(1);
      const hit = cells.map((cell) => matches(sayOf(cell)));
      row.cells[0].classList.toggle("is-hit", named);
      cells.forEach((cell, index) => cell.classList.toggle("is-hit", hit[index]));
      row.hidden = this.only.checked && wanted !== "" && !named && !hit.includes(true);
    }
    this.grid.survey();
    this.hits = this.grid.cells.flatMap((row) => {
      const named = row[0]?.parentElement.cells[0].classList.contains("is-hit");
      const own = row.filter((cell) => cell.classList.contains("is-hit"));
      return own.length || !named ? own : [row[0]];
    });
    this.now = -1;
    this.tell(wanted);
  }

  step(by) {
    if (!this.hits.length) return;
    this.now = (this.now + by + this.hits.length) % this.hits.length;
    const cell = this.hits[this.now];
    this.grid.place(cell);
    this.grid.reveal(cell);
    this.tell(true);
  }

  tell(wanted) {
    const where = this.now < 0 ? `${this.hits.length} found` : `${this.now + 1} of ${this.hits.length}`;
    this.told.textContent = wanted ? where : "";
  }
}
