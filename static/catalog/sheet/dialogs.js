// Questions to the person: the browser's own dialogs, filled with text, never with markup.

/** Ask, and come back with the value of the button that was pressed; empty for Escape. */
export function ask(dialog) {
  return new Promise((resolve) => {
    dialog.returnValue = "";
    dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true });
    dialog.showModal();
    dialog.querySelector("[data-first]")?.focus();
  });
}

export function fill(dialog, part, text) {
  dialog.querySelector(`[data-part="${part}"]`).textContent = text;
}

/** Rows of plain text into the dialog's list or table body. */
export function list(dialog, part, rows, { cell = "td" } = {}) {
  const body = dialog.querySelector(`[data-part="${part}"]`);
  body.replaceChildren(
    ...rows.map((texts) => {
      const row = document.createElement(cell === "li" ? "li" : "tr");
      if (cell === "li") row.textContent = texts;
      else row.append(...texts.map((text) => Object.assign(document.createElement(cell), { textContent: text })));
      return row;
    }),
  );
}

export function show(dialog, part, visible) {
  dialog.querySelector(`[data-part="${part}"]`).hidden = !visible;
}
