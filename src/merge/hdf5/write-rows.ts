/** Writes the output: a copy of the first input, patched, then what the other inputs have. */
import { OutputError, isPoolMergeError } from '../../errors.ts';
import { openSource } from '../../io/bytes/source.ts';
import type { Sink } from '../../io/bytes/sink.ts';
import { elementsOfRow, openHdf5, sliceRows, type Hdf5File, type RowRange } from '../../io/hdf5/hdf5-file.ts';
import type { Hdf5Extent } from '../../io/hdf5/hdf5-library.ts';
import { isScalar, rowsOf } from '../../io/hdf5/hdf5-types.ts';
import { planTimes } from '../../io/hdf5/header-times.ts';
import { superblockExtension, superblockPosition } from '../../io/hdf5/superblock.ts';
import type { Progress } from '../progress.ts';
import { createObject } from './create-objects.ts';
import type { Hdf5Input } from './hdf5-input.ts';
import { isDataset, rowCountOf, type ObjectPart, type ObjectPlan } from './object-plan.ts';
import { isChecked, isNewScalar, isWritten, type Placement, type RowPlacement } from './place-rows.ts';
import { encodeRowCount } from './row-counts.ts';
import { addNumbers } from './rows.ts';

/** Bytes that are copied at once. */
const CHUNK_BYTES = 1024 * 1024;

/** What is written. */
export interface Hdf5Output {
  inputs: readonly Hdf5Input[];
  objects: readonly ObjectPlan[];
  placement: RowPlacement;
}

/** Bytes of values written anew, by path of the dataset. */
export type WrittenBytes = Map<string, number>;

/** Writes the output into the sink's file. */
export async function writeOutput(sink: Sink, { inputs, objects, placement }: Hdf5Output, progress: Progress): Promise<WrittenBytes> {
  const [base] = inputs;
  const written: WrittenBytes = new Map();
  if (base === undefined) return written;
  await copyBase(base.path, sink, progress);
  for (const { position, bytes } of placement.patches) sink.patch(position, bytes);
  sink.flush();
  try {
    await writeInputs(sink.tempPath, objects, placement, { base, written, progress });
    sink.adopt();
    await keepTimes(sink, objects, base);
  } catch (err) {
    throw blameFor(err, sink, base);
  }
  return written;
}

/** What is counted while rows are written. */
interface WritingProgress {
  written: WrittenBytes;
  progress: Progress;
}

async function writeInputs(
  path: string,
  objects: readonly ObjectPlan[],
  placement: RowPlacement,
  { base, ...told }: WritingProgress & { base: Hdf5Input },
): Promise<void> {
  const output = await openHdf5(path, 'write');
  try {
    for (const object of objects) {
      if (isDataset(object) && placement.placements.get(object.path) === 'resize') {
        output.resizeRows(object.path, object.extent, object.rowCount);
      }
    }
    for (const [input, parts] of partsByInput(objects)) {
      await input.withFile((file) => writeParts({ output, input: file, isBase: input === base }, parts, placement, told));
    }
    for (const object of objects) {
      const count = rowCountOf(object);
      if (count === undefined || !isDataset(object) || object.parts.length === 1) continue;
      output.replaceAttribute(object.path, count, encodeRowCount(count, object.rowCount));
    }
  } finally {
    output.close();
  }
}

/** What is wrong with the output is either that it cannot be written, or damage that came with the copy of the first input. */
function blameFor(err: unknown, sink: Sink, base: Hdf5Input): unknown {
  if (!isPoolMergeError(err) || err.file !== sink.tempPath) return err;
  if (/write failed|No space left|quota|unable to extend/i.test(err.reason)) {
    return new OutputError(`cannot write the output: ${err.reason}`, { file: sink.targetPath, cause: err });
  }
  err.file = base.path;
  err.describe();
  return err;
}

/**
 * The library notes when it writes: the times of the first input are put back, new objects get none, so that equal
 * inputs give equal bytes.
 */
