/* Small manners: dialogs (data-opens, data-closes, data-open), PIN rings (data-pin), Enter presses the page's first task
   (data-enter) when nothing has the focus, a summary of errors takes the focus (data-focus-first), the next empty slot
   does so after a swap (data-first). */

function firstEmpty(dialog) {
  const fields = [...dialog.querySelectorAll("input:not([type=hidden], [type=radio], [type=checkbox]), textarea, select")];
  (fields.find((field) => !field.value) ?? fields[0] ?? dialog.querySelector("button"))?.focus();
}

function open(dialog) {
  if (!dialog || dialog.open) return;
  dialog.showModal();
  firstEmpty(dialog);
}

function rings(input) {
  const row = input.closest(".b-pin")?.querySelector(".b-rings");
  if (row) row.dataset.filled = String(Math.min(6, input.value.length));
}

function arrive(root) {
  root.querySelector("[data-focus-first]")?.focus();
  for (const dialog of root.querySelectorAll("dialog[data-open]")) open(dialog);
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-opens]");
  if (opener) open(document.getElementById(opener.dataset.opens));
  event.target.closest?.("[data-closes]")?.closest("dialog")?.close();
});
document.addEventListener("input", (event) => { if (event.target.matches?.("[data-pin]")) rings(event.target); });
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.defaultPrevented || document.activeElement !== document.body) return;
  document.querySelector("[data-enter]")?.click();
});
document.addEventListener("htmx:afterSettle", (event) => {
  arrive(event.detail.elt);
  if (document.activeElement === document.body) event.detail.elt.querySelector?.("[data-first]")?.focus();
  event.detail.elt.querySelector?.(".b-slot-now")?.scrollIntoView({ block: "nearest" });
});
arrive(document);
