/**
 * Attribute sets of an RNTuple held against those of another one, or of several joined in order. A set is an RNTuple with an entry per
 * range of entries: `_rangeStart` and `_rangeLen` (u64), and the attributes in `_userData`. Behind other inputs ranges begin later.
 * hadd of ROOT 6.40 loses them without a word.
 */
import { CorruptFileError } from '../../errors.ts';
import { readField } from '../../io/root/rntuple/field-arrays.ts';
import { openAttributeSets, type RNTuple } from '../../io/root/rntuple/rntuple.ts';
import { isAbsent } from './absent-parts.ts';
import { isPlainSelection } from './entry-selection.ts';
import type { StreamOptions } from './compare-trees.ts';
import { compareTuples, type TuplePart } from './compare-tuples.ts';
import { DifferenceList } from '../object/difference.ts';

const RANGE_START = '_rangeStart';

/** A set of one part, and the entries of the parts before. */
interface PlacedSet {
  set: RNTuple;
  firstEntry: number;
}

/** Adds the differences of all attribute sets that are not left out by name; returns what could not be compared, and why. */
export async function compareAttributes(
  tuple: RNTuple,
  parts: readonly TuplePart[],
  options: StreamOptions,
  differences: DifferenceList,
): Promise<string[]> {
  const [left, right] = [openAttributeSets(tuple), placedSets(parts)];
  const names = [...new Set([...left.keys(), ...right.keys()])].filter((name) => options.accepts(name));
  const both: [name: string, set: RNTuple, sets: PlacedSet[]][] = [];
  for (const name of names) {
    const [set, sets] = [left.get(name), right.get(name)];
    if (set !== undefined && sets !== undefined) both.push([name, set, sets]);
    else differences.add(`attribute set ${name}`, set === undefined ? 'absent' : 'present', sets === undefined ? 'absent' : 'present');
  }
  if (both.length > 0 && !isPlainSelection(options.selection)) {
    return [
      `attribute sets (${both.map(([name]) => name).join(', ')}) tell of entries by number: their values are compared only when all entries are, in order`,
    ];
  }
  for (const [name, set, sets] of both) await compareSets(name, set, sets, options, differences);
  return [];
}

function placedSets(parts: readonly TuplePart[]): Map<string, PlacedSet[]> {
  const placed = new Map<string, PlacedSet[]>();
  let firstEntry = 0;
  for (const part of parts) {
    if (!isAbsent(part)) {
      for (const [name, set] of openAttributeSets(part)) placed.set(name, [...(placed.get(name) ?? []), { set, firstEntry }]);
    }
    firstEntry += part.entryCount;
  }
  return placed;
}

async function compareSets(
  name: string,
  set: RNTuple,
  parts: readonly PlacedSet[],
  options: StreamOptions,
  differences: DifferenceList,
): Promise<void> {
  const found = DifferenceList.within({ max: differences.max, distributions: undefined });
  const accepts = (field: string): boolean => field !== RANGE_START;
  await compareTuples(
    set,
    parts.map((part) => part.set),
    { ...options, accepts, isHarmless: () => false, share: undefined },
    found,
  );
  const [starts, wanted] = [
    rangeStarts(set),
    parts.flatMap((part) => rangeStarts(part.set).map((start) => start + BigInt(part.firstEntry))),
  ];
  for (let i = 0; i < Math.min(starts.length, wanted.length); i++) {
    if (starts[i] !== wanted[i]) found.add(`${RANGE_START}[${i}]`, starts[i], wanted[i]);
  }
  differences.addAll(found, `attribute set ${name}`);
}

function rangeStarts(set: RNTuple): bigint[] {
  const { values } = readField(set, RANGE_START);
  if (values instanceof BigUint64Array) return [...values];
  throw new CorruptFileError('attribute set has no ranges of entries', { file: set.source.file.path, objectPath: set.source.path });
}
