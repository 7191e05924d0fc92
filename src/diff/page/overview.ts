/** The top of a page: what was compared, what came of it, and the table of all objects. */
import type { DiffReport, ObjectComparison, Verdict } from '../diff-report.ts';
import { breakable, countOf, countText, escaped } from './markup.ts';
import { badge, compatibilityText, searchText } from './object-card.ts';
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
  const chips = countsBySeverity(counts).map(([verdict, count]) => chip(verdict, count));
  return [
    `<header class="top"><h1>pool-diff · ${kind === 'merge' ? 'a merged file and its inputs' : 'two files'}</h1>`,
    `<p class="outcome ${looks}">${outcome}</p>`,
    `<dl class="sides">${sides(report)}</dl>`,
    `<p class="facts">${countOf(objects.length, 'object')}. In drawings: `,
    `<span class="key of-reference"></span>${escaped(names.reference)}, <span class="key of-test"></span>${escaped(names.test)}. `,
    'Ratio: the second over the first. Pull: their difference over the errors of both added in quadrature. Bins that differ are marked.</p>',
    `<ul class="chips">${chips.join('')}</ul>`,
    '<div class="tools">',
    '<input id="filter" type="search" placeholder="Filter by path, class or verdict ( / )" aria-label="Filter by path, class or verdict">',
    '<output id="shown"></output>',
    '<label><input id="log" type="checkbox"> log scale</label></div></header>\n',
  ].join('');
}

/** The count of a verdict, which switches its objects on and off. */
function chip(verdict: Verdict, count: number): string {
  const label = `<b>${countText(count)}</b> ${verdict}`;
  return `<li><button type="button" class="chip ${verdict}" data-verdict="${verdict}" aria-pressed="true">${label}</button></li>`;
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
  const files = right.map(breakable).join('<br>');
  const inputs = right.length <= MAX_OPEN_INPUTS ? files : `<details><summary>${countOf(right.length, 'file')}</summary>${files}</details>`;
  return entry('merged', breakable(left)) + entry('inputs', inputs);
}

/** The table; `idOf`: anchor of an object's card, undefined where it has none. */
export function* overviewTable(
  kind: DiffReport['kind'],
  sorted: readonly ObjectComparison[],
  idOf: (object: ObjectComparison) => string | undefined,
): Generator<string> {
  const hasTests = sorted.some(({ compatibility }) => compatibility !== undefined);
  yield '<div class="overview"><table><thead><tr><th scope="col">verdict</th><th scope="col">object</th><th scope="col" class="kind">class</th>';
  yield `<th scope="col">differences</th>${hasTests ? '<th scope="col">test</th>' : ''}<th scope="col" class="first">first of them</th>`;
  yield '</tr></thead><tbody>\n';
  for (const object of sorted.slice(0, MAX_ROWS)) yield tableRow(kind, object, idOf(object), hasTests);
  yield '</tbody></table></div>\n';
  if (sorted.length > MAX_ROWS) {
    const shown = `${countText(MAX_ROWS)} of ${countText(sorted.length)} objects`;
    yield `<p class="note">The table shows the first ${shown}; <code>--json</code> has all.</p>\n`;
  }
}

function tableRow(kind: DiffReport['kind'], object: ObjectComparison, id: string | undefined, hasTests: boolean): string {
  const { path, className, verdict, differenceCount } = object;
  const name = id === undefined ? breakable(path) : `<a href="#${id}">${breakable(path)}</a>`;
  const first = firstDifference(kind, object);
  return [
    `<tr data-verdict="${verdict}" data-text="${searchText(object)}"><td>${badge(verdict)}</td>`,
    `<th scope="row">${name}</th><td class="kind">${escaped(className)}</td>`,
    `<td class="count">${differenceCount > 0 ? countText(differenceCount) : ''}</td>`,
    hasTests ? `<td>${escaped(compatibilityText(object).join())}</td>` : '',
    `<td class="first">${escaped(first.length > MAX_FIRST ? `${first.slice(0, MAX_FIRST)}…` : first)}</td></tr>\n`,
  ].join('');
}

/** The first difference in a line; what there is to say without one. */
function firstDifference(kind: DiffReport['kind'], { verdict, differences: [first], notes }: ObjectComparison): string {
  if (first === undefined) return notes[0] ?? MISSING[verdict] ?? '';
  return `${first.at}: ${first.left}${kind === 'merge' ? ', expected' : ' →'} ${first.right}`;
}
