/** The top of a page: what was compared, what came of it, and the table of all objects. */
import type { DiffReport, ObjectComparison, Verdict } from '../diff-report.ts';
import { breakable, countOf, countText, escaped } from './markup.ts';
import { compatibilityText } from './object-card.ts';
import { countsBySeverity } from './object-order.ts';
import type { SideNames } from './plot-files.ts';

/** Most rows of the table. */
const MAX_ROWS = 5000;
/** Longest first difference in the table, characters. */
const MAX_FIRST = 160;
/** Inputs of a merge that are listed without a click. */
const MAX_OPEN_INPUTS = 3;

/** What verdicts mean for objects that are missing as a whole. */
const MISSING: Partial<Record<Verdict, string>> = {
  lost: 'not in the merged file',
  added: 'in no input',
  'only-left': 'not in the right file',
  'only-right': 'not in the left file',
};

/** Headline, files and counts; the counts are switches of the page's script. */
export function pageHead(report: DiffReport, names: SideNames): string {
  const { kind, objects, counts } = report;
  const [outcome, looks] = outcomeOf(report);
  const chips = countsBySeverity(counts).map(
    ([verdict, count]) =>
      `<li><button type="button" class="chip ${verdict}" data-verdict="${verdict}" aria-pressed="true"><b>${countText(count)}</b> ${verdict}</button></li>`,
  );
  return [
    `<header class="top"><h1>pool-diff · ${kind === 'merge' ? 'a merged file and its inputs' : 'two files'}</h1>`,
    `<p class="outcome ${looks}">${outcome}</p>`,
    `<dl class="sides">${sides(report)}</dl>`,
    `<p class="facts">${countOf(objects.length, 'object')}. In drawings: <span class="key of-reference"></span>${escaped(names.reference)}, <span class="key of-test"></span>${escaped(names.test)}. `,
    'Ratio: the second over the first. Pull: their difference over the errors of both added in quadrature. Bins that differ are marked.</p>',
    `<ul class="chips">${chips.join('')}</ul>`,
    '<div class="tools"><input id="filter" type="search" placeholder="Filter by path, class or verdict ( / )" aria-label="Filter by path, class or verdict"><output id="shown"></output>',
    '<label><input id="log" type="checkbox"> log scale</label></div></header>\n',
  ].join('');
}

function outcomeOf({ kind, isSame, counts }: DiffReport): [text: string, looks: string] {
  if (!isSame) return [kind === 'merge' ? 'The merge is wrong' : 'The files differ', 'bad'];
  if ((counts.unjudged ?? 0) > 0) return ['Nothing differs in what could be compared', 'idle'];
  if ((counts.compatible ?? 0) > 0) return ['The files are compatible', 'good'];
  return [kind === 'merge' ? 'The merge is right' : 'The files are the same', 'good'];
}

function sides({ kind, left, right }: DiffReport): string {
  const entry = (name: string, value: string): string => `<dt>${name}</dt><dd>${value}</dd>`;
  if (kind === 'files') return entry('left', breakable(left)) + entry('right', breakable(right[0] ?? ''));
  const inputs = right.map(breakable).join('<br>');
  return (
    entry('merged', breakable(left)) +
    entry(
      'inputs',
      right.length <= MAX_OPEN_INPUTS ? inputs : `<details><summary>${countOf(right.length, 'file')}</summary>${inputs}</details>`,
    )
  );
}

/** The table; `idOf`: anchor of an object's card, undefined where it has none. */
export function* overviewTable(
  kind: DiffReport['kind'],
  sorted: readonly ObjectComparison[],
  idOf: (object: ObjectComparison) => string | undefined,
): Generator<string> {
  const hasTests = sorted.some(({ compatibility }) => compatibility !== undefined);
  yield `<div class="overview"><table><thead><tr><th scope="col">verdict</th><th scope="col">object</th><th scope="col" class="kind">class</th><th scope="col">differences</th>${hasTests ? '<th scope="col">test</th>' : ''}<th scope="col" class="first">first of them</th></tr></thead><tbody>\n`;
  for (const object of sorted.slice(0, MAX_ROWS)) yield tableRow(kind, object, idOf(object), hasTests);
  yield '</tbody></table></div>\n';
  if (sorted.length > MAX_ROWS) {
    yield `<p class="note">The table shows the first ${countText(MAX_ROWS)} of ${countText(sorted.length)} objects; <code>--json</code> has all.</p>\n`;
  }
}

function tableRow(kind: DiffReport['kind'], object: ObjectComparison, id: string | undefined, hasTests: boolean): string {
  const { path, className, verdict, differenceCount, differences, notes } = object;
  const [first] = differences;
  const text =
    first === undefined
      ? (notes[0] ?? MISSING[verdict] ?? '')
      : `${first.at}: ${first.left}${kind === 'merge' ? ', expected' : ' →'} ${first.right}`;
  return [
    `<tr data-verdict="${verdict}" data-text="${escaped(`${path} ${className} ${verdict}`.toLowerCase())}"><td><span class="badge ${verdict}">${verdict}</span></td>`,
    `<th scope="row">${id === undefined ? breakable(path) : `<a href="#${id}">${breakable(path)}</a>`}</th><td class="kind">${escaped(className)}</td>`,
    `<td class="count">${differenceCount > 0 ? countText(differenceCount) : ''}</td>${hasTests ? `<td>${escaped(compatibilityText(object).join())}</td>` : ''}`,
    `<td class="first">${escaped(text.length > MAX_FIRST ? `${text.slice(0, MAX_FIRST)}…` : text)}</td></tr>\n`,
  ].join('');
}
