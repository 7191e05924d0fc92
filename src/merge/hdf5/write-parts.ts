/** Writes the parts of one input into the output: rows are copied, added, or, where they are there already, read. */
import { elementsOfRow, movedBytes, sliceRows, type Hdf5File, type RowRange } from '../../io/hdf5/hdf5-file.ts';
import type { Hdf5Extent } from '../../io/hdf5/hdf5-library.ts';
import { isScalar, rowsOf } from '../../io/hdf5/hdf5-types.ts';
import type { Progress } from '../progress.ts';
import { addNumbers } from './rows.ts';
import { createObject } from './create-objects.ts';
import type { Hdf5Input } from './hdf5-input.ts';
import { isDataset, type ObjectPart, type ObjectPlan } from './object-plan.ts';
import { isChecked, isNewScalar, isWritten, type Placement, type RowPlacement } from './place-rows.ts';

/** Bytes of values written anew, by path of the dataset. */
export type WrittenBytes = Map<string, number>;

/** Output and input while they are open. */
export interface OpenPair {
  output: Hdf5File;
  input: Hdf5File;
  isBase: boolean;
}

/** A part of an object, and where its rows go. */
export interface PlacedPart {
  object: ObjectPlan;
  part: ObjectPart;
  firstRow: number;
}

/** The parts of all objects by input. */
export function partsByInput(objects: readonly ObjectPlan[]): Map<Hdf5Input, PlacedPart[]> {
  const byInput = new Map<Hdf5Input, PlacedPart[]>();
  for (const object of objects) {
    let firstRow = 0;
    for (const part of object.parts) {
      const list = byInput.get(part.input) ?? [];
      byInput.set(part.input, list);
      list.push({ object, part, firstRow });
      if (part.object.extent !== undefined) firstRow += rowsOf(part.object.extent);
    }
  }
  return byInput;
}

/** What is done with a part of a dataset. */
function actionOf({ object, part }: PlacedPart, how: Placement | undefined, isBase: boolean): RowAction | undefined {
  if (!isDataset(object)) return undefined;
  if (object.rule === 'concat' && isChecked(how, isBase)) return 'check';
  if (object.rule === 'concat') return isWritten(how, isBase) ? 'copy' : undefined;
  if (part === object.first) return how === 'create' && !isNewScalar(object, how) ? 'copy' : undefined;
  return object.rule === 'sum' ? 'add' : undefined;
}

/** Something to be done, and the bytes that it moves in the library, and of values. */
interface Piece {
  movedBytes: number;
  bytes: number;
  run: () => void;
}

/** Pieces that move less are done several at a time. */
const SMALL_BYTES = 256 * 1024;
const MOST_SMALL = 500;

/** Does all that is to be done with one input. */
export async function writeParts(
  pair: OpenPair,
  parts: readonly PlacedPart[],
  placement: RowPlacement,
  { written, progress }: { written: WrittenBytes; progress: Progress },
): Promise<void> {
  let small: Piece[] = [];
  for (const piece of piecesOf(pair, parts, placement, written)) {
    const isSmall = piece.movedBytes < SMALL_BYTES;
    if (isSmall) small.push(piece);
    if (isSmall && small.length < MOST_SMALL) continue;
    await doSmall(pair.input, small, progress);
    small = [];
    if (isSmall) continue;
    piece.run();
    await progress.step(piece.bytes);
  }
  await doSmall(pair.input, small, progress);
}

async function doSmall(file: Hdf5File, pieces: readonly Piece[], progress: Progress): Promise<void> {
  if (pieces.length === 0) return;
  file.each(pieces, ({ run }) => run());
  await progress.step(pieces.reduce((sum, { bytes }) => sum + bytes, 0));
}

function* piecesOf(pair: OpenPair, parts: readonly PlacedPart[], { placements }: RowPlacement, written: WrittenBytes): Generator<Piece> {
  const { output, input, isBase } = pair;
  for (const placed of parts) {
    const { object, part } = placed;
    const how = placements.get(object.path);
    if (how === 'create' && part === object.first) yield { movedBytes: 0, bytes: 0, run: () => createObject(output, object, input) };
    const action = actionOf(placed, how, isBase);
    const { extent } = part.object;
    if (action === undefined || extent === undefined) continue;
    for (const range of action === 'add' ? [undefined] : slicesOf(extent)) {
      const rowCount = range?.rowCount ?? (isScalar(extent) ? 1 : rowsOf(extent));
      const bytes = rowCount * elementsOfRow(extent) * extent.size;
      const run = (): void => {
        doRows(pair, placed, { action, extent, range });
        if (action !== 'check') written.set(object.path, (written.get(object.path) ?? 0) + bytes);
      };
      yield { movedBytes: movedBytes(extent, rowCount), bytes, run };
    }
  }
}

/** What is done with rows of an input. */
type RowAction = 'copy' | 'add' | 'check';

function doRows(
  { output, input }: OpenPair,
  { object: { path }, firstRow }: PlacedPart,
  { action, extent, range }: { action: RowAction; extent: Hdf5Extent; range: RowRange | undefined },
): void {
  if (action === 'add') addRows(output, input, path, extent);
  else if (action === 'check') input.eachSlice(path, extent, () => undefined, range);
  else input.eachSlice(path, extent, (at, row, rows) => output.writeRows(path, extent, firstRow + row, rows, at), range);
}

/** Pieces of a dataset after which others may run; one of no range for a single value. */
function* slicesOf(extent: Hdf5Extent): Generator<RowRange | undefined> {
  if (isScalar(extent)) yield undefined;
  const step = sliceRows(extent);
  for (let firstRow = 0; firstRow < rowsOf(extent); firstRow += step) {
    yield { firstRow, rowCount: Math.min(step, rowsOf(extent) - firstRow) };
  }
}

/** Adds the elements of a dataset to those the output has: slices of both lie in one memory. */
function addRows(output: Hdf5File, input: Hdf5File, path: string, extent: Hdf5Extent): void {
  output.eachSlice(path, extent, (sums, firstRow, rowCount) => {
    const range = isScalar(extent) ? undefined : { firstRow, rowCount };
    const add = (values: number, _: number, count: number): void =>
      addNumbers(input.library.HEAPU8.buffer, extent, sums, values, count * elementsOfRow(extent));
    input.eachSlice(path, extent, (values, row, count) => output.call(path, () => add(values, row, count)), range);
    output.writeRows(path, extent, firstRow, rowCount, sums);
  });
}
