// Blocks to and from other spreadsheets, and filling a block from its first row or column.

import { sayOf, textOf } from "./cells.js";
import { readTsv, writeTsv } from "./tsv.js";

export class Clipboard {
  constructor({ grid, edits, editable, tell }) {
    Object.assign(this, { grid, edits, editable, tell });
    document.addEventListener("copy", (event) => this.copy(event));
    document.addEventListener("cut", (event) => this.copy(event) && this.clear());
    document.addEventListener("paste", (event) => this.paste(event));
  }

  /** Whether the keyboard is in the grid, and not in a line of text somewhere else. */
  get mine() {
    return this.grid.focus !== null && document.activeElement === this.grid.focus;
  }

  copy(event) {
    if (!this.mine) return false;
    event.preventDefault();
    const block = this.grid.block();
    event.clipboardData.setData("text/plain", writeTsv(block.map((row) => row.map(sayOf))));
    return this.editable;
  }

  clear() {
    if (this.editable) this.edits.take(this.grid.block().flat().map((cell) => [cell, ""]));
  }

  paste(event) {
    if (!this.mine) return;
    event.preventDefault();
    const text = event.clipboardData.getData("text/plain");
    if (!text) return this.tell("There is no text on the clipboard: copy cells, not a picture.");
    if (!this.editable) return this.tell("Here cells can only be read.");
    return this.put(readTsv(text));
  }

  put(rows) {
    const block = this.tile(rows);
    const [top, left] = this.corner();
    const changes = [];
    let outside = 0;
    block.forEach((row, r) =>
      row.forEach((text, c) => {
        const cell = this.grid.at(top + r, left + c);
        if (cell) changes.push([cell, text.trim()]);
        else outside += 1;
      }),
    );
    this.edits.take(changes, "pasted");
    this.cover(top, left, block);
    if (outside) this.tell(`${outside} of the copied cells would lie outside the sheet and were left out.`);
  }

  corner() {
    const [[first]] = this.grid.block();
    return this.grid.spot(first);
  }

  /** A block chosen that is a multiple of what was copied is filled with it, as in any spreadsheet. */
  tile(rows) {
    const chosen = this.grid.block();
    const wide = Math.max(...rows.map((row) => row.length));
    const fits = chosen.length % rows.length === 0 && chosen[0].length % wide === 0;
    if (!fits) return rows;
    return chosen.map((row, r) => row.map((_, c) => rows[r % rows.length][c % wide] ?? ""));
  }

  cover(top, left, block) {
    const wide = Math.max(...block.map((row) => row.length));
    const first = this.grid.at(top, left);
    this.grid.go(this.grid.clip(top + block.length - 1, left + wide - 1));
    this.grid.go(this.grid.focus);
    this.grid.focus.tabIndex = -1;
    this.grid.anchor = this.grid.focus;
    this.grid.focus = first;
    this.grid.go(first, { extend: true });
  }

  fillDown() {
    this.fill((block, r, c) => block[0][c], (block) => block.length > 1, [-1, 0]);
  }

  fillRight() {
    this.fill((block, r) => block[r][0], (block) => block[0].length > 1, [0, -1]);
  }

  /** From the first row or column of the block; a single cell is filled from its neighbour. */
  fill(source, isBlock, [dr, dc]) {
    const block = this.grid.block();
    if (isBlock(block)) {
      const changes = block.flatMap((row, r) => row.map((cell, c) => [cell, textOf(source(block, r, c))]));
      return this.edits.take(changes, "filled");
    }
    const [r, c] = this.grid.spot();
    const from = this.grid.at(r + dr, c + dc);
    return from && this.edits.take([[this.grid.focus, textOf(from)]]);
  }
}
