/* What happens to an entry on its way to the server: the one place for htmx's answers.
   2xx, 409 and 422 swap their fragment (see htmx-config in base.html). 401 asks for the person again and sends the one
   entry once more. No answer, or a fault: "Draft, not recorded", sent again with the same request id. Never a false OK. */
import { element, setting, words } from "./words.js";

const WAITS = [2000, 5000, 10000, 20000, 30000];
const held = new Map(); // form -> {tries, timer}
let lost = null; // the entry refused because the session had ended

function connection(state) {
  for (const cell of document.querySelectorAll("[data-connection]")) cell.dataset.connection = state;
}

function say(kind, reference, retry) {
  const place = document.getElementById("outbox");
  if (!place) return;
  const bar = element("div", "b-toast b-toast-due");
  bar.append(element("b", "", words("draft")), element("span", "", words(kind)));
  if (reference) bar.append(element("span", "b-code", `${words("reference")} ${reference}`));
  if (retry) {
    const again = element("button", "b-btn b-btn-desk", words("again"));
    again.type = "button";
    again.addEventListener("click", retry);
    bar.append(again);
  }
  place.replaceChildren(bar);
}

function quiet() {
  if (held.size === 0) document.getElementById("outbox")?.replaceChildren();
}

function send(form) {
  const entry = held.get(form);
  if (!entry) return;
  clearTimeout(entry.timer);
  if (!form.isConnected) {
    held.delete(form);
    quiet();
    return;
  }
  form.requestSubmit();
}

/** Keeps the entry as typed until the server has answered: the same words under the same request id. */
function hold(form, kind, reference) {
  const entry = held.get(form) ?? { tries: 0, timer: 0 };
  held.set(form, entry);
  form.inert = true;
  form.dataset.draft = "held";
  entry.timer = setTimeout(() => send(form), WAITS[Math.min(entry.tries, WAITS.length - 1)]);
  entry.tries += 1;
  say(kind, reference, () => send(form));
}

function release(form) {
  const entry = held.get(form);
  if (entry) clearTimeout(entry.timer);
  held.delete(form);
  form.inert = false;
  delete form.dataset.draft;
  quiet();
}

function recording(event) {
  const form = event.detail.elt?.closest?.("form");
  return form && event.detail.requestConfig?.verb !== "get" ? form : null;
}

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = setting("csrf-token");
  if ("csrf_token" in event.detail.parameters) event.detail.parameters.csrf_token = setting("csrf-token");
});
document.addEventListener("htmx:beforeRequest", (event) => { if (recording(event)) connection("saving"); });

for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, (event) => {
    connection("offline");
    const form = recording(event);
    if (form) hold(form, "retrying", "");
  });
}

document.addEventListener("htmx:responseError", (event) => {
  const { xhr } = event.detail;
  const form = recording(event);
  connection("online");
  if (xhr.status === 401) {
    lost = form;
    document.dispatchEvent(new CustomEvent("session:lost"));
  } else if (form && xhr.status >= 500) {
    hold(form, "fault", xhr.getResponseHeader("X-Reference") ?? "");
  } else if (form) {
    release(form);
    say("refused", xhr.getResponseHeader("X-Reference") ?? "", null);
  }
});

document.addEventListener("htmx:afterRequest", (event) => {
  const status = event.detail.xhr?.status ?? 0;
  if (status === 0) return;
  connection("online");
  const form = recording(event);
  if (form && (status < 400 || status === 409 || status === 422)) release(form);
});

document.addEventListener("session:back", () => {
  const form = lost;
  lost = null;
  if (form?.isConnected) {
    form.inert = false;
    form.requestSubmit();
  }
});

globalThis.addEventListener("online", () => { for (const form of held.keys()) send(form); });
globalThis.addEventListener("beforeunload", (event) => { if (held.size > 0) event.preventDefault(); });
