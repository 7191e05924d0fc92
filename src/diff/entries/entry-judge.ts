/**
 * Entries that hold objects, or say which object they are: judged by what they mean, whatever the numbers of process
 * ids are in their file.
 */
import { isPoolMergeError } from '../../errors.ts';
import type { SpanGraph } from '../../io/root/streamer/span-graph.ts';
import { compareGraphs } from '../object/compare-graphs.ts';
import { DifferenceList } from '../object/difference.ts';
import type { Tolerance } from '../object/tolerance.ts';
import { ChunkedEntries, EntryCache } from './entry-access.ts';
import { bitsIn, idsIn } from './entry-objects.ts';
import type { EntryChunk, EntryPlace } from './entry-streams.ts';

/**
 * Adds how two objects differ; false where the entries are no objects that are understood. Tags inside depend on the
 * place in the basket: equal objects may have other bytes.
 */
export function judgeAsObjects(
  at: string,
  left: EntryPlace,
  right: EntryPlace,
  tolerance: Tolerance,
  differences: DifferenceList,
): boolean {
  const [a, b] = [objectAt(left), objectAt(right)];
  if (a === undefined || b === undefined) return false;
  const [x, y] = [left.entries.processIds, right.entries.processIds];
  const found = new DifferenceList(differences.max);
  compareGraphs(a, b, { tolerance, ...(x !== undefined && y !== undefined && { processIds: [x, y] }) }, found);
  differences.addAll(found, at);
  return true;
}

/** The object in an entry; undefined where there is none that is understood. */
function objectAt({ entries: { graph, members }, start, end }: EntryPlace): SpanGraph | undefined {
  for (const walk of [graph, members]) {
    try {
      const found = walk?.(start, end);
      if (found !== undefined && found.root.kind !== 'opaque') return found;
    } catch (err) {
      if (!isPoolMergeError(err, 'CORRUPT_FILE', 'UNSUPPORTED')) throw err;
    }
  }
  return undefined;
}

/** True when two entries of fBits say the same: the bits, and the processes that referenced objects belong to. */
export function haveSameBits(left: EntryPlace, right: EntryPlace): boolean {
  const [ours, theirs] = [bitsAt(left), bitsAt(right)];
  const [x, y] = [left.entries.processIds, right.entries.processIds];
  const isSameProcess = (a: number, b: number): boolean => (x === undefined || y === undefined ? a === b : x.isSame(a, y, b));
  return (
    ours.length === theirs.length &&
    ours.every(({ bits, pid }, i) => {
      const other = theirs[i];
      if (other?.bits !== bits) return false;
      return pid === undefined || other.pid === undefined ? pid === other.pid : isSameProcess(pid, other.pid);
    })
  );
}

function bitsAt({ entries: { data }, start, end }: EntryPlace): ReturnType<typeof bitsIn> {
  return bitsIn(data, start, end);
}

/** Tells whether two entries of fUniqueID number the same objects; which of them are referenced is said by their fBits, beside them. */
export class IdentityJudge {
  readonly #bits: [left: () => Iterable<EntryChunk>, right: () => Iterable<EntryChunk>];
  #sides: ChunkedEntries[] | undefined;

  /** `bits`: the entries of fBits on both sides. */
  constructor(...bits: [left: () => Iterable<EntryChunk>, right: () => Iterable<EntryChunk>]) {
    this.#bits = bits;
  }

  /** `numbers`: of the entries on both sides. */
  areSame(left: EntryPlace, right: EntryPlace, numbers: readonly [left: number, right: number]): boolean {
    const cache = new EntryCache();
    this.#sides ??= this.#bits.map((chunks) => new ChunkedEntries(chunks(), cache));
    const [ours, theirs] = [left, right].map(({ entries: { data }, start, end }, side) => {
      const place = this.#sides?.[side]?.at(numbers[side] as number);
      return idsIn(data, start, end, place === undefined ? [] : bitsAt(place));
    }) as [number[], number[]];
    return ours.length === theirs.length && ours.every((id, i) => id === theirs[i]);
  }
}
