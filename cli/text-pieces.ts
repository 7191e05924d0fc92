/** Pieces of text that several tools print: sizes, counts, warnings and errors, names that are safe for a terminal. */
import { styleText } from 'node:util';
import type { Diagnostic } from '../src/index.ts';

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Bytes in decimal units: `1.2 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) [value, unit] = [value / 1000, unit + 1];
  const digits = unit === 0 || value >= 99.5 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** `1 file`, `2 files`; counts with thousands separated. */
export function formatCount(count: number, noun: string): string {
  return `${String(count).replaceAll(/\B(?=(\d{3})+$)/g, ' ')} ${count === 1 ? noun : pluralOf(noun)}`;
}

function pluralOf(noun: string): string {
  if (/[^aeiou]y$/.test(noun)) return `${noun.slice(0, -1)}ies`;
  return noun.endsWith('ch') ? `${noun}es` : `${noun}s`;
}

/** Names of objects come from files: control characters must not reach the terminal. */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** The same line by line: line breaks stay. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/** A warning as one line. */
export function warningLine(diagnostic: Diagnostic): string {
  const where = [diagnostic.file, diagnostic.path].filter((part) => part !== undefined && part !== '');
  return paint('yellow', `warning: ${printable([...where, diagnostic.message].join(': '))}`);
}

/** An error as it is told: every line printable, the first one marked. */
export function errorText(message: string): string {
  return `${paint('red', 'error:')} ${printableLines(message)}`;
}

/** A failure that did not end the run, told like an error: the last lines of a log may follow. */
export function failureText(message: string): string {
  return `${paint('yellow', 'warning:')} ${printableLines(message)}`;
}

/** Colour on a terminal that wants it (NO_COLOR and redirections are honoured). */
function paint(colour: 'red' | 'yellow', text: string): string {
  return process.stderr.isTTY ? styleText(colour, text) : text;
}
