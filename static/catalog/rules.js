// While somebody chooses, what the rules would do is said in words, asked from the server without holding up a key.

const form = document.querySelector("[data-rules-form]");
const outlook = document.querySelector("[data-outlook]");
let timer = 0;
let newest = 0;

async function look() {
  const mine = ++newest;
  const body = new FormData(form);
  body.set("step", "look");
  try {
    const answer = await fetch(window.location.href, { method: "POST", body, credentials: "same-origin" });
    if (answer.ok && mine === newest) outlook.innerHTML = await answer.text();
  } catch {
    // The server is away: the button still asks it.
  }
}

if (form && outlook) {
  form.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(look, 250);
  });
}
