/** The drawing of two one-dimensional histograms: both curves overlaid, below them their ratio and pull. */
import { compareBins, differingRuns, type BinComparison, type BinValues } from './comparison.ts';
import { pullPanel, ratioPanel } from './comparison-panels.ts';
import { curvesPanel } from './curves-panel.ts';
import { escaped, shortened } from './markup.ts';
import { horizontalAxis, labelTicks, withoutTicks, type PanelBox } from './panel.ts';
import { linearScale, type Scale } from './scale.ts';
import { svgDrawing, svgPath } from './svg.ts';

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
/** The strip between the upper panels, which shows the bins that differ. */
const STRIP = { top: MAIN.bottom + 8, bottom: MAIN.bottom + 20 };
/** Room below the last panel for numbers and title. */
const BELOW = 80;
/** Bins that differ are few when they are at most one of so many. */
const FEW = 4;
/** Thin bins are marked this many units wide, so that a single one can be seen. */
const LEAST_MARK = 3;
/** Length of a name in the legend, characters. */
const MAX_NAME = 46;

/** An SVG element. Bins that correspond get ratio and pull; those that differ are marked behind all panels. */
export function curvesFigure(plot: CurvesPlot): string {
  const { reference, test, labels } = plot;
  const comparison = haveSameEdges(reference, test) ? compareBins(reference, test) : undefined;
  const boxes = comparison === undefined ? [MAIN] : [MAIN, RATIO, PULL];
  const bottom = (comparison === undefined ? MAIN : PULL).bottom;
  const x = horizontalScale(reference.edges, test.edges);
  // Two units are a pixel: more bins than pixels are drawn by the range of those in each.
  const unit = Math.max(reference.edges.length, test.edges.length) > (RIGHT - LEFT) / 2 ? 2 : 1;
  const positionsOf = ({ edges }: Curve): Float64Array => edges.map((edge) => unit * Math.round(x.at(edge) / unit));
  const positions = positionsOf(reference);
  const centres = Array.from(reference.edges.subarray(1), (edge, i) => Math.round((x.at(edge) + x.at(reference.edges[i] ?? edge)) / 2));
  const curves = [
    { ...reference, kind: 'reference', positions },
    { ...test, kind: 'test', positions: positionsOf(test) },
  ] as const;
  return svgDrawing({ width: WIDTH, height: bottom + BELOW }, plot.description, [
    comparison === undefined ? '' : markedBins(comparison, positions),
    legend(plot),
    curvesPanel({ curves, isProfile: plot.isProfile, title: plot.yTitle }, MAIN),
    comparison === undefined ? '' : ratioPanel(comparison, RATIO, positions, centres) + pullPanel(comparison, PULL, positions),
    horizontalAxis(boxes, labels.length > 0 ? withoutTicks(x) : x, plot.xTitle),
    labelTicks(labels, bottom, centres),
  ]);
}

function haveSameEdges({ edges: a }: Curve, { edges: b }: Curve): boolean {
  return a.length === b.length && a.every((edge, i) => edge === b[i]);
}

function horizontalScale(...axes: Float64Array[]): Scale {
  const low = Math.min(...axes.map((edges) => edges[0] ?? 0));
  const high = Math.max(...axes.map((edges) => edges.at(-1) ?? 1));
  return linearScale({ low, high: high > low ? high : low + 1, from: LEFT, to: RIGHT }, 10);
}

/** The strip has all bins that differ; where they are few, they are marked behind all panels, too. */
function markedBins({ differs, differingCount }: BinComparison, positions: Float64Array): string {
  const bands = (top: number, bottom: number): string => {
    const all = differingRuns(differs).map(([from, to]) => {
      const [left, right] = [positions[from] ?? 0, positions[to] ?? 0];
      const width = Math.max(LEAST_MARK, right - left);
      return `M${left - Math.floor((width - right + left) / 2)} ${top}h${width}V${bottom}h-${width}z`;
    });
    return [...new Set(all)].join('');
  };
  const areFew = differingCount * FEW <= differs.length;
  return (areFew ? svgPath('marked', bands(MAIN.top, PULL.bottom)) : '') + svgPath('strip', bands(STRIP.top, STRIP.bottom));
}

function legend({ referenceName, testName }: CurvesPlot): string {
  const entry = (x: number, kind: string, name: string): string => {
    const text = escaped(shortened(name, MAX_NAME));
    return `${svgPath(kind, `M${x} 18h44v16h-44z`)}<text class="axis" x="${x + 56}" y="34">${text}</text>`;
  };
  return entry(LEFT, 'reference', referenceName) + entry((LEFT + RIGHT) / 2, 'test', testName);
}
