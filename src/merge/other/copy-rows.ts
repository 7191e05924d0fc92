/** The keys that are copied of one input, in the order of their records. */
import { ascendingOrder, isAscending } from '../position-order.ts';
import type { InputFile } from '../inputs.ts';
import type { MergePlan } from '../plan/plan.ts';
import { stretches, type CopyColumns, type CopyItems } from './copy-list.ts';

/** Columns by record. */
export interface CopyRows extends CopyColumns {
  readonly count: number;
  /** Slot in the key list of the directory. */
  readonly slot: Uint32Array;
  /** File offset of the record in the input, and fNbytes. */
  readonly position: Float64Array;
  readonly bytes: Int32Array;
}

/** The items of an input, once slots are assigned. */
export function copyRows(plan: MergePlan, items: CopyItems, input: InputFile): CopyRows {
  const [from, to] = [items.start[input.index] as number, items.start[input.index + 1] as number];
  const count = to - from;
  const part = (column: Uint32Array): Uint32Array => column.subarray(from, to);
  const [target, key, slot] = [part(items.target), part(items.key), part(items.slot).slice()];
  const slots = plan.targets.slot.values;
  for (let i = 0; i < count; i++) slot[i]! += slots[target[i] as number] as number;
  const [position, bytes] = [new Float64Array(count), new Int32Array(count)];
  for (const stretch of stretches(plan, target, 0, count, input.index)) {
    const { seekKey, nbytes } = stretch.node.keys.records();
    for (let i = stretch.from; i < stretch.to; i++) {
      position[i] = seekKey[key[i] as number] as number;
      bytes[i] = nbytes[key[i] as number] as number;
    }
  }
  const rows = { count, target, key, slot, cycle: part(items.cycle), position, bytes };
  return isAscending(position) ? rows : pickRows(rows, ascendingOrder(position));
}

/** The rows with these numbers, in their order. */
export function pickRows(rows: CopyRows, numbers: Uint32Array): CopyRows {
  const pick = (column: Uint32Array): Uint32Array => numbers.map((n) => column[n] as number);
  return {
    count: numbers.length,
    target: pick(rows.target),
    key: pick(rows.key),
    slot: pick(rows.slot),
    cycle: pick(rows.cycle),
    position: Float64Array.from(numbers, (n) => rows.position[n] as number),
    bytes: Int32Array.from(numbers, (n) => rows.bytes[n] as number),
  };
}
