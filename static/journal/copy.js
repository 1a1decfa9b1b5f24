// A text goes to the clipboard with one press; without this the field can be marked and copied by hand.

async function copy(button) {
  const field = document.getElementById(button.dataset.copies);
  const told = document.querySelector(`[data-copied="${button.dataset.copies}"]`);
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

for (const button of document.querySelectorAll("[data-copies]")) {
  button.hidden = false;
  button.addEventListener("click", () => copy(button));
}
