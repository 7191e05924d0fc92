/** Bins of two axes as a grid of pixels: bins of any width and number become at most 128 × 128 of them. */

/** Most pixels along an axis. */
const MAX_PIXELS = 128;
/** Edges may be this share of a bin off, and bins still count as equally wide. */
const EVEN = 1e-6;

/** Bins that each pixel of an axis shows, as [first, behind the last]. */
export function binsOfPixels(edges: Float64Array): [number, number][] {
  const bins = edges.length - 1;
  const [low, high] = [edges[0] ?? 0, edges.at(-1) ?? 1];
  const width = (high - low) / bins;
  const isEven = edges.every((edge, i) => Math.abs(edge - low - i * width) <= width * EVEN);
  if (isEven && bins <= MAX_PIXELS) return Array.from({ length: bins }, (_, i) => [i, i + 1]);
  let first = 0;
  return Array.from({ length: MAX_PIXELS }, (_, pixel) => {
    const [from, to] = [low + (pixel / MAX_PIXELS) * (high - low), low + ((pixel + 1) / MAX_PIXELS) * (high - low)];
    while (first < bins - 1 && (edges[first + 1] ?? high) <= from) first++;
    let end = first + 1;
    while (end < bins && (edges[end] ?? high) < to) end++;
    return [first, end];
  });
}

/** The value of a pixel from those of its bins. */
export type Blend = (values: readonly number[]) => number;

/** Mean of the bins that have a value; NaN where none has. */
export function meanOf(values: readonly number[]): number {
  const present = values.filter((value) => Number.isFinite(value));
  return present.length === 0 ? NaN : present.reduce((sum, value) => sum + value, 0) / present.length;
}

/** The value that is furthest from 0: one bin that differs among many is not lost. */
export function furthestOf(values: readonly number[]): number {
  return values.reduce((found, value) => (Math.abs(value) > Math.abs(found) ? value : found), 0);
}

/** Pixels row by row from the top (the last bins of the second axis). `values`: bins, those of the first axis next to each other. */
export function pixelValues(
  values: Float64Array,
  binsPerRow: number,
  columns: readonly [number, number][],
  rows: readonly [number, number][],
  blend: Blend,
): Float64Array {
  const pixels = new Float64Array(columns.length * rows.length);
  let at = 0;
  for (const [bottom, top] of rows.toReversed()) {
    for (const [left, right] of columns) {
      const covered: number[] = [];
      for (let y = bottom; y < top; y++) for (let x = left; x < right; x++) covered.push(values[y * binsPerRow + x] ?? NaN);
      pixels[at++] = blend(covered);
    }
  }
  return pixels;
}
