/**
 * Axes that grow as they are filled: what becomes of their limits, and where each bin goes. Source: ROOT
 * hist/hist/src/TH1.cxx (FindNewAxisLimits, ExtendAxis, LabelsInflate), TProfileHelper.h.
 */
import { UnsupportedError } from '../../../errors.ts';
import { binCentre, findBin, type AxisObject } from './axis.ts';

/** Times a range is doubled for one value; what is further away counts as outside. */
const MOST_DOUBLINGS = 65;

/** The new bin of each bin of an axis that has grown, outside ones included. */
export type BinMove = readonly number[];

/**
 * Doubles the range of an axis until it holds `x`, at equal number of bins: pairs of bins become one. Undefined when the range
 * would not get there (`x` is infinite, for example); then nothing is changed. UnsupportedError for bins of unequal width.
 */
export function extendAxis(axis: AxisObject, x: number): BinMove | undefined {
  if (axis.fXbins.length > 0) throw new UnsupportedError(`axis ${String(axis['fName'])} has bins of unequal width and cannot grow`);
  const limits = widerLimits(axis, x);
  if (limits === undefined) return undefined;
  const before = { ...axis };
  [axis.fXmin, axis.fXmax] = limits;
  return moves(before.fNbins, axis.fNbins, (bin) => findBin(axis, binCentre(before, bin)));
}

function widerLimits({ fXmin, fXmax }: AxisObject, x: number): readonly [min: number, max: number] | undefined {
  let [min, max, range] = [fXmin, fXmax, fXmax - fXmin];
  for (let times = 0; x < min || x >= max; times++) {
    if (times >= MOST_DOUBLINGS) return undefined;
    // Below first: a value is never below and above.
    if (x < min) min -= range;
    else max += range;
    range *= 2;
  }
  return [min, max];
}

/** Doubles the number of bins of an axis of labels; the new ones are behind the old ones, which ROOT notes as fFirst and fLast. */
export function inflateAxis(axis: AxisObject): BinMove {
  const before = axis.fNbins;
  Object.assign(axis, { fNbins: 2 * before, fXmax: axis.fXmin + 2 * (axis.fXmax - axis.fXmin), fFirst: 1, fLast: before });
  return moves(before, axis.fNbins, (bin) => bin);
}

/** ROOT drops what lies outside of an axis that grows; here it stays outside. */
function moves(before: number, after: number, inside: (bin: number) => number): BinMove {
  return Array.from({ length: before + 2 }, (_, bin) => {
    if (bin === 0) return 0;
    return bin > before ? after + 1 : inside(bin);
  });
}
