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
import { copyRecords, type RecordColumns } from '../copy-runs.ts';
import { ascendingOrder, isAscending } from '../position-order.ts';
import type { GrowingInts } from '../plan/growing-ints.ts';
import type { InputFile } from '../inputs.ts';
import type { ExecuteContext, PlannedWork } from '../merger.ts';
import type { Family, MergePlan } from '../plan/plan.ts';
import { targetKey } from '../plan/target-key.ts';
import { usesProcessIds } from '../objects/process-id-use.ts';
import { LookUp, itemsByInput, type CopyItems } from './copy-list.ts';

/** The work of copying a list. */
export function copyWork(family: Family, plan: MergePlan, list: CopyItems): PlannedWork {
  const lookUp = new LookUp(plan, list);
  let bytes = 0;
  for (let i = 0; i < list.count; i++) bytes += lookUp.node(i).keys.nbytes(lookUp.key(i));
  return {
    family,
    inputBytes: bytes,
    execute: (ctx) => executeCopies(ctx, list, lookUp),
    check: async ({ plan: checked }) => checkCopies(checked, list, lookUp),
  };
}

/** Refuses what only copying would find: an object that may hold references to be shifted, which cannot be told. */
function checkCopies(plan: MergePlan, list: CopyItems, lookUp: LookUp): void {
  for (let i = 0; i < list.count; i++) {
    const [input, directory, keyIndex] = [plan.inputs[lookUp.input(i)] as InputFile, lookUp.node(i), lookUp.key(i)];
    if (input.pidOffset === 0 || directory.keys.isBig(keyIndex)) continue;
    try {
      usesProcessIds({ input, directory, keyIndex });
    } catch (err) {
      if (!(err instanceof UnsupportedError)) throw err;
      plan.refuse(list.target(i), 'unsupported', err.reason, input);
    }
  }
}

async function executeCopies(ctx: ExecuteContext, list: CopyItems, lookUp: LookUp): Promise<void> {
  for (const [input, items] of itemsByInput(ctx.plan.inputs, list, lookUp)) {
    if (items.length > 0) await new InputCopier(ctx, list, lookUp, input).copy(items);
  }
}

/** Copies the listed keys of one input: patches each key while it is in the buffer and lists its image. */
class InputCopier {
  readonly #ctx: ExecuteContext;
  readonly #list: CopyItems;
  readonly #lookUp: LookUp;
  readonly #input: InputFile;
  readonly #slots: GrowingInts;
  readonly #directories: GrowingInts;
  readonly #full: boolean;
  /** Items copied raw, in the order of their records; their targets, keys and directories. */
  #items: Uint32Array = new Uint32Array(0);
  #targets: Uint32Array = new Uint32Array(0);
  #keys: Uint32Array = new Uint32Array(0);
  readonly #nodes: DirectoryNode[] = [];

  constructor(ctx: ExecuteContext, list: CopyItems, lookUp: LookUp, input: InputFile) {
    this.#ctx = ctx;
    this.#list = list;
    this.#lookUp = lookUp;
    this.#input = input;
    this.#slots = ctx.plan.targets.slot;
    this.#directories = ctx.plan.targets.directory;
    this.#full = ctx.policy.verify === 'full';
  }

