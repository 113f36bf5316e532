/* The echo beside a number: how the entry was read, and whether it is within its limits, before it is recorded.
   Hooks: [data-number] with data-low, data-high, data-decimals, data-unit around one <input> and one [data-echo].
   The server judges again; this only mirrors its rule: round half-up to the stated decimals, then compare. */
import { compare, distance, parse, plain, rounded } from "./decimal.js";
import { element, words } from "./words.js";

const SIGNS = {
  within: '<circle cx="8" cy="8" r="6.9"/><path d="M5 8.2l2.1 2.2 3.9-4.5"/>',
  ask: '<path class="f" d="M8 2.2l6.6 11.6H1.4z"/>',
  outside: '<path d="M5.2 1.3h5.6l3.9 3.9v5.6l-3.9 3.9H5.2l-3.9-3.9V5.2z"/><path d="M5.7 5.7l4.6 4.6m0-4.6l-4.6 4.6"/>',
};

/** What the echo says: {state, text, hint}. `limits` has low, high, decimals and unit, all text. */
export function judge(raw, limits) {
  const read = parse(raw);
  if (read === null) return { state: "empty", text: "" };
  if (read.refused) return { state: "refused", text: words(read.refused) };
  if (read.ask) return { state: "ask", text: words("ask", { a: read.ask[0], b: read.ask[1] }), hint: words("ask-hint") };
  const unit = limits.unit ? `\u00a0${limits.unit}` : "";
  const value = plain(read.number) + unit;
  const judged = limits.decimals === "" ? read.number : rounded(read.number, Number(limits.decimals));
  for (const [side, sign, name] of [[limits.low, -1, "below"], [limits.high, 1, "above"]]) {
    const limit = side ? parse(side)?.number : null;
    if (limit && compare(judged, limit) === sign) {
      const places = { value, by: distance(judged, limit), limit: plain(limit) + unit };
      return { state: "outside", value, text: words(name, places) };
    }
  }
  return { state: "within", value, text: words(limits.low || limits.high ? "within" : "read-as", { value }) };
}

/** Shows the verdict on the field of `box` and returns it. */
function show(box) {
  const input = box.querySelector("input");
  const echo = box.querySelector("[data-echo]");
  if (!input || !echo) return null;
  const { low = "", high = "", decimals = "", unit = "" } = box.dataset;
  const verdict = judge(input.value, { low, high, decimals, unit });
  const state = verdict.state;
  echo.dataset.limit ??= "";
  echo.dataset.echo = state;
  const lines = [element("p", "", state === "empty" ? echo.dataset.limit : verdict.text)];
  const more = verdict.hint ?? (state === "outside" ? echo.dataset.outside : "");
  if (more) lines.push(element("p", "", more));
  const sign = state === "refused" ? SIGNS.outside : SIGNS[state];
  if (sign) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 16 16");
    svg.setAttribute("aria-hidden", "true");
    svg.classList.add("b-glyph");
    svg.innerHTML = sign;
    lines.unshift(svg);
  }
  echo.replaceChildren(...lines);
  const frame = input.closest(".b-input");
  frame?.classList.toggle("b-input-outside", state === "outside");
  frame?.classList.toggle("b-input-ask", state === "ask" || state === "refused");
  return verdict;
}

function name(button, { state, value }) {
  button.dataset.plain ??= button.textContent;
  const wording = button.dataset[state];
  button.textContent = wording && value ? wording.replace("{value}", value) : button.dataset.plain;
}

document.addEventListener("input", (event) => {
  const box = event.target.closest?.("[data-number]");
  if (!box) return;
  const verdict = show(box);
  const form = box.closest("form[data-slot]");
  const button = form?.querySelector("button[data-within]");
  if (button && verdict) name(button, verdict);
  form?.querySelector("[data-slot-chip]")?.replaceChildren();
});
