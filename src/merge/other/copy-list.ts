/** Which keys are copied: lists of up to 10^6 keys in columns, without an object for each. */
import type { DirectoryNode } from '../../io/root/root-file.ts';
import type { InputFile } from '../inputs.ts';
import { GrowingInts } from '../plan/growing-ints.ts';
import type { MergePlan } from '../plan/plan.ts';

/** Keys to copy, by number. */
export interface CopyItems {
  readonly count: number;
  target(i: number): number;
  /** Index into `plan.targets.input` and `.key`. */
  contribution(i: number): number;
  /** Slot in the directory relative to the target's first slot. */
  slot(i: number): number;
  /** Cycle in the output. */
  cycle(i: number): number;
}

/** Keys to copy that were listed one by one. */
export class CopyList implements CopyItems {
  readonly #target: GrowingInts = new GrowingInts();
  readonly #contribution: GrowingInts = new GrowingInts();
  readonly #slot: GrowingInts = new GrowingInts();
  readonly #cycle: GrowingInts = new GrowingInts();

  get count(): number {
    return this.#target.length;
  }

  target(i: number): number {
    return this.#target.at(i);
  }

  contribution(i: number): number {
    return this.#contribution.at(i);
  }

  slot(i: number): number {
    return this.#slot.at(i);
  }

  cycle(i: number): number {
    return this.#cycle.at(i);
  }

  /** Adds contribution number `k` of a target; `cycle` is the one it gets in the output. */
  add(plan: MergePlan, target: number, k: number, slot: number, cycle: number): void {
    this.#target.push(target);
    this.#contribution.push(plan.targets.contributionStart.at(target) + k);
    this.#slot.push(slot);
    this.#cycle.push(cycle);
  }
}

/** The only contributions of targets, each to become cycle 1 of its name. */
export class SingleCopies implements CopyItems {
  readonly count: number;
  readonly #targets: Uint32Array;
  readonly #start: GrowingInts;

  constructor(plan: MergePlan, targets: Uint32Array) {
    this.count = targets.length;
    this.#targets = targets;
    this.#start = plan.targets.contributionStart;
  }

  target(i: number): number {
    return this.#targets[i] as number;
  }

  contribution(i: number): number {
    return this.#start.at(this.#targets[i] as number);
  }

  slot(): number {
    return 0;
  }

  cycle(): number {
    return 1;
  }
}

/** From an item of the list to its key, without making objects. Items of one directory and input follow each other. */
export class LookUp {
  readonly #plan: MergePlan;
  readonly #list: CopyItems;
  #lastDirectory = -1;
  #lastInput = -1;
  #lastNode: DirectoryNode | undefined;

  constructor(plan: MergePlan, list: CopyItems) {
    this.#plan = plan;
    this.#list = list;
  }

  input(i: number): number {
    return this.#plan.targets.input.at(this.#list.contribution(i));
  }

  key(i: number): number {
    return this.#plan.targets.key.at(this.#list.contribution(i));
  }

  node(i: number): DirectoryNode {
    const directory = this.#plan.targets.directory.at(this.#list.target(i));
    const input = this.input(i);
    if (directory !== this.#lastDirectory || input !== this.#lastInput) {
      this.#lastDirectory = directory;
      this.#lastInput = input;
      this.#lastNode = this.#plan.directories[directory]?.nodes[input];
    }
    return this.#lastNode as DirectoryNode;
  }
}

/** Numbers of the items of each input, in the order of the list. */
export function* itemsByInput(inputs: readonly InputFile[], list: CopyItems, lookUp: LookUp): Generator<[InputFile, Uint32Array]> {
  const start = new Uint32Array(inputs.length + 1);
  for (let i = 0; i < list.count; i++) start[lookUp.input(i) + 1]! += 1;
  for (let k = 0; k < inputs.length; k++) start[k + 1]! += start[k] as number;
  const fill = start.slice();
  const sorted = new Uint32Array(list.count);
  for (let i = 0; i < list.count; i++) sorted[fill[lookUp.input(i)]!++] = i;
  for (const [k, input] of inputs.entries()) yield [input, sorted.subarray(start[k], start[k + 1])];
}
