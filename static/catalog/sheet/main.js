// The plan sheet as a spreadsheet. The page the server drew can be read, and edited by its forms, without any of this.

import { ahead } from "./ahead.js";
import { Clipboard } from "./clipboard.js";
import { Columns } from "./columns.js";
import { Editor } from "./editor.js";
import { Edits } from "./edits.js";
import { Find } from "./find.js";
import { Grid } from "./grid.js";
import { Keys } from "./keys.js";
import { mouse } from "./mouse.js";
import { Questions } from "./questions.js";
import { Server } from "./server.js";
import { CellLine, State } from "./state.js";
import { Undo } from "./undo.js";

const sheet = document.querySelector("#plan-sheet");
const table = sheet?.querySelector("table.sheet");
if (table?.tBodies.length) begin(sheet, table);

function begin(sheet, table) {
  const editable = Boolean(sheet.dataset.mayEdit);
  const grid = new Grid(table);
  const server = new Server(sheet);
  const state = new State(sheet);
  const columns = new Columns({ sheet, grid, server, state });
  const buttons = { undo: sheet.querySelector("#sheet-undo"), redo: sheet.querySelector("#sheet-redo") };
  const history = new Undo(({ past, future }) => {
    if (buttons.undo) [buttons.undo.disabled, buttons.redo.disabled] = [!past.length, !future.length];
  });
  const questions = new Questions(sheet, grid);
  const edits = new Edits({ grid, server, history, state, questions, columns });
  const line = new CellLine(sheet, grid);
  const find = new Find({ sheet, grid });
  const editor = new Editor({ sheet, grid, server, commit, cancel: (cell) => grid.go(cell), more });
  const clipboard = new Clipboard({ grid, edits, editable, tell: (words) => state.say(words, "is-amber") });

  function commit(cell, text, then) {
    edits.take([[cell, text]]);
    if (then === "gone") return line.tell();
    grid.go(cell);
    const step = { down: [1, 0], up: [-1, 0], left: [0, -1], right: [0, 1] }[then];
    return step ? grid.step(...step) : line.tell();
  }

  /** The page with every rule of the cell; a column without a draft gets one first. */
  async function more(cell) {
    const head = grid.headOf(cell);
    if (!cell.querySelector("a") && editable && (await questions.drafts([head.dataset.name]))) {
      columns.take(await server.openDraft(Number(head.dataset.plan)), edits.underway);
    }
    await edits.settled();
    const link = cell.querySelector("a");
    if (link) window.location.assign(link.href);
  }

  const act = {
    editable,
    edit: (cell, options) => editable && editor.open(cell, options),
    write: (cell, text) => edits.take([[cell, text]]),
    clear: () => clipboard.clear(),
    fillDown: () => editable && clipboard.fillDown(),
    fillRight: () => editable && clipboard.fillRight(),
    undo: () => history.back(edits),
    redo: () => history.again(edits),
    find: () => find.start(),
    help: () => questions.help(),
    more,
    forgetBad: () => (state.forget(), edits.rest(), line.tell()),
    moveColumn: (by, head = grid.headOf(grid.focus)) => (editable && columns.shift(head, by), true),
  };
  new Keys({ sheet, grid, act });
  mouse({ grid, act });
  ahead({ sheet, grid });
  buttons.undo?.addEventListener("click", act.undo);
  buttons.redo?.addEventListener("click", act.redo);
  sheet.querySelector("#sheet-help")?.addEventListener("click", act.help);
  sheet.querySelector("#sheet-editor [data-part=more]")?.addEventListener("mousedown", (event) => {
    event.preventDefault();
    editor.leave();
  });
  window.addEventListener("beforeunload", (event) => edits.unsaved && event.preventDefault());
  document.addEventListener("click", (event) => shutMenus(sheet, event.target));
  jump(grid);
  sheet.classList.add("is-live");
  line.tell();
}

/** Menus close when the person goes on elsewhere. */
function shutMenus(sheet, target) {
  for (const menu of sheet.querySelectorAll("details.sheet-menu[open]")) if (!menu.contains(target)) menu.open = false;
}

/** An address that names a cell begins there. */
function jump(grid) {
  const cell = window.location.hash && document.getElementById(window.location.hash.slice(1));
  if (cell && grid.spots.has(cell)) requestAnimationFrame(() => grid.go(cell));
}
