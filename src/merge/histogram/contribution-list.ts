/** Which contributions of a block of targets each input holds, in the order of its records. */
import type { KeyTable } from '../../io/root/container/key-table.ts';
import type { DirectoryNode } from '../../io/root/root-file.ts';
import type { InputFile } from '../inputs.ts';
import type { MergePlan } from '../plan/plan.ts';
import { ascendingOrder, isAscending } from '../position-order.ts';

/** Records of one input, ascending in position. */
export interface InputRecords {
  input: InputFile;
  count: number;
  /** Index of the target in the block. */
  target: Int32Array;
  /** Index of the key in its directory's key list. */
  key: Int32Array;
  /** File offset and length in bytes of the record. */
  position: Float64Array;
  bytes: Float64Array;
}

/** The directory that holds a target in an input. */
export function directoryIn(plan: MergePlan, target: number, input: InputFile): DirectoryNode {
  return plan.directoryOf(target).nodes[input.index] as DirectoryNode;
}

/** Calls `visit` for each contribution of a target, in input order, without making an object for it. */
export function forEachContribution(plan: MergePlan, target: number, visit: (keys: KeyTable, key: number, input: number) => void): void {
  const { contributionStart, input, key } = plan.targets;
  const { nodes } = plan.directoryOf(target);
  const from = contributionStart.at(target);
  const stop = from + plan.contributionCount(target);
  for (let at = from; at < stop; at++) {
    const index = input.at(at);
    visit((nodes[index] as DirectoryNode).keys, key.at(at), index);
  }
}

/** Contributions to `targets` by input, in input order; inputs without any are left out. */
export function contributionsByInput(plan: MergePlan, targets: Int32Array): InputRecords[] {
  const counts = new Int32Array(plan.inputs.length);
  for (const target of targets) forEachContribution(plan, target, (_keys, _key, input) => (counts[input] = (counts[input] as number) + 1));
  const lists = plan.inputs.map((input, k) => emptyRecords(input, counts[k] as number));
  targets.forEach((target, i) => {
    forEachContribution(plan, target, (keys, key, input) => {
      const list = lists[input] as InputRecords;
      const at = list.count++;
      list.target[at] = i;
      list.key[at] = key;
      list.position[at] = keys.seekKey(key);
      list.bytes[at] = keys.nbytes(key);
    });
  });
  return lists.filter((list) => list.count > 0).map((list) => inOrder(list));
}

function emptyRecords(input: InputFile, length: number): InputRecords {
  return {
    input,
    count: 0,
    target: new Int32Array(length),
    key: new Int32Array(length),
    position: new Float64Array(length),
    bytes: new Float64Array(length),
  };
}

function inOrder(list: InputRecords): InputRecords {
  if (isAscending(list.position)) return list;
  const sorted = emptyRecords(list.input, list.count);
  sorted.count = list.count;
  ascendingOrder(list.position).forEach((from, to) => {
    sorted.target[to] = list.target[from] as number;
    sorted.key[to] = list.key[from] as number;
    sorted.position[to] = list.position[from] as number;
    sorted.bytes[to] = list.bytes[from] as number;
  });
  return sorted;
}
