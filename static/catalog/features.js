// The feature form shows the parts its kind needs, and proposes a key from the name. Without this file every part
// is there with a legend that says what it is for.

const form = document.querySelector("[data-feature-form]");

const show = (element, wanted) => { if (element) element.hidden = !wanted; };

const chosen = (name) => form.querySelector(`[name="${name}"]:checked`)?.value ?? "";

const around = (name) => form.querySelector(`[name="${name}"]`)?.closest(".desk-field");

function arrange() {
  const kind = chosen("kind");
  for (const part of form.querySelectorAll("[data-kinds]")) {
    show(part, part.dataset.kinds.split(" ").includes(kind));
  }
  const measure = chosen("measure");
  show(around("noun"), measure === "counts");
  show(around("byte_unit"), measure === "bytes");
  show(around("time_unit"), measure === "time");
  const setting = chosen("config_type");
  show(around("choices"), setting === "ranked" || setting === "set");
  show(around("better"), setting === "duration" || setting === "size");
  show(around("setting_time_unit"), setting === "duration");
  show(around("setting_byte_unit"), setting === "size");
}

function keyOf(name) {
  const made = name.toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "").slice(0, 64);
  return /^[a-z]/.test(made) || made === "" ? made : `feature_${made}`.slice(0, 64);
}

function proposeKey() {
  const name = form.querySelector("[name=name]");
  const key = form.querySelector("[name=key]");
  if (!name || !key) return;
  let own = key.value !== "" && key.value !== keyOf(name.value);
  key.addEventListener("input", () => { own = key.value !== ""; });
  const propose = () => { if (!own) key.value = keyOf(name.value); };
  name.addEventListener("input", propose);
  if (name.value !== "" && !key.readOnly) propose(); // somebody may have typed before this file was there
}

if (form) {
  for (const note of form.querySelectorAll("[data-kinds-note]")) note.hidden = true;
  if (form.querySelector("[name=kind]")) {
    form.addEventListener("change", arrange);
    arrange();
  }
  proposeKey();
}
