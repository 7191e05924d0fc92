/** The drawing of two one-dimensional histograms: both curves overlaid, below them their ratio and pull. */
import { compareBins, differingRuns, type BinComparison, type BinValues } from './comparison.ts';
import { escaped, numberText, shortened } from './markup.ts';
import { horizontalAxis, labelTicks, panelFrame, withoutTicks, type PanelBox } from './panel.ts';
import { barsPath, pointsPath, stepPath } from './path-data.ts';
import { linearScale, logScale, roundStep, type Scale } from './scale.ts';

/** One curve: contents of the bins 1 to n, and their n + 1 edges. */
export interface Curve extends BinValues {
  edges: Float64Array;
}

/** What is drawn. */
export interface CurvesPlot {
  /** Said to those who cannot see the drawing. */
  description: string;
  /** What others are held against: filled. */
  reference: Curve;
  test: Curve;
  referenceName: string;
  testName: string;
  /** Points with error bars in place of steps: means of a profile. */
  isProfile: boolean;
  xTitle: string;
  yTitle: string;
  /** Labels of the bins; empty where bins have none. */
  labels: readonly string[];
}

const WIDTH = 1440;
const LEFT = 150;
const RIGHT = 1420;
const MAIN: PanelBox = { left: LEFT, right: RIGHT, top: 52, bottom: 432 };
const RATIO: PanelBox = { left: LEFT, right: RIGHT, top: 464, bottom: 584 };
const PULL: PanelBox = { left: LEFT, right: RIGHT, top: 616, bottom: 736 };
/** Room below the last panel for numbers and title. */
const BELOW = 80;
/** A logarithmic view is offered when contents reach over this factor. */
const LOG_FACTOR = 20;
/** Error bars are drawn in the upper panel up to this many bins. */
const MAX_ERROR_BARS = 150;
/** The pull panel reaches this far at least: a fluctuation looks like one. */
const LEAST_PULL = 3;
/** Bins that differ are few when they are at most one of so many. */
const FEW = 4;
/** The ratio panel reaches this far from 1 at most; what is beyond is marked at its edge. */
const MOST_RATIO = 1;
/** And so far when all ratios are 1. */
const LEAST_RATIO = 0.1;
/** Largest error of a ratio that decides how far the panel reaches. */
const CERTAIN_RATIO = 0.25;

/** An SVG element. Bins that correspond get ratio and pull; those that differ are marked behind all panels. */
export function curvesFigure(plot: CurvesPlot): string {
  const { reference, test } = plot;
  const isComparable = reference.edges.length === test.edges.length && reference.edges.every((edge, i) => edge === test.edges[i]);
  const boxes = isComparable ? [MAIN, RATIO, PULL] : [MAIN];
  const bottom = (boxes.at(-1) as PanelBox).bottom;
  const x = horizontalScale(reference.edges, test.edges);
  const comparison = isComparable ? compareBins(reference, test) : undefined;
  // Two units are a pixel: more bins than pixels are drawn by the range of those in each.
  const unit = Math.max(reference.edges.length, test.edges.length) > (RIGHT - LEFT) / 2 ? 2 : 1;
  const xs = (edges: Float64Array): Float64Array => edges.map((edge) => unit * Math.round(x.at(edge) / unit));
  const centres = Array.from(reference.edges.subarray(1), (edge, i) => Math.round((x.at(edge) + x.at(reference.edges[i] ?? edge)) / 2));
  return [
    `<svg viewBox="0 0 ${WIDTH} ${bottom + BELOW}" role="img" aria-label="${escaped(plot.description)}">`,
    comparison === undefined ? '' : markedBins(comparison, xs(reference.edges)),
    legend(plot),
    mainPanel(plot, xs),
    comparison === undefined ? '' : ratioPanel(comparison, xs(reference.edges), centres) + pullPanel(comparison, xs(reference.edges)),
    horizontalAxis(boxes, plot.labels.length > 0 ? withoutTicks(x) : x, plot.xTitle),
    labelTicks(plot.labels, bottom, centres),
    '</svg>',
  ].join('');
}

function horizontalScale(...axes: Float64Array[]): Scale {
  const low = Math.min(...axes.map((edges) => edges[0] ?? 0));
  const high = Math.max(...axes.map((edges) => edges.at(-1) ?? 1));
  return linearScale({ low, high: high > low ? high : low + 1, from: LEFT, to: RIGHT }, 10);
}

