/* Tones that mean what the server said, not what the scanner heard. Each differs in rhythm, and each has a visible equal.
   Hooks: an element with data-tone="accepted | duplicate | refused | hard_stop" sounds once when it appears; a `tone`
   event on the document does the same. A hard stop repeats while its element is on the page, and cannot be muted. */

const NOTES = {
  accepted: [[900, 0, 0.08]],
  duplicate: [[1400, 0, 0.02]],
  refused: [[220, 0, 0.25], [220, 0.33, 0.25]],
  hard_stop: [[440, 0, 0.2], [220, 0.25, 0.35]],
  deadline: [[520, 0, 0.1], [520, 0.18, 0.1], [520, 0.36, 0.1]],
};
const SHAKE = { accepted: [60], refused: [120, 60, 120], hard_stop: [400, 120, 400] };

let context = null;
let muted = localStorage.getItem("muted") === "yes";
let alarm = 0;

function wake() {
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume();
}

function play(name) {
  if (SHAKE[name] && navigator.userActivation?.hasBeenActive) navigator.vibrate?.(SHAKE[name]);
  if (!context || (muted && name !== "hard_stop")) return;
  for (const [pitch, from, length] of NOTES[name] ?? []) {
    const at = context.currentTime + from;
    const voice = context.createOscillator();
    const level = context.createGain();
    voice.frequency.value = pitch;
    level.gain.setValueAtTime(0, at);
    level.gain.linearRampToValueAtTime(0.3, at + 0.008);
    level.gain.setValueAtTime(0.3, at + length - 0.008);
    level.gain.linearRampToValueAtTime(0, at + length);
    voice.connect(level).connect(context.destination);
    voice.start(at);
    voice.stop(at + length);
  }
}

function listen() {
  for (const place of document.querySelectorAll("[data-tone]:not([data-played])")) {
    place.dataset.played = "";
    play(place.dataset.tone);
  }
  const stop = document.querySelector('[data-tone="hard_stop"]');
  if (stop && !alarm) alarm = setInterval(() => play("hard_stop"), 1600);
  if (!stop && alarm) {
    clearInterval(alarm);
    alarm = 0;
  }
}

function showSwitch() {
  for (const button of document.querySelectorAll("[data-sound-switch]")) {
    button.setAttribute("aria-pressed", String(!muted));
    for (const sign of button.querySelectorAll("[data-sound]")) sign.hidden = (sign.dataset.sound === "off") !== muted;
  }
}

for (const name of ["pointerdown", "keydown"]) document.addEventListener(name, wake, { capture: true });
document.addEventListener("tone", (event) => play(event.detail));
document.addEventListener("band", (event) => { if (event.detail.band === "stop") play("deadline"); });
document.addEventListener("click", (event) => {
  if (!event.target.closest?.("[data-sound-switch]")) return;
  muted = !muted;
  localStorage.setItem("muted", muted ? "yes" : "no");
  showSwitch();
  play("accepted");
});
new MutationObserver(listen).observe(document.body, { childList: true, subtree: true });
showSwitch();
listen();
