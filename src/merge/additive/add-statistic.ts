/**
 * TStatistic: mean and variance of all values that were filled into any. Source: ROOT math/mathcore/src/TStatistic.cxx (Merge).
 */
import { UnsupportedError } from '../../errors.ts';
import { numberOf, setNumber } from '../../io/root/streamer/member.ts';
import type { ObjectNode } from '../../io/root/streamer/span-graph.ts';

/** Count, sums of w, w*w and w*v, sum of squared distances from the mean, limits. */
const MEMBERS = ['fN', 'fW', 'fW2', 'fM', 'fM2', 'fMin', 'fMax'];

/** Adds the values of `next`. UnsupportedError where weights cancel, so that there is no mean. */
export function addStatistic(sum: ObjectNode, next: ObjectNode): void {
  if (numberOf(next, 'fN') === 0) return;
  if (numberOf(sum, 'fN') === 0) {
    for (const name of MEMBERS) setNumber(sum, name, numberOf(next, name));
    return;
  }
  const [mine, theirs] = [numberOf(sum, 'fW'), numberOf(next, 'fW')];
  if (mine === 0 || theirs === 0 || mine + theirs === 0) throw new UnsupportedError('weights that cancel: their values have no mean');
  const distance = (theirs / mine) * numberOf(sum, 'fM') - numberOf(next, 'fM');
  const squares = numberOf(next, 'fM2') + (mine / (theirs * (theirs + mine))) * distance * distance;
  setNumber(sum, 'fM2', numberOf(sum, 'fM2') + squares);
  for (const name of ['fN', 'fW', 'fW2', 'fM']) setNumber(sum, name, numberOf(sum, name) + numberOf(next, name));
  if (numberOf(next, 'fMin') < numberOf(sum, 'fMin')) setNumber(sum, 'fMin', numberOf(next, 'fMin'));
  if (numberOf(next, 'fMax') > numberOf(sum, 'fMax')) setNumber(sum, 'fMax', numberOf(next, 'fMax'));
}
