/** Which entries of two sides belong together, by the values of key branches or by all of their content: digests are joined. */
import type { DifferenceList } from '../object/difference.ts';
import { canonicalRange } from './canonical-bytes.ts';
import { EntryCache, type EntrySource } from './entry-access.ts';
import { EntryDigests, joinDigests, type DigestJoin } from './entry-digests.ts';
import { entriesIn, type EntryPairs, type EntryRange } from './entry-selection.ts';
import { valuesOf } from './judge-entry.ts';
import type { StreamPair } from './stream-pair.ts';

/** What is joined: all entries of the right side, and those of the left one that are asked for. */
export interface JoinedSides {
  /** Branches or columns that are compared. */
  streams: readonly StreamPair[];
  /** Those whose values tell which entries belong together. */
  keys: readonly StreamPair[];
  /** Entries of either side. */
  left: number;
  right: number;
  /** Entries of the left side that are looked at; undefined: all. Entries of the right one without partner do not count then. */
  ranges: readonly EntryRange[] | undefined;
  /** Told after each branch of a side; throws to stop. */
  step: () => Promise<void>;
}

/** Digests of the entries of both sides. */
interface DigestPair {
  left: EntryDigests;
  right: EntryDigests;
}

/** Entries with equal keys belong together; those without partner are added to the differences. */
export async function joinByKeys(sides: JoinedSides, differences: DifferenceList): Promise<EntryPairs> {
  const digests = await digestsOf(sides, sides.keys);
  const { left, right } = digests;
  const join = joinDigests(left, right);
  const pairs = join.leftRepeated.length === 0 ? join : await withRepeatedKeys(sides, digests, join);
  const label = keyLabels(sides.keys);
  for (const i of join.leftOnly) differences.add(`entry ${left.entry(i)} (${label('left', left.entry(i))})`, 'present', 'absent');
  if (sides.ranges === undefined) {
    for (const j of join.rightOnly) differences.add(`entry ${right.entry(j)} (${label('right', right.entry(j))})`, 'absent', 'present');
  }
  return pairs;
}

/** Of entries with the same key those of equal content belong together; the others in their order. */
async function withRepeatedKeys(sides: JoinedSides, keys: DigestPair, join: DigestJoin): Promise<EntryPairs> {
  const ofRepeated = (): DigestPair => ({ left: selected(keys.left, join.leftRepeated), right: selected(keys.right, join.rightRepeated) });
  const repeated = ofRepeated();
  // Contents are digested on top of the keys: equal contents of other keys do not belong together.
  const contents = ofRepeated();
  await digestStreams(sides.streams, contents, sides.step);
  const equal = joinDigests(contents.left, contents.right);
  const rest = joinDigests(selected(repeated.left, equal.leftOnly), selected(repeated.right, equal.rightOnly));
  const others = new Set(repeated.left.entries);
  const unique = join.left.map((_, i) => i).filter((i) => !others.has(join.left[i] as number));
  const ofUnique = { left: unique.map((i) => join.left[i] as number), right: unique.map((i) => join.right[i] as number) };
  return joinedPairs(ofUnique, equal, rest);
}

/** Entries that were joined by their content. */
export interface ContentJoin {
  /** Those of equal content. */
  equal: EntryPairs;
  /** The others, where there are as many on both sides: the first belongs to the first. undefined: they have no partner. */
  rest: EntryPairs | undefined;
}

/** Entries of equal content belong together; those without partner are added to the differences. */
export async function joinByContent(sides: JoinedSides, differences: DifferenceList): Promise<ContentJoin> {
  const { left, right } = await digestsOf(sides, sides.streams);
  const equal = joinDigests(left, right);
  const { leftOnly, rightOnly } = equal;
  if (sides.ranges === undefined && leftOnly.length === rightOnly.length) {
    const rest = {
      left: Uint32Array.from(leftOnly, (i) => left.entry(i)),
      right: Uint32Array.from(rightOnly, (j) => right.entry(j)),
    };
    return { equal, rest };
  }
  for (const i of leftOnly) differences.add(`entry ${left.entry(i)}`, 'present', 'no entry of this content');
  if (sides.ranges === undefined) {
    for (const j of rightOnly) differences.add(`entry ${right.entry(j)}`, 'no entry of this content', 'present');
  }
  return { equal, rest: undefined };
}

/** All of several lists of pairs, one list after the other. */
export function joinedPairs(...lists: readonly EntryPairs[]): EntryPairs {
  return { left: joined(lists.map(({ left }) => left)), right: joined(lists.map(({ right }) => right)) };
}

function joined(lists: readonly Uint32Array[]): Uint32Array {
  const all = new Uint32Array(lists.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const each of lists) {
    all.set(each, at);
    at += each.length;
  }
  return all;
}

/** Some of the digests, as a list of their own. */
function selected(digests: EntryDigests, places: readonly number[]): EntryDigests {
  const some = new EntryDigests(Uint32Array.from(places, (i) => digests.entry(i)));
  places.forEach((from, to) => some.words.set(digests.words.subarray(4 * from, 4 * from + 4), 4 * to));
  return some;
}

async function digestsOf({ left, right, ranges, step }: JoinedSides, streams: readonly StreamPair[]): Promise<DigestPair> {
  const digests = { left: new EntryDigests(entriesIn(ranges, left)), right: new EntryDigests(right) };
  await digestStreams(streams, digests, step);
  return digests;
}

/** Takes every entry of every stream into the digests. */
async function digestStreams(streams: readonly StreamPair[], { left, right }: DigestPair, step: () => Promise<void>): Promise<void> {
  const cache = new EntryCache();
  for (const pair of streams) {
    digestEntries(pair.left.entries(cache), left);
    await step();
    digestEntries(pair.right.entries(cache), right);
    await step();
  }
}

function digestEntries(source: EntrySource, digests: EntryDigests): void {
  for (let i = 0; i < digests.count; i++) {
    const place = source.at(digests.entry(i));
    if (place === undefined) continue;
    const { data, start, end } = canonicalRange(place);
    digests.add(i, data, start, end);
  }
}

/** The values of the key branches of an entry as text: `run=1, event=7`. */
export function keyLabels(keys: readonly StreamPair[]): (side: 'left' | 'right', entry: number) => string {
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