async function keepTimes(sink: Sink, objects: readonly ObjectPlan[], base: Hdf5Input): Promise<void> {
  const timed = objects.filter(({ kind, first }) => (kind === 'group' || kind === 'dataset') && first.object.aliasOf === undefined);
  const added = await addressesOf(
    sink.tempPath,
    timed.filter(({ first }) => first.input !== base),
  );
  const [source, model] = [openSource(sink.tempPath), openSource(base.path)];
  try {
    const [basePosition, modelPosition] = [superblockPosition(source), superblockPosition(model)];
    for (const { path, first } of timed) {
      const { address } = first.object;
      const own = added.get(path);
      const times = own === undefined ? { source: model, basePosition: modelPosition, address } : undefined;
      const patches = planTimes({ source, basePosition, address: own ?? address }, times);
      for (const patch of patches) sink.patch(patch.position, patch.bytes);
    }
    const [extension, inModel] = [superblockExtension(source, basePosition), superblockExtension(model, modelPosition)];
    if (extension === undefined) return;
    const times = inModel === undefined ? undefined : { source: model, basePosition: modelPosition, address: inModel };
    for (const { position, bytes } of planTimes({ source, basePosition, address: extension }, times)) sink.patch(position, bytes);
  } finally {
    source.close();
    model.close();
  }
}

/** Where the library has put new objects; those of the first input are where they were. */
async function addressesOf(path: string, objects: readonly ObjectPlan[]): Promise<Map<string, bigint>> {
  if (objects.length === 0) return new Map();
  const file = await openHdf5(path);
  try {
    return new Map(objects.map((object) => [object.path, file.addressOf(object.path)]));
  } finally {
    file.close();
  }
}

async function copyBase(path: string, sink: Sink, progress: Progress): Promise<void> {
  const source = openSource(path);
  try {
    sink.expect(source.sizeBytes);
    const chunk = new Uint8Array(CHUNK_BYTES);
    for (let at = 0; at < source.sizeBytes; at += chunk.length) {
      const length = Math.min(chunk.length, source.sizeBytes - at);
      source.readInto(chunk, 0, length, at);
      sink.append(chunk, 0, length);
      await progress.step(length);
    }
  } finally {
    source.close();
  }
}

/** A part of an object, and where its rows go. */
interface PlacedPart {
  object: ObjectPlan;
  part: ObjectPart;
  firstRow: number;
}

/** The parts of all objects by input. */
function partsByInput(objects: readonly ObjectPlan[]): Map<Hdf5Input, PlacedPart[]> {
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
function actionOf({ object, part }: PlacedPart, how: Placement | undefined, isBase: boolean): 'copy' | 'add' | 'check' | undefined {
  if (!isDataset(object)) return undefined;
  if (object.rule === 'concat' && isChecked(how, isBase)) return 'check';
  if (object.rule === 'concat') return isWritten(how, isBase) ? 'copy' : undefined;
  if (part === object.first) return how === 'create' && !isNewScalar(object, how) ? 'copy' : undefined;
  return object.rule === 'sum' ? 'add' : undefined;
}

interface OpenPair {
  output: Hdf5File;
  input: Hdf5File;
  isBase: boolean;
}

async function writeParts(
  { output, input, isBase }: OpenPair,
  parts: readonly PlacedPart[],
  { placements }: RowPlacement,
  { written, progress }: WritingProgress,
): Promise<void> {
  for (const placed of parts) {
    const { object, part, firstRow } = placed;
    const how = placements.get(object.path);
    if (how === 'create' && part === object.first) createObject(output, object, input);
    const action = actionOf(placed, how, isBase);
    const { extent } = part.object;
    if (action === undefined || extent === undefined) continue;
    if (action === 'add') addRows(output, input, object.path, extent);
    const rowBytes = elementsOfRow(extent) * extent.size;
    for (const range of slicesOf(extent)) {
      const count = range?.rowCount ?? 1;
      if (action !== 'add') {
        const write = (at: number, row: number, rows: number): void => output.writeRows(object.path, extent, firstRow + row, rows, at);
        input.eachSlice(object.path, extent, action === 'copy' ? write : () => undefined, range);
      }
      if (action !== 'check') written.set(object.path, (written.get(object.path) ?? 0) + count * rowBytes);
      await progress.step(count * rowBytes);
    }
  }
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
