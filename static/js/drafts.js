/* Keeps what was typed but not recorded, on this device and for this person only, until it is recorded or the tab closes.
   A draft is never a record. Passwords, PINs, files, hidden fields and forms marked data-no-draft (personal data) are
   never kept. Restored values are marked in words. */
import { element, setting, words } from "./words.js";

const person = setting("person");
const key = `draft:${person}:${location.pathname}`;

function load() {
  return JSON.parse(sessionStorage.getItem(key) ?? "{}");
}

function save(drafts) {
  if (Object.keys(drafts).length) sessionStorage.setItem(key, JSON.stringify(drafts));
  else sessionStorage.removeItem(key);
}

function nameOf(form) {
  return form.dataset.slot || form.getAttribute("id") || form.getAttribute("action") || "";
}

function keepable(field) {
  const form = field.form;
  if (!form || !field.name || form.method !== "post" || form.matches("[data-no-draft], [data-sign], [data-plain], [data-unlock]")) return false;
  if (field instanceof HTMLTextAreaElement || field instanceof HTMLSelectElement) return true;
  return field instanceof HTMLInputElement && ["text", "radio", "checkbox", "date", "time"].includes(field.type);
}

function fieldsOf(form) {
  return [...form.elements].filter((field) => keepable(field));
}

function keep(form) {
  const drafts = load();
  const values = {};
  for (const field of fieldsOf(form)) {
    if (field.type === "radio" || field.type === "checkbox") {
      if (field.checked) values[`${field.name}=${field.value}`] = true;
    } else if (field.value !== (field.defaultValue ?? "")) values[field.name] = field.value;
  }
  drafts[nameOf(form)] = values;
  save(drafts);
}

function forget(form) {
  const drafts = load();
  delete drafts[nameOf(form)];
  save(drafts);
}

function restore() {
  const drafts = load();
  for (const form of document.querySelectorAll("form")) {
    const values = drafts[nameOf(form)];
    if (!values || form.dataset.restored !== undefined) continue;
    form.dataset.restored = "";
    for (const field of fieldsOf(form)) {
      if (field.type === "radio" || field.type === "checkbox") {
        if (values[`${field.name}=${field.value}`]) field.checked = true;
      } else if (values[field.name] !== undefined && field.value === (field.defaultValue ?? field.value)) {
        field.value = values[field.name];
        field.dispatchEvent(new Event("input", { bubbles: true }));
        field.closest(".b-field, .work, .b-input")?.append(element("p", "b-hint", words("kept")));
      }
    }
  }
}

if (person) {
  restore();
  document.addEventListener("input", (event) => { if (event.isTrusted && keepable(event.target)) keep(event.target.form); });
  document.addEventListener("change", (event) => { if (event.isTrusted && keepable(event.target)) keep(event.target.form); });
  document.addEventListener("htmx:afterSettle", restore);
  document.addEventListener("htmx:beforeSwap", (event) => {
    const form = event.detail.requestConfig?.elt?.closest?.("form");
    if (form && event.detail.requestConfig.verb !== "get" && event.detail.xhr.status < 400) forget(form);
  });
  // A plain form leaves the page; whatever the server then shows is its answer, values included.
  document.addEventListener("submit", (event) => { if (!event.target.hasAttribute("hx-post")) forget(event.target); });
}
