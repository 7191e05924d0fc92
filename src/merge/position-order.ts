/** Ascending file offsets make the fewest reads; records of one job mostly are in that order already. */

/** Indices of `position` in ascending order of its values; ties keep their order. */
export function ascendingOrder(position: Float64Array): Uint32Array {
  const order = new Uint32Array(position.length);
  let ordered = true;
  for (let i = 0; i < order.length; i++) {
    order[i] = i;
    if (i > 0 && (position[i] as number) < (position[i - 1] as number)) ordered = false;
  }
  return ordered ? order : order.sort((a, b) => (position[a] as number) - (position[b] as number) || a - b);
}
