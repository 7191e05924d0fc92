/**
 * A block of targets whose sums lie in codec memory at once: input after input is read once, in the
 * order of its records, and added to the sums. The first contribution of a target is its sum so far.
 * A contribution that is equal to the sum but for its numbers is added with a few kernel calls; one
 * that is not, or bins that reach the end of their type, make the target take the general way (sum-histograms.ts), whole.
 */
import { addContext, invariant } from '../../errors.ts';
import type { CodecMemory } from '../../io/codec/arena.ts';
import type { AddKernel, Kernels } from '../../io/codec/kernels.ts';
import { decompressInto } from '../../io/codec/payload.ts';
import { checkKeyImage } from '../../io/root/container/key-image.ts';
import { objectPath, type DirectoryNode } from '../../io/root/root-file.ts';
import type { InfoSet } from '../../io/root/streamer/info-set.ts';
import type { InputFile } from '../inputs.ts';
import type { MergePlan } from '../plan/plan.ts';
import { MAX_SPANS, type AdditiveLayout, type SumRule } from './additive-layout.ts';
import { histogramKind, type HistogramKind } from './histogram-kind.ts';
import type { LayoutCache } from './layout-cache.ts';

/** State of a target. */
const EMPTY = 0;
const SUMMED = 1;
const GENERAL = 2;
/** Positions of spans are 32-bit; an object beyond takes the general way. */
const MAX_ADDRESS = 0x7fff_ffff;

/** What all blocks use. */
export interface BlockTools {
  plan: MergePlan;
  memory: CodecMemory;
  kernels: Kernels;
  layouts: LayoutCache;
}

/** A block; targets are known by their index in it. One block is used again and again: `begin` starts it anew. */
export class SumBlock {
  targets: Int32Array = new Int32Array(0);
  /** Address and length in bytes of each sum. */
  address: Float64Array = new Float64Array(0);
  bytes: Float64Array = new Float64Array(0);
  /** First two bytes of the first contribution's stored payload, or 0 when that is stored raw. */
  tag: Uint16Array = new Uint16Array(0);
  readonly #tools: BlockTools;
  #state: Uint8Array = new Uint8Array(0);
  #layout: (AdditiveLayout | null)[] = [];
  /** Streamer infos the layout was found with. */
  #infos: (InfoSet | null)[] = [];
  /** Spans of each sum, relative to its address. */
  #spans: Int32Array = new Int32Array(0);
  readonly #found: Int32Array = new Int32Array(2 * MAX_SPANS);
  readonly #scratch: number;
  readonly #scratchBytes: number;

  /** @param scratch address of a region of `scratchBytes` bytes for one payload */
  constructor(tools: BlockTools, scratch: number, scratchBytes: number) {
    this.#tools = tools;
    this.#scratch = scratch;
    this.#scratchBytes = scratchBytes;
  }

