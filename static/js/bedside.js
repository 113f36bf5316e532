/* At the bedside a form goes out only when the server was reached a moment before: a dead network ends in words on this
   page, with everything scanned still on it, and never in a browser's error page. While the answer is awaited the page
   says that there is no verdict. Hook: form[data-bedside="address that answers"], [data-asking="checking | silent"]. */

const PATIENCE = 5000; // ms

function say(name) {
  for (const part of document.querySelectorAll("[data-asking]")) part.hidden = part.dataset.asking !== name;
}

async function reached(address) {
  try {
    const answer = await fetch(address, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    return answer.ok;
  } catch {
    return false;
  }
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-bedside]");
  if (!form) return;
  event.preventDefault();
  if (form.classList.contains("htmx-request")) return;
  form.classList.add("htmx-request");
  say("checking");
  if (await reached(form.dataset.bedside)) {
    form.submit();
    return;
  }
  form.classList.remove("htmx-request");
  say("silent");
  document.dispatchEvent(new CustomEvent("tone", { detail: "refused" }));
});

globalThis.addEventListener("pageshow", (event) => { if (event.persisted) globalThis.location.reload(); });
