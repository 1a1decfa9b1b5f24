// What stands in a cell: the text it would be typed as, what the server drew for it, and what is still on its way.

/** What a person would type to get this cell; empty where the version says nothing of its own. */
export const textOf = (cell) => cell.dataset.text ?? "";

/** What a copy of this cell says: its own words, else those it inherits. */
export const sayOf = (cell) => cell.dataset.text || cell.dataset.shown || "";

export const planOf = (grid, cell) => grid.headOf(cell).dataset;

/** Where a cell stands, for the server. */
export function addressOf(grid, cell) {
  const { subject, case: when } = cell.parentElement.dataset;
  return { plan: Number(planOf(grid, cell).plan), subject, case: when };
}

// The server's last drawing of cells that show something else for the moment.
const standing = new WeakMap();

/** What the server last said stands there, whatever is shown for the moment. */
export function standsIn(cell) {
  if (!standing.has(cell)) return textOf(cell);
  const drawn = document.createElement("template");
  drawn.innerHTML = `<table><tbody><tr>${standing.get(cell)}</tr></tbody></table>`;
  return textOf(drawn.content.querySelector("td"));
}

/** Show at once what was typed; the server's own drawing follows. */
export function showTyped(cell, text) {
  if (!standing.has(cell)) standing.set(cell, cell.outerHTML);
  cell.dataset.text = text;
  cell.classList.add("is-pending");
  cell.classList.remove("is-bad");
  delete cell.dataset.bad;
  delete cell.dataset.typed;
  cell.replaceChildren(words(text));
}

/** As it stood before something was typed that was not kept. */
export function putBack(cell) {
  if (standing.has(cell)) redraw(cell, standing.get(cell));
}

/** How the cell stands by now, to be shown once what is on its way is kept or dropped. */
export function standBy(cell, html) {
  standing.set(cell, html);
}

/** What was typed can't be read: it stays in sight, with the sentence that says why. */
export function showBad(cell, typed, sentence) {
  const html = standing.get(cell);
  putBack(cell);
  standing.set(cell, html);
  cell.dataset.typed = typed;
  cell.dataset.bad = sentence;
  cell.classList.add("is-bad");
  cell.replaceChildren(words(typed));
}

function words(text) {
  return Object.assign(document.createElement("span"), { className: "sheet-said", textContent: text || "\u00a0" });
}

const KEPT = new Set(["tabindex", "role", "aria-colindex", "aria-selected", "aria-describedby", "hidden"]);

/** The server's drawing of the cell, taken over without losing the focus or the choice. */
export function redraw(cell, html) {
  standing.delete(cell);
  const drawn = document.createElement("template");
  drawn.innerHTML = `<table><tbody><tr>${html}</tr></tbody></table>`;
  const fresh = drawn.content.querySelector("td");
  const chosen = cell.classList.contains("is-chosen");
  for (const { name } of [...cell.attributes]) {
    if (!KEPT.has(name) && !fresh.hasAttribute(name)) cell.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) if (!KEPT.has(name)) cell.setAttribute(name, value);
  cell.classList.toggle("is-chosen", chosen);
  cell.replaceChildren(...fresh.childNodes);
  const link = cell.querySelector("a");
  if (link) link.tabIndex = -1;
}
