/**
 * Verification: the finished candidate is opened again from disk and held against the plan. It reads
 * with the strict reader; what disagrees is a VerificationError and the candidate is not committed.
 */
import { PoolMergeError, UnsupportedError, VerificationError, addContext } from '../errors.ts';
import { isSameRun } from '../io/bytes/byte-runs.ts';
import { parseFreeSegments } from '../io/root/container/free-segments.ts';
import { joinPath, objectPath, openRootFile, type DirectoryNode, type RootFile } from '../io/root/root-file.ts';
import { readInfoSet } from '../io/root/root-file-infos.ts';
import type { InfoSet } from '../io/root/streamer/info-set.ts';
import { parseInfoRecord } from '../io/root/streamer/parse-infos.ts';
import type { InfoUnion } from '../io/root/streamer/info-union.ts';
import { walkObject } from '../io/root/streamer/walk.ts';
import type { Written } from './execute.ts';
import { FAMILIES, type DirectoryPlan, type MergePlan } from './plan/plan.ts';
import { ascendingOrder, isAscending } from './position-order.ts';
import type { MergePolicy } from './policy.ts';
import type { Progress } from './progress.ts';
import { verifyRNTuple } from './rntuple/verify-rntuple.ts';
import { verifyTreeObject } from './tree/verify-tree.ts';

/** Bytes read to check one record's header; neighbours come with it. */
const WINDOW_BYTES = 64 * 1024;
/** Bytes of a key header that are compared: fNbytes to fCycle. */
const COMPARED_BYTES = 18;

/** Families whose objects are always read back: their records name others. */
const READ_BACK: ReadonlySet<number> = new Set([FAMILIES.indexOf('tree'), FAMILIES.indexOf('rntuple')]);

/** What was checked. */
export interface Verified {
  /** Records whose header was held against the key list. */
  records: number;
  /** Objects that were read back. */
  objects: number;
}

/** What the candidate is held against. */
export interface Expected {
  plan: MergePlan;
  written: Written;
  /** Streamer infos of all inputs. */
  infos: InfoUnion;
}

/** Re-opens the candidate at `path` and checks it as far as the policy asks. VerificationError when it is not what was planned. */
export async function verifyOutput(path: string, expected: Expected, policy: MergePolicy, progress: Progress): Promise<Verified> {
  if (policy.verify === 'none') return { records: 0, objects: 0 };
  try {
    using file = openRootFile(path);
    return await new Verifier(file, expected, policy, progress).run();
  } catch (err) {
    if (!(err instanceof PoolMergeError) || err.code === 'ABORTED') throw err;
    if (err.code === 'VERIFICATION') throw addContext(err, { file: path });
    throw new VerificationError(err.reason, { file: err.file ?? path, objectPath: err.objectPath, offset: err.offset, cause: err });
  }
}

class Verifier {
  readonly #file: RootFile;
  readonly #plan: MergePlan;
  readonly #written: Written;
  readonly #infos: InfoUnion;
  readonly #policy: MergePolicy;
  readonly #progress: Progress;
  readonly #verified: Verified = { records: 0, objects: 0 };
  #readInfos: InfoSet | undefined;
  readonly #window: Uint8Array = new Uint8Array(WINDOW_BYTES);
  readonly #windowView: DataView = new DataView(this.#window.buffer);
  #windowStart = 0;
  #windowBytes = 0;

  constructor(file: RootFile, { plan, written, infos }: Expected, policy: MergePolicy, progress: Progress) {
    this.#file = file;
    this.#plan = plan;
    this.#written = written;
    this.#infos = infos;
    this.#policy = policy;
    this.#progress = progress;
  }

  async run(): Promise<Verified> {
    this.#expect('file size', this.#written.sizeBytes, this.#file.source.sizeBytes);
    const kept = this.#plan.directories.filter((d) => !d.omitted);
    this.#expect('number of directories', kept.length, this.#file.directories.length);
    this.#checkInfos();
    this.#checkFreeSegments();
    this.#progress.begin('verify', kept.length);
    const nodes = this.#nodesByPlan();
    for (const [directory, node] of nodes) {
      this.#checkKeys(directory, node);
      await this.#progress.step(1);
    }
    await this.#checkTargets(nodes);
    return this.#verified;
  }

