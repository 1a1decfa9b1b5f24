// Brings the progress of a job up to date every two seconds, until there is nothing more to come.
const PAUSE = 2000;

async function refresh() {
  const shown = document.getElementById("job-progress");
  if (!shown || shown.dataset.atWork !== "yes") return;
  try {
    const answer = await fetch(window.location.href, { credentials: "same-origin" });
    if (answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("job-progress");
      if (fresh) shown.replaceWith(fresh);
    }
  } catch {
    // The network is away for a moment; the work goes on without us.
  }
  window.setTimeout(refresh, PAUSE);
}

window.setTimeout(refresh, PAUSE);
