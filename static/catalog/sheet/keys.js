// The keyboard in the sheet. Nothing here waits for the server.

import { putBack, sayOf } from "./cells.js";

export class Keys {
  constructor({ sheet, grid, act }) {
    Object.assign(this, { sheet, grid, act });
    this.leaving = false; // after Escape, Tab leaves the sheet as it leaves any other part of a page
    grid.table.tBodies[0].parentElement.addEventListener("keydown", (event) => this.pressed(event));
  }

  pressed(event) {
    if (event.defaultPrevented || event.isComposing) return;
    const inHead = event.target.closest("thead");
    const answered = inHead ? this.inHeading(event, event.target.closest("th")) : this.inCell(event);
    if (event.key !== "Tab" && event.key !== "Escape") this.leaving = false;
    if (answered) event.preventDefault();
  }

  inCell(event) {
    if (event.target !== this.grid.focus) return false;
    return this.moves(event) || this.commands(event) || this.edits(event);
  }

  moves({ key, shiftKey, ctrlKey, metaKey, altKey }) {
    const far = ctrlKey || metaKey;
    const arrow = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[key];
    if (arrow && altKey) return shiftKey && arrow[1] !== 0 && this.act.moveColumn(arrow[1]);
    if (key === "ArrowUp" && !far && !shiftKey && this.grid.spot()[0] === 0) return this.toHeading();
    if (arrow) return this.done(this.grid.step(...arrow, { extend: shiftKey, far }));
    if (key === "Home") return this.done(this.grid.step(far ? -1 : 0, -1, { extend: shiftKey, far: true }));
    if (key === "End") return this.done(this.grid.step(far ? 1 : 0, 1, { extend: shiftKey, far: true }));
    const page = { PageUp: -1, PageDown: 1 }[key];
    if (page) return this.done(this.grid.step(page * this.grid.pageful(), 0, { extend: shiftKey }));
    return key === "Tab" && !this.leaving && this.tab(shiftKey ? -1 : 1);
  }

  tab(direction) {
    const next = this.grid.following(direction);
    if (next) this.grid.go(next);
    return Boolean(next);
  }

  toHeading() {
    const menu = this.grid.headOf(this.grid.focus).querySelector("summary");
    menu?.focus();
    return Boolean(menu);
  }

  commands({ key, code, shiftKey, ctrlKey, metaKey }) {
    if (!(ctrlKey || metaKey)) return false;
    const name = key.length === 1 ? key.toLowerCase() : code;
    const act = {
      a: () => this.grid.chooseAll(),
      d: () => this.act.fillDown(),
      f: () => this.act.find(),
      r: () => this.act.fillRight(),
      y: () => this.act.redo(),
      z: () => (shiftKey ? this.act.redo() : this.act.undo()),
    }[name];
    return Boolean(act) && this.done(act());
  }

  edits({ key, shiftKey, ctrlKey, metaKey, altKey }) {
    const cell = this.grid.focus;
    if (ctrlKey || metaKey || altKey) return false;
    if (key === "Escape") return this.escape(cell);
    if (key === "F1" || key === "?") return this.done(this.act.help());
    if (key === "Enter" && shiftKey) return this.done(this.act.more(cell));
    if (!this.act.editable) return false;
    const toggles = cell.parentElement.dataset.editor === "toggle" && !cell.dataset.bad;
    if (toggles && (key === " " || key === "Enter")) return this.done(this.act.write(cell, flipped(cell)));
    if (key === "Enter" || key === "F2") return this.done(this.act.edit(cell));
    if (key === "Delete" || key === "Backspace") return this.done(this.act.clear());
    return key.length === 1 && this.done(this.act.edit(cell, { typed: key === " " ? null : key }));
  }

  escape(cell) {
    if (cell.dataset.bad) {
      putBack(cell);
      this.act.forgetBad();
    }
    this.leaving = true;
    return false;
  }

  inHeading({ key, shiftKey, altKey }, head) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[key];
    if (by && altKey && shiftKey) return this.act.moveColumn(by, head);
    if (head.querySelector("details[open]")) return key === "Escape" && this.shut(head);
    const heads = this.grid.heads;
    const beside = by && heads[heads.indexOf(head) + by]?.querySelector("summary");
    if (beside) return this.done(beside.focus());
    return key === "ArrowDown" && this.done(this.grid.go(this.grid.at(0, Math.max(0, heads.indexOf(head)))));
  }

  shut(head) {
    const menu = head.querySelector("details");
    menu.open = false;
    menu.querySelector("summary").focus();
    return true;
  }

  done() {
    return true;
  }
}

/** Space and Enter turn a switch on or off, also one that is kept after a trial; whatever else it said, it is on now. */
function flipped(cell) {
  const { yes, no } = cell.parentElement.dataset;
  return sayOf(cell).split(",")[0] === yes ? no : yes;
}
