/** Path data of drawings: relative commands and whole units keep a curve of 100 bins at about 600 bytes. */

/** What a vertical line of one unit shows of the bins in it. */
interface PathColumn {
  x: number;
  first: number;
  low: number;
  high: number;
  last: number;
}

/**
 * A step curve. `xs`: positions of the n + 1 edges; `ys`: position of each bin, NaN for none (a gap). Bins that begin at the same
 * position become one vertical line over all of them, so that the data never outgrow the drawing. `base`: the curve is closed
 * to this position at gaps and ends.
 */
export function stepPath(xs: ArrayLike<number>, ys: ArrayLike<number>, base?: number): string {
  let path = '';
  for (const { columns, end } of stretches(xs, ys)) {
    const start = columns[0];
    if (start === undefined) continue;
    let y = base ?? start.first;
    path += `M${start.x} ${y}`;
    columns.forEach(({ x, first, low, high, last }, i) => {
      for (const to of low === high ? [first] : [first, low, high, last]) {
        if (to !== y) path += `v${to - y}`;
        y = to;
      }
      path += `h${(columns[i + 1]?.x ?? end) - x}`;
    });
    if (base !== undefined && y !== base) path += `v${base - y}`;
  }
  return path.replaceAll(/h\d+(h\d+)+/g, joinedSteps);
}

/** `h3h4` as `h7`. */
function joinedSteps(run: string): string {
  const lengths = run.slice(1).split('h').map(Number);
  return `h${lengths.reduce((sum, length) => sum + length, 0)}`;
}

/** Neighbouring bins without a gap. */
function* stretches(xs: ArrayLike<number>, ys: ArrayLike<number>): Generator<{ columns: PathColumn[]; end: number }> {
  let columns: PathColumn[] = [];
  for (let i = 0; i < ys.length; i++) {
    const [x, y] = [xs[i] ?? 0, ys[i] ?? NaN];
    if (Number.isNaN(y)) {
      if (columns.length > 0) yield { columns, end: x };
      columns = [];
      continue;
    }
    const column = columns.at(-1);
    if (column === undefined || column.x !== x) columns.push({ x, first: y, low: y, high: y, last: y });
    else Object.assign(column, { low: Math.min(column.low, y), high: Math.max(column.high, y), last: y });
  }
  if (columns.length > 0) yield { columns, end: xs[ys.length] ?? 0 };
}

/** Vertical lines from `tops` to `bottoms` at `xs`; where one is NaN, none. Of several at one position the union. */
export function barsPath(xs: ArrayLike<number>, tops: ArrayLike<number>, bottoms: ArrayLike<number>): string {
  const bars = new Map<number, [number, number]>();
  for (let i = 0; i < tops.length; i++) {
    const [x, top, bottom] = [xs[i] ?? 0, tops[i] ?? NaN, bottoms[i] ?? NaN];
    if (Number.isNaN(top) || Number.isNaN(bottom)) continue;
    const [a, b] = bars.get(x) ?? [top, bottom];
    bars.set(x, [Math.min(a, top), Math.max(b, bottom)]);
  }
  return Array.from(bars, ([x, [top, bottom]]) => `M${x} ${top}v${bottom - top}`).join('');
}

/** Squares of `size` units around points; those with NaN are left out, of equal ones there is one. */
export function pointsPath(xs: ArrayLike<number>, ys: ArrayLike<number>, size: number): string {
  const points = new Set<string>();
  for (let i = 0; i < ys.length; i++) {
    if (!Number.isNaN(ys[i] ?? NaN)) points.add(`M${(xs[i] ?? 0) - size / 2} ${(ys[i] ?? 0) - size / 2}h${size}v${size}h-${size}z`);
  }
  return Array.from(points).join('');
}
