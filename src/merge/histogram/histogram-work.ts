/** Carries out the sums of all histogram targets, block by block. */
import { kernels } from '../../io/codec/kernels.ts';
import { codecMemory } from '../../io/codec/wasm.ts';
import { encodeGraph } from '../../io/root/streamer/encode.ts';
import { walkObject } from '../../io/root/streamer/walk.ts';
import { outputDirectory, type ExecuteContext, type PlanContext } from '../merger.ts';
import { Progress } from '../progress.ts';
import type { Contribution, MergePlan } from '../plan/plan.ts';
import { contributionsByInput, directoryIn, type InputRecords } from './contribution-list.ts';
import { histogramKind, type HistogramKind } from './histogram-kind.ts';
import { LayoutCache } from './layout-cache.ts';
import { RecordWindow } from './record-window.ts';
import { SumBlock, firstObjectBytes, type BlockTools } from './sum-block.ts';
import { sumTarget } from './sum-target.ts';
import { KEY_BYTES, SumWriter, ownSetting, type SumPlace } from './sum-writer.ts';

/** Bytes of sums held at once; one larger histogram makes a block of its own. */
const BLOCK_BYTES = 4 * 1024 * 1024;

/** What fixes the sizes of the regions that sums and records are in, over all targets. */
export interface LargestSizes {
  /** Bytes of the largest record of any contribution. */
  largestRecord: number;
  /** Bytes of the largest payload, uncompressed. */
  largestObject: number;
}

/** Sums all targets; without `execute` nothing is written and only conflicts and diagnostics are found. */
export class HistogramWork {
  readonly #ctx: PlanContext;
  readonly #execute: ExecuteContext | undefined;
  readonly #progress: Progress;
  readonly #targets: readonly number[];
  readonly #sizes: LargestSizes;
  #writer: SumWriter | undefined;

  constructor(targets: readonly number[], sizes: LargestSizes, ctx: PlanContext, execute?: ExecuteContext) {
    this.#targets = targets;
    this.#ctx = ctx;
    this.#execute = execute;
    this.#progress = execute?.progress ?? new Progress();
    this.#sizes = sizes;
  }

  async run(): Promise<void> {
    const memory = codecMemory();
    const { largestRecord, largestObject } = this.#sizes;
    const regions = [memory.alloc(Math.max(BLOCK_BYTES, largestObject)), memory.alloc(largestObject + KEY_BYTES)] as const;
    if (this.#execute !== undefined) this.#writer = new SumWriter(this.#execute, largestObject, regions[1]);
    const window = new RecordWindow(memory, largestRecord);
    const tools: BlockTools = { plan: this.#ctx.plan, memory, kernels: kernels(), layouts: new LayoutCache(kernels()) };
    try {
      const block = new SumBlock(tools, regions[1], largestObject);
      for (const targets of blocksOf(this.#ctx.plan, this.#targets)) {
        block.begin(targets, regions[0]);
        for (const records of contributionsByInput(this.#ctx.plan, targets)) await this.#read(block, window, records);
        await this.#finish(block);
      }
      this.#writer?.flush();
    } finally {
      window.free();
      for (const region of regions) memory.free(region);
      this.#writer?.free();
    }
  }

  /** Adds what one input holds of the block. */
  async #read(block: SumBlock, window: RecordWindow, records: InputRecords): Promise<void> {
    const { input, count, target, key, position, bytes } = records;
    for (let i = 0; i < count;) {
      const stop = window.read(input.file.source, position, bytes, i, count);
      let done = 0;
      for (; i < stop; i++) {
        const index = target[i] as number;
        const directory = directoryIn(this.#ctx.plan, block.targets[index] as number, input);
        block.take(index, input, directory, key[i] as number, window.addressOf(position[i] as number));
        done += bytes[i] as number;
      }
      await this.#progress.step(done);
    }
  }

  /** Writes the sums of a block, in the order of the plan. */
  async #finish(block: SumBlock): Promise<void> {
    const { plan } = this.#ctx;
    for (let i = 0; i < block.targets.length; i++) {
      const target = block.targets[i] as number;
      if (block.isGeneral(i)) this.#sumGenerally(block, i, target);
      else if (plan.conflicts.length === 0) this.#writeSum(block, i, target);
      if (i % 64 === 0) await this.#progress.step();
    }
  }

  #writeSum(block: SumBlock, i: number, target: number): void {
    const [writer, ctx] = [this.#writer, this.#execute];
    if (writer === undefined || ctx === undefined) return;
    const place = placeOf(target, ctx);
    const [address, bytes] = [block.address[i] as number, block.bytes[i] as number];
    const setting = this.#settingOf(place.first, block.tag[i] as number);
    const keylen = place.first.directory.keys.keylen(place.first.keyIndex);
    if (writer.keylenNow(place) === keylen) {
      writer.writeFromMemory(place, address, bytes, setting);
      return;
    }
    // Tags in a payload count from the start of its key: another key length moves them.
    const payload = codecMemory().u8.slice(address, address + bytes);
    const graph = walkObject(payload, keylen, this.#ctx.plan.className(target), place.first.input.infos);
    writer.write(place, encodeGraph(graph, { keylen: writer.keylenNow(place) }), setting);
  }

  #sumGenerally(block: SumBlock, i: number, target: number): void {
    const { plan } = this.#ctx;
    const kind = histogramKind(plan.className(target)) as HistogramKind;
    const sum = sumTarget(target, plan.contributions(target), kind, this.#ctx);
    const [writer, ctx] = [this.#writer, this.#execute];
    if (sum === undefined || writer === undefined || ctx === undefined || plan.conflicts.length > 0) return;
    const place = placeOf(target, ctx);
    const payload = encodeGraph(sum, { keylen: writer.keylenNow(place) });
    writer.write(place, payload, this.#settingOf(place.first, block.tag[i] as number));
  }

  #settingOf(first: Contribution, tag: number): number {
    const { compression } = this.#ctx.policy;
    return typeof compression === 'number' ? compression : ownSetting(first.input.file.header.compress, tag);
  }
}

function placeOf(target: number, ctx: ExecuteContext): SumPlace {
  const { plan } = ctx;
  return { target, directory: outputDirectory(ctx, target), slot: plan.targets.slot.at(target), first: plan.contribution(target, 0) };
}

/** Cuts the targets into blocks of neighbours. */
function* blocksOf(plan: MergePlan, targets: readonly number[]): Generator<Int32Array> {
  let from = 0;
  let bytes = 0;
  for (let i = 0; i < targets.length; i++) {
    const next = firstObjectBytes(plan, targets[i] as number);
    if (i > from && bytes + next > BLOCK_BYTES) {
      yield Int32Array.from(targets.slice(from, i));
      [from, bytes] = [i, 0];
    }
    bytes += next;
  }
  if (from < targets.length) yield Int32Array.from(targets.slice(from));
}
