/* Server time on the page: the clock in the station bar, countdowns, and the age of a list.
   Only the difference to the server's clock at load is used; the device's own time is never shown. */
import { words, setting } from "./words.js";

const atLoad = Date.parse(setting("server-time"));
const zone = setting("server-time").match(/([+-])(\d\d):(\d\d)$/);
const shift = zone ? (zone[1] === "-" ? -1 : 1) * (Number(zone[2]) * 60 + Number(zone[3])) * 60000 : 0;
let told = atLoad;
let heard = performance.now();

/** Milliseconds of the server's clock now. */
export function serverNow() {
  return told + (performance.now() - heard);
}

/** Takes the server's Date header as the newest word about the time, if it differs by more than 2 s. */
export function hear(header) {
  const value = Date.parse(header ?? "");
  if (Number.isNaN(value) || Math.abs(value - serverNow()) < 2000) return;
  told = value;
  heard = performance.now();
}

function remaining(ms) {
  const late = ms < 0;
  const minutes = Math.floor(Math.abs(ms) / 60000);
  if (late) {
    if (minutes >= 2880) return words("over-days", { n: Math.floor(minutes / 1440) });
    if (minutes >= 60) return words("over-h", { h: Math.floor(minutes / 60), n: String(minutes % 60).padStart(2, "0") });
    return words("over-min", { n: minutes });
  }
  if (ms < 300000) return words("left-s", { m: minutes, n: String(Math.floor(ms / 1000) % 60).padStart(2, "0") });
  if (minutes >= 2880) return words("left-days", { n: Math.floor(minutes / 1440) });
  if (minutes >= 60) return words("left-h", { h: Math.floor(minutes / 60), n: String(minutes % 60).padStart(2, "0") });
  return words("left-min", { n: minutes });
}

function bandOf(box, left) {
  if (left < 0) return "stop";
  const begins = Date.parse(box.dataset.begins ?? "");
  if (Number.isNaN(begins)) return box.dataset.band === "stop" ? "due" : box.dataset.band;
  const whole = Date.parse(box.dataset.countdown) - begins;
  return left <= whole / 4 ? "due" : "open";
}

const DRAWINGS = {
  open: '<circle cx="8" cy="8" r="6.6"/>',
  due: '<path class="f" d="M8 2.2l6.6 11.6H1.4z"/>',
  stop: '<path d="M5.2 1.3h5.6l3.9 3.9v5.6l-3.9 3.9H5.2l-3.9-3.9V5.2z"/><path d="M5.7 5.7l4.6 4.6m0-4.6l-4.6 4.6"/>',
};

function tick(box) {
  const left = Date.parse(box.dataset.countdown) - serverNow();
  const chip = box.querySelector(".b-chip");
  if (!chip || Number.isNaN(left)) return;
  const text = remaining(left);
  if (chip.lastElementChild.textContent !== text) chip.lastElementChild.textContent = text;
  const band = bandOf(box, left);
  if (band === box.dataset.band) return;
  box.dataset.band = band;
  chip.className = `b-chip b-chip-${band}`;
  chip.querySelector("svg").innerHTML = DRAWINGS[band] ?? DRAWINGS.open;
  if (band === "stop" && box.dataset.passed) box.querySelector(".b-abs").textContent = box.dataset.passed;
  announce(`${words(`band-${band}`)}: ${text}`);
  box.dispatchEvent(new CustomEvent("band", { bubbles: true, detail: { band } }));
}

function announce(text) {
  const place = document.getElementById("outbox");
  if (!place) return;
  const line = document.createElement("span");
  line.className = "b-sr";
  line.textContent = text;
  place.append(line);
  setTimeout(() => line.remove(), 5000);
}

let lastMinute = -1;
function second() {
  const now = serverNow();
  const shown = new Date(now + shift).toISOString().slice(11, 19);
  for (const clock of document.querySelectorAll("[data-clock]")) clock.textContent = shown;
  const minute = Math.floor(now / 60000);
  for (const box of document.querySelectorAll("[data-countdown]")) {
    const close = Math.abs(Date.parse(box.dataset.countdown) - now) < 300000;
    if (close || minute !== lastMinute) tick(box);
  }
  for (const region of document.querySelectorAll("[data-fresh-until]")) {
    region.dataset.stale = String(Date.parse(region.dataset.freshUntil) < now);
  }
  lastMinute = minute;
}

if (!Number.isNaN(atLoad)) {
  second();
  setInterval(second, 1000);
}
document.addEventListener("htmx:afterRequest", (event) => hear(event.detail.xhr?.getResponseHeader("Date")));
document.addEventListener("htmx:afterSettle", () => { lastMinute = -1; });
