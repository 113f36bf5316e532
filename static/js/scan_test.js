/* Tells how a scanner is set up: [data-scan-test] holds a raw field [data-scan-raw], one [data-test-code] for each test code
   and every [data-finding] that can be made, hidden until it is. Decides as scan.js does, and says what scan.js only mends. */
import { LENGTH, PACE, digitOf, fits } from "./scan.js";

const SILENCE = 400; // ms that end a scan here: a scanner too slow for scan.js must still be heard to the end

const bench = document.querySelector("[data-scan-test]");
const field = bench?.querySelector("[data-scan-raw]");
let strokes = []; // {digit, key, place, alt, at}
let ending = 0;

/** What is to be said of the key presses of one scan and of the key that ended it. */
function judge(heard, end) {
  const digits = heard.map((each) => each.digit).join("");
  const odd = heard.filter((each) => !each.digit);
  const found = new Set([`suffix-${end || "none"}`]);
  const pace = (heard.at(-1).at - heard[0].at) / Math.max(1, heard.length - 1);
  if (heard.some((each) => each.alt)) found.add("alt");
  else if (odd.some((each) => each.place)) found.add("layout-lost");
  else if (odd.some((each) => each.key === "Process" || /[^\u0020-\u00ff]/.test(each.key))) found.add("ime-lost");
  else if (odd.length) found.add("extra");
  else if (digits.length !== LENGTH || !fits(digits)) found.add("damaged");
  if (pace > PACE) found.add("slow");
  for (const { digit, key } of heard.filter((each) => each.digit)) {
    if (key === "Process") found.add("ime");
    else if (key !== digit) found.add(key.normalize("NFKC") === digit ? "ime" : "layout");
  }
  return { digits, found, pace };
}

function conclude(end) {
  clearTimeout(ending);
  const { digits, found, pace } = judge(strokes, end.toLowerCase());
  strokes = [];
  field.value = "";
  let worst = "done";
  for (const line of bench.querySelectorAll("[data-finding]")) {
    line.hidden = !found.has(line.dataset.finding);
    if (line.hidden) continue;
    if (line.dataset.state === "stop" || worst === "done") worst = line.dataset.state;
  }
  for (const line of bench.querySelectorAll("[data-verdict]")) line.hidden = line.dataset.verdict !== worst;
  const read = bench.querySelector(`[data-test-code="${digits}"] [data-test-read]`);
  if (read && worst !== "stop") read.hidden = false;
  bench.querySelector("[data-test-digits]").textContent = digits || "–";
  bench.querySelector("[data-test-pace]").textContent = `${Math.round(pace)} ms`;
  bench.querySelector("[data-test-result]").hidden = false;
  document.dispatchEvent(new CustomEvent("tone", { detail: worst === "stop" ? "refused" : "accepted" }));
}

function key(event) {
  if (event.ctrlKey || event.metaKey || event.repeat) return;
  if (event.key === "Enter" || event.key === "Tab") {
    if (!strokes.length) return; // Tab alone leaves the field, as everywhere
    event.preventDefault();
    conclude(event.key);
    return;
  }
  if (event.key === "Alt") return;
  const digit = event.altKey ? "" : digitOf(event);
  if (!digit && event.key.length !== 1 && event.key !== "Process" && !event.altKey) return;
  const place = /^(?:Digit|Numpad)\d$/.test(event.code ?? "");
  strokes.push({ digit, key: event.key, place, alt: event.altKey, at: event.timeStamp });
  clearTimeout(ending);
  ending = setTimeout(() => conclude(""), SILENCE);
}

if (field) {
  field.addEventListener("keydown", key);
  field.focus();
}
