/** The lower panels of two one-dimensional histograms with the same bins: their ratio, and their pull. */
import type { BinComparison } from './comparison.ts';
import { numberText } from './markup.ts';
import { panelFrame, type PanelBox } from './panel.ts';
import { barsPath, pointsPath, stepPath } from './path-data.ts';
import { linearScale, roundStep, type Scale } from './scale.ts';
import { svgPath } from './svg.ts';

/** The pull panel reaches this far at least: a fluctuation looks like one. */
const LEAST_PULL = 3;
/** The ratio panel reaches this far from 1 at most; what is beyond is marked at its edge. */
const MOST_RATIO = 1;
/** And so far when all ratios are 1. */
const LEAST_RATIO = 0.1;
/** Largest error of a ratio that decides how far the panel reaches. */
const CERTAIN_RATIO = 0.25;
/** Side of a mark of a ratio beyond the panel, units. */
const MARK = 10;

/** Test over reference, with error bars where bins differ. `edges`, `centres`: positions of the bins in the drawing. */
export function ratioPanel(comparison: BinComparison, box: PanelBox, edges: Float64Array, centres: readonly number[]): string {
  const { ratios, ratioErrors, differs } = comparison;
  const reach = ratioReach(ratios, ratioErrors);
  const y = linearScale({ low: 1 - reach, high: 1 + reach, from: box.bottom, to: box.top }, 2);
  const scale: Scale = { at: y.at, ticks: [-1, 0, 1].map((side) => ({ value: 1 + side * reach, label: ratioLabel(side, reach) })) };
  const isBeyond = (i: number): boolean => Math.abs((ratios[i] ?? 1) - 1) > reach * (1 + 1e-9);
  const at = ratios.map((ratio) => (Number.isFinite(ratio) ? y.at(ratio) : NaN));
  const inside = at.map((position, i) => (isBeyond(i) ? NaN : position));
  const beyond = at.map((position, i) => (isBeyond(i) ? position : NaN));
  const barEnd = (sign: number): Float64Array =>
    inside.map((position, i) => {
      if (differs[i] !== 1 || Number.isNaN(position)) return NaN;
      return y.at((ratios[i] ?? 1) + sign * (ratioErrors[i] ?? 0));
    });
  return [
    panelFrame(box, scale, 'ratio'),
    svgPath('bars ratio', barsPath(centres, barEnd(1), barEnd(-1))),
    svgPath('steps ratio', stepPath(edges, inside)),
    svgPath('beyond', pointsPath(centres, beyond, MARK)),
  ].join('');
}

/** How far the panel reaches from 1. Empty bins and those with large errors do not decide, as long as others differ. */
function ratioReach(ratios: Float64Array, ratioErrors: Float64Array): number {
  const largest = (isTaken: (i: number) => boolean): number =>
    ratios.reduce((reach, ratio, i) => (Number.isFinite(ratio) && isTaken(i) ? Math.max(reach, Math.abs(ratio - 1)) : reach), 0);
  const ofCertain = largest((i) => ratios[i] !== 0 && (ratioErrors[i] ?? 0) <= CERTAIN_RATIO);
  const reach = ofCertain || largest(() => true) || LEAST_RATIO;
  return reach >= MOST_RATIO ? MOST_RATIO : roundedUp(reach);
}

/** `1`, `0.9`; `1+10⁻³` where the digits would be many. `side`: -1 for the lower end, 0 in the middle, 1 for the upper end. */
function ratioLabel(side: number, reach: number): string {
  if (side === 0) return '1';
  return reach >= 0.01 ? numberText(1 + side * reach) : `${side < 0 ? '1−' : '1+'}${numberText(reach, 1)}`;
}

/** (test - reference) over the errors of both. `edges`: positions of the bins in the drawing. */
export function pullPanel({ pulls, largestPull }: BinComparison, box: PanelBox, edges: Float64Array): string {
  const reach = largestPull <= LEAST_PULL ? LEAST_PULL : roundedUp(largestPull);
  const y = linearScale({ low: -reach, high: reach, from: box.bottom, to: box.top }, 2);
  const scale: Scale = { at: y.at, ticks: [-reach, 0, reach].map((value) => ({ value, label: numberText(value) })) };
  const heights = pulls.map((pull) => (Number.isNaN(pull) ? NaN : y.at(pull)));
  return panelFrame(box, scale, 'pull') + svgPath('pull', stepPath(edges, heights, y.at(0)));
}

/** The round value (1, 2, 5 times a power of ten) that is no smaller. */
function roundedUp(value: number): number {
  const step = roundStep(value, 1);
  return step >= value ? step : roundStep(value * 2, 1);
}
