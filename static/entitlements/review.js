// The review queue by keyboard: j and k walk the lines, one letter opens what can be done with the line in focus. All of
// it is links, forms and details that work by themselves; this only moves the focus.
const rows = [...document.querySelectorAll("[data-review-row]")];
const keys = document.querySelector("[data-review-keys]");

const current = () => rows.find((row) => row.contains(document.activeElement));

const walk = (step) => {
  const here = rows.indexOf(current());
  const next = here < 0 ? rows[step > 0 ? 0 : rows.length - 1] : rows[here + step];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
};

const unfold = (details) => {
  for (const other of details.parentElement.querySelectorAll("details[open]")) other.open = false;
  details.open = true;
  const field = details.querySelector("input:not([type=hidden]), textarea");
  field?.focus();
  details.scrollIntoView({ block: "nearest" });
};

const act = (key) => {
  const wanted = current()?.querySelector(`[data-key="${key}"]`);
  if (!wanted) return false;
  if (wanted instanceof HTMLDetailsElement) unfold(wanted);
  else wanted.click();
  return true;
};

const fold = () => {
  const row = current();
  const open = row?.querySelector("details[open]");
  if (!open) return false;
  open.open = false;
  row.focus();
  return true;
};

const typing = (target) => target.closest("input:not([type=checkbox]), textarea, select") !== null;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  let done = true;
  if (event.key === "Escape") done = fold();
  else if (event.key === "Enter" && event.target.closest(".review-form textarea") && !event.shiftKey)
    event.target.form.requestSubmit();
  else if (typing(event.target)) return;
  else if (event.key === "j") walk(1);
  else if (event.key === "k") walk(-1);
  else if (event.key === "?" && keys) keys.open = !keys.open;
  else if ("eryax".includes(event.key)) done = act(event.key);
  else return;
  if (done) event.preventDefault();
});

// After a decision the address names the line that follows; a form that was refused opens with its first fault.
window.addEventListener("load", () => {
  const refused = document.querySelector(".review-act[open] [aria-invalid=true], .review-act[open] textarea");
  const next = location.hash && rows.find((row) => `#${row.id}` === location.hash);
  (refused || next || (location.hash && rows[0]) || null)?.focus();
});