  async copy(items: Uint32Array): Promise<void> {
    const { records, anew } = this.#splitByForm(this.#inFileOrder(items));
    const { progress, writer } = this.#ctx;
    await copyRecords(this.#input.file.source, writer.sink, records, this, { progress, whole: this.#full });
    for (const i of anew) {
      this.#encodeAnew(i);
      await progress.step(this.#lookUp.node(i).keys.nbytes(this.#lookUp.key(i)));
    }
  }

  /** The items in the order of their records, which is the order of copying. */
  #inFileOrder(items: Uint32Array): Uint32Array {
    const position = new Float64Array(items.length);
    for (let n = 0; n < items.length; n++) {
      const i = items[n] as number;
      position[n] = this.#lookUp.node(i).keys.seekKey(this.#lookUp.key(i));
    }
    return isAscending(position) ? items : ascendingOrder(position).map((n) => items[n] as number);
  }

  /** Records that keep their key's form (`#items` says which), and items whose key must grow by 8 bytes. */
  #splitByForm(items: Uint32Array): { records: RecordColumns; anew: number[] } {
    const anew: number[] = [];
    const [position, bytes] = [new Float64Array(items.length), new Int32Array(items.length)];
    this.#items = new Uint32Array(items.length);
    this.#targets = new Uint32Array(items.length);
    this.#keys = new Uint32Array(items.length);
    let count = 0;
    let end = this.#ctx.writer.position;
    for (let n = 0; n < items.length; n++) {
      const i = items[n] as number;
      const node = this.#lookUp.node(i);
      const key = this.#lookUp.key(i);
      const nbytes = node.keys.nbytes(key);
      const target = this.#list.target(i);
      if (!node.keys.isBig(key) && this.#mustGrow(target, node, key, end + nbytes)) {
        anew.push(i);
        continue;
      }
      this.#items[count] = i;
      this.#targets[count] = target;
      this.#keys[count] = key;
      this.#nodes[count] = node;
      position[count] = node.keys.seekKey(key);
      bytes[count++] = nbytes;
      end += nbytes;
    }
    return { records: { count, position, bytes }, anew };
  }

  #mustGrow(target: number, node: DirectoryNode, key: number, end: number): boolean {
    if (end > START_BIG_FILE || this.#output(target).seekDir > START_BIG_FILE) return true;
    return this.#input.pidOffset > 0 && usesProcessIds({ input: this.#input, directory: node, keyIndex: key });
  }

  #output(target: number): OutputDirectory {
    return this.#ctx.directories[this.#directories.at(target)] as OutputDirectory;
  }

  visit(buffer: Uint8Array, view: DataView, at: number, record: number, newPosition: number): void {
    const i = this.#items[record] as number;
    const target = this.#targets[record] as number;
    const key = this.#keys[record] as number;
    const node = this.#nodes[record] as DirectoryNode;
    const { keys } = node;
    checkHeader(this.#input, node, key, view, at);
    const output = this.#output(target);
    const cycle = this.#list.cycle(i);
    const big = keys.isBig(key);
    const pid = this.#input.pidOffset + keys.pidOffset(key);
    if (this.#full) verifyStored(this.#input, node, key, buffer, at);
    patchKey(view, at, big, newPosition, output.seekDir, pid, cycle);
    const from = keys.imageAt[key] as number;
    const slot = this.#slots.at(target) + this.#list.slot(i);
    const imageAt = output.images.set(slot, keys.view, from, (keys.imageAt[key + 1] as number) - from);
    patchKey(output.images.view, imageAt, big, newPosition, output.seekDir, pid, cycle);
    this.#ctx.outcomes.bytesCopied[target]! += keys.nbytes(key) - keys.keylen(key);
  }

  #encodeAnew(i: number): void {
    const [node, keyIndex] = [this.#lookUp.node(i), this.#lookUp.key(i)];
    const { keys } = node;
    const input = this.#input;
    try {
      const { key, payload } = input.file.readObject(node, keyIndex);
      const graph = walkObject(payload, key.keylen, key.className, input.infos);
      const newKey = { ...targetKey({ input, directory: node, keyIndex }), cycle: this.#list.cycle(i), datime: keys.datime(keyIndex) };
      const target = this.#list.target(i);
      const slot = this.#slots.at(target) + this.#list.slot(i);
      const written = this.#ctx.writer.writeObject(this.#output(target), slot, newKey, (keylen) => encodeGraph(graph, { keylen }));
      this.#ctx.outcomes.bytesEncoded[target]! += written.nbytes - written.keylen;
    } catch (err) {
      throw addContext(err, { file: input.path, objectPath: objectPath(node, keyIndex) });
    }
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
