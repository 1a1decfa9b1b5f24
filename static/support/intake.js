// The review queue by keyboard: one key decides, digits say what the focused request is about. All of it is links,
// buttons and choices that work by themselves; this only presses them.
const form = document.querySelector("[data-decide]");
const requests = [...document.querySelectorAll("[data-request]")];
let here = 0;

// What will be taught is told beside the buttons: the choices themselves may be out of sight.
const names = [...document.querySelectorAll("#features option")].map((one) => one.value);
const alike = (typed, name) => name.toLowerCase().includes(typed.toLowerCase());

const searched = (typed) => {
  if (!typed) return "";
  const known = names.some((name) => name.toLowerCase() === typed.toLowerCase());
  return known ? typed : `“${typed}”, which is no feature yet`;
};

const said = (request) => {
  const chosen = request.querySelector("input[type=radio]:checked");
  const typed = request.querySelector("[data-search]").value.trim();
  return (chosen?.matches("[data-other]") ? searched(typed) : chosen?.dataset.name) || "you don’t say";
};

// Enter takes the one feature that what was typed can mean.
const take = (field) => {
  const typed = field.value.trim();
  const found = typed ? names.filter((name) => alike(typed, name)) : [];
  if (found.length === 1) [field.value] = found;
  sum();
  field.blur();
};

const sum = () => {
  const place = document.querySelector("[data-sum]");
  if (!place) return;
  const words = requests.map((one, number) => (requests.length > 1 ? `${number + 1} ${said(one)}` : said(one)));
  place.textContent = `About: ${words.join(" · ")}`;
};

const focused = () => requests[here];

const show = (step) => {
  here = Math.min(Math.max(here + step, 0), Math.max(requests.length - 1, 0));
  requests.forEach((one, place) => one.classList.toggle("is-focused", place === here && requests.length > 1));
};

const walk = (step) => {
  if (requests.length < 2) return false;
  show(step);
  focused().focus({ preventScroll: true });
  focused().scrollIntoView({ block: "nearest" });
  return true;
};

const choose = (selector) => {
  const wanted = focused()?.querySelector(selector);
  if (!wanted) return false;
  wanted.checked = true;
  sum();
  return true;
};

const search = () => {
  const field = focused()?.querySelector("[data-search]");
  if (!field) return false;
  field.focus();
  field.scrollIntoView({ block: "nearest" });
  return true;
};

const press = (key) => {
  const wanted = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!wanted) return false;
  wanted.click();
  return true;
};

const typing = (target) => target.closest("input:not([type=radio], [type=checkbox]), textarea, select") !== null;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const { key } = event;
  let done = true;
  if (typing(event.target)) {
    if (key === "Enter" && event.target.matches("[data-search]")) take(event.target);
    else if (key === "Escape") event.target.blur();
    else return;
  } else if (event.repeat && "arub".includes(key)) done = true; // a key held down decides one ticket
  else if (key === "ArrowDown") done = walk(1);
  else if (key === "ArrowUp") done = walk(-1);
  else if (key >= "1" && key <= "9") done = choose(`[data-digit="${key}"]`);
  else if (key === "n") done = choose("[data-none]");
  else if (key === "/") done = search();
  else if ("arubjkz".includes(key)) done = press(key);
  else return;
  if (done) event.preventDefault();
});

for (const [place, request] of requests.entries()) {
  request.addEventListener("focusin", () => {
    here = place;
    show(0);
  });
  const field = request.querySelector("[data-search]");
  field.addEventListener("input", () => {
    if (field.value.trim()) request.querySelector("[data-other]").checked = true;
    sum();
  });
}

form?.addEventListener("change", sum);

// Pressed twice, a decision goes once.
let sent = false;
form?.addEventListener("submit", (event) => {
  if (sent) event.preventDefault();
  sent = true;
});
window.addEventListener("pageshow", () => {
  sent = false;
  sum(); // a browser that goes back keeps what was chosen
});

show(0);
