/**
 * The plan: every target of the output with its disposition, reason and contributions, before a
 * byte is written. Counts reach 10^6, so targets are columns, not objects: a target is an index.
 */
import type { Conflict, ErrorContext } from '../../errors.ts';
import { decodeText } from '../../io/bytes/big-endian.ts';
import { joinPath, objectPath, type DirectoryNode } from '../../io/root/root-file.ts';
import { GrowingInts } from './growing-ints.ts';
import type { InputFile } from '../inputs.ts';

/**
 * What happens to a target. Each has exactly one.
 * copy: stored bytes of one key; add: contents summed; concat: entries joined; cycles: all copies,
 * one cycle each; first: the first input's; skip: left out by request; refuse: conflict.
 */
export const DISPOSITIONS = ['copy', 'add', 'concat', 'cycles', 'first', 'skip', 'refuse'] as const;
export type Disposition = (typeof DISPOSITIONS)[number];

/** Who merges a target. */
export const FAMILIES = ['other', 'histogram', 'tree', 'rntuple', 'process-id', 'additive'] as const;
export type Family = (typeof FAMILIES)[number];

/** Why a target has its disposition; stable codes of the report. */
export const REASONS = [
  'single-source',
  'equal-copies',
  'no-merge-rule',
  'mergeable',
  'excluded',
  'conflict',
  'process-id',
  'kept-by-option',
  'pool-sections',
] as const;
export type Reason = (typeof REASONS)[number];

/** A directory of the output. */
export interface DirectoryPlan {
  /** Full path, `/` for the root. */
  path: string;
  /** Index of the parent in `MergePlan.directories`; -1 for the root. */
  parent: number;
  /** Slot of its key in the parent's key list. */
  slot: number;
  nameText: Uint8Array;
  titleText: Uint8Array;
  /** Class name under which the first input lists it, `TDirectory` or `TDirectoryFile`. */
  className: string;
  /** The directory of this path in each input (by input index). */
  nodes: (DirectoryNode | undefined)[];
  /** What its key list holds, in order: 2 * target, or 2 * directory + 1. */
  items: GrowingInts;
  /** True when a filter leaves nothing of it: it is not written. */
  omitted: boolean;
}

/** All targets as columns; see `MergePlan` for access by name. */
export class TargetTable {
  /** Index into `MergePlan.directories`. */
  readonly directory: GrowingInts = new GrowingInts();
  /** Index into FAMILIES, DISPOSITIONS, REASONS. */
  readonly family: GrowingInts = new GrowingInts();
  readonly disposition: GrowingInts = new GrowingInts();
  readonly reason: GrowingInts = new GrowingInts();
  /** First key slot in the directory's key list, and number of keys. */
  readonly slot: GrowingInts = new GrowingInts();
  readonly slotCount: GrowingInts = new GrowingInts();
  /** Contributions of target t: [contributionStart[t], contributionStart[t + 1]). */
  readonly contributionStart: GrowingInts = new GrowingInts();
  /** Input index of each contribution. */
  readonly input: GrowingInts = new GrowingInts();
  /** Index of the key in that input's key list of the directory. */
  readonly key: GrowingInts = new GrowingInts();

  get count(): number {
    return this.directory.length;
  }

  /** Makes room at once: columns that grow by doubling leave their halves behind. */
  reserve(targets: number, contributions: number): void {
    for (const column of [this.directory, this.family, this.disposition, this.reason, this.slot, this.slotCount, this.contributionStart]) {
      column.reserve(targets);
    }
    this.input.reserve(contributions);
    this.key.reserve(contributions);
  }
}

/** One object in one input. */
export interface Contribution {
  input: InputFile;
  directory: DirectoryNode;
  keyIndex: number;
}

/** File and object path of a contribution, for errors. */
export function contextOf({ input, directory, keyIndex }: Contribution): ErrorContext {
  return { file: input.path, objectPath: objectPath(directory, keyIndex) };
}

/** The plan of a whole merge. */
export class MergePlan {
  readonly inputs: readonly InputFile[];
  readonly directories: DirectoryPlan[] = [];
  readonly targets: TargetTable = new TargetTable();
  readonly conflicts: Conflict[] = [];
  /** Entries of the trees and RNTuples that are not refused, by target. */
  readonly entries: Map<number, number> = new Map();
  /** Entries of the attribute sets of RNTuples, by target and name. */
  readonly attributeEntries: Map<number, ReadonlyMap<string, number>> = new Map();

  constructor(inputs: readonly InputFile[]) {
    this.inputs = inputs;
  }

  directoryOf(target: number): DirectoryPlan {
    return this.directories[this.targets.directory.at(target)] as DirectoryPlan;
  }

  contributionCount(target: number): number {
    return this.#stop(target) - this.targets.contributionStart.at(target);
  }

  /** Number of distinct inputs that hold the target. */
  inputCount(target: number): number {
    const [from, to] = this.#range(target);
    let count = 0;
    for (let at = from; at < to; at++) {
      if (at === from || this.targets.input.at(at) !== this.targets.input.at(at - 1)) count++;
    }
    return count;
  }

  /** Contribution `k` of a target, in input order. */
  contribution(target: number, k: number): Contribution {
    const at = this.#range(target)[0] + k;
    const input = this.inputs[this.targets.input.at(at)] as InputFile;
    const directory = this.directoryOf(target).nodes[input.index] as DirectoryNode;
    return { input, directory, keyIndex: this.targets.key.at(at) };
  }

