/** Reports of pool-merge as text for people. Pure: report in, lines out. */
import type { MergeReport, PlanReport, TargetReport } from '../src/index.ts';
import { formatBytes, formatCount, printable } from './text-pieces.ts';
import { tableLines } from './text-table.ts';

/** Objects listed without --verbose; more are summed up. */
const LISTED_TARGETS = 40;
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
