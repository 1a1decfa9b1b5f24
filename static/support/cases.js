// Cases and the board while they are open: what is left is counted on by the second, and the part that moves is fetched
// again every few seconds. Only the pieces that changed are put in, so that what one reads, opened or focused stays.
const EVERY = 4000;
const HIDDEN = 30000;

const live = () => document.querySelector("[data-live]");
let etag = "";
let ahead = live() ? Number(live().dataset.now) - Date.now() : 0; // how far the server's clock is ahead of ours
let waiting = 0;

// support/admin/cases/words.py says the same.
const two = (much, unit, rest, smaller) => (rest ? `${much} ${unit} ${rest} ${smaller}` : `${much} ${unit}`);
const say = (ms) => {
  const seconds = Math.floor(Math.abs(ms) / 1000);
  if (seconds >= 86400) return two(Math.floor(seconds / 86400), "d", Math.floor((seconds % 86400) / 3600), "h");
  if (seconds >= 3600) return two(Math.floor(seconds / 3600), "h", Math.floor((seconds % 3600) / 60), "min");
  return seconds >= 60 ? `${Math.floor(seconds / 60)} min` : "less than a minute";
};

// Time that counts is told in hours: a day of it would be mistaken for a day.
const sayOpen = (ms) => {
  const minutes = Math.floor(ms / 60000);
  if (minutes < 60) return minutes ? `${minutes} min` : "less than a minute";
  return two(Math.floor(minutes / 60), "h", minutes % 60, "min");
};

const put = (place, words) => {
  if (place.textContent !== words) place.textContent = words;
};

const tick = () => {
  const now = Date.now() + ahead;
  let passed = false;
  for (const place of document.querySelectorAll("[data-due]")) {
    const due = Number(place.dataset.due);
    const late = due < now;
    passed ||= late && place.textContent.trim().startsWith("due");
    put(place, late ? `late for ${say(now - due)}` : `due in ${say(due - now)}`);
  }
  for (const place of document.querySelectorAll("[data-spans]")) {
    const left = place.dataset.spans.split(";").reduce((sum, span) => {
      const [opens, closes] = span.split(",").map(Number);
      return sum + Math.max(0, closes - Math.max(opens, now));
    }, 0);
    put(place, `${sayOpen(left)} of its hours left`);
  }
  if (passed) {
    etag = ""; // by the clock alone: the server takes it for the same until its next slot of time
    soon(0);
  }
};

// What the server sent last for each piece: the page itself is written on by the ticking.
const sent = new Map();
for (const piece of document.querySelectorAll("[data-piece]")) sent.set(piece.id, piece.innerHTML);

const keep = (old, fresh) => {
  for (const details of old.querySelectorAll("details[id]")) {
    const same = fresh.querySelector(`#${CSS.escape(details.id)}`);
    if (same) same.open = details.open;
  }
};

const focusOf = (piece) => {
  const held = document.activeElement;
  if (!held || held === document.body || !piece.contains(held)) return () => null;
  if (held.tagName === "SUMMARY" && held.parentElement.id) {
    return (fresh) => fresh.querySelector(`#${CSS.escape(held.parentElement.id)} > summary`);
  }
  const href = held.getAttribute("href");
  return (fresh) => (held.id ? fresh.querySelector(`#${CSS.escape(held.id)}`) : href && fresh.querySelector(`[href="${CSS.escape(href)}"]`));
};

const replace = (piece, fresh) => {
  keep(piece, fresh);
  const again = focusOf(piece);
  const down = piece.scrollTop;
  piece.replaceWith(fresh);
  fresh.scrollTop = down;
  again(fresh)?.focus({ preventScroll: true });
};

const putIn = (text) => {
  const page = new DOMParser().parseFromString(text, "text/html");
  const root = page.querySelector("[data-live]");
  if (!root) return;
  ahead = Number(root.dataset.now) - Date.now();
  for (const fresh of root.querySelectorAll("[data-piece]")) {
    const words = fresh.innerHTML;
    const known = sent.get(fresh.id);
    const piece = document.getElementById(fresh.id);
    sent.set(fresh.id, words);
    if (piece && known !== words) replace(piece, document.adoptNode(fresh));
  }
  tick();
};

const said = () => document.querySelector("[data-live-said]");

const refresh = async () => {
  waiting = 0;
  const place = live();
  if (!place) return;
  try {
    const answer = await fetch(place.dataset.live, {
      credentials: "same-origin",
      cache: "no-store",
      headers: etag ? { "If-None-Match": etag } : {},
    });
    const kept = answer.status === 304 || (answer.status === 200 && !answer.redirected); // elsewhere lies the sign-in
    if (answer.status === 200 && kept) {
      etag = answer.headers.get("ETag") ?? "";
      putIn(await answer.text());
    }
    if (said()) put(said(), kept ? "" : "This page is no longer kept right. Load it again.");
  } catch {
    if (said()) put(said(), "The desk can’t be reached; what is shown may be old.");
  }
  soon(document.hidden ? HIDDEN : EVERY);
};

const soon = (pause) => {
  if (waiting) window.clearTimeout(waiting);
  waiting = window.setTimeout(refresh, pause);
};

// The board by keyboard: j and k walk the cases, Enter opens the one in focus.
const walk = (step) => {
  const cards = [...document.querySelectorAll("[data-card] a[data-opens]")];
  const here = cards.indexOf(document.activeElement);
  const next = here < 0 ? cards[step > 0 ? 0 : cards.length - 1] : cards[here + step];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
  if (event.key === "j" || event.key === "k") {
    walk(event.key === "j" ? 1 : -1);
    event.preventDefault();
  }
});

document.addEventListener("visibilitychange", () => {
  if (!document.hidden && live()) soon(0);
});

if (live()) {
  tick();
  window.setInterval(tick, 1000);
  soon(EVERY);
}
