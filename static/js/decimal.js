/* Numbers as people type them, read the way the server reads them, on digits and never on floats.
   A number is {sign, digits, places}: "1.20" is digits "120", places 2. */

const PLAIN = /^([+-]?)(\d*)(?:\.(\d*))?$/;
const FACTOR = /^(.*?)(?:[eE]([+-]?\d{1,2})|[×x*]10\^?([+-]?\d{1,2}))$/;
const SCALE = { 万: 4, 亿: 8, k: 3, K: 3, M: 6 };

function shifted(number, power) {
  const places = number.places - power;
  if (places >= 0) return { ...number, places };
  return { ...number, digits: number.digits + "0".repeat(-places), places: 0 };
}

/** {number} or {ask: [a, b]} or {refused: 'two-marks' | 'not-a-number'}; null for an empty field. */
export function parse(raw) {
  let text = raw.normalize("NFKC").replace(/[\s\u2009\u202f]/g, "").replace(/[\u2212\u2013]/g, "-").replace(/。/g, ".");
  if (text === "") return null;
  let power = 0;
  const factor = text.match(FACTOR);
  if (factor) {
    text = factor[1];
    power = Number(factor[2] ?? factor[3]);
  } else if (text.at(-1) in SCALE) {
    power = SCALE[text.at(-1)];
    text = text.slice(0, -1);
  }
  const marks = text.replace(/[^.,]/g, "");
  if (marks.length > 1) return { refused: "two-marks" };
  if (marks === "," && power === 0 && /^[+-]?[1-9]\d{0,2},\d{3}$/.test(text)) {
    return { ask: [text.replace(",", "."), text.replace(",", "")] };
  }
  const found = text.replace(",", ".").match(PLAIN);
  if (!found || (found[2] + (found[3] ?? "")) === "") return { refused: "not-a-number" };
  const digits = (found[2] || "0") + (found[3] ?? "");
  return { number: shifted({ sign: found[1] === "-" ? -1n : 1n, digits, places: (found[3] ?? "").length }, power) };
}

function scaled(number, places) {
  const whole = BigInt(number.digits);
  return number.sign * whole * 10n ** BigInt(Math.max(0, places - number.places));
}

/** The value rounded half-up (away from zero) to `places`, as {sign, digits, places}. */
export function rounded(number, places) {
  if (number.places <= places) {
    return { sign: number.sign, digits: number.digits + "0".repeat(places - number.places), places };
  }
  const unit = 10n ** BigInt(number.places - places);
  return { sign: number.sign, digits: String((BigInt(number.digits) + unit / 2n) / unit), places };
}

/** -1, 0 or 1. */
export function compare(a, b) {
  const places = Math.max(a.places, b.places);
  const difference = scaled(a, places) - scaled(b, places);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** |a − b| as a plain string. */
export function distance(a, b) {
  const places = Math.max(a.places, b.places);
  const difference = scaled(a, places) - scaled(b, places);
  return plain({ sign: 1n, digits: String(difference < 0n ? -difference : difference), places });
}

/** Plain digits with a leading zero; thousands apart by thin spaces. */
export function plain(number) {
  const digits = number.digits.replace(/^0+(?=\d)/, "").padStart(number.places + 1, "0");
  const whole = digits.slice(0, digits.length - number.places) || "0";
  const part = number.places ? `.${digits.slice(-number.places)}` : "";
  const grouped = whole.length > 4 ? whole.replace(/\B(?=(\d{3})+$)/g, "\u2009") : whole;
  return (number.sign < 0n && /[1-9]/.test(digits) ? "\u2212" : "") + grouped + part;
}