  /** Empties the block for other targets; `sums` is the address of a region that holds the first contributions of all. */
  begin(targets: Int32Array, sums: number): void {
    const n = targets.length;
    if (n > this.#state.length) this.#makeRoom(n);
    this.targets = targets;
    this.tag.fill(0, 0, n);
    this.#state.fill(EMPTY, 0, n);
    for (let i = 0, at = sums; i < n; i++) {
      this.address[i] = at;
      this.bytes[i] = firstObjectBytes(this.#tools.plan, targets[i] as number);
      at += this.bytes[i] as number;
    }
  }

  #makeRoom(n: number): void {
    this.address = new Float64Array(n);
    this.bytes = new Float64Array(n);
    this.tag = new Uint16Array(n);
    this.#state = new Uint8Array(n);
    this.#layout = Array.from({ length: n }, () => null);
    this.#infos = Array.from({ length: n }, () => null);
    this.#spans = new Int32Array(n * 2 * MAX_SPANS);
  }

  /** True when the target must be summed the general way. */
  isGeneral(i: number): boolean {
    return this.#state[i] === GENERAL;
  }

  /** Takes the record of key `key` of `directory` at address `at` as the next contribution to target `i`. */
  take(i: number, input: InputFile, directory: DirectoryNode, key: number, at: number): void {
    if (this.#state[i] === GENERAL) return;
    try {
      const payload = this.#checkHeader(input, directory, key, at);
      const { keys } = directory;
      const [objectBytes, recordBytes] = [keys.objlen(key), keys.nbytes(key) - keys.keylen(key)];
      const storedBytes = Math.min(recordBytes, objectBytes);
      if (this.#state[i] === EMPTY) this.#takeFirst(i, input, keys.className(key), payload, storedBytes);
      else this.#takeNext(i, input, payload, storedBytes, objectBytes);
    } catch (err) {
      input.file.readObject(directory, key); // fails in the same way, and tells where in the file
      throw addContext(err, { file: input.path, objectPath: objectPath(directory, key) });
    }
  }

  /** Address of the payload. The record's header must agree with the key list, or one of them is damaged. */
  #checkHeader(input: InputFile, directory: DirectoryNode, key: number, at: number): number {
    const { keys } = directory;
    checkKeyImage(keys, key, this.#tools.memory.view, at);
    return at + keys.keylen(key);
  }

  /** The first contribution is the sum so far. */
  #takeFirst(i: number, input: InputFile, className: string, payload: number, storedBytes: number): void {
    const bytes = this.bytes[i] as number;
    decompressInto(payload, storedBytes, this.address[i] as number, bytes);
    if (storedBytes < bytes) this.tag[i] = this.#tools.memory.view.getUint16(payload);
    this.#begin(i, input, histogramKind(className) as HistogramKind);
  }

  #takeNext(i: number, input: InputFile, payload: number, storedBytes: number, objectBytes: number): void {
    invariant(objectBytes <= this.#scratchBytes, 'an object larger than the largest one');
    decompressInto(payload, storedBytes, this.#scratch, objectBytes);
    if (!this.#add(i, input, objectBytes)) this.#state[i] = GENERAL;
  }

  /** Adds the payload in the scratch region to the sum; false if it must be decoded. */
  #add(i: number, input: InputFile, objectBytes: number): boolean {
    const layout = this.#layout[i] as AdditiveLayout;
    const { view } = this.#tools.memory;
    let rule: SumRule;
    if (objectBytes === this.bytes[i] && this.#isEqualButNumbers(i, layout, input)) rule = layout.ruleOfRegular(view, this.#found);
    else rule = this.#inspectSimilar(i, layout, input, objectBytes);
    if (rule === 'decode') return false;
    if (rule === 'recompute') layout.recompute(view, this.#found);
    this.#addFound(i, layout);
    return true;
  }

  #begin(i: number, input: InputFile, kind: HistogramKind): void {
    const address = this.address[i] as number;
    const { layout, rule } = this.#inspect(input, kind, address, this.bytes[i] as number);
    this.#layout[i] = layout;
    this.#infos[i] = input.infos;
    this.#state[i] = rule === 'decode' ? GENERAL : SUMMED;
    if (layout === null || rule === 'decode') return;
    if (rule === 'recompute') layout.recompute(this.#tools.memory.view, this.#found);
    const [base, length] = [i * 2 * MAX_SPANS, 2 * layout.widths.length];
    for (let k = 0; k < length; k += 2) {
      this.#spans[base + k] = (this.#found[k] as number) - address;
      this.#spans[base + k + 1] = this.#found[k + 1] as number;
    }
  }

  /** Finds the spans of the payload at `at` (into #found), and the rule it is summed by. */
  #inspect(input: InputFile, kind: HistogramKind, at: number, bytes: number): { layout: AdditiveLayout | null; rule: SumRule } {
    const { view } = this.#tools.memory;
    const layout = at + bytes > MAX_ADDRESS ? null : this.#tools.layouts.find(input.infos, kind, view, at, at + bytes);
    if (layout === null || !layout.object.scan(view, at, at + bytes, this.#found)) return { layout: null, rule: 'decode' };
    return { layout, rule: layout.ruleOf(view, at, this.#found) };
  }

  /**
   * Compares all bytes outside the additive members. Equal bytes prove equal axes, layout, names and options; #found then
   * holds the spans in the scratch region.
   */
  #isEqualButNumbers(i: number, layout: AdditiveLayout, input: InputFile): boolean {
    const { layouts, memory, kernels } = this.#tools;
    const [address, bytes, scratch] = [this.address[i] as number, this.bytes[i] as number, this.#scratch];
    const sameInfos = input.infos === this.#infos[i];
    if (!sameInfos && layouts.find(input.infos, layout.kind, memory.view, scratch, scratch + bytes) !== layout) return false;
    const base = i * 2 * MAX_SPANS;
    let from = 0;
    for (const k of layout.added) {
      const start = this.#spans[base + 2 * k] as number;
      if (kernels.compareBytes(address + from, scratch + from, start - from) !== 0) return false;
      from = start + (this.#spans[base + 2 * k + 1] as number) * (layout.widths[k] as number);
    }
    if (kernels.compareBytes(address + from, scratch + from, bytes - from) !== 0) return false;
    for (let k = 0; k < layout.widths.length; k++) {
      this.#found[2 * k] = scratch + (this.#spans[base + 2 * k] as number);
      this.#found[2 * k + 1] = this.#spans[base + 2 * k + 1] as number;
    }
    return true;
  }

  /** Rule for a payload whose title, attributes or functions differ, if its axes are the same bytes and its arrays as long. */
  #inspectSimilar(i: number, layout: AdditiveLayout, input: InputFile, bytes: number): SumRule {
    const inspected = this.#inspect(input, layout.kind, this.#scratch, bytes);
    if (inspected.layout === null || !layout.agreesWith(inspected.layout)) return 'decode';
    const base = i * 2 * MAX_SPANS;
    for (const k of layout.added) {
      if (this.#spans[base + 2 * k + 1] !== this.#found[2 * k + 1]) return 'decode';
    }
    const own = layout.axesOf(this.#spans.subarray(base, base + 2 * MAX_SPANS));
    const found = layout.axesOf(this.#found);
    const { compareBytes } = this.#tools.kernels;
    const sameAxes = own.bytes === found.bytes && compareBytes((this.address[i] as number) + own.start, found.start, own.bytes) === 0;
    return sameAxes ? inspected.rule : 'decode';
  }

  /** Adds the spans in #found to those of the sum. */
  #addFound(i: number, layout: AdditiveLayout): void {
    const [address, base] = [this.address[i] as number, i * 2 * MAX_SPANS];
    let inexact = 0;
    for (const k of layout.added) {
      const start = address + (this.#spans[base + 2 * k] as number);
      inexact += (layout.kernels[k] as AddKernel)(start, this.#found[2 * k] as number, this.#found[2 * k + 1] as number);
    }
    // Kernels add as ROOT does, which keeps a bin as it was when its sum is just the limit.
    if (inexact > 0) this.#state[i] = GENERAL;
  }
}

/** fObjlen of a target's first contribution: bytes of its sum as long as nothing is added to its arrays. */
export function firstObjectBytes(plan: MergePlan, target: number): number {
  const at = plan.targets.contributionStart.at(target);
  const directory = plan.directoryOf(target).nodes[plan.targets.input.at(at)] as DirectoryNode;
  return directory.keys.objlen(plan.targets.key.at(at));
}
