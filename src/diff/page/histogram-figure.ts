/** What is drawn of two histograms, by their dimensions. */
import { compareBins } from './comparison.ts';
import { curvesFigure } from './curves-figure.ts';
import { heatFigure } from './heat-figure.ts';
import { countText, numberText } from './markup.ts';
import type { PlotPair, SideNames } from './plot-files.ts';
import { areSameAxes, innerBins, projection, type PlotAxis, type PlotHistogram } from './plot-histogram.ts';

/** A pair with both sides. */
export interface FullPair {
  reference: PlotHistogram;
  test: PlotHistogram;
}

/** Why a pair cannot be drawn; undefined when it can. */
export function whyNotDrawn({ reference, test }: PlotPair, kind: 'files' | 'merge'): string | undefined {
  if (reference === undefined || test === undefined) {
    return kind === 'merge'
      ? 'Not drawn: the bins of the inputs differ, there is no sum bin by bin.'
      : 'Not drawn: one of the two cannot be read as a histogram.';
  }
  if (reference.axes.length !== test.axes.length) return 'Not drawn: the numbers of dimensions differ.';
  if (reference.axes.length > 1 && !areSameAxes(reference.axes, test.axes)) return 'Not drawn: the axes differ.';
  if (reference.axes.length > 2 && reference.isProfile) return 'Not drawn: a profile of three dimensions.';
  return undefined;
}

/** Drawings of a pair: one, or of three dimensions the projection on each axis. */
export function histogramFigures(path: string, pair: FullPair, names: SideNames): string[] {
  const { axes } = pair.reference;
  if (axes.length === 1) return [curves(path, pair, 0, names, innerBins)];
  if (axes.length === 2) return [heatMaps(path, pair, names)];
  return axes.map((_, axis) =>
    curves(`${path}, projection on axis ${'xyz'[axis] ?? ''}`, pair, axis, names, (histogram) => projection(histogram, axis)),
  );
}

type BinsOf = (histogram: PlotHistogram) => ReturnType<typeof innerBins>;

function curves(name: string, { reference, test }: FullPair, axis: number, names: SideNames, binsOf: BinsOf): string {
  const [of, against] = [reference.axes[axis], test.axes[axis]] as [PlotAxis, PlotAxis];
  return curvesFigure({
    description: `${name}: ${names.reference} and ${names.test}, with ratio and pull`,
    reference: { ...binsOf(reference), edges: of.edges },
    test: { ...binsOf(test), edges: against.edges },
    referenceName: names.reference,
    testName: names.test,
    isProfile: reference.isProfile,
    xTitle: of.title === '' && reference.axes.length > 1 ? `axis ${'xyz'[axis] ?? ''}` : of.title,
    yTitle: reference.axes.length === 1 ? '' : 'projection',
    labels: of.labels,
  });
}

function heatMaps(path: string, { reference, test }: FullPair, names: SideNames): string {
  const [x, y] = reference.axes as [PlotAxis, PlotAxis];
  return heatFigure({
    description: `${path}: ${names.reference} and ${names.test} as heat maps, with their difference`,
    reference: innerBins(reference),
    test: innerBins(test),
    referenceName: names.reference,
    testName: names.test,
    xEdges: x.edges,
    yEdges: y.edges,
    xTitle: x.title,
    yTitle: y.title,
  });
}

/** The numbers of both statistics boxes side by side, and how far the bins are apart. */
export function statisticsTable({ reference, test }: FullPair, kind: 'files' | 'merge'): string {
  const [of, against] = kind === 'merge' ? ['expected', 'merged'] : ['left', 'right'];
  const numbers: [name: string, of: (histogram: PlotHistogram) => number][] = [
    ['entries', ({ entries }) => entries],
    ['mean x', ({ mean }) => mean],
    ['std dev x', ({ deviation }) => deviation],
  ];
  if (reference.axes.length === 1) {
    numbers.push(['underflow', ({ contents }) => contents[0] ?? NaN], ['overflow', ({ contents }) => contents.at(-1) ?? NaN]);
  }
  if (reference.pending + test.pending > 0) numbers.push(['fills in no bin', ({ pending }) => pending]);
  const rows = numbers.map(([name, numberIn]) => numbersRow(name, numberIn(reference), numberIn(test)));
  const heads = `<th scope="col" class="of-reference">${of}</th><th scope="col" class="of-test">${against}</th>`;
  const body = rows.join('') + binRows(reference, test);
  return `<table class="statistics"><thead><tr><td></td>${heads}</tr></thead><tbody>${body}</tbody></table>`;
}

/** One number of both sides; no row where neither has it. */
function numbersRow(name: string, a: number, b: number): string {
  if (Number.isNaN(a) && Number.isNaN(b)) return '';
  const classes = a === b ? '' : ' class="unequal"';
  return `<tr${classes}><th scope="row">${name}</th><td>${valueText(a)}</td><td>${valueText(b)}</td></tr>`;
}

function binRows(reference: PlotHistogram, test: PlotHistogram): string {
  if (!areSameAxes(reference.axes, test.axes)) return '<tr class="unequal"><th scope="row">axes</th><td colspan="2">differ</td></tr>';
  const { differingCount, largestPull } = compareBins(innerBins(reference), innerBins(test));
  const bins = reference.axes.reduce((product, { edges }) => product * (edges.length - 1), 1);
  return [
    `<tr class="first"><th scope="row">bins that differ</th><td colspan="2">${countText(differingCount)} of ${countText(bins)}</td></tr>`,
    `<tr><th scope="row">largest pull</th><td colspan="2">${numberText(largestPull)}</td></tr>`,
  ].join('');
}

/** Whole numbers in full, others with six digits. */
function valueText(value: number): string {
  if (Number.isNaN(value)) return '–';
  return Number.isSafeInteger(value) && Math.abs(value) < 1e12 ? countText(value) : numberText(value, 7);
}
