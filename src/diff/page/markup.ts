/** Text and numbers as they may stand in a page. Everything that comes from a file goes through `escaped`. */

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
/** Control characters, marks that turn the direction of text, and lone halves of surrogate pairs: they would hide what a name is. */
const HIDDEN = /[\p{Cc}\p{Cs}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;
const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';
/** Numbers from here on, and below the inverse, are written with a power of ten. */
const LARGE_EXPONENT = 6;
const SMALL_EXPONENT = -4;

/** Text in which characters that cannot be seen are written as `\u{…}`. */
export function visible(text: string): string {
  return text.replaceAll(HIDDEN, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`);
}

/** Visible text for an element or a quoted attribute. */
export function escaped(text: string): string {
  return visible(text).replaceAll(/[&<>"']/g, (c) => ENTITIES[c] ?? c);
}

/** Text whose lines may break behind the separators of paths. */
export function breakable(text: string): string {
  return escaped(text).replaceAll(/[/._]/g, '$&<wbr>');
}

/** A count with thin spaces between groups of three digits. */
export function countText(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, '\u202f');
}

/** `1 object`, `2 objects`; `things`: the plural where it is formed otherwise. */
export function countOf(count: number, thing: string, things = `${thing}s`): string {
  return `${countText(count)} ${count === 1 ? thing : things}`;
}

/** A number with at most `digits` significant digits: `0.25`, `1.2×10⁻⁹`, `−3`. */
export function numberText(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return String(value);
  const [mantissa = '0', power = '0'] = value.toExponential(digits - 1).split('e');
  const exponent = Number(power);
  if (value !== 0 && (exponent >= LARGE_EXPONENT || exponent < SMALL_EXPONENT)) {
    return `${signed(trimmed(mantissa))}×10${superscript(exponent)}`.replace(/^(−?)1×/, '$1');
  }
  return signed(trimmed(value.toFixed(Math.max(0, digits - 1 - exponent))));
}

function trimmed(decimal: string): string {
  return decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal;
}

/** The minus of a number is a minus, not a hyphen. */
function signed(decimal: string): string {
  return decimal.replace(/^-/, '−');
}

function superscript(exponent: number): string {
  return (exponent < 0 ? '⁻' : '') + String(Math.abs(exponent)).replaceAll(/\d/g, (digit) => SUPERSCRIPTS[Number(digit)] ?? '');
}

/** The first characters of a text, with an ellipsis for the others. */
export function shortened(text: string, length: number): string {
  const characters = Array.from(text);
  return characters.length > length ? `${characters.slice(0, length - 1).join('')}…` : text;
}
