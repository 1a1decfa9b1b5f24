// What can be taken back: each step is written back through the same action as any other edit.

const LONGEST = 200;

export class Undo {
  constructor(changed) {
    this.past = [];
    this.future = [];
    this.changed = changed;
  }

  /** Called when the server has kept an edit. */
  kept(way, parts, entry) {
    if (way === "undone") this.future.push(entry);
    else if (way === "redone") this.past.push(entry);
    else {
      this.past.push(parts);
      this.future.length = 0;
      if (this.past.length > LONGEST) this.past.shift();
    }
    this.changed(this);
  }

  /** An undo that was not kept can be tried again. */
  dropped(way, entry) {
    if (way === "undone") this.past.push(entry);
    if (way === "redone") this.future.push(entry);
    this.changed(this);
  }

  /** Forget the steps whose cells don't stand any more as the step left them; says how many. */
  review(standsIn) {
    const before = this.past.length + this.future.length;
    this.past = still(this.past, standsIn, "now", "was");
    this.future = still(this.future, standsIn, "was", "now");
    this.changed(this);
    return before - this.past.length - this.future.length;
  }

  back(edits) {
    const step = this.past.pop();
    if (step && !edits.take(step.map(({ cell, was }) => [cell, was]), "undone", step)) this.future.push(step);
    this.changed(this);
    return step;
  }

  again(edits) {
    const step = this.future.pop();
    if (step && !edits.take(step.map(({ cell, now }) => [cell, now]), "redone", step)) this.past.push(step);
    this.changed(this);
    return step;
  }
}

/** Of steps, the last to be taken first: those that can be, once the ones above them have been. */
function still(steps, standsIn, from, to) {
  const shown = new Map();
  const stands = (cell) => (shown.has(cell) ? shown.get(cell) : standsIn(cell));
  return steps
    .toReversed()
    .filter((step) => {
      const fits = step.every((part) => stands(part.cell) === part[from]);
      if (fits) for (const part of step) shown.set(part.cell, part[to]);
      return fits;
    })
    .toReversed();
}
