/* A field for a supplier's code, input[data-gs1]. Scanners send the group separator as Ctrl+], which a browser would
   drop: it is kept as a visible sign. The form's `means` says whether the signs came at a scanner's pace. */
const PACE = 35; // ms a sign on average; people need longer

for (const field of document.querySelectorAll("input[data-gs1]")) {
  const means = field.form?.elements.means;
  let began = 0;
  let count = 0;
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === "Shift" || event.key === "Control") return;
    if (field.value === "" || count === 0) {
      began = event.timeStamp;
      count = 0;
    }
    count += 1;
    if (event.ctrlKey && (event.key === "]" || event.code === "BracketRight")) {
      event.preventDefault();
      const at = field.selectionStart ?? field.value.length;
      field.setRangeText("␝", at, field.selectionEnd ?? at, "end");
    }
    const quick = (event.timeStamp - began) / Math.max(1, count - 1) <= PACE;
    if (means) means.value = quick && count > 1 ? "scanned" : "typed";
  });
  field.addEventListener("paste", () => {
    if (means) means.value = "typed";
  });
}
