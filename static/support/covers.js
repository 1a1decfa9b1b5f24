// Finding what a cover is narrowed to while somebody types. Where scripts are off, the button beside the field asks for it.
const WAIT = 200;

function option(field, { id, words }) {
  const label = document.createElement("label");
  const box = Object.assign(document.createElement("input"), { type: "checkbox", name: field, value: id });
  const said = document.createElement("span");
  said.textContent = words;
  label.append(box, " ", said);
  return label;
}

for (const picker of document.querySelectorAll("[data-pick]")) {
  const input = picker.querySelector("input[type=search]");
  const options = picker.querySelector(".desk-options");
  const { pick, field } = picker.dataset;
  let timer = 0;
  let latest = 0;

  const show = (found) => {
    for (const label of options.querySelectorAll("label")) {
      if (!label.querySelector("input").checked) label.remove();
    }
    const ticked = new Set([...options.querySelectorAll("input")].map((box) => box.value));
    options.append(...found.filter(({ id }) => !ticked.has(String(id))).map((one) => option(field, one)));
  };

  const ask = async () => {
    const turn = ++latest;
    const answer = await fetch(`${pick}&q=${encodeURIComponent(input.value)}`, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const { found } = await answer.json();
    if (turn === latest) show(found);
  };

  picker.querySelector("button").hidden = true;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    clearTimeout(timer);
    ask();
  });
}
