/* One listener for a keyboard-wedge scanner on every page. Codes are 16 digits: type 2, serial 12, check 2 (ISO 7064
   mod 97-10). Digits are taken from the key's position, so an input method or full-width digits do no harm, and a scan
   into a focused field is taken out of it again. Ends with Enter, Tab or nothing. The same code within 2 s is ignored.
   A `scan` event {code, means: 'scanned'} goes to the document first; preventDefault() keeps it from going on. Then the
   first open form[data-accepts] naming its type posts it; else the page goes to /scan?code=. */
import { setting, toast, words } from "./words.js";

export const LENGTH = 16;
const GAP = 60; // ms between keys of one scan at the most; people need longer for sixteen of them
export const PACE = 35; // ms a key on average
const PAUSE = 90; // ms of silence that end a scan without a suffix
const TWICE = 2000;

let burst = null; // {digits, odd, began, latest, field, value}
let ending = 0;
let previous = { code: "", at: -TWICE };

/** Whether the two check digits fit (ISO 7064 mod 97-10). */
export function fits(code) {
  return /^\d{16}$/.test(code) && BigInt(code) % 97n === 1n;
}

/** The digit of a key press, by its position, else by what it wrote; "" if it is none. */
export function digitOf(event) {
  const place = event.code?.match(/^(?:Digit|Numpad)(\d)$/);
  if (place && !event.shiftKey) return place[1];
  const folded = event.key.normalize("NFKC");
  return /^\d$/.test(folded) ? folded : "";
}

function editable(target) {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement ? target : null;
}

function putBack({ field, value }) {
  if (!field || field.value === value) return;
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function tone(name) {
  document.dispatchEvent(new CustomEvent("tone", { detail: name }));
}

/** Takes a code as scanned; also the door for the camera and for tests. */
export function take(code) {
  const now = performance.now();
  if (code === previous.code && now - previous.at < TWICE) {
    tone("duplicate");
    toast("open", words("duplicate"), words("duplicate-what"));
    return;
  }
  if (!fits(code)) {
    tone("refused");
    toast("stop", words("misread"), words("misread-what"));
    return;
  }
  previous = { code, at: now };
  const heard = new CustomEvent("scan", { cancelable: true, detail: { code, means: "scanned" } });
  if (!document.dispatchEvent(heard)) return;
  const room = document.querySelector("dialog[open]") ?? document;
  const type = code.slice(0, 2);
  const form = [...room.querySelectorAll("form[data-accepts]")]
    .find((each) => !each.inert && each.dataset.accepts.split(/\s+/).some((name) => name === type || name === "*"));
  if (form) {
    form.elements.code.value = code;
    if (form.elements.means) form.elements.means.value = "scanned";
    form.requestSubmit();
  } else if (room === document) {
    globalThis.location.assign(`/scan?code=${code}`);
  }
}

function finish() {
  clearTimeout(ending);
  const done = burst;
  burst = null;
  if (!done || (done.latest - done.began) / Math.max(1, done.keys - 1) > PACE) return false;
  if (done.digits.length === LENGTH && done.odd === 0) {
    putBack(done);
    take(done.digits);
    return true;
  }
  if (done.odd > 0 && done.keys >= 12 && /[^\u0020-\u00ff]/.test(done.seen)) {
    putBack(done);
    tone("refused");
    toast("stop", words("misread"), words("ime"));
    return true;
  }
  return false;
}

function begin(event, field) {
  return { digits: "", seen: "", odd: 0, keys: 0, began: event.timeStamp, latest: event.timeStamp, field, value: field?.value };
}

function key(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  const field = editable(event.target);
  const secret = field?.type === "password" && !field.hasAttribute("data-pin"); // sixteen digits are never a PIN
  if (field?.hasAttribute("data-scan-raw") || secret) return;
  if (event.key === "Enter" || event.key === "Tab") {
    if (burst && event.timeStamp - burst.latest <= PAUSE && finish()) {
      event.preventDefault();
      event.stopPropagation();
    }
    return;
  }
  const digit = digitOf(event);
  if (!digit && event.key.length !== 1 && event.key !== "Process") return;
  if (!burst || event.timeStamp - burst.latest > GAP) burst = begin(event, field);
  burst.latest = event.timeStamp;
  burst.keys += 1;
  burst.digits += digit;
  burst.seen += event.key.length === 1 ? event.key : "";
  if (!digit) burst.odd += 1;
  clearTimeout(ending);
  if (burst.digits.length === LENGTH) ending = setTimeout(finish, PAUSE);
}

function sink() {
  const typing = editable(document.activeElement) !== null;
  for (const place of document.querySelectorAll("[data-sink]")) place.dataset.sink = typing ? "typing" : "ready";
  for (const word of document.querySelectorAll("[data-sink-word]")) {
    word.hidden = word.dataset.sinkWord !== (typing ? "typing" : "ready");
  }
}

if (setting("scan") === "on") {
  document.addEventListener("keydown", key, { capture: true });
  for (const name of ["focusin", "focusout"]) document.addEventListener(name, () => setTimeout(sink));
  sink();
}
