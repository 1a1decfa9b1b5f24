// More lines for other days, without asking the server; where scripts are off, the same button asks it.
const button = document.querySelector("[data-more]");

function addLine() {
  const prefix = button.dataset.more;
  const total = document.getElementById(`id_${prefix}-TOTAL_FORMS`);
  const rows = document.querySelector(".cal-days tbody");
  const line = rows.lastElementChild.cloneNode(true);
  const number = Number(total.value);
  for (const part of line.querySelectorAll("input, label")) {
    for (const name of ["id", "name", "htmlFor"]) {
      if (part[name]) part[name] = part[name].replace(/-\d+-/, `-${number}-`);
    }
    if (part.matches("input")) {
      part.value = "";
      part.removeAttribute("aria-invalid");
      part.removeAttribute("aria-describedby");
    }
  }
  for (const error of line.querySelectorAll(".desk-error")) error.remove();
  rows.append(line);
  total.value = String(number + 1);
  line.querySelector("input").focus();
}

button?.addEventListener("click", (event) => {
  event.preventDefault();
  addLine();
});
