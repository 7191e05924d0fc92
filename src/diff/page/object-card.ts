/** One object of a report in full: drawings, differences, distributions, notes. */
import type { ObjectComparison } from '../diff-report.ts';
import type { Distribution } from '../object/distribution.ts';
import { distributionFigure } from './distribution-figure.ts';
import { breakable, countOf, countText, escaped, numberText } from './markup.ts';
import { htmlTitle } from './root-text.ts';

/** What cards need to know of the report. */
export interface CardSettings {
  kind: 'files' | 'merge';
  /** How many more drawings there may be; counted down. */
  plots: { left: number };
}

/** The drawings of an object, and what is said of them. */
export interface CardPlots {
  /** Elements that are shown as they are. */
  figures: readonly string[];
  /** Title of the object in the files. */
  title: string;
  statistics: string;
  /** Data for interactive drawing; undefined: there is none. */
  data: string | undefined;
  /** Why something is not drawn. */
  notes: readonly string[];
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
  return [
    `<section class="card" id="${id}" data-verdict="${verdict}" data-text="${escaped(`${path} ${className} ${verdict}`.toLowerCase())}">`,
    `<h2><span class="badge ${verdict}">${verdict}</span> <a href="#${id}">${breakable(path)}</a></h2>`,
    `<p class="facts">${facts.map(escaped).join(' · ')}${plots.title === '' ? '' : ` · <q>${htmlTitle(plots.title)}</q>`}</p>`,
    plotsBlock(plots),
    ...distributionBlocks(object, settings),
    differencesTable(object, settings.kind, plots.figures.length === 0 && (object.distributions ?? []).length === 0),
    [...plots.notes, ...notes].map((note) => `<p class="note">${escaped(note)}</p>`).join(''),
    '</section>\n',
  ].join('');
}

function plotsBlock({ figures, statistics, data }: CardPlots): string {
  if (figures.length === 0) return '';
  const drawings = figures.map((figure) => `<figure>${figure}</figure>`).join('');
  return `<div class="plots"${data === undefined ? '' : ' data-interactive'}><div class="figures">${drawings}</div>${statistics}${data ?? ''}</div>`;
}

/** The p-value of a statistical test; nothing where none was made. */
export function compatibilityText({ compatibility }: ObjectComparison): string[] {
  return compatibility === undefined ? [] : [`${compatibility.test} p = ${numberText(compatibility.pValue)}`];
}

/** Folded where drawings say more. */
function differencesTable({ differences, differenceCount: count }: ObjectComparison, kind: CardSettings['kind'], isOpen: boolean): string {
  if (differences.length === 0) return '';
  const [left, right] = kind === 'merge' ? ['merged file has', 'expected'] : ['left', 'right'];
  const rows = differences
    .map(({ at, left: a, right: b }) => `<tr><th scope="row">${breakable(at)}</th><td>${escaped(a)}</td><td>${escaped(b)}</td></tr>`)
    .join('');
  const more =
    count > differences.length ? `<p class="note">… and ${countText(count - differences.length)} more (<code>--max-diffs</code>)</p>` : '';
  const summary = `${count > differences.length ? `First ${differences.length} of ` : ''}${countOf(count, 'difference')}`;
  return `<details class="list"${isOpen ? ' open' : ''}><summary>${summary}</summary>${tableOf(['where', left, right], rows)}${more}</details>`;
}

/** A table of differences; it scrolls by itself where it is wider than the page. */
function tableOf(head: readonly string[], rows: string): string {
  const names = head.map((name) => `<th scope="col">${name}</th>`).join('');
  return `<div class="wide"><table class="differences"><thead><tr>${names}</tr></thead><tbody>${rows}</tbody></table></div>`;
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

function distributionBlock(distribution: Distribution, { kind, plots }: CardSettings): string {
  const { name, entryCount, valueCount, first } = distribution;
  const isMerge = kind === 'merge';
  const title = isMerge ? 'merged − expected' : 'right − left';
  const isDrawn = valueCount > 0 && plots.left > 0;
  if (isDrawn) plots.left--;
  const entries = first
    .map(
      ({ at, left, right }) =>
        `<tr><th scope="row">${breakable(at.startsWith(name) ? at.slice(name.length) : at)}</th><td>${escaped(left)}</td><td>${escaped(right)}</td></tr>`,
    )
    .join('');
  return [
    `<div class="distribution"><div><h4>${breakable(name)}</h4>`,
    `<p class="facts">${countOf(entryCount, 'entry differs', 'entries differ')}${valueCount > 0 ? ` · ${title}: ${moments(distribution, isMerge)}` : ''}</p>`,
    isDrawn ? `<figure>${distributionFigure(distribution, title, isMerge)}</figure>` : '',
    valueCount > 0 && !isDrawn ? '<p class="note">Not drawn: there are more drawings than <code>--max-plots</code> allows.</p>' : '',
    `</div>${tableOf(['entry', ...(isMerge ? ['merged', 'expected'] : ['left', 'right'])], entries)}</div>`,
  ].join('');
}

function moments({ mean, rms, min, max }: Distribution, isNegated: boolean): string {
  const [low, high] = isNegated ? [-max, -min] : [min, max];
  return `mean ${numberText(isNegated ? -mean : mean)}, RMS ${numberText(rms)}, from ${numberText(low)} to ${numberText(high)}`;
}
