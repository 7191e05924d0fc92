/**
 * TProfile2Poly: the sums of each polygon and of the nine regions around them add; averages and spreads follow from these.
 * Source: what ROOT 6.40 was seen to do; members: ROOT hist/hist/inc/TProfile2Poly.h.
 */
import { UnsupportedError } from '../../errors.ts';
import { fieldOf, member, numberOf, setNumber } from '../../io/root/streamer/member.ts';
import type { ObjectNode } from '../../io/root/streamer/span-graph.ts';
import { binsOf } from './add-polygons.ts';

const SUMS = ['fEntries', 'fTsumw', 'fTsumw2', 'fTsumwx', 'fTsumwx2', 'fTsumwy', 'fTsumwy2', 'fTsumwxy', 'fTsumwz', 'fTsumwz2'];
/** Of a bin: sums of w, w*v, w*w and w*v*v. */
const SUMS_OF_BIN = ['fSumw', 'fSumvw', 'fSumw2', 'fSumwv2'];

/** Adds an object of the same polygons. UnsupportedError for versions that store other sums. */
export function addPolygonProfiles(sum: ObjectNode, next: ObjectNode): void {
  for (const name of SUMS) setNumber(sum, name, numberOf(sum, name) + numberOf(next, name));
  const theirs = profileBins(next);
  profileBins(sum).forEach((bin, i) => addBin(bin, theirs[i] as ObjectNode));
}

/** Polygons, then regions. */
function profileBins(node: ObjectNode): ObjectNode[] {
  const regions = member(node, 'fOverflowBins');
  const bins = [...binsOf(node), ...(regions?.kind === 'object' ? regions.children : [])].filter((bin) => bin.kind === 'object');
  if (regions === null || bins.some((bin) => SUMS_OF_BIN.some((name) => fieldOf(bin, name) === null))) {
    throw new UnsupportedError(`a ${node.className} of a version without sums of bins`);
  }
  return bins;
}

/** The error of a bin is the spread of its values, whatever option the object has. A bin without weights keeps its average. */
function addBin(bin: ObjectNode, next: ObjectNode): void {
  for (const name of SUMS_OF_BIN) setNumber(bin, name, numberOf(bin, name) + numberOf(next, name));
  const weights = numberOf(bin, 'fSumw');
  const average = weights === 0 ? numberOf(bin, 'fAverage') : numberOf(bin, 'fSumvw') / weights;
  setNumber(bin, 'fAverage', average);
  setNumber(bin, 'fContent', average);
  setNumber(bin, 'fError', weights === 0 ? 0 : Math.sqrt(numberOf(bin, 'fSumwv2') / weights - average * average));
}
