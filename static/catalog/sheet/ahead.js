// How many columns stand to the right of what can be seen, and a way to them.

export function ahead({ sheet, grid }) {
  const frame = grid.table.parentElement;
  const button = sheet.querySelector("#sheet-ahead");
  let asked = 0;

  function count() {
    asked = 0;
    const edge = frame.getBoundingClientRect().right + 1;
    const hidden = grid.heads.filter((head) => head.getBoundingClientRect().right > edge).length;
    button.hidden = !hidden;
    button.textContent = `${hidden} more column${hidden === 1 ? "" : "s"} →`;
  }

  const soon = () => (asked ||= requestAnimationFrame(count));
  frame.addEventListener("scroll", soon, { passive: true });
  window.addEventListener("resize", soon);
  grid.watchers.push(soon);
  button.addEventListener("click", () => frame.scrollBy({ left: frame.clientWidth / 2 }));
  soon();
}
