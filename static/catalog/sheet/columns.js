// Columns: their order, which are hidden, their headings, and how much each draft changes.

import { redraw, standBy } from "./cells.js";
import { Refused } from "./server.js";

export class Columns {
  constructor({ sheet, grid, server, state }) {
    Object.assign(this, { sheet, grid, server, state });
    this.frame = sheet.querySelector("#sheet-changes");
    this.picker = sheet.querySelector("#sheet-columns");
    this.picker?.addEventListener("change", (event) => this.pick(event));
    this.picker?.addEventListener("submit", (event) => event.preventDefault());
    this.headings.addEventListener("click", (event) => this.clicked(event));
    this.headings.addEventListener("submit", (event) => this.submitted(event));
    this.headings.addEventListener("dragstart", (event) => this.lift(event));
    this.headings.addEventListener("dragover", (event) => this.over(event));
    this.headings.addEventListener("dragend", () => this.put(null));
    this.headings.addEventListener("drop", (event) => this.drop(event));
    for (const head of this.heads) if (sheet.dataset.mayEdit) this.movable(head);
    this.count();
  }

  get headings() {
    return this.grid.table.tHead;
  }

  get heads() {
    return [...this.headings.rows[0].cells].slice(1);
  }

  head(plan) {
    return this.heads.find((head) => Number(head.dataset.plan) === plan);
  }

  // What the server says of columns and cells, taken over; cells in `later` show something newer that is on its way.
  take(answer, later) {
    for (const column of answer.columns ?? []) this.takeHead(column);
    const rows = new Map(this.grid.body.map((row) => [`${row.dataset.subject}|${row.dataset.case}`, row]));
    for (const { plan, subject, case: when, html } of answer.cells ?? []) {
      const row = rows.get(`${subject}|${when}`);
      const head = this.head(plan);
      if (!row || !head) continue;
      const cell = this.grid.cellAt(row, head);
      if (later.has(cell)) standBy(cell, html);
      else redraw(cell, html);
    }
    this.count();
    this.grid.choose(this.grid.anchor, this.grid.focus);
  }

  takeHead({ plan, html }) {
    const head = this.head(plan);
    const drawn = document.createElement("template");
    drawn.innerHTML = `<table><thead><tr>${html}</tr></thead></table>`;
    const fresh = drawn.content.querySelector("th");
    for (const name of Object.keys(head.dataset)) if (!(name in fresh.dataset)) delete head.dataset[name];
    Object.assign(head.dataset, fresh.dataset);
    const words = fresh.textContent.replace(/\s+/g, " ");
    if (head.textContent.replace(/\s+/g, " ") !== words) head.replaceChildren(...fresh.childNodes);
    this.movable(head);
  }

  /** "14 changes in 3 plans", each with its way to the review. */
  count() {
    if (!this.frame) return;
    const drafts = this.heads.filter((head) => head.dataset.draft);
    const counted = drafts.map((head) => [head, this.changes(head)]);
    const changes = counted.reduce((sum, [, n]) => sum + n, 0);
    const plans = counted.filter(([, n]) => n).length;
    const total = changes ? `${many(changes, "change")} in ${many(plans, "plan")}` : "No changes";
    this.frame.querySelector("[data-part=total]").textContent = drafts.length ? total : "No draft is open";
    this.frame.querySelector("ul").replaceChildren(...counted.map(([head, n]) => line(head.dataset, n)));
  }

  changes(head) {
    return this.grid.body.filter((row) => row.cells[head.cellIndex].classList.contains("is-changed")).length;
  }

  // Hiding and showing: kept in the address, so that it can be shared and survives a reload.
  hide(key, hidden) {
    const head = this.heads.find((one) => one.dataset.key === key);
    head.hidden = hidden;
    for (const row of this.grid.body) row.cells[head.cellIndex].hidden = hidden;
    const box = [...this.picker.elements].find((one) => one.value === key);
    if (box) box.checked = hidden;
    const address = new URL(window.location);
    address.searchParams.delete("hide");
    for (const one of this.heads) if (one.hidden) address.searchParams.append("hide", one.dataset.key);
    window.history.replaceState(null, "", address);
    this.grid.survey();
  }

  pick(event) {
    if (event.target.name === "hide") this.hide(event.target.value, event.target.checked);
  }

  clicked(event) {
    const link = event.target.closest("[data-hide]");
    if (!link) return;
    event.preventDefault();
    this.hide(link.dataset.hide, true);
    this.grid.go(this.grid.focus);
  }

  // Order
  movable(head) {
    head.draggable = Boolean(this.sheet.dataset.mayEdit);
  }

  submitted(event) {
    if (!event.target.matches("[data-move]")) return;
    event.preventDefault();
    this.shift(event.target.closest("th"), Number(event.submitter.value));
  }

  /** One to the left or right among those that are shown. */
  shift(head, by) {
    const shown = this.heads.filter((one) => !one.hidden);
    const beside = shown[shown.indexOf(head) + by];
    if (beside && head.dataset.kind === beside.dataset.kind) this.move(head, beside, by > 0);
  }

  lift(event) {
    this.held = event.target.closest("th");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", this.held.dataset.name);
  }

  over(event) {
    const head = event.target.closest("th");
    if (!this.held || !head?.dataset.plan || head.dataset.kind !== this.held.dataset.kind) return;
    event.preventDefault();
    this.put(head);
  }

  put(head) {
    for (const one of this.heads) one.classList.toggle("is-target", one === head && one !== this.held);
    if (!head) this.held = null;
  }

  drop(event) {
    const head = event.target.closest("th");
    const held = this.held;
    this.put(null);
    if (!head || !held || head === held) return;
    event.preventDefault();
    this.move(held, head, this.heads.indexOf(head) > this.heads.indexOf(held));
  }

  async move(head, beside, after) {
    const { kind } = head.dataset;
    const was = this.order(kind);
    const focused = document.activeElement;
    this.rearrange(head, beside, after);
    focused.focus({ preventScroll: true }); // a cell that is moved loses it
    this.state.saving();
    try {
      await this.server.order(was, this.order(kind));
      this.state.rest(0);
    } catch (error) {
      was.map((plan) => this.head(plan)).reduce((left, right) => (this.rearrange(right, left, true), right));
      this.state.failed(`The order was not saved: ${error instanceof Refused ? error.message : "no connection."}`);
    }
  }

  order(kind) {
    return this.heads.filter((head) => head.dataset.kind === kind).map((head) => Number(head.dataset.plan));
  }

  rearrange(head, beside, after) {
    if (head === beside) return;
    const [from, to] = [head.cellIndex, beside.cellIndex];
    for (const row of [this.headings.rows[0], ...this.grid.body]) {
      row.cells[to][after ? "after" : "before"](row.cells[from]);
    }
    this.grid.survey();
  }
}

function many(n, noun) {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}

function line(head, n) {
  const first = head.first ? "first version" : n ? many(n, "change") : "no changes yet";
  const review = Object.assign(document.createElement("a"), { href: head.review });
  review.textContent = `${head.name} v${head.number}: ${first}`;
  const discard = Object.assign(document.createElement("a"), { href: head.discard, textContent: "discard" });
  discard.className = "desk-muted";
  const row = document.createElement("li");
  row.append(review, " ", discard);
  return row;
}
