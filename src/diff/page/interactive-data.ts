/** Data of a drawing that JSROOT makes in the browser. */
import type { FullPair } from './histogram-figure.ts';
import { finiteOrZero } from './comparison.ts';
import { visible } from './markup.ts';
import type { SideNames } from './plot-files.ts';
import { areSameAxes, type PlotAxis, type PlotHistogram } from './plot-histogram.ts';
import { plainTitle } from './root-text.ts';

/** Most cells of a histogram whose data a page carries. */
const MAX_CELLS = 40_000;

/** A data block for the script of the page (`browser/interactive.js`), or a note on why there is none. */
export function interactiveData(pair: FullPair, names: SideNames): { data?: string; note?: string } {
  const { reference, test } = pair;
  if (reference.axes.length > 2) return { note: 'Not interactive: three dimensions.' };
  if (!areSameAxes(reference.axes, test.axes)) return { note: 'Not interactive: the axes differ.' };
  if (reference.contents.length > MAX_CELLS) return { note: `Not interactive: more than ${MAX_CELLS} bins.` };
  const value = {
    title: drawable(reference.title),
    names: [drawable(names.reference), drawable(names.test)],
    axes: reference.axes.map(axisData),
    isProfile: reference.isProfile,
    reference: cellData(reference),
    test: cellData(test),
  };
  // No text inside can end the element: every `<` is an escape of JSON.
  return { data: `<script type="application/json">${JSON.stringify(value).replaceAll('<', '\\u003c')}</script>` };
}

/** JSROOT takes a text with a backslash for TeX, and would fetch a typesetter: another sign stands in its place. */
function drawable(text: string): string {
  return visible(text).replaceAll('\\', '\u2216');
}

function axisData({ edges, labels, title }: PlotAxis): object {
  const bins = edges.length - 1;
  const [low, high] = [edges[0] ?? 0, edges[bins] ?? 1];
  const isEven = edges.every((edge, i) => edge === low + (i * (high - low)) / bins);
  return {
    bins,
    low,
    high,
    title: drawable(title),
    ...(labels.length > 0 && { labels: labels.map((label) => drawable(plainTitle(label))) }),
    ...(!isEven && { edges: Array.from(edges) }),
  };
}

/** Errors are left out where they follow from the contents. */
function cellData({ contents, squares, entries }: PlotHistogram): object {
  return {
    entries,
    contents: Array.from(contents, finiteOrZero),
    ...(squares !== contents && { squares: Array.from(squares, finiteOrZero) }),
  };
}
