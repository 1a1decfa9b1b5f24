// Every change on its way to the server: one after the other, all of it or nothing, tried again while nobody answers.
// What was typed is on the screen at once; this is where it becomes true, or is told not to be.

import { addressOf, planOf, putBack, showBad, showTyped, standsIn, textOf } from "./cells.js";
import { Away, Refused, SignedOut } from "./server.js";

const WAITS = [1000, 2000, 5000, 10000];

export class Edits {
  /** `questions` asks people: drafts(plans), badCells(edits, bad), conflict(problem, unit). */
  constructor({ grid, server, history, state, questions, columns }) {
    Object.assign(this, { grid, server, history, state, questions, columns });
    this.waiting = [];
    this.busy = false;
    this.tries = 0;
  }

  /** Take changes over: [[cell, text], …]. `way` is how they came: typed, pasted, undone, redone. */
  take(changes, way = "typed", step = null) {
    for (const [cell, text] of changes) if (cell.dataset.bad && text === textOf(cell)) putBack(cell);
    const parts = changes
      .filter(([cell, text]) => text !== textOf(cell))
      .map(([cell, text]) => ({ cell, was: textOf(cell), text }));
    if (!parts.length) return this.rest();
    for (const { cell, text } of parts) showTyped(cell, text);
    const unit = { parts, way, step };
    this.waiting.push(unit);
    this.state.saving();
    this.send();
    return unit;
  }

  rest() {
    if (!this.busy) this.state.rest(this.grid.table.querySelectorAll("td.is-bad").length);
    return null;
  }

  /** The cells that show something which is still on its way. */
  get underway() {
    return new Set(this.waiting.flatMap((unit) => unit.parts.map((part) => part.cell)));
  }

  /** Once nothing is on its way any more. */
  async settled() {
    while (this.waiting.length) await new Promise((resolve) => setTimeout(resolve, 50));
  }

  get unsaved() {
    return this.waiting.length > 0 || this.grid.table.querySelector("td.is-bad") !== null;
  }

  async send() {
    if (this.busy) return;
    this.busy = true;
    await null; // whoever hands an edit over moves on first: a question must find the focus in its new place
    while (this.waiting.length) {
      const unit = this.waiting[0];
      try {
        await this.attempt(unit);
        this.tries = 0;
      } catch (error) {
        if (error instanceof Away || error instanceof SignedOut) await this.pause(error);
        else this.giveUp(unit, error);
      }
    }
    this.busy = false;
    this.rest();
  }

  async attempt(unit) {
    try {
      if (await this.inDrafts(unit)) this.keep(unit, await this.server.write(this.spell(unit)));
      else this.drop(unit);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      await this.refused(unit, error);
    }
  }

  giveUp(unit, error) {
    if (this.waiting.includes(unit)) this.drop(unit);
    this.state.failed("Not saved: something went wrong on this page. Reload it, and try again.");
    console.error(error);
  }

  spell(unit) {
    const tokens = {};
    const writes = unit.parts.map(({ cell, was, text }) => {
      const { version, edits } = planOf(this.grid, cell);
      tokens[version] = Number(edits);
      return { ...addressOf(this.grid, cell), version: Number(version), was, text };
    });
    return { writes, tokens };
  }

  /** Whether every column touched is a draft by now; people are asked once for those that are not. */
  async inDrafts(unit) {
    const closed = [...new Set(unit.parts.map(({ cell }) => this.grid.headOf(cell)))].filter((h) => !h.dataset.draft);
    if (!closed.length) return true;
    if (unit.parts.length > 1) {
      const bad = await this.unreadable(unit);
      if (bad.length && !(await this.onlyGood(unit, bad))) return false;
    }
    if (!(await this.questions.drafts(closed.map((head) => head.dataset.name)))) return false;
    for (const head of closed) {
      const answer = await this.server.openDraft(Number(head.dataset.plan));
      this.columns.take(answer, this.underway);
    }
    return true;
  }

  /** Read a whole block before drafts are opened for it. */
  async unreadable(unit) {
    const cells = unit.parts.map(({ cell, text }) => ({ ...addressOf(this.grid, cell), text }));
    const answer = await this.server.read(cells);
    return answer.cells.map((read, index) => ({ index, sentence: read.sentence })).filter((read) => read.sentence);
  }

