/**
 * Finds which entries of two sides belong together (by the values of key branches, by equal content, by number in
 * ranges), and compares them branch by branch in that order. In memory are 36 bytes per entry, and open baskets or pages.
 */
import type { DifferenceList } from '../object/difference.ts';
import { EntryCache, type EntrySource } from './entry-access.ts';
import { EntryDigests, joinDigests, type DigestJoin } from './entry-digests.ts';
import { entriesIn, type EntryPairs, type EntrySelection } from './entry-selection.ts';
import { canonicalRange } from './canonical-bytes.ts';
import { isEqual, type EntryChunk, type EntryPlace } from './entry-streams.ts';
import { valuesOf } from './judge-entry.ts';

/** One side of a branch or column. */
export interface StreamSide {
  /** Its entries (a column: elements) in order. */
  chunks: () => Iterable<EntryChunk>;
  /** Its entries in any order. */
  entries: (cache: EntryCache) => EntrySource;
}

/** A branch or column that both sides have. */
export interface StreamPair {
  name: string;
  left: StreamSide;
  right: StreamSide;
  /** Adds how two entries with different bytes differ, unless they do not. `numbers`: those of the entries on both sides. */
  judge: (
    at: string,
    left: EntryPlace,
    right: EntryPlace,
    differences: DifferenceList,
    numbers: readonly [left: number, right: number],
  ) => void;
}

/** The two sides as a whole. */
export interface PairedStreams {
  /** Those that are compared. */
  streams: readonly StreamPair[];
  /** Those whose values tell which entries belong together. */
  keys: readonly StreamPair[];
  left: number;
  right: number;
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
  step: () => Promise<void>,
  differences: DifferenceList,
): Promise<PairedComparison> {
  if (selection.pairs !== undefined) {
    const { pairs } = selection;
    await compareStreams(sides, pairs, step);
    addUnpaired(pairs, sides, differences);
    return { pairs, notes: ['entries are joined by what their references lead to'] };
  }
  if (sides.keys.length > 0) {
    const pairs = await joinByKeys(sides, selection, step, differences);
    await compareStreams(sides, pairs, step);
    return { pairs, notes: [`entries are joined by ${sides.keys.map(({ name }) => name).join(', ')}`] };
  }
  if (selection.order === 'any') {
    return { pairs: await joinByContent(sides, selection, step, differences), notes: ['entries are compared in any order'] };
  }
  const pairs = pairsInRanges(sides, selection, differences);
  await compareStreams(sides, pairs, step);
  return { pairs, notes: [] };
}

/** Entries without partner. */
function addUnpaired(pairs: EntryPairs, sides: PairedStreams, differences: DifferenceList): void {
  for (const side of ['left', 'right'] as const) {
    const paired = new Set(pairs[side]);
    for (let entry = 0; entry < sides[side]; entry++) {
      if (!paired.has(entry)) {
        differences.add(`entry ${entry}`, side === 'left' ? 'present' : 'absent', side === 'left' ? 'absent' : 'present');
      }
    }
  }
}

/** The same numbers on both sides. */
function pairsInRanges({ left, right }: PairedStreams, { ranges }: EntrySelection, differences: DifferenceList): EntryPairs {
  const [ofLeft, ofRight] = [left, right].map((count) => numbersOf(entriesIn(ranges, count))) as [Uint32Array, Uint32Array];
  if (ofLeft.length !== ofRight.length) differences.add('entries', ofLeft.length, ofRight.length);
  const common = ofLeft.length < ofRight.length ? ofLeft : ofRight;
  return { left: common, right: common };
}

function numbersOf(entries: Uint32Array | number): Uint32Array {
  return typeof entries === 'number' ? Uint32Array.from({ length: entries }, (_, i) => i) : entries;
}

async function joinByKeys(
  sides: PairedStreams,
  { ranges }: EntrySelection,
  step: () => Promise<void>,
  differences: DifferenceList,
): Promise<EntryPairs> {
  const [left, right] = [new EntryDigests(entriesIn(ranges, sides.left)), new EntryDigests(sides.right)];
  await digestStreams(sides.keys, left, right, step);
  const join = joinDigests(left, right);
  const pairs = join.leftRepeated.length === 0 ? join : await withoutRepeated(sides, left, right, join, step);
  const label = keyLabels(sides.keys);
  for (const i of join.leftOnly) differences.add(`entry ${left.entry(i)} (${label('left', left.entry(i))})`, 'present', 'absent');
  if (ranges === undefined) {
    for (const j of join.rightOnly) differences.add(`entry ${right.entry(j)} (${label('right', right.entry(j))})`, 'absent', 'present');
  }
  return pairs;
}

