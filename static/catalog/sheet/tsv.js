// Blocks of cells as text, the way spreadsheets put them on the clipboard: tabs between cells, line ends between rows,
// and double quotes around a cell that holds either of them or a quote itself.

export function writeTsv(rows) {
  return rows.map((row) => row.map(spell).join("\t")).join("\n");
}

function spell(text) {
  return /["\t\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The rows of a copied block. A line end inside a cell becomes a space: a cell of the sheet is one line. */
export function readTsv(text) {
  const rows = [];
  let row = [];
  let at = 0;
  while (at <= text.length) {
    const [cell, next] = readCell(text, at);
    row.push(cell.replace(/\s*\r?\n\s*/g, " "));
    if (text[next] === "\t") {
      at = next + 1;
      continue;
    }
    rows.push(row);
    row = [];
    at = next + (text[next] === "\r" && text[next + 1] === "\n" ? 2 : 1);
    if (at === text.length) break; // spreadsheets end the last row too
  }
  return rows;
}

function readCell(text, at) {
  if (text[at] === '"') {
    const quoted = /"((?:[^"]|"")*)"(?=\t|\r|\n|$)/y;
    quoted.lastIndex = at;
    const found = quoted.exec(text);
    if (found) return [found[1].replaceAll('""', '"'), quoted.lastIndex];
  }
  const plain = /[^\t\r\n]*/y;
  plain.lastIndex = at;
  return [plain.exec(text)[0], plain.lastIndex];
}
