/** Reports of pool-diff as text for people and as JUnit XML for machines. Pure: report in, lines out. */
import type { DiffReport, ObjectComparison, Verdict } from '../src/index.ts';
import { formatCount, printable } from './text-pieces.ts';

const GOOD: ReadonlySet<Verdict> = new Set(['same', 'compatible', 'right']);
/** Objects listed without --verbose. */
const LISTED_OBJECTS = 100;

/** Objects that differ with their first differences, then one line of counts. `verbose`: every object and note. */
export function diffText(report: DiffReport, seconds: number, verbose: boolean): string {
  const shown = report.objects.filter(({ verdict }) => verbose || !GOOD.has(verdict));
  const listed = verbose ? shown : shown.slice(0, LISTED_OBJECTS);
  const lines = listed.flatMap((object) => objectLines(object, report.kind, verbose));
  if (shown.length > listed.length) lines.push(`... and ${formatCount(shown.length - listed.length, 'more object')} (--verbose lists all)`);
  if (!verbose) lines.push(...leftOutLines(report.objects.filter((object) => !listed.includes(object))));
  return [...lines, summaryLine(report, seconds)].map(printable).join('\n');
}

function objectLines(object: ObjectComparison, kind: DiffReport['kind'], verbose: boolean): string[] {
  const { path, className, verdict, differenceCount, differences, notes } = object;
  const count = differenceCount > 0 ? `: ${formatCount(differenceCount, 'difference')}` : testText(object);
  const [left, right] = kind === 'merge' ? ['has', 'expected'] : ['left', 'right'];
  const lines = [`${verdict.padEnd(10)}  ${path} (${className})${count}`];
  for (const each of differences) lines.push(`              ${each.at}: ${left} ${each.left}, ${right} ${each.right}`);
  if (differenceCount > differences.length) lines.push(`              ... and ${differenceCount - differences.length} more`);
  if (verbose || !GOOD.has(verdict)) lines.push(...notes.map((note) => `              ${note}`));
  return lines;
}

/** What a statistical test said of an object; empty without one. */
function testText({ compatibility }: ObjectComparison): string {
  if (compatibility === undefined) return '';
  const { test, pValue, threshold, detail } = compatibility;
  return `: ${test} p = ${Number(pValue.toPrecision(4))}${pValue >= threshold ? '' : `, below ${threshold}`}; ${detail}`;
}

/** What was left out or not counted is said even of objects that are right. */
const LEFT_OUT = /^left out|^only entries|not counted/;

function leftOutLines(objects: readonly ObjectComparison[]): string[] {
  const lines = objects.flatMap(({ path, notes }) => notes.filter((note) => LEFT_OUT.test(note)).map((note) => `${path}: ${note}`));
  return lines.length > LISTED_OBJECTS
    ? [...lines.slice(0, LISTED_OBJECTS), `... and ${lines.length - LISTED_OBJECTS} more notes (--verbose lists all)`]
    : lines;
}

function summaryLine(report: DiffReport, seconds: number): string {
  const { kind, left, right, counts, objects } = report;
  const against = kind === 'merge' ? `${formatCount(right.length, 'input')}` : right.join();
  const parts = Object.entries(counts).map(([verdict, count]) => `${count} ${verdict}`);
  const verdicts = parts.length > 0 ? ` (${parts.join(', ')})` : '';
  return `${left} against ${against}: ${overallVerdict(report)}; ${formatCount(objects.length, 'object')}${verdicts}; ${seconds.toFixed(2)} s`;
}

function overallVerdict({ kind, isSame, counts, objects }: DiffReport): string {
  if (!isSame) return kind === 'merge' ? 'WRONG' : 'DIFFERENT';
  if (objects.some(({ verdict }) => verdict === 'unjudged')) return 'nothing differs in what could be compared';
  if (kind === 'merge') return 'right';
  return counts.compatible === undefined ? 'same' : 'compatible';
}

/** A test suite with a case per object: differences are failures, what could not be compared is skipped. */
export function junitXml(report: DiffReport): string {
  const failures = report.objects.filter(({ verdict }) => !GOOD.has(verdict) && verdict !== 'unjudged').length;
  const skipped = report.objects.filter(({ verdict }) => verdict === 'unjudged').length;
  const head = `<testsuite name="${escaped(`pool-diff ${report.left}`)}" tests="${report.objects.length}" failures="${failures}" skipped="${skipped}">`;
  return ['<?xml version="1.0" encoding="UTF-8"?>', head, ...report.objects.map((object) => testCase(object)), '</testsuite>', ''].join(
    '\n',
  );
}

function testCase(object: ObjectComparison): string {
  const { path, className, verdict, differenceCount, differences, notes } = object;
  const open = `  <testcase classname="${escaped(className)}" name="${escaped(path)}"`;
  const tested = testText(object).slice(2);
  if (GOOD.has(verdict)) return tested === '' ? `${open}/>` : `${open}><system-out>${escaped(tested)}</system-out></testcase>`;
  if (tested !== '') return `${open}><failure message="${escaped(`${verdict}: ${tested}`)}"></failure></testcase>`;
  if (verdict === 'unjudged') return `${open}><skipped message="${escaped(notes.join('; '))}"/></testcase>`;
  const text = differences.map(({ at, left, right }) => `${at}: ${left} | ${right}`).join('\n');
  return `${open}><failure message="${escaped(`${verdict}: ${differenceCount} differences`)}">${escaped(text)}</failure></testcase>`;
}

function escaped(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  // oxlint-disable-next-line no-control-regex -- XML has no control characters
  return text.replaceAll(/[&<>"]/g, (c) => entities[c] ?? c).replaceAll(/[\u0000-\u0008\u000b-\u001f\ufffe\uffff]/g, '\ufffd');
}
