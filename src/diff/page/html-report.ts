/**
 * A report as one page that opens from disk: no network, no files beside it. It is made piece by piece; histograms are read
 * again from the compared files when their piece is made, one pair at a time. Equal reports of equal files give equal pages.
 */
import { createHash } from 'node:crypto';
import { UsageError } from '../../errors.ts';
import { readPackageFile } from '../../io/bytes/package-file.ts';
import type { DiffReport, ObjectComparison } from '../diff-report.ts';
import INTERACTIVE_SCRIPT from './browser/interactive.js?raw';
import PAGE_STYLE from './browser/page.css?raw';
import PAGE_SCRIPT from './browser/page.js?raw';
import { CardPlotter } from './card-plots.ts';
import { countText, escaped } from './markup.ts';
import { objectCard, type CardSettings } from './object-card.ts';
import { bySeverity, hasDetails } from './object-order.ts';
import { overviewTable, pageHead } from './overview.ts';
import { PlotBudget } from './plot-budget.ts';
import { sideNames } from './plot-files.ts';

/** JSROOT's painters for one and two dimensions (MIT licence), as scripts/build.mjs copies them. */
const DRAWING_LIBRARY = 'dist/vendor/jsroot-hist2d.min.js';
/** Most drawings of a page unless told otherwise. */
export const DEFAULT_MAX_PLOTS = 200;
/** Most objects that are shown in full. */
const MAX_CARDS = 1000;

/** How a page is made. */
export interface HtmlOptions {
  /** Drawings of histograms and distributions; default 200. What is beyond is said in the page. */
  maxPlots?: number;
  /** Embeds JSROOT and the bins, so that histograms of one and two dimensions can be zoomed and read off; 0.6 MB more. Default false. */
  interactive?: boolean;
}

/**
 * The page in pieces. The files of the report are read again where histograms differ; one that cannot be read is said so in its place.
 * Distributions are drawn where the report has them (`DiffOptions.distributions`).
 * @throws UsageError for a number of plots that is none
 */
export function* htmlReport(report: DiffReport, options: HtmlOptions = {}): Generator<string> {
  const { maxPlots = DEFAULT_MAX_PLOTS, interactive = false } = options;
  if (!Number.isSafeInteger(maxPlots) || maxPlots < 0) {
    throw new UsageError(`maxPlots must be a whole number of 0 or more, not ${maxPlots}`);
  }
  const scripts = interactive
    ? [embeddable(Buffer.from(readPackageFile(DRAWING_LIBRARY)).toString()), PAGE_SCRIPT, INTERACTIVE_SCRIPT]
    : [PAGE_SCRIPT];
  const sorted = bySeverity(report.objects);
  const detailed = sorted.filter(hasDetails);
  const ids = new Map(detailed.slice(0, MAX_CARDS).map((object, i): [ObjectComparison, string] => [object, `object-${i + 1}`]));
  yield documentHead(report, scripts, interactive);
  yield pageHead(report, sideNames(report));
  yield '<main>\n';
  yield* overviewTable(report.kind, sorted, (object) => ids.get(object));
  yield* cards(report, ids, maxPlots, interactive);
  if (detailed.length > ids.size) {
    yield `<p class="note">The ${countText(ids.size)} worst of ${countText(detailed.length)} objects are shown in full.</p>\n`;
  }
  yield '</main>\n<footer>Made by pool-diff.</footer>\n';
  for (const script of scripts) yield `<script>${script}</script>\n`;
  yield '</body></html>\n';
}

/** Nothing may be fetched, and no script or style may run but those of the page, which are known by their hashes. */
function documentHead({ left, right, kind }: DiffReport, scripts: readonly string[], interactive: boolean): string {
  const title = kind === 'merge' ? `${left} and its inputs` : `${left} and ${right.join()}`;
  const styles = interactive ? "'unsafe-inline'" : hashSource(PAGE_STYLE);
  const policy = [
    "default-src 'none'",
    'img-src data:',
    `style-src ${styles}`,
    `script-src ${scripts.map(hashSource).join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return [
    '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer">',
    `<title>pool-diff: ${escaped(title)}</title><link rel="icon" href="data:,"><style>${PAGE_STYLE}</style></head><body>\n`,
  ].join('');
}

function hashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** Code in which no string ends the script element it stands in. */
function embeddable(code: string): string {
  return code.replaceAll(/<(?=\/script|!--)/gi, '<\\');
}

function* cards(
  report: DiffReport,
  ids: ReadonlyMap<ObjectComparison, string>,
  maxPlots: number,
  isInteractive: boolean,
): Generator<string> {
  const settings: CardSettings = { kind: report.kind, budget: new PlotBudget(maxPlots) };
  using plotter = new CardPlotter(report, settings.budget, isInteractive);
  for (const [object, id] of ids) yield objectCard(object, id, plotter.plotsOf(object), settings);
}
