// What only a person can decide, asked in the words the page brings along.

import { ask, fill, list, show } from "./dialogs.js";

export class Questions {
  constructor(sheet, grid) {
    this.grid = grid;
    this.dialog = (name) => sheet.querySelector(`#ask-${name}`);
  }

  /** Ask, and give the keyboard back to where it was. */
  async ask(dialog) {
    const before = document.activeElement;
    const answer = await ask(dialog);
    const back = before === document.body ? this.grid.focus : before;
    back?.focus({ preventScroll: true });
    return answer;
  }

  async drafts(names) {
    const dialog = this.dialog("draft");
    const all = names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names.at(-1)}` : names[0];
    fill(dialog, "title", names.length > 1 ? `Open drafts of ${all}?` : `Open a draft of ${all}?`);
    return (await this.ask(dialog)) === "open";
  }

  async badCells(unit, bad) {
    const dialog = this.dialog("bad");
    const good = unit.parts.length - bad.length;
    fill(dialog, "title", `${bad.length} of ${unit.parts.length} cells can’t be read`);
    list(dialog, "cells", bad.map(({ index, sentence }) => [this.name(unit.parts[index]), unit.parts[index].text, sentence]));
    fill(dialog, "good", good === 1 ? "Write the 1 good cell only" : `Write the ${good} good cells only`);
    show(dialog, "good", good > 0);
    return (await this.ask(dialog)) === "good";
  }

  async conflict(problem, unit) {
    const dialog = this.dialog("conflict");
    const theirs = (problem.edits ?? []).map((edit) => [edit.who, edit.when, edit.said]);
    fill(dialog, "detail", problem.detail);
    list(dialog, "theirs", theirs);
    list(dialog, "mine", unit.parts.map((part) => `${this.name(part)}: ${part.text || "nothing"}`), { cell: "li" });
    show(dialog, "again", !problem.gone);
    return (await this.ask(dialog)) === "again";
  }

  help() {
    return this.ask(this.dialog("help"));
  }

  name({ cell }) {
    return `${this.grid.headOf(cell).dataset.name}, ${cell.parentElement.dataset.name}`;
  }
}