/** A strip between the panels has the bins that differ; where they are few, they are marked behind all panels, too. */
function markedBins({ differs, differingCount }: BinComparison, xs: Float64Array): string {
  const areFew = differingCount * FEW <= differs.length;
  const bands = (top: number, bottom: number): string => {
    // Thin bins are marked three units wide, so that a single one can be seen.
    const all = differingRuns(differs).map(([from, to]) => {
      const [left, right] = [xs[from] ?? 0, xs[to] ?? 0];
      const width = Math.max(3, right - left);
      return `M${left - Math.floor((width - right + left) / 2)} ${top}h${width}V${bottom}h-${width}z`;
    });
    return [...new Set(all)].join('');
  };
  return `${areFew ? `<path class="marked" d="${bands(MAIN.top, PULL.bottom)}"/>` : ''}<path class="strip" d="${bands(MAIN.bottom + 8, MAIN.bottom + 20)}"/>`;
}

/** Length of a name in the legend, characters. */
const MAX_NAME = 46;

function legend({ referenceName, testName }: CurvesPlot): string {
  const entry = (x: number, kind: string, name: string): string =>
    `<path class="${kind}" d="M${x} 18h44v16h-44z"/><text class="axis" x="${x + 56}" y="34">${escaped(shortened(name, MAX_NAME))}</text>`;
  return entry(LEFT, 'reference', referenceName) + entry((LEFT + RIGHT) / 2, 'test', testName);
}

/** The upper panel, in proportion and, where it is of use, logarithmic: the page shows one of them. */
function mainPanel(plot: CurvesPlot, xs: (edges: Float64Array) => Float64Array): string {
  const { low, high, leastPositive } = rangeOf(plot);
  const linear = mainCurves(plot, xs, linearScale({ low, high: high > low ? high : low + 1, from: MAIN.bottom, to: MAIN.top }, 6));
  if (plot.isProfile || low < 0 || !(high / leastPositive >= LOG_FACTOR)) return linear;
  const logarithmic = mainCurves(plot, xs, logScale({ low: leastPositive / 2, high: high * 2, from: MAIN.bottom, to: MAIN.top }));
  return `<g class="linear">${linear}</g><g class="logarithmic">${logarithmic}</g>`;
}

function rangeOf({ reference, test, isProfile }: CurvesPlot): { low: number; high: number; leastPositive: number } {
  let [low, high, leastPositive] = [isProfile ? Infinity : 0, isProfile ? -Infinity : 0, Infinity];
  for (const { values, errors } of [reference, test]) {
    values.forEach((value, i) => {
      if (!Number.isFinite(value)) return;
      const error = isProfile ? (errors[i] ?? 0) : 0;
      low = Math.min(low, value - error);
      high = Math.max(high, value + error);
      if (value > 0) leastPositive = Math.min(leastPositive, value);
    });
  }
  if (!(high >= low)) return { low: 0, high: 1, leastPositive };
  const room = (high - low) * 0.08;
  return { low: isProfile || low < 0 ? low - room : low, high: high + room, leastPositive };
}

function mainCurves({ reference, test, isProfile, yTitle }: CurvesPlot, xs: (edges: Float64Array) => Float64Array, y: Scale): string {
  const base = y.at(0);
  const ys = ({ values }: Curve): Float64Array => values.map((value) => (Number.isFinite(value) ? y.at(value) : NaN));
  const steps = (curve: Curve): string => stepPath(xs(curve.edges), ys(curve), base);
  const curves = isProfile
    ? [points(reference, 'reference', xs, y), points(test, 'test', xs, y)]
    : [
        `<path class="reference" d="${steps(reference)}"/><path class="test" d="${steps(test)}"/>`,
        test.values.length <= MAX_ERROR_BARS ? errorBars(test, 'test', xs, y) : '',
      ];
  return panelFrame(MAIN, y, yTitle) + curves.join('');
}

function centresOf({ edges }: Curve, xs: (edges: Float64Array) => Float64Array): number[] {
  const at = xs(edges);
  return Array.from(at.subarray(1), (right, i) => Math.round((right + (at[i] ?? right)) / 2));
}

