// Narrows the table of answers while one types; without it the form asks the server for the same. What was typed stays
// in the address, so that a reload, a link or the way back show the same lines.
const form = document.querySelector("[data-filter-rows]");

if (form) {
  const box = form.querySelector("[type=search]");
  const said = form.querySelector("[data-filter-said]");
  const tables = [...document.querySelectorAll(".account-answers")];
  const absent = document.querySelector(".account-absent");
  const opened = absent?.open;
  const narrowedByServer = box.value !== "";

  const words = (row) => [...row.cells].slice(0, 3).map((cell) => cell.textContent).join(" ");
  const holds = (row, wanted, band) => `${words(row)} ${band}`.toLowerCase().includes(wanted);

  const narrow = () => {
    const wanted = box.value.trim().toLowerCase();
    let shown = 0;
    for (const part of tables.flatMap((table) => [...table.tBodies])) {
      const band = part.querySelector(".account-band");
      const rows = [...part.rows].filter((row) => row !== band);
      for (const row of rows) row.hidden = !holds(row, wanted, band?.textContent ?? "");
      const left = rows.filter((row) => !row.hidden).length;
      part.hidden = left === 0;
      shown += left;
    }
    if (absent) absent.open = wanted ? true : opened;
    said.textContent = wanted ? `${shown} feature${shown === 1 ? "" : "s"} found` : "";
    const url = new URL(location);
    if (wanted) url.searchParams.set("q", box.value.trim());
    else url.searchParams.delete("q");
    history.replaceState(null, "", url);
  };

  // Lines that the server left out are not here to be shown again: then the server is asked.
  box.addEventListener("input", () => (narrowedByServer ? null : narrow()));
  form.addEventListener("submit", (event) => {
    if (narrowedByServer) return;
    event.preventDefault();
    narrow();
  });
}