  /** All contributions of a target, in input order. */
  contributions(target: number): Contribution[] {
    return Array.from({ length: this.contributionCount(target) }, (_, k) => this.contribution(target, k));
  }

  /** Bytes of the target's name as stored. */
  nameText(target: number): Uint8Array {
    const { directory, keyIndex } = this.contribution(target, 0);
    return directory.keys.nameText(keyIndex);
  }

  className(target: number): string {
    const { directory, keyIndex } = this.contribution(target, 0);
    return directory.keys.className(keyIndex);
  }

  /** Full path of a target, without cycle. */
  path(target: number): string {
    return joinPath(this.directoryOf(target).path, decodeText(this.nameText(target)));
  }

  family(target: number): Family {
    return FAMILIES[this.targets.family.at(target)] as Family;
  }
  disposition(target: number): Disposition {
    return DISPOSITIONS[this.targets.disposition.at(target)] as Disposition;
  }
  reason(target: number): Reason {
    return REASONS[this.targets.reason.at(target)] as Reason;
  }

  /** Adds a target without contributions to a directory; its keys are listed after those added before. */
  addTarget(directory: number, family: Family, disposition: Disposition, reason: Reason): number {
    const { targets } = this;
    targets.directory.push(directory);
    targets.family.push(FAMILIES.indexOf(family));
    targets.disposition.push(DISPOSITIONS.indexOf(disposition));
    targets.reason.push(REASONS.indexOf(reason));
    targets.slot.push(0);
    targets.slotCount.push(1);
    targets.contributionStart.push(targets.input.length);
    const target = targets.count - 1;
    (this.directories[directory] as DirectoryPlan).items.push(2 * target);
    return target;
  }

  /** Adds a contribution to the target that was added last. */
  addContribution(input: number, key: number): void {
    this.targets.input.push(input);
    this.targets.key.push(key);
  }

  /** Adds targets with one contribution each, keys of one input; as many calls of `addTarget` and `addContribution` take a third of planning. */
  addSingles(directory: number, family: Family, disposition: Disposition, reason: Reason, input: number, keys: Uint32Array): void {
    const { targets } = this;
    const [first, count] = [targets.count, keys.length];
    targets.directory.pushSequence(directory, count, 0);
    targets.family.pushSequence(FAMILIES.indexOf(family), count, 0);
    targets.disposition.pushSequence(DISPOSITIONS.indexOf(disposition), count, 0);
    targets.reason.pushSequence(REASONS.indexOf(reason), count, 0);
    targets.slot.pushSequence(0, count, 0);
    targets.slotCount.pushSequence(1, count, 0);
    targets.contributionStart.pushSequence(targets.input.length, count, 1);
    targets.input.pushSequence(input, count, 0);
    targets.key.pushAll(keys);
    (this.directories[directory] as DirectoryPlan).items.pushSequence(2 * first, count, 2);
  }

  /** Decides a target. */
  decide(target: number, disposition: Disposition, reason: Reason): void {
    this.targets.disposition.set(target, DISPOSITIONS.indexOf(disposition));
    this.targets.reason.set(target, REASONS.indexOf(reason));
  }

  /** Decides many targets alike. */
  decideAll(targets: Uint32Array, disposition: Disposition, reason: Reason): void {
    const [dispositions, reasons] = [this.targets.disposition.values, this.targets.reason.values];
    const [d, r] = [DISPOSITIONS.indexOf(disposition), REASONS.indexOf(reason)];
    for (let i = 0; i < targets.length; i++) {
      dispositions[targets[i] as number] = d;
      reasons[targets[i] as number] = r;
    }
  }

  /** Number of keys in the list of a directory. */
  slotCount(directory: DirectoryPlan): number {
    const [items, slotCounts] = [directory.items.values, this.targets.slotCount.values];
    let count = 0;
    for (let i = 0; i < items.length; i++) {
      const item = items[i] as number;
      if ((item & 1) === 0) count += slotCounts[item >>> 1] as number;
      else if (!(this.directories[item >>> 1] as DirectoryPlan).omitted) count++;
    }
    return count;
  }

  /** Gives every key its slot, once the number of keys of each target is known. */
  assignSlots(): void {
    const [slots, slotCounts] = [this.targets.slot.values, this.targets.slotCount.values];
    for (const directory of this.directories) {
      const items = directory.items.values;
      let slot = 0;
      for (let i = 0; i < items.length; i++) {
        const item = items[i] as number;
        const index = item >>> 1;
        if ((item & 1) === 0) {
          slots[index] = slot;
          slot += slotCounts[index] as number;
          continue;
        }
        const child = this.directories[index] as DirectoryPlan;
        child.slot = slot;
        slot += child.omitted ? 0 : 1;
      }
    }
  }

  /** Decides a target whose keys go to the output under `slotCount` cycles. */
  decideSlots(target: number, disposition: Disposition, reason: Reason, slotCount: number): void {
    this.decide(target, disposition, reason);
    this.targets.slotCount.set(target, slotCount);
  }

  /** Refuses a target; `input` is the one that does not fit. */
  refuse(target: number, code: string, reason: string, input?: InputFile): void {
    this.decideSlots(target, 'refuse', 'conflict', 0);
    this.conflicts.push({ path: this.path(target), className: this.className(target), file: input?.path ?? '', code, reason });
  }

  #range(target: number): [number, number] {
    return [this.targets.contributionStart.at(target), this.#stop(target)];
  }

  #stop(target: number): number {
    const { contributionStart, input } = this.targets;
    return target + 1 < contributionStart.length ? contributionStart.at(target + 1) : input.length;
  }
}
