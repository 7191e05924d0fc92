/** Writes the output: a copy of the first input, patched, then what the other inputs have. */
import { OutputError, isPoolMergeError } from '../../errors.ts';
import { openSource } from '../../io/bytes/source.ts';
import type { Sink } from '../../io/bytes/sink.ts';
import { openHdf5 } from '../../io/hdf5/hdf5-file.ts';
import { planTimes } from '../../io/hdf5/header-times.ts';
import { superblockExtension, superblockPosition } from '../../io/hdf5/superblock.ts';
import type { Progress } from '../progress.ts';
import type { Hdf5Input } from './hdf5-input.ts';
import { isDataset, rowCountOf, type ObjectPlan } from './object-plan.ts';
import type { RowPlacement } from './place-rows.ts';
import { encodeRowCount } from './row-counts.ts';
import { partsByInput, writeParts, type WrittenBytes } from './write-parts.ts';

/** Bytes that are copied at once. */
const CHUNK_BYTES = 1024 * 1024;

/** What is written. */
export interface Hdf5Output {
  inputs: readonly Hdf5Input[];
  objects: readonly ObjectPlan[];
  placement: RowPlacement;
}

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
    output.each(objects, (object) => {
      if (!isDataset(object) || placement.placements.get(object.path) !== 'resize') return;
      output.resizeRows(object.path, object.extent, object.rowCount);
    });
    for (const [input, parts] of partsByInput(objects)) {
      await input.withFile((file) => writeParts({ output, input: file, isBase: input === base }, parts, placement, told));
    }
    output.each(objects, (object) => {
      const count = rowCountOf(object);
      if (count === undefined || !isDataset(object) || object.parts.length === 1) return;
      output.replaceAttribute(object.path, count, encodeRowCount(count, object.rowCount));
    });
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
