// The table as a grid: which cell has the focus, which block is chosen, and how to get from one to the next.
// Only cells can be reached; headings keep their own menus. Cells keep their identity for as long as the page lives.

export class Grid {
  constructor(table) {
    this.table = table;
    this.body = [...table.tBodies].flatMap((part) => [...part.rows]);
    this.focus = null; // the cell that has the focus, or would get it
    this.anchor = null; // the other corner of the chosen block
    this.chosen = new Set();
    this.watchers = [];
    table.setAttribute("role", "grid");
    table.setAttribute("aria-multiselectable", "true");
    this.survey();
    const first = this.cells[0]?.[0];
    if (first) this.place(first);
  }

  /** Look again at which rows and columns can be seen. */
  survey() {
    this.heads = [...this.table.tHead.rows[0].cells].slice(1).filter((head) => !head.hidden);
    this.rows = this.body.filter((row) => !row.hidden);
    this.cells = this.rows.map((row) => [...row.cells].slice(1).filter((cell) => !cell.hidden));
    this.table.setAttribute("aria-rowcount", this.body.length + 1);
    this.table.setAttribute("aria-colcount", this.table.tHead.rows[0].cells.length);
    this.spots = new Map();
    this.table.tHead.rows[0].setAttribute("aria-rowindex", 1);
    this.body.forEach((row, index) => row.setAttribute("aria-rowindex", index + 2));
    for (const head of this.table.tHead.rows[0].cells) head.setAttribute("aria-colindex", head.cellIndex + 1);
    this.cells.forEach((row, r) => row.forEach((cell, c) => this.take(cell, r, c)));
    if (this.focus && !this.spots.has(this.focus)) this.place(this.cells[0]?.[0] ?? null);
    else if (this.focus) this.choose(this.anchor && this.spots.has(this.anchor) ? this.anchor : this.focus, this.focus);
  }

  take(cell, r, c) {
    this.spots.set(cell, [r, c]);
    cell.setAttribute("role", "gridcell");
    cell.setAttribute("aria-colindex", cell.cellIndex + 1);
    cell.tabIndex = cell === this.focus ? 0 : -1;
    const link = cell.querySelector("a");
    if (link) link.tabIndex = -1;
  }

  headOf(cell) {
    return this.table.tHead.rows[0].cells[cell.cellIndex];
  }

  cellAt(row, head) {
    return row.cells[head.cellIndex];
  }

  spot(cell = this.focus) {
    return this.spots.get(cell);
  }

  at(r, c) {
    return this.cells[r]?.[c];
  }

  get height() {
    return this.cells.length;
  }

  get width() {
    return this.cells[0]?.length ?? 0;
  }

  clip(r, c) {
    return this.at(Math.max(0, Math.min(this.height - 1, r)), Math.max(0, Math.min(this.width - 1, c)));
  }

  /** Make this the one cell that has the place in the tab order, and the whole choice. */
  place(cell) {
    if (this.focus) this.focus.tabIndex = -1;
    this.focus = cell;
    if (!cell) return this.choose(null, null);
    cell.tabIndex = 0;
    return this.choose(cell, cell);
  }

  go(cell, { extend = false } = {}) {
    if (!cell) return;
    const anchor = extend ? this.anchor ?? this.focus : cell;
    if (this.focus) this.focus.tabIndex = -1;
    this.focus = cell;
    cell.tabIndex = 0;
    this.choose(anchor, cell);
    cell.focus({ preventScroll: true });
    this.reveal(cell);
  }

  step(dr, dc, { extend = false, far = false } = {}) {
    const [r, c] = this.spot();
    const cell = far ? this.clip(dr ? dr * Infinity : r, dc ? dc * Infinity : c) : this.clip(r + dr, c + dc);
    this.go(cell, { extend });
  }

  /** The next cell in reading order; undefined behind the last and before the first. */
  following(direction) {
    const [r, c] = this.spot();
    const index = r * this.width + c + direction;
    return index < 0 ? undefined : this.at(Math.floor(index / this.width), index % this.width);
  }

  choose(anchor, focus) {
    this.anchor = anchor;
    const wanted = anchor && focus ? new Set(this.block().flat()) : new Set();
    for (const cell of this.chosen) if (!wanted.has(cell)) mark(cell, false);
    for (const cell of wanted) if (!this.chosen.has(cell)) mark(cell, true);
    this.chosen = wanted;
    for (const watcher of this.watchers) watcher(this.focus);
  }

  /** The chosen block, row by row. */
  block() {
    const [r1, c1] = this.spot(this.anchor) ?? this.spot();
    const [r2, c2] = this.spot();
    const rows = this.cells.slice(Math.min(r1, r2), Math.max(r1, r2) + 1);
    return rows.map((row) => row.slice(Math.min(c1, c2), Math.max(c1, c2) + 1));
  }

  chooseAll() {
    this.anchor = this.at(0, 0);
    const focus = this.focus;
    this.focus = this.at(this.height - 1, this.width - 1);
    focus.tabIndex = -1;
    this.focus.tabIndex = 0;
    this.choose(this.anchor, this.focus);
    this.focus.focus({ preventScroll: true });
  }

  /** Scroll so that the headings that stay in place don't cover the cell. */
  reveal(cell) {
    const frame = this.table.parentElement;
    const corner = this.table.tHead.rows[0].cells[0];
    const top = cell.offsetTop - corner.offsetHeight;
    const left = cell.offsetLeft - corner.offsetWidth;
    if (frame.scrollTop > top) frame.scrollTop = top;
    if (frame.scrollLeft > left) frame.scrollLeft = left;
    const low = cell.offsetTop + cell.offsetHeight - frame.clientHeight;
    const right = cell.offsetLeft + Math.min(cell.offsetWidth, frame.clientWidth - corner.offsetWidth) - frame.clientWidth;
    if (frame.scrollTop < low) frame.scrollTop = low;
    if (frame.scrollLeft < right) frame.scrollLeft = right;
  }

  pageful() {
    const frame = this.table.parentElement;
    return Math.max(1, Math.floor(frame.clientHeight / (this.focus?.offsetHeight || 30)) - 2);
  }
}

function mark(cell, chosen) {
  cell.classList.toggle("is-chosen", chosen);
  if (chosen) cell.setAttribute("aria-selected", "true");
  else cell.removeAttribute("aria-selected");
}
