/* A long batch page: the index of stages shows the current one, and a link to a folded stage opens it. Without this module
   the link still leads to the stage's line. Hooks: .b-index, details.b-fold. */

function unfold() {
  const id = decodeURIComponent(location.hash.slice(1));
  for (let place = id && document.getElementById(id); place; place = place.parentElement) {
    if (place instanceof HTMLDetailsElement && place.matches(".b-fold")) place.open = true;
  }
  if (id) document.getElementById(id)?.scrollIntoView();
}

const index = document.querySelector(".b-index");
const current = index?.querySelector("[aria-current]");
if (current) {
  index.scrollTop = current.offsetTop - index.clientHeight / 2;
  index.scrollLeft = current.offsetLeft - index.clientWidth / 2;
}
if (index) {
  addEventListener("hashchange", unfold);
  index.addEventListener("click", (event) => {
    if (event.target.closest("a")?.hash === location.hash) unfold(); // the same link again fires no hashchange
  });
  if (location.hash) unfold();
}
