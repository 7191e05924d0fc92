/**
 * What a TH2Poly must hold that was summed: contents of its polygons and of the regions around them, squared weights,
 * entries and statistics; all else is the first input's. Polygons must be those of every input. Members: ROOT
 * hist/hist/inc/TH2Poly.h.
 */
import { member, numberOf } from '../../io/root/streamer/member.ts';
import { listItems } from '../../io/root/streamer/member-list.ts';
import type { ObjectNode, SpanNode } from '../../io/root/streamer/span-graph.ts';
import { compareNodes } from '../object/compare-graphs.ts';
import { DifferenceList } from '../object/difference.ts';
import { compareMemberSums, compareSum } from './rounding.ts';
import { STATISTICS, cellsOf, isSameAxis } from './histogram-cells.ts';

/** Regions of fOverflow. */
const OVERFLOWS = 9;
const SUMS = ['fEntries', 'fTsumw', 'fTsumw2', 'fTsumwx', 'fTsumwx2', 'fTsumwy', 'fTsumwy2', 'fTsumwxy'];
/** Members that add; fCells only says which bins are where. */
const ADDED: ReadonlySet<string> = new Set([...STATISTICS, 'fEntries', 'fSumw2', 'fOverflow', 'fBins', 'fCells']);
/** Of a bin; fChanged is for painters. */
const ADDED_OF_BIN: ReadonlySet<string> = new Set(['fContent', 'fChanged']);

/** Of TProfile2Poly: sums of all, sums of a bin, and what follows from these. */
const PROFILE = 'TProfile2Poly';
const SUMS_OF_PROFILE = [...SUMS, 'fTsumwz', 'fTsumwz2'];
const SUMS_OF_PROFILE_BIN = ['fSumw', 'fSumvw', 'fSumw2', 'fSumwv2'];
const ADDED_OF_PROFILE: ReadonlySet<string> = new Set([...ADDED, ...SUMS_OF_PROFILE, 'fOverflowBins']);
const ADDED_OF_PROFILE_BIN: ReadonlySet<string> = new Set([...ADDED_OF_BIN, ...SUMS_OF_PROFILE_BIN, 'fAverage', 'fError']);

/** True for the classes `comparePolygons` knows. */
export function isOfPolygons(className: string): boolean {
  return className === 'TH2Poly' || className === PROFILE;
}

/** Holds a sum against the inputs it was made of. */
export function comparePolygons(out: ObjectNode, inputs: readonly ObjectNode[], differences: DifferenceList): void {
  const [first] = inputs;
  if (first === undefined) return;
  const isProfile = out.className === PROFILE;
  compareNodes(out, first, '', { tolerance: {}, skip: isProfile ? ADDED_OF_PROFILE : ADDED }, differences);
  const before = differences.count;
  for (const input of inputs) compareShapes(out, input, differences);
  if (differences.count > before) return;
  if (isProfile) return compareProfile(out, inputs, differences);
  compareMemberSums(SUMS, out, inputs, differences);
  const contents = inputs.map(contentsOf);
  contentsOf(out).forEach((found, i) => {
    const parts = contents.map((values) => values[i] as number);
    compareSum(placeOf(i), found, parts, differences);
  });
  compareSquares(out, inputs, contents, differences);
}

function compareProfile(out: ObjectNode, inputs: readonly ObjectNode[], differences: DifferenceList): void {
  compareMemberSums(SUMS_OF_PROFILE, out, inputs, differences);
  const bins = inputs.map(profileBins);
  profileBins(out).forEach(([place, bin], i) => {
    for (const name of SUMS_OF_PROFILE_BIN) {
      const parts = bins.map((each) => numberOf(each[i]?.[1] ?? bin, name));
      compareSum(`${place}.${name}`, numberOf(bin, name), parts, differences);
    }
    const [weights, average] = [numberOf(bin, 'fSumw'), numberOf(bin, 'fAverage')];
    if (weights !== 0) compareSum(`${place}.fAverage`, average, [numberOf(bin, 'fSumvw') / weights], differences);
    compareSum(`${place}.fContent`, numberOf(bin, 'fContent'), [average], differences);
  });
}

/** Bins with their place: polygons, then the regions around them. */
function profileBins(node: ObjectNode): (readonly [place: string, bin: SpanNode])[] {
  const regions = member(node, 'fOverflowBins');
  return [
    ...binsOf(node).map((bin, i) => [`fBins[${i}]`, bin] as const),
    ...(regions?.kind === 'object' ? regions.children : []).map((bin, i) => [`fOverflowBins[${i}]`, bin] as const),
  ];
}

function compareShapes(out: ObjectNode, input: ObjectNode, differences: DifferenceList): void {
  for (const axis of ['fXaxis', 'fYaxis']) {
    if (!isSameAxis(out, input, axis)) differences.add(axis, limitsText(out, axis), limitsText(input, axis));
  }
  const [mine, theirs] = [binsOf(out), binsOf(input)];
  if (mine.length !== theirs.length) return differences.add('fBins.length', mine.length, theirs.length);
  const skip = out.className === PROFILE ? ADDED_OF_PROFILE_BIN : ADDED_OF_BIN;
  mine.forEach((bin, i) => {
    const found = new DifferenceList(differences.max);
    compareNodes(bin, theirs[i] as SpanNode, '', { tolerance: {}, skip }, found);
    differences.addAll(found, `fBins[${i}]`);
  });
}

function limitsText(node: ObjectNode, axis: string): string {
  return ['fNbins', 'fXmin', 'fXmax'].map((name) => numberOf(node, `${axis}.${name}`)).join(' ');
}

/** ROOT begins to store them with the first input that does: those of the sum so far are its contents without their sign. */
function compareSquares(
  out: ObjectNode,
  inputs: readonly ObjectNode[],
  contents: readonly Float64Array[],
  differences: DifferenceList,
): void {
  const [own, ...stored] = [out, ...inputs].map((node) => cellsOf(node, 'fSumw2')?.values);
  const isStored = stored.some((values) => values !== undefined);
  if ((own !== undefined) !== isStored) {
    return differences.add('fSumw2', own === undefined ? 'absent' : 'present', isStored ? 'present' : 'absent');
  }
  const from = stored.findIndex((values) => values !== undefined);
  own?.forEach((found, i) => {
    const before = Math.abs(contents.slice(0, from).reduce((sum, values) => sum + (values[i] ?? 0), 0));
    const later = contents.slice(from).map((values, k) => stored[from + k]?.[i] ?? values[i] ?? 0);
    compareSum(`fSumw2.fArray[${i}]`, found, [before, ...later], differences);
  });
}

/** In the order of fSumw2: regions, then polygons. */
function contentsOf(node: ObjectNode): Float64Array {
  return Float64Array.from([
    ...Array.from({ length: OVERFLOWS }, (_, k) => numberOf(node, 'fOverflow', k)),
    ...binsOf(node).map((bin) => numberOf(bin, 'fContent')),
  ]);
}

function placeOf(i: number): string {
  return i < OVERFLOWS ? `fOverflow[${i}]` : `fBins[${i - OVERFLOWS}].fContent`;
}

function binsOf(node: ObjectNode): SpanNode[] {
  const bins = member(node, 'fBins');
  return bins === null ? [] : listItems(bins).flatMap(({ target }) => target ?? []);
}