  #expect(what: string, planned: number | string, found: number | string, path?: string): void {
    if (planned !== found) throw new VerificationError(`${what} of the output differs from the plan`, { objectPath: path, planned, found });
  }

  /** The list of infos is encoded for one key length; a wrong one shows as a shorter list (rule 2 of docs/format/writing.md). */
  #checkInfos(): void {
    const record = this.#file.readInfos();
    const found = record === undefined ? 0 : parseInfoRecord(record.payload, record.key.keylen).infos.length;
    this.#expect('number of streamer infos', this.#infos.count, found);
  }

  /**
   * Reading never needs the free segments; a wrong one destroys the file at its next update (rules 11 and 12 of
   * docs/format/writing.md).
   */
  #checkFreeSegments(): void {
    const { seekFree, nbytesFree, end } = this.#file.header;
    const { key, stored } = this.#file.readStored(seekFree);
    this.#expect('length of the free segments', nbytesFree, key.nbytes);
    const segments = parseFreeSegments(stored);
    this.#expect('number of free segments', 1, segments.length);
    this.#expect('start of the free segment', end, segments[0]?.first ?? 0);
  }

  /** Directories of the output by their plan; each is found by the slot of its key. */
  #nodesByPlan(): Map<DirectoryPlan, DirectoryNode> {
    const nodes = new Map<DirectoryPlan, DirectoryNode>();
    for (const directory of this.#plan.directories) {
      if (directory.omitted) continue;
      const parent = directory.parent < 0 ? undefined : nodes.get(this.#plan.directories[directory.parent] as DirectoryPlan);
      const node = directory.parent < 0 ? this.#file.root : parent?.children.get(directory.slot);
      if (node === undefined) throw new VerificationError('directory is missing in the output', { objectPath: directory.path });
      this.#expect('path of a directory', directory.path, node.path);
      nodes.set(directory, node);
    }
    return nodes;
  }

  /** Number of keys, and every record's header against its image in the key list. */
  #checkKeys(directory: DirectoryPlan, node: DirectoryNode): void {
    const { keys } = node;
    this.#expect('number of keys', this.#plan.slotCount(directory), keys.count, directory.path);
    const { imageAt } = keys;
    const { seekKey: seek, nbytes } = keys.records();
    const order = isAscending(seek) ? undefined : ascendingOrder(seek);
    for (let n = 0; n < keys.count; n++) {
      const i = order?.[n] ?? n;
      const at = this.#load(seek[i] as number, COMPARED_BYTES, nbytes[i] as number);
      if (!isSameRun(this.#windowView, at, keys.view, imageAt[i] as number, COMPARED_BYTES)) {
        throw new VerificationError('record differs from its image in the key list', { objectPath: objectPath(node, i), offset: seek[i] });
      }
    }
    this.#verified.records += keys.count;
  }

  /** Index in the window of `length` bytes at file offset `position`. Large records are not read beyond their header. */
  #load(position: number, length: number, recordBytes: number): number {
    const inside = position >= this.#windowStart && position + length <= this.#windowStart + this.#windowBytes;
    if (!inside) {
      const wanted = recordBytes >= WINDOW_BYTES / 4 ? 512 : WINDOW_BYTES;
      const bytes = Math.min(wanted, this.#file.source.sizeBytes - position);
      this.#file.source.readInto(this.#window, 0, bytes, position);
      [this.#windowStart, this.#windowBytes] = [position, bytes];
    }
    return position - this.#windowStart;
  }

  async #checkTargets(nodes: Map<DirectoryPlan, DirectoryNode>): Promise<void> {
    const { targets } = this.#plan;
    const [counts, families, isFull] = [targets.slotCount.values, targets.family.values, this.#policy.verify === 'full'];
    for (let target = 0; target < counts.length; target++) {
      const count = counts[target] as number;
      if (count === 0 || !(isFull || READ_BACK.has(families[target] as number))) continue;
      const node = nodes.get(this.#plan.directoryOf(target)) as DirectoryNode;
      const slot = targets.slot.at(target);
      for (let i = slot; i < slot + count; i++) this.#checkObject(target, node, i);
      await this.#progress.step();
    }
  }

  #checkObject(target: number, node: DirectoryNode, i: number): void {
    const expected = { entries: this.#plan.entries.get(target) ?? 0, attributeEntries: this.#plan.attributeEntries.get(target) };
    try {
      const family = this.#plan.family(target);
      if (family === 'tree') verifyTreeObject(this.#file, node, i, expected);
      else if (family === 'rntuple') verifyRNTuple(this.#file, node, i, expected);
      else this.#walk(node, i);
    } catch (err) {
      throw addContext(err, { objectPath: joinPath(node.path, node.keys.name(i)) });
    }
    this.#verified.objects++;
  }

  /** Reads an object member by member: what was taken over as bytes may contradict itself. What is not understood stays bytes. */
  #walk(node: DirectoryNode, i: number): void {
    const { key, payload } = this.#file.readObject(node, i);
    this.#readInfos ??= readInfoSet(this.#file);
    try {
      walkObject(payload, key.keylen, key.className, this.#readInfos);
    } catch (err) {
      if (!(err instanceof UnsupportedError)) throw err;
    }
  }
}
