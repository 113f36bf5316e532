/* Locks the page after a time without input, or at once by the lock button. The page stays underneath, inert and blurred,
   with everything typed; after the same person has unlocked it, the one entry that was refused is sent again.
   POST /session/lock, /session/unlock (answers {"csrf": token}, or 4xx {"message": words}), /session/switch. */
import { element, setting, words } from "./words.js";

const layer = document.getElementById("lock");
const after = Number(setting("lock-after")) * 1000;
let last = performance.now();
let locked = false;
let warned = false;

function lock({ tell }) {
  if (locked) return;
  locked = true;
  layer.showModal();
  layer.querySelector("[name=secret]").focus();
  if (tell) {
    fetch("/session/lock", { method: "POST", headers: { "X-CSRFToken": setting("csrf-token") }, keepalive: true })
      .catch(() => undefined); // the layer is shown all the same; the server ends the session by its own clock
  }
}

function unlocked(token) {
  locked = false;
  last = performance.now();
  if (token) {
    document.querySelector('meta[name="csrf-token"]').content = token;
    for (const field of document.querySelectorAll("input[name=csrf_token]")) field.value = token;
  }
  layer.close();
  document.dispatchEvent(new CustomEvent("session:back"));
}

async function unlock(form) {
  const refused = form.querySelector("[data-unlock-refused]");
  const offline = form.querySelector("[data-unlock-offline]");
  refused.hidden = offline.hidden = true;
  const secret = form.elements.secret;
  let answer;
  try {
    answer = await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { Accept: "application/json", "X-CSRFToken": setting("csrf-token") },
    });
  } catch {
    offline.hidden = false;
    return;
  }
  secret.value = "";
  const said = await answer.json().catch(() => ({}));
  if (answer.ok) {
    unlocked(said.csrf);
    return;
  }
  if (said.message) refused.querySelector("[data-words]").textContent = said.message;
  refused.hidden = false;
  secret.focus();
}

function warn() {
  const place = document.getElementById("outbox");
  if (warned || !place) return;
  warned = true;
  const bar = element("div", "b-toast b-toast-open", words("lock-soon"));
  bar.dataset.lockSoon = "";
  place.append(bar);
}

function touched() {
  last = performance.now();
  if (!warned) return;
  warned = false;
  document.querySelector("[data-lock-soon]")?.remove();
}

if (layer) {
  layer.addEventListener("cancel", (event) => event.preventDefault());
  document.addEventListener("keydown", (event) => {
    if (locked && event.key === "Escape") event.preventDefault(); // a second Escape closes a dialog without asking
  }, { capture: true });
  layer.addEventListener("close", () => { if (locked) layer.showModal(); });
  layer.querySelector("form").addEventListener("submit", (event) => {
    if (event.submitter?.hasAttribute("data-switch")) return;
    event.preventDefault();
    unlock(event.currentTarget);
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-lock-now]")) return;
    event.preventDefault();
    lock({ tell: true });
  });
  document.addEventListener("session:lost", () => lock({ tell: false }));
  for (const name of ["pointerdown", "keydown", "touchstart"]) {
    document.addEventListener(name, touched, { capture: true, passive: true });
  }
  if (after > 0) {
    setInterval(() => {
      const idle = performance.now() - last;
      if (idle >= after) lock({ tell: true });
      else if (after - idle <= 60000) warn();
    }, 1000);
  }
}
