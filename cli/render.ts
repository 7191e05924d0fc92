/** Reports as text for people. Pure: report in, lines out. */
import { styleText } from 'node:util';
import type { Diagnostic, MergeReport, PlanReport, TargetReport } from '../src/index.ts';
import { tableLines } from './text-table.ts';

/** Objects listed without --verbose; more are summed up. */
const LISTED_TARGETS = 40;
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

/** One line that says what a merge did. */
export function mergeSummary(report: MergeReport, seconds: number): string {
  const { totals, output } = report;
  const skipped = report.inputs.filter((input) => input.status === 'skipped').length;
  const parts = [
    `${formatCount(totals.inputs, 'file')} (${formatBytes(totals.inputBytes)}) merged into ${output.path} (${formatBytes(output.sizeBytes)})`,
    ...(output.fid === undefined ? [] : [`FID ${output.fid}`]),
    contents(report),
    ...(skipped > 0 ? [`${formatCount(skipped, 'input')} skipped`] : []),
    report.verified.level === 'none' ? 'not verified' : `verified (${report.verified.level})`,
    `${seconds.toFixed(seconds < 10 ? 2 : 0)} s`,
  ];
  return parts.join('; ');
}

/** The plan: a table of objects, then what would happen in one line. */
export function planText(report: PlanReport, verbose: boolean): string {
  const { totals, conflicts } = report;
  const verdict =
    conflicts.length > 0 ? `${formatCount(conflicts.length, 'conflict')}: this merge would be refused` : 'nothing was written';
  const line = `plan: ${formatCount(totals.inputs, 'file')} (${formatBytes(totals.inputBytes)}); ${contents(report)}; ${verdict}`;
  return [...targetTable(report, verbose), ...conflictLines(report), line].join('\n');
}

/** Rows of objects: all, or the first ones and how many more there are. */
export function targetTable(report: PlanReport | MergeReport, verbose: boolean): string[] {
  const shown = verbose ? report.targets : report.targets.slice(0, LISTED_TARGETS);
  const rows = [['what', 'inputs', 'cycles', 'entries', 'class', 'object'], ...shown.map(targetRow)];
  const lines = tableLines(rows, (column) => column >= 1 && column <= 3);
  const more = report.targets.length - shown.length;
  return more > 0 ? [...lines, `... and ${formatCount(more, 'more object')} (--verbose lists all)`] : lines;
}

function targetRow(target: TargetReport): string[] {
  const entries = target.entries === undefined ? '' : String(target.entries);
  return [target.disposition, String(target.inputs), String(target.cycles), entries, target.className, printable(target.path)];
}

/** Names of objects come from files: control characters must not reach the terminal. */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** How many objects came about how, and how many entries they have. */
export function contents(report: PlanReport | MergeReport): string {
  const { totals } = report;
  const kinds = Object.entries(totals.dispositions).map(([disposition, count]) => `${count} ${disposition}`);
  const entries = totals.entries > 0 ? `, ${formatCount(totals.entries, 'entry')}` : '';
  return `${formatCount(totals.targets, 'object')}${kinds.length > 0 ? ` (${kinds.join(', ')})` : ''}${entries}`;
}

function conflictLines(report: PlanReport): string[] {
  return report.conflicts.map((c) => {
    const file = c.file === '' ? '' : `${c.file}: `;
    return printable(`conflict: ${c.path} (${c.className}): ${file}${c.reason} [${c.code}]`);
  });
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

/** The same line by line: line breaks stay. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/** Colour on a terminal that wants it (NO_COLOR and redirections are honoured). */
function paint(colour: 'red' | 'yellow', text: string): string {
  return process.stderr.isTTY ? styleText(colour, text) : text;
}
