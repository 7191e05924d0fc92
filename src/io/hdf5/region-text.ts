/**
 * Selections of elements as references to regions hold them, as texts: equal texts, equal elements, in whatever version they are encoded.
 * Source: HDF5 file format specification, "Dataspace Selection" (appendix). All numbers are little-endian.
 *
 *   u32   kind: 0 nothing, 1 points, 2 hyperslabs, 3 all
 *   u32   version
 *   …     version 1: u32 reserved, u32 length; 2: u8 flags, u32 length, numbers of 8 bytes; 3: u8 flags (hyperslabs), u8 bytes of a number
 *   u32   dimensions
 *   …     points, or blocks by first and last element, or (flag 1) start, stride, count and block of each dimension
 */

const KIND = { nothing: 0, points: 1, hyperslabs: 2, all: 3 } as const;
/** Flag of a hyperslab that is the same along each dimension. */
const REGULAR = 1;
/** Regular hyperslabs of more blocks are told by their start, stride, count and block. */
const MAX_BLOCKS = 10_000;

/** The text of a selection; of one that is not known its bytes. */
export function regionText(selection: Buffer): string {
  try {
    return textOf(selection);
  } catch (err) {
    if (err instanceof RangeError) return selection.toString('hex');
    throw err;
  }
}

function textOf(bytes: Buffer): string {
  const [kind, version] = [bytes.readUInt32LE(0), bytes.readUInt32LE(4)];
  if (kind === KIND.nothing) return 'no element';
  if (kind === KIND.all) return 'all elements';
  const { rank, numberBytes, at, isRegular } = headOf(bytes, kind, version);
  const reader = new NumberReader(bytes, at, numberBytes);
  if (kind === KIND.points) return blocksText(reader.lists(reader.next(), rank), rank);
  if (isRegular) return regularText(reader.lists(rank, 4));
  return blocksText(reader.lists(reader.next(), 2 * rank), rank);
}

function headOf(bytes: Buffer, kind: number, version: number): { rank: number; numberBytes: number; at: number; isRegular: boolean } {
  const isSlab = kind === KIND.hyperslabs;
  if (version === 1) return { rank: bytes.readUInt32LE(16), numberBytes: 4, at: 20, isRegular: false };
  const isRegular = isSlab && (bytes.readUInt8(8) & REGULAR) !== 0;
  if (version === 2 && isSlab) return { rank: bytes.readUInt32LE(13), numberBytes: 8, at: 17, isRegular };
  const sizeAt = isSlab ? 9 : 8;
  return { rank: bytes.readUInt32LE(sizeAt + 1), numberBytes: bytes.readUInt8(sizeAt), at: sizeAt + 5, isRegular };
}

class NumberReader {
  readonly #bytes: Buffer;
  readonly #size: number;
  #at: number;

  constructor(bytes: Buffer, at: number, size: number) {
    if (![2, 4, 8].includes(size)) throw new RangeError('unknown size of numbers');
    this.#bytes = bytes;
    this.#at = at;
    this.#size = size;
  }

  next(): number {
    const value = this.#size === 8 ? Number(this.#bytes.readBigUInt64LE(this.#at)) : this.#bytes.readUIntLE(this.#at, this.#size);
    this.#at += this.#size;
    return value;
  }

  /** So many lists of so many numbers. */
  lists(count: number, length: number): number[][] {
    if (count * length * this.#size > this.#bytes.length - this.#at) throw new RangeError('selection is cut');
    return Array.from({ length: count }, () => Array.from({ length }, () => this.next()));
  }
}

/** Points, or blocks by first and last element. */
function blocksText(blocks: readonly (readonly number[])[], rank: number): string {
  return blocks.map((block) => blockText(block.slice(0, rank), block.slice(-rank))).join(' ');
}

function blockText(first: readonly number[], last: readonly number[]): string {
  return `[${first.map((start, i) => (start === last[i] ? String(start) : `${start}:${(last[i] ?? start) + 1}`)).join(', ')}]`;
}

/** @param dimensions start, stride, count and block of each */
function regularText(dimensions: readonly (readonly number[])[]): string {
  const ranges = dimensions.map(([start = 0, stride = 1, count = 1, block = 1]) =>
    stride === block ? { start, stride, count: 1, block: count * block } : { start, stride, count, block },
  );
  if (ranges.reduce((product, { count }) => product * count, 1) > MAX_BLOCKS) {
    return `[${ranges.map(({ start, stride, count, block }) => `${count} times ${block} from ${start}, step ${stride}`).join(', ')}]`;
  }
  let blocks: { first: number[]; last: number[] }[] = [{ first: [], last: [] }];
  for (const { start, stride, count, block } of ranges) {
    const starts = Array.from({ length: count }, (_, i) => start + i * stride);
    blocks = blocks.flatMap(({ first, last }) => starts.map((each) => ({ first: [...first, each], last: [...last, each + block - 1] })));
  }
  return blocks.map(({ first, last }) => blockText(first, last)).join(' ');
}
