/**
 * Copies listed keys with their stored payload: the bytes stay, only the seeks and the cycle of the
 * key change. A record whose key must grow (64-bit seeks, process-id offset) is encoded anew,
 * because the class and object tags in its payload count from the start of the key.
 */
import { UnsupportedError, addContext } from '../../errors.ts';
import { verifyPayload } from '../../io/codec/payload.ts';
import { START_BIG_FILE } from '../../io/root/container/file-header.ts';
import { checkKeyImage } from '../../io/root/container/key-image.ts';
import { patchSeeks } from '../../io/root/container/key.ts';
import { objectPath, type DirectoryNode } from '../../io/root/root-file.ts';
import type { OutputDirectory } from '../../io/root/root-file-writer.ts';
import { encodeGraph } from '../../io/root/streamer/encode.ts';
import { walkObject } from '../../io/root/streamer/walk.ts';
import { copyRecords, type RecordVisitor } from '../copy-runs.ts';
import type { InputFile } from '../inputs.ts';
import type { ExecuteContext, PlannedWork } from '../merger.ts';
import type { Contribution, Family, MergePlan } from '../plan/plan.ts';
import { targetKey } from '../plan/target-key.ts';
import { usesProcessIds } from '../objects/process-id-use.ts';
import { itemStretches, stretches, type CopyItems } from './copy-list.ts';
import { copyRows, pickRows, type CopyRows } from './copy-rows.ts';
import { RunPlacer } from './place-run.ts';

/** The work of copying listed keys. */
export function copyWork(family: Family, plan: MergePlan, items: CopyItems): PlannedWork {
  return {
    family,
    inputBytes: storedBytes(plan, items),
    execute: (ctx) => executeCopies(ctx, items),
    check: async ({ plan: checked }) => checkCopies(checked, items),
  };
}

/** Bytes of the records, header and stored payload. */
function storedBytes(plan: MergePlan, items: CopyItems): number {
  let sum = 0;
  for (const { index } of plan.inputs) {
    for (const { from, to, node } of itemStretches(plan, items, index)) {
      const { nbytes } = node.keys.records();
      for (let i = from; i < to; i++) sum += nbytes[items.key[i] as number] as number;
    }
  }
  return sum;
}

/** Refuses what only copying would find: an object that may hold references to be shifted, which cannot be told. */
function checkCopies(plan: MergePlan, items: CopyItems): void {
  for (const input of plan.inputs) {
    if (input.pidOffset === 0) continue;
    for (const { from, to, node } of itemStretches(plan, items, input.index)) {
      for (let i = from; i < to; i++) {
        const keyIndex = items.key[i] as number;
        if (!node.keys.isBig(keyIndex)) checkProcessIds(plan, { input, directory: node, keyIndex }, items.target[i] as number);
      }
    }
  }
}

function checkProcessIds(plan: MergePlan, contribution: Contribution, target: number): void {
  try {
    usesProcessIds(contribution);
  } catch (err) {
    if (!(err instanceof UnsupportedError)) throw err;
    plan.refuse(target, 'unsupported', err.reason, contribution.input);
  }
}

async function executeCopies(ctx: ExecuteContext, items: CopyItems): Promise<void> {
  for (const input of ctx.plan.inputs) {
    const rows = copyRows(ctx.plan, items, input);
    if (rows.count > 0) await copyInput(ctx, input, rows);
  }
}

async function copyInput(ctx: ExecuteContext, input: InputFile, rows: CopyRows): Promise<void> {
  const { raw, anew } = splitByForm(ctx, input, rows);
  const { progress, writer, policy } = ctx;
  const whole = policy.verify === 'full';
  using placer = whole ? undefined : RunPlacer.of(ctx, input, raw);
  await copyRecords(input.file.source, writer.sink, raw, new InputCopier(ctx, input, raw, placer), { progress, whole });
  for (let i = 0; i < anew.count; i++) {
    encodeAnew(ctx, input, anew, i);
    await progress.step(anew.bytes[i] as number);
  }
}

/** Rows of records that keep their key's form, and of those whose key must grow by 8 bytes. */
function splitByForm(ctx: ExecuteContext, input: InputFile, rows: CopyRows): { raw: CopyRows; anew: CopyRows } {
  const [raw, anew]: [number[], number[]] = [[], []];
  let end = ctx.writer.position;
  if (input.pidOffset === 0 && !mayPassBigFile(ctx, rows)) return { raw: rows, anew: pickRows(rows, new Uint32Array(0)) };
  for (const { from, to, node, directory } of stretches(ctx.plan, rows.target, 0, rows.count, input.index)) {
    const isFar = (ctx.directories[directory] as OutputDirectory).seekDir > START_BIG_FILE;
    for (let i = from; i < to; i++) {
      const keyIndex = rows.key[i] as number;
      const isBeyond = isFar || end + (rows.bytes[i] as number) > START_BIG_FILE;
      const mustGrow = (): boolean => isBeyond || (input.pidOffset > 0 && usesProcessIds({ input, directory: node, keyIndex }));
      if (!node.keys.isBig(keyIndex) && mustGrow()) anew.push(i);
      else {
        raw.push(i);
        end += rows.bytes[i] as number;
      }
    }
  }
  return { raw: pickRows(rows, Uint32Array.from(raw)), anew: pickRows(rows, Uint32Array.from(anew)) };
}

