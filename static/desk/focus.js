// A browser may pass autofocus by (a tab in the background, another element in focus for a moment): who opens a search
// page wants to type at once.
window.addEventListener("load", () => {
  const wanted = document.querySelector("[autofocus]");
  if (wanted && (document.activeElement === document.body || document.activeElement === null)) wanted.focus();
});
