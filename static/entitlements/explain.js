// The text for a ticket goes to the clipboard with one press; without this the field can be marked and copied by hand.

const button = document.querySelector("[data-copy]");
const told = document.querySelector("[data-copied]");

async function copy() {
  const field = document.querySelector(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    // A page that didn't come over TLS has no clipboard: the older way still works there.
    field.select();
    if (!document.execCommand("copy")) {
      told.textContent = "Press Ctrl+C: the text is marked.";
      return;
    }
  }
  told.textContent = "Copied.";
}

if (button) {
  button.hidden = false;
  button.addEventListener("click", copy);
}
