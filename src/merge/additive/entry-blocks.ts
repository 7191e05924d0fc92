/**
 * Blocks of a TEntryList: which of 64 000 entries pass. Stored are a bit per entry, or the numbers of those that pass,
 * or of those that do not, whatever is shortest. Source: ROOT tree/tree/src/TEntryListBlock.cxx (Contains,
 * OptimizeStorage).
 */
import { CorruptFileError, UnsupportedError } from '../../errors.ts';
import { numberOf, setNumber } from '../../io/root/streamer/member.ts';
import { arrayOf, setArray } from '../../io/root/streamer/member-list.ts';
import type { SpanNode } from '../../io/root/streamer/span-graph.ts';

/** Words of 16 bits of a block; also how many entries make a list worth while. */
const WORDS = 4000;
const ENTRIES = 16 * WORDS;
/** fType: a bit per entry, numbers of entries. */
const BITS = 0;
const LIST = 1;

/** Adds the entries of a block to those of another one; returns how many more pass there. */
export function uniteBlocks(sum: SpanNode, next: SpanNode): number {
  if (isEmpty(next)) return 0;
  const [mine, theirs] = [wordsOf(sum), wordsOf(next)];
  const before = countOf(mine);
  const united = mine.map((word, i) => word | (theirs[i] as number));
  const after = countOf(united);
  if (after !== before) store(sum, united, after);
  return after - before;
}

/** How many entries of a block pass. */
export function passingCount(block: SpanNode): number {
  return isEmpty(block) ? 0 : countOf(wordsOf(block));
}

/** True for a block that nothing was ever put into: a list of an entry far behind the others has thousands of them. */
function isEmpty(block: SpanNode): boolean {
  return numberOf(block, 'fPassing') !== 0 && arrayOf(block, 'fIndices')?.count === 0;
}

/** A bit per entry: bit k of word i is entry 16 i + k. */
function wordsOf(block: SpanNode): Uint16Array {
  const stored = indicesOf(block);
  const isList = numberOf(block, 'fType') !== BITS;
  const isPassing = numberOf(block, 'fPassing') !== 0;
  if (!isList && stored.length > 0) {
    if (stored.length !== WORDS) {
      throw new CorruptFileError('a block of entries of another size', { expected: WORDS, found: stored.length });
    }
    return stored;
  }
  const words = new Uint16Array(WORDS).fill(isPassing ? 0 : 0xffff);
  for (const entry of stored) {
    if (entry >= ENTRIES) throw new CorruptFileError('an entry beyond its block', { expected: `less than ${ENTRIES}`, found: entry });
    words[entry >> 4] = (words[entry >> 4] as number) ^ (1 << (entry & 15));
  }
  return words;
}

function indicesOf(block: SpanNode): Uint16Array {
  const array = arrayOf(block, 'fIndices');
  if (array === null || array.width !== 2) throw new UnsupportedError('a block of entries without numbers');
  const view = new DataView(array.bytes.buffer, array.bytes.byteOffset);
  return Uint16Array.from({ length: array.count }, (_, i) => view.getUint16(array.start + 2 * i));
}

function countOf(words: Uint16Array): number {
  let count = 0;
  for (let word of words) for (; word !== 0; word &= word - 1) count++;
  return count;
}

function store(block: SpanNode, words: Uint16Array, count: number): void {
  const isPassing = count <= ENTRIES - WORDS;
  const isList = count < WORDS || !isPassing;
  const stored = isList ? entriesOf(words, isPassing) : words;
  const bytes = Buffer.alloc(2 * stored.length);
  stored.forEach((value, i) => bytes.writeUInt16BE(value, 2 * i));
  setArray(block, 'fIndices', bytes);
  setNumber(block, 'fNPassed', isList ? stored.length : count);
  setNumber(block, 'fType', isList ? LIST : BITS);
  setNumber(block, 'fPassing', Number(isPassing));
}

/** Numbers of the entries that pass, or of those that do not. */
function entriesOf(words: Uint16Array, isPassing: boolean): Uint16Array {
  const all = Uint16Array.from({ length: ENTRIES }, (_, entry) => entry);
  return all.filter((entry) => (((words[entry >> 4] as number) >> (entry & 15)) & 1) === Number(isPassing));
}
