/* A photo or a file on its way: the same one can be chosen again, a picture is seen before it is recorded, a file that is
   too large is told at its field before it is sent, and sending shows how far it is. Hooks: input[data-upload] with
   data-most (bytes), and beside it in its form data-upload-name, data-upload-preview, data-upload-large, data-upload-progress. */

function part(field, name) {
  return field.form?.querySelector(`[data-upload-${name}]`);
}

function show(field) {
  const [file] = field.files;
  const name = part(field, "name");
  name.textContent = file?.name ?? name.dataset.empty;
  const preview = part(field, "preview");
  const large = Boolean(file && file.size > Number(field.dataset.most));
  part(field, "large").hidden = !large;
  field.setAttribute("aria-invalid", String(large));
  preview.hidden = true;
  preview.removeAttribute("src");
  if (!file || large || !["image/jpeg", "image/png"].includes(file.type)) return;
  const reader = new FileReader();
  reader.addEventListener("load", () => {
    preview.src = reader.result;
    preview.hidden = false;
  });
  reader.readAsDataURL(file);
}

document.addEventListener("click", (event) => {
  if (event.target.matches?.("input[data-upload]")) {
    event.target.value = ""; // choosing the same file again would fire no change
    show(event.target);
  }
});
document.addEventListener("change", (event) => { if (event.target.matches?.("input[data-upload]")) show(event.target); });
for (const name of ["submit", "htmx:beforeRequest"]) {
  document.addEventListener(name, (event) => {
    const form = event.target.closest?.("[data-upload-form]");
    if (form?.querySelector("input[data-upload][aria-invalid=true]")) {
      event.preventDefault();
      event.stopPropagation();
    }
  }, { capture: true });
}
document.addEventListener("htmx:xhr:progress", (event) => {
  const bar = event.target.closest?.("form")?.querySelector("[data-upload-progress]");
  if (!bar || !event.detail.lengthComputable) return;
  bar.hidden = false;
  bar.value = Math.round((100 * event.detail.loaded) / event.detail.total);
});