  keep(unit, answer) {
    this.waiting.shift();
    this.columns.take(answer, this.underway);
    const done = unit.parts.map(({ cell, was, text }) => ({ cell, was, now: this.underway.has(cell) ? text : textOf(cell) }));
    this.history.kept(unit.way, done, unit.step);
    if (!unit.step) this.tellLeft(unit, answer.left ?? []);
  }

  /** A plain amount typed over a price takes the price along: worth a second look, and no reason to ask. */
  tellLeft(unit, left) {
    if (!left.length) return;
    const [{ index, sentence }] = left;
    const where = left.length > 1 ? `In ${left.length} cells` : this.questions.name(unit.parts[index]);
    this.state.remember(`${where}: ${left.length > 1 ? "a price for more is gone, or the limit is hard now" : sentence}.`);
  }

  drop(unit) {
    this.waiting.splice(this.waiting.indexOf(unit), 1);
    const later = this.underway;
    for (const { cell } of unit.parts) if (!later.has(cell)) putBack(cell);
    this.grid.choose(this.grid.anchor, this.grid.focus); // the line above the sheet says what stands again
    this.history.dropped(unit.way, unit.step);
  }

  async refused(unit, error) {
    if (error.problem.bad) return this.misread(unit, error.problem.bad);
    if (error.status === 409) return this.overtaken(unit, error.problem);
    this.drop(unit);
    return this.state.failed(`Not saved: ${error.message}`);
  }

  async misread(unit, bad) {
    if (unit.parts.length > 1) {
      if (!(await this.onlyGood(unit, bad))) this.drop(unit);
      return;
    }
    this.waiting.shift();
    const { cell, text } = unit.parts[0];
    if (!this.underway.has(cell)) showBad(cell, text, bad[0].sentence);
    this.history.dropped(unit.way, unit.step);
    this.state.failed(`Not saved: ${bad[0].sentence}`);
  }

  /** Some cells of a block can't be read: people choose to go on with the others, or with none. */
  async onlyGood(unit, bad) {
    const wrong = new Set(bad.map(({ index }) => index));
    if (!(await this.questions.badCells(unit, bad))) return false;
    unit.parts.filter((_, index) => wrong.has(index)).forEach(({ cell }) => putBack(cell));
    unit.parts = unit.parts.filter((_, index) => !wrong.has(index));
    return unit.parts.length > 0;
  }

  /** Someone else was faster. Nothing of theirs is overwritten unless the person has seen it and says so. */
  async overtaken(unit, problem) {
    const plans = new Set(problem.plans ?? unit.parts.map(({ cell }) => Number(planOf(this.grid, cell).plan)));
    const touched = ({ cell }) => plans.has(Number(planOf(this.grid, cell).plan));
    const again = await this.questions.conflict(problem, unit);
    const lost = again ? [] : this.waiting.filter((other) => other.parts.some(touched));
    for (const one of lost.reverse()) this.drop(one);
    this.columns.take(await this.server.columns([...plans]), this.underway);
    this.rebase();
    const gone = this.history.review(standsIn);
    if (gone) this.state.remember(`${gone} earlier step${gone > 1 ? "s" : ""} can’t be undone: someone else changed those cells.`);
  }

  /** What waits is written over what stands there now: taking it back brings that back, not what was there before. */
  rebase() {
    const seen = new Set();
    for (const part of this.waiting.flatMap((unit) => unit.parts)) {
      if (!seen.has(part.cell)) part.was = standsIn(part.cell);
      seen.add(part.cell);
    }
  }

  async pause(error) {
    const wait = WAITS[Math.min(this.tries, WAITS.length - 1)];
    this.tries += 1;
    this.state.failed(
      error instanceof SignedOut
        ? "Not saved: you are signed out. Sign in again in another tab; this page goes on by itself."
        : `Not saved yet: no connection. Trying again in ${wait / 1000} s…`,
    );
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, wait);
      window.addEventListener("online", () => (clearTimeout(timer), resolve()), { once: true });
    });
    this.state.saving();
  }
}
