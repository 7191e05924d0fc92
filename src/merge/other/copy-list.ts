/** Which keys are copied: lists of up to 10^6 keys in columns, without an object for each. */
import type { DirectoryNode } from '../../io/root/root-file.ts';
import { GrowingInts } from '../plan/growing-ints.ts';
import type { DirectoryPlan, MergePlan } from '../plan/plan.ts';

/** Keys to copy, as columns. */
export interface CopyColumns {
  readonly target: Uint32Array;
  /** Index of the key in its input's list of the directory. */
  readonly key: Uint32Array;
  /** Slot in the directory relative to the target's first slot. */
  readonly slot: Uint32Array;
  /** Cycle in the output. */
  readonly cycle: Uint32Array;
}

/** Keys to copy, those of one input together. */
export interface CopyItems extends CopyColumns {
  /** Items of input k: [start[k], start[k + 1]), in the order of listing. */
  readonly start: Uint32Array;
}

/** Keys to copy that are listed one by one. */
export class CopyList {
  readonly #target: GrowingInts = new GrowingInts();
  readonly #contribution: GrowingInts = new GrowingInts();
  readonly #slot: GrowingInts = new GrowingInts();
  readonly #cycle: GrowingInts = new GrowingInts();

  /** Adds contribution number `k` of a target; `cycle` is the one it gets in the output. */
  add(plan: MergePlan, target: number, k: number, slot: number, cycle: number): void {
    this.#target.push(target);
    this.#contribution.push(plan.targets.contributionStart.at(target) + k);
    this.#slot.push(slot);
    this.#cycle.push(cycle);
  }

  /** What was listed. */
  items(plan: MergePlan): CopyItems {
    return sortByInput(plan, this.#target.values, this.#contribution.values, this.#slot.values, this.#cycle.values);
  }
}

/** The only contributions of targets, each to become cycle 1 of its name. */
export function singleCopies(plan: MergePlan, targets: Uint32Array): CopyItems {
  const count = targets.length;
  const start = plan.targets.contributionStart.values;
  const contribution = new Uint32Array(count);
  for (let i = 0; i < count; i++) contribution[i] = start[targets[i] as number] as number;
  return sortByInput(plan, targets, contribution, new Uint32Array(count), new Uint32Array(count).fill(1));
}

function sortByInput(plan: MergePlan, target: Uint32Array, contribution: Uint32Array, slot: Uint32Array, cycle: Uint32Array): CopyItems {
  const [count, inputs, keys] = [target.length, plan.targets.input.values, plan.targets.key.values];
  const start = new Uint32Array(plan.inputs.length + 1);
  for (let i = 0; i < count; i++) start[(inputs[contribution[i] as number] as number) + 1]! += 1;
  for (let k = 0; k < plan.inputs.length; k++) start[k + 1]! += start[k] as number;
  const fill = start.slice();
  const columns = (): Uint32Array => new Uint32Array(count);
  const sorted = { start, target: columns(), key: columns(), slot: columns(), cycle: columns() };
  for (let i = 0; i < count; i++) {
    const from = contribution[i] as number;
    const at = fill[inputs[from] as number]!++;
    sorted.target[at] = target[i] as number;
    sorted.key[at] = keys[from] as number;
    sorted.slot[at] = slot[i] as number;
    sorted.cycle[at] = cycle[i] as number;
  }
  return sorted;
}

/** Targets of one directory that follow each other in a column. */
export interface DirectoryStretch {
  from: number;
  to: number;
  /** Index of the directory in the plan, and the directory of that path in the input. */
  directory: number;
  node: DirectoryNode;
}

/** Divides rows [from, to) of a column of targets into stretches; `input`: index of the input all of them are copied from. */
export function* stretches(plan: MergePlan, targets: Uint32Array, from: number, to: number, input: number): Generator<DirectoryStretch> {
  const directories = plan.targets.directory.values;
  for (let at = from; at < to;) {
    const directory = directories[targets[at] as number] as number;
    let stop = at + 1;
    while (stop < to && directories[targets[stop] as number] === directory) stop++;
    const { nodes } = plan.directories[directory] as DirectoryPlan;
    yield { from: at, to: stop, directory, node: nodes[input] as DirectoryNode };
    at = stop;
  }
}

/** The items of one input, as stretches. */
export function itemStretches(plan: MergePlan, { start, target }: CopyItems, input: number): Generator<DirectoryStretch> {
  return stretches(plan, target, start[input] as number, start[input + 1] as number, input);
}
