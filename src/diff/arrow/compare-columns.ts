/** Values of a column in one file, and of the same column in others that follow each other: row by row, a record batch of each at a time. */
import { addContext } from '../../errors.ts';
import type { ArrowArray } from '../../io/arrow/array-values.ts';
import type { EntryRange } from '../entries/entry-selection.ts';
import type { Cell, ValueTally } from '../table/cells.ts';
import { spansWithin, type RowSpan } from '../table/row-spans.ts';
import type { ColumnIn } from './arrow-side.ts';
import { widthOf } from './compare-fields.ts';

/** A batch of a column, with the number of its first row in all. */
interface Piece {
  /** Path of its file. */
  file: string;
  array: ArrowArray;
  first: number;
}

/** What is looked at, and who is told. */
export interface ColumnComparison {
  tally: ValueTally;
  /** Rows that are compared; undefined: all. */
  ranges: readonly EntryRange[] | undefined;
  /** Called between pieces. */
  turn: () => Promise<void>;
  /** True when nothing more is to be compared. */
  isEnough?: () => boolean;
}

/** Compares the rows that both sides have. @throws CorruptFileError, UnsupportedError */
export async function compareColumns(
  left: ColumnIn,
  right: readonly ColumnIn[],
  { tally, ranges, turn, isEnough = () => false }: ColumnComparison,
): Promise<void> {
  const isSameType = right.every(({ field }) => field.type === left.field.type);
  const width = Math.min(...[left, ...right].map(({ field }) => widthOf(field)));
  for (const { a, b, span } of overlaps(pieces([left]), pieces(right))) {
    for (const { left: from, right: other, count } of spansWithin(span, ranges)) {
      const [x, y] = [from - a.first, other - b.first];
      if (isSameType && haveEqualBytes(a.array, x, b.array, y, count)) tally.addEqual(count);
      else {
        for (let i = 0; i < count; i++) tally.compare(() => `values[${from + i}]`, valueAt(a, x + i), valueAt(b, y + i), width, from + i);
      }
    }
    if (isEnough()) return;
    await turn();
  }
}

/** Places in other buffers are looked at when a value is read. */
function valueAt({ array, file }: Piece, i: number): Cell {
  try {
    return array.at(i);
  } catch (err) {
    throw addContext(err, { file });
  }
}

/** The batches of a column in several files, one after another. */
function* pieces(columns: readonly ColumnIn[]): Generator<Piece> {
  let first = 0;
  for (const { side, index } of columns) {
    for (let batch = 0; batch < side.columns.batchCount; batch++) {
      const array = side.columns.read(index, batch);
      if (array.length > 0) yield { file: side.path, array, first };
      first += array.length;
    }
  }
}

/** Rows that lie in one piece on both sides. */
function* overlaps(left: Generator<Piece>, right: Generator<Piece>): Generator<{ a: Piece; b: Piece; span: RowSpan }> {
  let [a, b] = [nextOf(left), nextOf(right)];
  let row = 0;
  while (a !== undefined && b !== undefined) {
    const [endLeft, endRight]: [number, number] = [a.first + a.array.length, b.first + b.array.length];
    const end = Math.min(endLeft, endRight);
    yield { a, b, span: { left: row, right: row, count: end - row } };
    row = end;
    if (endLeft === end) a = nextOf(left);
    if (endRight === end) b = nextOf(right);
  }
}

function nextOf(from: Generator<Piece>): Piece | undefined {
  const { value, done } = from.next();
  return done === true ? undefined : value;
}

function haveEqualBytes(a: ArrowArray, x: number, b: ArrowArray, y: number, count: number): boolean {
  if (a.bytes === undefined || b.bytes === undefined || a.bytes.width !== b.bytes.width) return false;
  const { width } = a.bytes;
  const [left, right] = [a.bytes.data.subarray(x * width, (x + count) * width), b.bytes.data.subarray(y * width, (y + count) * width)];
  return Buffer.compare(left, right) === 0;
}