function errorBars(curve: Curve, kind: string, xs: (edges: Float64Array) => Float64Array, y: Scale): string {
  const { values, errors } = curve;
  const end = (sign: number): Float64Array =>
    values.map((value, i) => (Number.isFinite(value) && (errors[i] ?? 0) > 0 ? y.at(value + sign * (errors[i] ?? 0)) : NaN));
  return `<path class="${kind} bars" d="${barsPath(centresOf(curve, xs), end(1), end(-1))}"/>`;
}

function points(curve: Curve, kind: string, xs: (edges: Float64Array) => Float64Array, y: Scale): string {
  const ys = curve.values.map((value) => (Number.isFinite(value) ? y.at(value) : NaN));
  return `${errorBars(curve, kind, xs, y)}<path class="${kind} points" d="${pointsPath(centresOf(curve, xs), ys, 10)}"/>`;
}

function ratioPanel({ ratios, ratioErrors, differs }: BinComparison, xs: Float64Array, centres: readonly number[]): string {
  const reach = ratioReach(ratios, ratioErrors);
  const y = linearScale({ low: 1 - reach, high: 1 + reach, from: RATIO.bottom, to: RATIO.top }, 2);
  const scale: Scale = { at: y.at, ticks: [-1, 0, 1].map((side) => ({ value: 1 + side * reach, label: ratioLabel(side, reach) })) };
  const isBeyond = (ratio: number): boolean => Math.abs(ratio - 1) > reach * (1 + 1e-9);
  const at = ratios.map((ratio) => (Number.isFinite(ratio) ? y.at(ratio) : NaN));
  const inside = at.map((position, i) => (isBeyond(ratios[i] ?? 1) ? NaN : position));
  const beyond = at.map((position, i) => (isBeyond(ratios[i] ?? 1) ? position : NaN));
  const end = (sign: number): Float64Array =>
    inside.map((position, i) =>
      differs[i] === 1 && !Number.isNaN(position) ? y.at((ratios[i] ?? 1) + sign * (ratioErrors[i] ?? 0)) : NaN,
    );
  return [
    panelFrame(RATIO, scale, 'ratio'),
    `<path class="bars ratio" d="${barsPath(centres, end(1), end(-1))}"/>`,
    `<path class="steps ratio" d="${stepPath(xs, inside)}"/>`,
    `<path class="beyond" d="${pointsPath(centres, beyond, 10)}"/>`,
  ].join('');
}

/** Empty bins and those with large errors do not decide, as long as others differ. */
function ratioReach(ratios: Float64Array, ratioErrors: Float64Array): number {
  const largest = (isTaken: (i: number) => boolean): number =>
    ratios.reduce((reach, ratio, i) => (Number.isFinite(ratio) && isTaken(i) ? Math.max(reach, Math.abs(ratio - 1)) : reach), 0);
  const reach = largest((i) => ratios[i] !== 0 && (ratioErrors[i] ?? 0) <= CERTAIN_RATIO) || largest(() => true) || LEAST_RATIO;
  return reach >= MOST_RATIO ? MOST_RATIO : ceiling(reach);
}

/** The round value (1, 2, 5 times a power of ten) that is no smaller. */
function ceiling(value: number): number {
  const step = roundStep(value, 1);
  return step >= value ? step : roundStep(value * 2, 1);
}

function ratioLabel(side: number, reach: number): string {
  if (side === 0) return '1';
  return reach >= 0.01 ? numberText(1 + side * reach) : `${side < 0 ? '1−' : '1+'}${numberText(reach, 1)}`;
}

function pullPanel({ pulls, largestPull }: BinComparison, xs: Float64Array): string {
  const reach = largestPull <= LEAST_PULL ? LEAST_PULL : ceiling(largestPull);
  const y = linearScale({ low: -reach, high: reach, from: PULL.bottom, to: PULL.top }, 2);
  const scale: Scale = { at: y.at, ticks: [-reach, 0, reach].map((value) => ({ value, label: numberText(value) })) };
  return `${panelFrame(PULL, scale, 'pull')}<path class="pull" d="${stepPath(
    xs,
    pulls.map((pull) => (Number.isNaN(pull) ? NaN : y.at(pull))),
    y.at(0),
  )}"/>`;
}
