/** One object of a report in full: drawings, differences, distributions, notes. */
import type { ObjectComparison, Verdict } from '../diff-report.ts';
import type { Difference } from '../object/difference-place.ts';
import type { Distribution } from '../object/distribution.ts';
import type { CardPlots } from './card-plots.ts';
import { distributionFigure } from './distribution-figure.ts';
import { breakable, countOf, countText, escaped, numberText } from './markup.ts';
import type { PlotBudget } from './plot-budget.ts';
import { htmlTitle } from './root-text.ts';

/** What cards need to know of the report. */
export interface CardSettings {
  kind: 'files' | 'merge';
  /** For how many more drawings there is room. */
  budget: PlotBudget;
}

/** A section with the anchor `id`. */
export function objectCard(object: ObjectComparison, id: string, plots: CardPlots, settings: CardSettings): string {
  const { path, className, verdict, differenceCount, notes } = object;
  const facts = [
    className,
    ...(differenceCount > 0 ? [countOf(differenceCount, 'difference')] : []),
    ...compatibilityText(object),
    ...(object.compatibility === undefined ? [] : [object.compatibility.detail]),
  ];
  const title = plots.title === '' ? '' : ` · <q>${htmlTitle(plots.title)}</q>`;
  return [
    `<section class="card" id="${id}" data-verdict="${verdict}" data-text="${searchText(object)}">`,
    `<h2>${badge(verdict)} <a href="#${id}">${breakable(path)}</a></h2>`,
    `<p class="facts">${facts.map(escaped).join(' · ')}${title}</p>`,
    plotsBlock(plots),
    ...distributionBlocks(object, settings),
    differencesTable(object, settings.kind, plots.figures.length === 0 && (object.distributions ?? []).length === 0),
    [...plots.notes, ...notes].map((note) => `<p class="note">${escaped(note)}</p>`).join(''),
    '</section>\n',
  ].join('');
}

/** What the filter of the page looks through. */
export function searchText({ path, className, verdict }: ObjectComparison): string {
  return escaped(`${path} ${className} ${verdict}`.toLowerCase());
}

/** A verdict in its colour. */
export function badge(verdict: Verdict): string {
  return `<span class="badge ${verdict}">${verdict}</span>`;
}

function plotsBlock({ figures, statistics, data }: CardPlots): string {
  if (figures.length === 0) return '';
  const drawings = `<div class="figures">${figures.map((figure) => `<figure>${figure}</figure>`).join('')}</div>`;
  return `<div class="plots"${data === undefined ? '' : ' data-interactive'}>${drawings}${statistics}${data ?? ''}</div>`;
}

/** The p-value of a statistical test; nothing where none was made. */
export function compatibilityText({ compatibility }: ObjectComparison): string[] {
  return compatibility === undefined ? [] : [`${compatibility.test} p = ${numberText(compatibility.pValue)}`];
}

/** Folded where drawings say more. */
function differencesTable({ differences, differenceCount: count }: ObjectComparison, kind: CardSettings['kind'], isOpen: boolean): string {
  if (differences.length === 0) return '';
  const sides = kind === 'merge' ? ['merged file has', 'expected'] : ['left', 'right'];
  const table = tableOf(['where', ...sides], differences);
  const omitted = count - differences.length;
  const summary = `${omitted > 0 ? `First ${differences.length} of ` : ''}${countOf(count, 'difference')}`;
  const more = omitted > 0 ? `<p class="note">… and ${countText(omitted)} more (<code>--max-diffs</code>)</p>` : '';
  return `<details class="list"${isOpen ? ' open' : ''}><summary>${summary}</summary>${table}${more}</details>`;
}

/** A table of differences; it scrolls by itself where it is wider than the page. */
function tableOf(head: readonly string[], differences: readonly Difference[]): string {
  const names = head.map((name) => `<th scope="col">${name}</th>`).join('');
  const rows = differences.map(
    ({ at, left, right }) => `<tr><th scope="row">${breakable(at)}</th><td>${escaped(left)}</td><td>${escaped(right)}</td></tr>`,
  );
  return `<div class="wide"><table class="differences"><thead><tr>${names}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

/** Distributions of differences, the largest first; those beyond the number of drawings as numbers only. */
function distributionBlocks({ distributions = [], distributionsOmitted = 0 }: ObjectComparison, settings: CardSettings): string[] {
  if (distributions.length === 0) return [];
  const sorted = distributions.toSorted((a, b) => b.entryCount - a.entryCount);
  return [
    `<h3>${countOf(distributions.length, 'branch, field or array', 'branches, fields or arrays')} with differences</h3>`,
    '<div class="distributions">',
    ...sorted.map((distribution) => distributionBlock(distribution, settings)),
    '</div>',
    distributionsOmitted === 0
      ? ''
      : `<p class="note">… and ${countText(distributionsOmitted)} more, for which there is no room (<code>--max-plots</code>)</p>`,
  ];
}

function distributionBlock(distribution: Distribution, { kind, budget }: CardSettings): string {
  const { name, entryCount, valueCount, first } = distribution;
  const isMerge = kind === 'merge';
  const title = isMerge ? 'merged − expected' : 'right − left';
  const isDrawn = valueCount > 0 && budget.take(1) === 1;
  const count = countOf(entryCount, 'entry differs', 'entries differ');
  const entries = first.map((each) => ({ ...each, at: each.at.startsWith(name) ? each.at.slice(name.length) : each.at }));
  return [
    `<div class="distribution"><div><h4>${breakable(name)}</h4>`,
    `<p class="facts">${count}${valueCount > 0 ? ` · ${title}: ${moments(distribution, isMerge)}` : ''}</p>`,
    isDrawn ? `<figure>${distributionFigure(distribution, title, isMerge)}</figure>` : '',
    valueCount > 0 && !isDrawn ? '<p class="note">Not drawn: there are more drawings than <code>--max-plots</code> allows.</p>' : '',
    `</div>${tableOf(['entry', ...(isMerge ? ['merged', 'expected'] : ['left', 'right'])], entries)}</div>`,
  ].join('');
}

function moments({ mean, rms, min, max }: Distribution, isNegated: boolean): string {
  const [low, high] = isNegated ? [-max, -min] : [min, max];
  return `mean ${numberText(isNegated ? -mean : mean)}, RMS ${numberText(rms)}, from ${numberText(low)} to ${numberText(high)}`;
}