/** True when some record, or a directory, may end up where 32-bit seeks do not reach. */
function mayPassBigFile({ writer }: ExecuteContext, { bytes }: CopyRows): boolean {
  let end = writer.position; // directories lie before all records
  for (let i = 0; i < bytes.length; i++) end += bytes[i] as number;
  return end > START_BIG_FILE;
}

/** Copies the listed keys of one input: patches each key while it is in the buffer and lists its image. */
class InputCopier implements RecordVisitor {
  readonly #ctx: ExecuteContext;
  readonly #input: InputFile;
  readonly #rows: CopyRows;
  readonly #placer: RunPlacer | undefined;
  readonly #full: boolean;

  constructor(ctx: ExecuteContext, input: InputFile, rows: CopyRows, placer: RunPlacer | undefined) {
    this.#ctx = ctx;
    this.#input = input;
    this.#rows = rows;
    this.#placer = placer;
    this.#full = ctx.policy.verify === 'full';
  }

  visitRun(run: Uint8Array, first: number, stop: number, newPosition: number): Uint8Array | undefined {
    return this.#placer?.place(run, first, stop, newPosition);
  }

  visit(buffer: Uint8Array, view: DataView, at: number, record: number, newPosition: number): void {
    const rows = this.#rows;
    const [target, key, cycle] = [rows.target[record] as number, rows.key[record] as number, rows.cycle[record] as number];
    const { plan, directories, outcomes } = this.#ctx;
    const node = plan.directoryOf(target).nodes[this.#input.index] as DirectoryNode;
    const { keys } = node;
    checkHeader(this.#input, node, key, view, at);
    const output = directories[plan.targets.directory.at(target)] as OutputDirectory;
    const big = keys.isBig(key);
    const pid = this.#input.pidOffset + keys.pidOffset(key);
    if (this.#full) verifyStored(this.#input, node, key, buffer, at);
    patchKey(view, at, big, newPosition, output.seekDir, pid, cycle);
    const from = keys.imageAt[key] as number;
    const imageAt = output.images.set(rows.slot[record] as number, keys.view, from, (keys.imageAt[key + 1] as number) - from);
    patchKey(output.images.view, imageAt, big, newPosition, output.seekDir, pid, cycle);
    outcomes.bytesCopied[target]! += keys.nbytes(key) - keys.keylen(key);
  }
}

function encodeAnew(ctx: ExecuteContext, input: InputFile, rows: CopyRows, i: number): void {
  const [target, keyIndex] = [rows.target[i] as number, rows.key[i] as number];
  const directory = ctx.plan.directoryOf(target).nodes[input.index] as DirectoryNode;
  const output = ctx.directories[ctx.plan.targets.directory.at(target)] as OutputDirectory;
  try {
    const { key, payload } = input.file.readObject(directory, keyIndex);
    const graph = walkObject(payload, key.keylen, key.className, input.infos);
    const newKey = {
      ...targetKey({ input, directory, keyIndex }),
      cycle: rows.cycle[i] as number,
      datime: directory.keys.datime(keyIndex),
    };
    const written = ctx.writer.writeObject(output, rows.slot[i] as number, newKey, (keylen) => encodeGraph(graph, { keylen }));
    ctx.outcomes.bytesEncoded[target]! += written.nbytes - written.keylen;
  } catch (err) {
    throw addContext(err, { file: input.path, objectPath: objectPath(directory, keyIndex) });
  }
}

function patchKey(view: DataView, at: number, big: boolean, seekKey: number, seekPdir: number, pid: number, cycle: number): void {
  patchSeeks(view, at, big, seekKey, seekPdir, big ? pid : 0);
  view.setInt16(at + 16, cycle);
}

/** The record's header must say what the key list says, else we would copy something else. */
function checkHeader(input: InputFile, directory: DirectoryNode, i: number, view: DataView, at: number): void {
  try {
    checkKeyImage(directory.keys, i, view, at);
  } catch (err) {
    throw addContext(err, { file: input.path, objectPath: objectPath(directory, i) });
  }
}

/** `--verify full`: the stored payload must decompress to its stated length. */
function verifyStored(input: InputFile, directory: DirectoryNode, i: number, buffer: Uint8Array, at: number): void {
  const { keys } = directory;
  const [start, end] = [at + keys.keylen(i), at + keys.nbytes(i)];
  if (end - start >= keys.objlen(i)) return;
  try {
    verifyPayload(buffer.subarray(start, end), keys.objlen(i));
  } catch (err) {
    throw addContext(err, { file: input.path, objectPath: objectPath(directory, i), baseOffset: keys.seekKey(i) + keys.keylen(i) });
  }
}