/** Of entries with the same key those of equal content belong together; the others in their order. */
async function withoutRepeated(
  sides: PairedStreams,
  left: EntryDigests,
  right: EntryDigests,
  join: DigestJoin,
  step: () => Promise<void>,
): Promise<EntryPairs> {
  const [some, others] = [part(left, join.leftRepeated), part(right, join.rightRepeated)];
  const [content, otherContent] = [part(left, join.leftRepeated), part(right, join.rightRepeated)];
  await digestStreams(sides.streams, content, otherContent, step);
  const equal = joinDigests(content, otherContent);
  const rest = joinDigests(part(some, equal.leftOnly), part(others, equal.rightOnly));
  const repeated = new Set(some.entries);
  const kept = join.left.map((_, i) => i).filter((i) => !repeated.has(join.left[i] as number));
  return {
    left: joined([kept.map((i) => join.left[i] as number), equal.left, rest.left]),
    right: joined([kept.map((i) => join.right[i] as number), equal.right, rest.right]),
  };
}

/** Some of the digests, as a list of their own. */
function part(digests: EntryDigests, places: readonly number[]): EntryDigests {
  const some = new EntryDigests(Uint32Array.from(places, (i) => digests.entry(i)));
  places.forEach((from, to) => some.words.set(digests.words.subarray(4 * from, 4 * from + 4), 4 * to));
  return some;
}

function joined(parts: readonly Uint32Array[]): Uint32Array {
  const all = new Uint32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const each of parts) {
    all.set(each, at);
    at += each.length;
  }
  return all;
}

/** Entries of equal content belong together. Of the others, as many on both sides, the first is compared with the first. */
async function joinByContent(
  sides: PairedStreams,
  { ranges }: EntrySelection,
  step: () => Promise<void>,
  differences: DifferenceList,
): Promise<EntryPairs> {
  const [left, right] = [new EntryDigests(entriesIn(ranges, sides.left)), new EntryDigests(sides.right)];
  await digestStreams(sides.streams, left, right, step);
  const join = joinDigests(left, right);
  if (ranges === undefined && join.leftOnly.length === join.rightOnly.length) {
    const rest = {
      left: Uint32Array.from(join.leftOnly, (i) => left.entry(i)),
      right: Uint32Array.from(join.rightOnly, (j) => right.entry(j)),
    };
    await compareStreams(sides, rest, step);
    return { left: joined([join.left, rest.left]), right: joined([join.right, rest.right]) };
  }
  for (const i of join.leftOnly) differences.add(`entry ${left.entry(i)}`, 'present', 'no entry of this content');
  if (ranges === undefined) {
    for (const j of join.rightOnly) differences.add(`entry ${right.entry(j)}`, 'no entry of this content', 'present');
  }
  return join;
}

/** Takes every entry of every stream into the digests. */
async function digestStreams(
  streams: readonly StreamPair[],
  left: EntryDigests,
  right: EntryDigests,
  step: () => Promise<void>,
): Promise<void> {
  const cache = new EntryCache();
  for (const pair of streams) {
    for (const [side, digests] of [
      [pair.left, left],
      [pair.right, right],
    ] as const) {
      const source = side.entries(cache);
      for (let i = 0; i < digests.count; i++) {
        const place = source.at(digests.entry(i));
        if (place === undefined) continue;
        const { data, start, end } = canonicalRange(place);
        digests.add(i, data, start, end);
      }
      await step();
    }
  }
}

/** The values of the key branches of an entry as text: `run=1, event=7`. */
function keyLabels(keys: readonly StreamPair[]): (side: 'left' | 'right', entry: number) => string {
  const cache = new EntryCache();
  const sources = keys.map(({ name, left, right }) => ({ name, left: left.entries(cache), right: right.entries(cache) }));
  return (side, entry) =>
    sources
      .map(({ name, [side]: source }) => {
        const place = source.at(entry);
        const value = place && valuesOf(place);
        return `${name}=${value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value ?? 'absent')}`;
      })
      .join(', ');
}

/** False where references in equal bytes lead elsewhere. */
function haveSameIds({ entries: { processIds: a } }: EntryPlace, { entries: { processIds: b } }: EntryPlace): boolean {
  return a === undefined || b === undefined || a.areSame(b);
}

/** Compares each pair of entries in each stream. */
async function compareStreams({ streams, keys, listOf }: PairedStreams, pairs: EntryPairs, step: () => Promise<void>): Promise<void> {
  const cache = new EntryCache();
  const label = keys.length === 0 ? undefined : keyLabels(keys);
  for (const { name, left, right, judge } of streams) {
    const [ofLeft, ofRight] = [left.entries(cache), right.entries(cache)];
    const differences = listOf(name);
    let unequal = 0;
    for (let i = 0; i < pairs.left.length; i++) {
      const [l, r] = [pairs.left[i] as number, pairs.right[i] as number];
      if (l < ofLeft.count !== r < ofRight.count) unequal++;
      const [a, b] = [ofLeft.at(l), ofRight.at(r)];
      if (a === undefined || b === undefined || (isEqual(a, b) && haveSameIds(a, b))) continue;
      judge(`${name}[${l}]${r === l ? '' : `~[${r}]`}${label === undefined ? '' : ` (${label('left', l)})`}`, a, b, differences, [l, r]);
    }
    if (unequal > 0 && ofLeft.count > 0) differences.add(`entries of branch ${name}`, ofLeft.count, ofRight.count);
    await step();
  }
}
