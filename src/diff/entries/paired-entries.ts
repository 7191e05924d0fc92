/**
 * Finds which entries of two sides belong together (by the values of key branches, by equal content, by number in
 * ranges), and compares them branch by branch in that order. In memory are 36 bytes per entry, and open baskets or pages.
 */
import type { DifferenceList } from '../object/difference.ts';
import { EntryCache } from './entry-access.ts';
import { joinByContent, joinByKeys, joinedPairs, keyLabels, type JoinedSides } from './entry-joins.ts';
import { entriesIn, type EntryPairs, type EntrySelection } from './entry-selection.ts';
import { isEqual, type EntryPlace } from './entry-streams.ts';
import type { StreamPair } from './stream-pair.ts';

/** The two sides as a whole. */
export interface PairedStreams extends Omit<JoinedSides, 'ranges'> {
  /** Where differences of a stream are added. */
  listOf: (name: string) => DifferenceList;
}

/** What became of a comparison. */
export interface PairedComparison {
  pairs: EntryPairs;
  notes: string[];
}

/** Compares what a selection lets belong together; differences of entries without partner are added as well. */
export async function comparePaired(
  sides: PairedStreams,
  selection: EntrySelection,
  differences: DifferenceList,
): Promise<PairedComparison> {
  const joining: JoinedSides = { ...sides, ranges: selection.ranges };
  if (selection.pairs !== undefined) {
    const { pairs } = selection;
    await compareStreams(sides, pairs);
    addUnpaired(pairs, sides, differences);
    return { pairs, notes: ['entries are joined by what their references lead to'] };
  }
  if (sides.keys.length > 0) {
    const pairs = await joinByKeys(joining, differences);
    await compareStreams(sides, pairs);
    return { pairs, notes: [`entries are joined by ${sides.keys.map(({ name }) => name).join(', ')}`] };
  }
  if (selection.order === 'any') {
    const { equal, rest } = await joinByContent(joining, differences);
    if (rest !== undefined) await compareStreams(sides, rest);
    return { pairs: rest === undefined ? equal : joinedPairs(equal, rest), notes: ['entries are compared in any order'] };
  }
  const pairs = pairsInRanges(joining, differences);
  await compareStreams(sides, pairs);
  return { pairs, notes: [] };
}

/** Entries without partner. */
function addUnpaired(pairs: EntryPairs, sides: PairedStreams, differences: DifferenceList): void {
  for (const side of ['left', 'right'] as const) {
    const paired = new Set(pairs[side]);
    const [left, right] = side === 'left' ? ['present', 'absent'] : ['absent', 'present'];
    for (let entry = 0; entry < sides[side]; entry++) {
      if (!paired.has(entry)) differences.add(`entry ${entry}`, left, right);
    }
  }
}

/** The same numbers on both sides. */
function pairsInRanges({ left, right, ranges }: JoinedSides, differences: DifferenceList): EntryPairs {
  const [ofLeft, ofRight] = [left, right].map((count) => numbersOf(entriesIn(ranges, count))) as [Uint32Array, Uint32Array];
  if (ofLeft.length !== ofRight.length) differences.add('entries', ofLeft.length, ofRight.length);
  const common = ofLeft.length < ofRight.length ? ofLeft : ofRight;
  return { left: common, right: common };
}

function numbersOf(entries: Uint32Array | number): Uint32Array {
  return typeof entries === 'number' ? Uint32Array.from({ length: entries }, (_, i) => i) : entries;
}

/** Compares each pair of entries in each stream. */
async function compareStreams({ streams, keys, listOf, step }: PairedStreams, pairs: EntryPairs): Promise<void> {
  const cache = new EntryCache();
  const label = keys.length === 0 ? undefined : keyLabels(keys);
  for (const stream of streams) {
    compareStream(stream, pairs, label, cache, listOf(stream.name));
    await step();
  }
}

function compareStream(
  { name, left, right, judge }: StreamPair,
  pairs: EntryPairs,
  label: ReturnType<typeof keyLabels> | undefined,
  cache: EntryCache,
  differences: DifferenceList,
): void {
  const [ofLeft, ofRight] = [left.entries(cache), right.entries(cache)];
  let unequal = 0;
  for (let i = 0; i < pairs.left.length; i++) {
    const [l, r] = [pairs.left[i] as number, pairs.right[i] as number];
    if (l < ofLeft.count !== r < ofRight.count) unequal++;
    const [a, b] = [ofLeft.at(l), ofRight.at(r)];
    if (a === undefined || b === undefined || (isEqual(a, b) && haveSameIds(a, b))) continue;
    const partner = r === l ? '' : `~[${r}]`;
    judge(`${name}[${l}]${partner}${label === undefined ? '' : ` (${label('left', l)})`}`, a, b, differences, [l, r]);
  }
  if (unequal > 0 && ofLeft.count > 0) differences.add(`entries of branch ${name}`, ofLeft.count, ofRight.count);
}

/** False where references in equal bytes lead elsewhere. */
function haveSameIds({ entries: { processIds: a } }: EntryPlace, { entries: { processIds: b } }: EntryPlace): boolean {
  return a === undefined || b === undefined || a.areSame(b);
}
