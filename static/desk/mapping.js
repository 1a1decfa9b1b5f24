// Narrows a long list of products to those with what is typed; what is ticked always stays in sight.
const list = document.querySelector(".mapping-products");
const box = document.querySelector(".mapping-narrow");
const MANY = 8;

if (list && box && list.querySelectorAll("label").length > MANY) {
  box.hidden = false;
  box.querySelector("input").addEventListener("input", (event) => {
    const wanted = event.target.value.trim().toLowerCase();
    for (const label of list.querySelectorAll("label")) {
      const ticked = label.querySelector("input").checked;
      label.hidden = !ticked && !label.textContent.toLowerCase().includes(wanted);
      label.style.display = label.hidden ? "none" : "";
    }
  });
}
