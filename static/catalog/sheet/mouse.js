// Pointing: a click chooses a cell, dragging or Shift a block, a double click (or a second tap) writes in it.

export function mouse({ grid, act }) {
  let pulling = false;
  let tapped = null;
  const cellOf = (event) => {
    const cell = event.target.closest?.("td");
    return cell && grid.spots.has(cell) ? cell : null;
  };

  grid.table.addEventListener("pointerdown", (event) => {
    tapped = event.pointerType === "touch" && cellOf(event) === grid.focus ? grid.focus : null;
  });
  grid.table.addEventListener("mousedown", (event) => {
    const cell = cellOf(event);
    if (!cell || event.button !== 0 || event.ctrlKey || event.metaKey) return;
    event.preventDefault(); // no text is marked, no link is dragged
    grid.go(cell, { extend: event.shiftKey });
    pulling = true;
  });
  grid.table.addEventListener("mouseover", (event) => {
    const cell = cellOf(event);
    if (pulling && cell && cell !== grid.focus) grid.go(cell, { extend: true });
  });
  window.addEventListener("mouseup", () => {
    pulling = false;
  });
  grid.table.addEventListener("click", (event) => {
    const cell = cellOf(event);
    if (!cell || event.ctrlKey || event.metaKey) return; // a cell's page in a tab of its own
    event.preventDefault();
    if (tapped === cell) act.edit(cell);
    tapped = null;
  });
  grid.table.addEventListener("dblclick", (event) => {
    const cell = cellOf(event);
    if (cell) act.edit(cell);
  });
}
