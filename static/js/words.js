/* Translated words and page settings: both come from the page, never from a module. */
const store = document.getElementById("words")?.content;

/** The words named `name`, with {n}-style places filled in. */
export function words(name, places = {}) {
  const text = store?.querySelector(`[data-word="${name}"]`)?.textContent ?? "";
  return text.replace(/\{(\w+)\}/g, (whole, key) => (key in places ? String(places[key]) : whole));
}

/** The content of a <meta name=...>, or "". */
export function setting(name) {
  return document.querySelector(`meta[name="${name}"]`)?.content ?? "";
}

/** A small element with text; class names are those of the style sheets. */
export function element(tag, className, text = "") {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}

/** Shows one line where scan results stand; it stays until the next. State: done stop open due. */
export function toast(state, verdict, what) {
  const place = document.getElementById("toast");
  if (!place) return;
  const bar = element("div", `b-toast b-toast-${state}`);
  bar.append(element("b", "", verdict), element("span", "", what));
  place.replaceChildren(bar);
}
