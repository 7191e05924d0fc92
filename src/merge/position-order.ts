/** Ascending file offsets make the fewest reads; records of one job mostly are in that order already. */

/** True when the values ascend: no order is needed. */
export function isAscending(position: Float64Array): boolean {
  for (let i = 1; i < position.length; i++) if ((position[i] as number) < (position[i - 1] as number)) return false;
  return true;
}

/** Indices of `position` (non-negative integers) in ascending order of its values; ties keep their order. */
export function ascendingOrder(position: Float64Array): Uint32Array {
  const order = new Uint32Array(position.length);
  let [ordered, highest] = [true, 0];
  for (let i = 0; i < order.length; i++) {
    order[i] = i;
    const value = position[i] as number;
    if (value < highest) ordered = false;
    else highest = value;
  }
  return ordered ? order : sorted(position, order, highest);
}

function sorted(position: Float64Array, order: Uint32Array, highest: number): Uint32Array {
  const count = order.length;
  if ((highest + 1) * count > Number.MAX_SAFE_INTEGER) {
    return order.sort((a, b) => (position[a] as number) - (position[b] as number) || a - b);
  }
  // One number for offset and index lets the engine sort without calling back: ten times faster.
  const keys = new Float64Array(count);
  for (let i = 0; i < count; i++) keys[i] = (position[i] as number) * count + i;
  keys.sort();
  for (let i = 0; i < count; i++) order[i] = (keys[i] as number) % count;
  return order;
}
