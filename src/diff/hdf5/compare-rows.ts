/** Values of two datasets, in pieces: rows that belong together, element by element. */
import type { Hdf5File, RowRange } from '../../io/hdf5/hdf5-file.ts';
import { elementsOfRow, sliceRows } from '../../io/hdf5/hdf5-file.ts';
import type { Hdf5Extent } from '../../io/hdf5/hdf5-library.ts';
import { hasPointers, hasReferences, isScalar } from '../../io/hdf5/hdf5-types.ts';
import type { ValueTally } from '../table/cells.ts';
import type { RowSpan } from '../table/row-spans.ts';
import type { Hdf5Side } from './hdf5-side.ts';
import { leavesOf, type Leaf } from './leaves.ts';

/** A dataset of a file. */
export interface DatasetIn {
  side: Hdf5Side;
  path: string;
  extent: Hdf5Extent;
}

/** Members of both elements that are compared. */
interface LeafPair {
  name: string;
  left: Leaf;
  right: Leaf;
}

/** Two datasets that are open. */
interface OpenPair {
  left: DatasetIn & { file: Hdf5File };
  right: DatasetIn & { file: Hdf5File };
  leaves: LeafPair[];
  /** True when equal bytes are equal values. */
  isBytewise: boolean;
}

/**
 * Compares rows of two datasets (of scalars their value), whose rows have equal shapes.
 * @param turn called between pieces
 */
export async function compareRows(
  left: DatasetIn,
  right: DatasetIn,
  spans: readonly RowSpan[],
  tally: ValueTally,
  turn: () => Promise<void>,
): Promise<void> {
  if (isScalar(left.extent)) {
    if (left.extent.shape !== null) comparePiece(await openPair(left, right), { left: 0, right: 0, count: 1 }, tally);
    return;
  }
  const step = sliceRows(left.extent);
  for (const { left: first, right: other, count } of spans) {
    for (let done = 0; done < count; done += step) {
      comparePiece(await openPair(left, right), { left: first + done, right: other + done, count: Math.min(step, count - done) }, tally);
      await turn();
    }
  }
}

/** Opened for every piece: the files may have been closed for others meanwhile. */
async function openPair(left: DatasetIn, right: DatasetIn): Promise<OpenPair> {
  const a = { ...left, file: await left.side.open() };
  const b = { ...right, file: await right.side.open() };
  const leaves = pairLeaves(leavesIn(a), leavesIn(b));
  const isSameType = a.side.typeOf(a.path, a.extent) === b.side.typeOf(b.path, b.extent);
  return { left: a, right: b, leaves, isBytewise: isSameType && !hasPointers(a.extent) && !hasReferences(a.extent) };
}

/** The leaves of a dataset's elements. */
export function leavesIn({ side, path, extent }: DatasetIn): Leaf[] {
  return leavesOf(extent, side.numbersOf(path), side.nameOf);
}

/** Members of the same name and of types that can be compared. */
function pairLeaves(left: readonly Leaf[], right: readonly Leaf[]): LeafPair[] {
  return left.flatMap((a) => {
    const b = right.find(({ name, family }) => name === a.name && family === a.family);
    return b === undefined ? [] : [{ name: a.name, left: a, right: b }];
  });
}

function comparePiece(pair: OpenPair, { left: first, right: other, count }: RowSpan, tally: ValueTally): void {
  const { left, right } = pair;
  const rowBytes = elementsOfRow(left.extent) * left.extent.size;
  eachRange(left, { firstRow: first, rowCount: count }, (atLeft, row, rows) =>
    eachRange(right, { firstRow: other + row - first, rowCount: rows }, (atRight, otherRow, otherRows) => {
      const own = first + otherRow - other;
      compareElements(pair, { atLeft: atLeft + (own - row) * rowBytes, atRight, firstRow: own, rowCount: otherRows }, tally);
    }),
  );
}

function eachRange(
  { file, path, extent }: DatasetIn & { file: Hdf5File },
  range: RowRange,
  use: (at: number, row: number, rows: number) => void,
): void {
  file.eachSlice(path, extent, use, isScalar(extent) ? undefined : range);
}

/** Where elements of both lie in memory: that of one instance of the library, or of two. */
interface PlacedRows extends RowRange {
  atLeft: number;
  atRight: number;
}

function compareElements(
  { left, right, leaves, isBytewise }: OpenPair,
  { atLeft, atRight, firstRow, rowCount }: PlacedRows,
  tally: ValueTally,
): void {
  const [a, b] = [left.file.library.HEAPU8, right.file.library.HEAPU8];
  const elements = rowCount * elementsOfRow(left.extent);
  const bytes = elements * left.extent.size;
  if (isBytewise && Buffer.compare(a.subarray(atLeft, atLeft + bytes), b.subarray(atRight, atRight + bytes)) === 0) {
    return tally.addEqual(elements * leaves.length);
  }
  const [memory, otherMemory] = [new DataView(a.buffer), new DataView(b.buffer)];
  const places = new ElementPlaces(left.extent, firstRow);
  for (let i = 0; i < elements; i++) {
    for (const { name, left: x, right: y } of leaves) {
      const value = x.read(memory, atLeft + i * left.extent.size + x.offset);
      const other = y.read(otherMemory, atRight + i * right.extent.size + y.offset);
      tally.compare(() => places.at(name, i), value, other, Math.min(x.width, y.width));
    }
  }
}

/** Names elements of a piece of a dataset: `values[3, 1]`, of compounds `member[3]`, of single values `value`. */
export class ElementPlaces {
  readonly #shape: readonly number[];
  readonly #firstRow: number;

  constructor({ shape }: Hdf5Extent, firstRow: number) {
    this.#shape = shape ?? [];
    this.#firstRow = firstRow;
  }

  /** @param element number in the piece */
  at(member: string, element: number): string {
    if (this.#shape.length === 0) return member === '' ? 'value' : member;
    const indices: number[] = [];
    let rest = element;
    for (const length of this.#shape.slice(1).toReversed()) {
      indices.unshift(rest % length);
      rest = Math.floor(rest / length);
    }
    return `${member === '' ? 'values' : member}[${[rest + this.#firstRow, ...indices].join(', ')}]`;
  }
}
