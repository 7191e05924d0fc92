/** The upper panel of two one-dimensional histograms: both curves overlaid, in proportion and, where it is of use, logarithmic. */
import type { BinValues } from './comparison.ts';
import { panelFrame, type PanelBox } from './panel.ts';
import { barsPath, pointsPath, stepPath } from './path-data.ts';
import { linearScale, logScale, type Scale } from './scale.ts';
import { svgPath } from './svg.ts';

/** A curve with the positions of its n + 1 edges in the drawing. */
export interface PlacedCurve extends BinValues {
  /** Class of what is drawn of it. */
  kind: 'reference' | 'test';
  positions: Float64Array;
}

/** What the panel shows: the reference first. */
export interface CurvesPanel {
  curves: readonly [reference: PlacedCurve, test: PlacedCurve];
  /** Points with error bars in place of steps: means of a profile. */
  isProfile: boolean;
  title: string;
}

/** A logarithmic view is offered when contents reach over this factor. */
const LOG_FACTOR = 20;
/** Error bars are drawn up to this many bins. */
const MAX_ERROR_BARS = 150;
/** Room above and below the curves, as a share of their height. */
const ROOM = 0.08;
/** Side of a point, units. */
const POINT = 10;

/** The panel; with a logarithmic view there are two, of which the page shows one. */
export function curvesPanel(panel: CurvesPanel, box: PanelBox): string {
  const { low, high, leastPositive } = rangeOf(panel);
  const ends = { from: box.bottom, to: box.top };
  const linear = drawnCurves(panel, box, linearScale({ low, high: high > low ? high : low + 1, ...ends }, 6));
  if (panel.isProfile || low < 0 || !(high / leastPositive >= LOG_FACTOR)) return linear;
  const logarithmic = drawnCurves(panel, box, logScale({ low: leastPositive / 2, high: high * 2, ...ends }));
  return `<g class="linear">${linear}</g><g class="logarithmic">${logarithmic}</g>`;
}

/** What the vertical axis must hold. Contents begin at 0, means of a profile where their error bars do. */
function rangeOf({ curves, isProfile }: CurvesPanel): { low: number; high: number; leastPositive: number } {
  let [low, high, leastPositive] = [isProfile ? Infinity : 0, isProfile ? -Infinity : 0, Infinity];
  for (const { values, errors } of curves) {
    values.forEach((value, i) => {
      if (!Number.isFinite(value)) return;
      const error = isProfile ? (errors[i] ?? 0) : 0;
      low = Math.min(low, value - error);
      high = Math.max(high, value + error);
      if (value > 0) leastPositive = Math.min(leastPositive, value);
    });
  }
  if (!(high >= low)) return { low: 0, high: 1, leastPositive };
  const room = (high - low) * ROOM;
  return { low: isProfile || low < 0 ? low - room : low, high: high + room, leastPositive };
}

function drawnCurves({ curves, isProfile, title }: CurvesPanel, box: PanelBox, y: Scale): string {
  const [, test] = curves;
  const drawn = isProfile
    ? curves.map((curve) => errorBars(curve, y) + points(curve, y))
    : [...curves.map((curve) => steps(curve, y)), test.values.length <= MAX_ERROR_BARS ? errorBars(test, y) : ''];
  return panelFrame(box, y, title) + drawn.join('');
}

function steps(curve: PlacedCurve, y: Scale): string {
  return svgPath(curve.kind, stepPath(curve.positions, heights(curve, y), y.at(0)));
}

function points(curve: PlacedCurve, y: Scale): string {
  return svgPath(`${curve.kind} points`, pointsPath(centresOf(curve.positions), heights(curve, y), POINT));
}

function errorBars({ kind, positions, values, errors }: PlacedCurve, y: Scale): string {
  const end = (sign: number): Float64Array =>
    values.map((value, i) => {
      const error = errors[i] ?? 0;
      return Number.isFinite(value) && error > 0 ? y.at(value + sign * error) : NaN;
    });
  return svgPath(`${kind} bars`, barsPath(centresOf(positions), end(1), end(-1)));
}

function heights({ values }: PlacedCurve, y: Scale): Float64Array {
  return values.map((value) => (Number.isFinite(value) ? y.at(value) : NaN));
}

/** Between each edge and the next. */
function centresOf(positions: Float64Array): number[] {
  return Array.from(positions.subarray(1), (right, i) => Math.round((right + (positions[i] ?? right)) / 2));
}
