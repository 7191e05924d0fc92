/**
 * Compares two histograms without walking them: members that differ between samples stand at known places (a layout
 * program finds them in a microsecond), and all other bytes must be equal. What is not so is left to the general comparison.
 */
import type { InfoSet } from '../../io/root/streamer/info-set.ts';
import { compileLayout, frameVersion, type LayoutSpan, type ObjectLayout } from '../../io/root/streamer/layout.ts';
import { readValue } from '../../io/root/streamer/member.ts';
import type { SpanSource } from '../../io/root/streamer/span-graph.ts';
import { isReal } from '../../io/root/streamer/type-codes.ts';
import type { DifferenceList } from '../object/difference.ts';
import { ARRAYS, STATISTICS } from './histogram-cells.ts';
import { isClose, type Tolerance } from '../object/tolerance.ts';

/** Members that are found by a layout program; `fArray` is the values of the bins. */
const WANTED = ['fEntries', ...STATISTICS, ...ARRAYS];
/** Most spans of a layout: as many as members that are wanted. */
const SPANS = 32;
/** Largest version of a class. */
const VERSIONS = 0x8000;

const LAYOUTS = new WeakMap<InfoSet, Map<string, ObjectLayout | null>>();

function layoutOf(infos: InfoSet, className: string, version: number): ObjectLayout | null {
  let layouts = LAYOUTS.get(infos);
  if (layouts === undefined) LAYOUTS.set(infos, (layouts = new Map<string, ObjectLayout | null>()));
  const key = `${className};${version}`;
  let layout = layouts.get(key);
  // Several layouts of one version: only a walk can tell which one an object has.
  if (layout === undefined) {
    layouts.set(
      key,
      (layout =
        version < 0 || version >= VERSIONS || infos.alternatives(className, version).length > 0
          ? null
          : compileLayout(infos, className, version, WANTED)),
    );
  }
  return layout;
}

/** One object: its payload, and the infos of its file. */
export interface LaidOutObject {
  source: SpanSource;
  infos: InfoSet;
}

const PLACES_A = new Int32Array(2 * SPANS);
const PLACES_B = new Int32Array(2 * SPANS);

/**
 * Adds all differences between two histograms of one class to a list, in the order and under the names of `compareGraphs`.
 * False, and nothing added, where only that can compare them.
 */
export function compareByLayout(
  className: string,
  a: LaidOutObject,
  b: LaidOutObject,
  tolerance: Tolerance,
  differences: DifferenceList,
): boolean {
  const [x, y] = [a.source, b.source];
  const { length } = x.bytes;
  if (y.bytes.length !== length || x.keylen !== y.keylen) return false;
  const version = frameVersion(x.view, 0, length);
  const layout = layoutOf(a.infos, className, version);
  const other = layoutOf(b.infos, className, version);
  if (layout === null || other === null || !layout.scan(x.view, 0, length, PLACES_A) || !other.scan(y.view, 0, length, PLACES_B)) {
    return false;
  }
  const { spans } = layout;
  if (!hasSameSpans(spans, other.spans) || !isRestEqual(spans, x, y)) return false;
  const sides = [x, y] as const;
  spans.forEach((span, k) => compareSpan(span, k, sides, tolerance, differences));
  return true;
}

function hasSameSpans(spans: readonly LayoutSpan[], others: readonly LayoutSpan[]): boolean {
  const hasSamePlace = (k: number): boolean => PLACES_A[2 * k] === PLACES_B[2 * k] && PLACES_A[2 * k + 1] === PLACES_B[2 * k + 1];
  return (
    spans.length === others.length &&
    spans.every(({ type, width }, k) => type === others[k]?.type && width === others[k].width && hasSamePlace(k))
  );
}

/** True when all bytes outside of the spans are equal. */
function isRestEqual(spans: readonly LayoutSpan[], x: SpanSource, y: SpanSource): boolean {
  let from = 0;
  for (let k = 0; k <= spans.length; k++) {
    const count = PLACES_A[2 * k + 1] as number;
    if (k < spans.length && count === 0) continue; // an array that was not written
    const to = k === spans.length ? x.bytes.length : (PLACES_A[2 * k] as number);
    let i = from;
    for (; i + 4 <= to; i += 4) if (x.view.getInt32(i) !== y.view.getInt32(i)) return false;
    for (; i < to; i++) if (x.bytes[i] !== y.bytes[i]) return false;
    from = to + count * (spans[k]?.width ?? 0);
  }
  return true;
}

/** Compares the values of span `k`, which stand at the same place on both sides. */
function compareSpan(
  { members, type, width }: LayoutSpan,
  k: number,
  [x, y]: readonly [SpanSource, SpanSource],
  tolerance: Tolerance,
  differences: DifferenceList,
): void {
  const [at, count] = [PLACES_A[2 * k] as number, PLACES_A[2 * k + 1] as number];
  const realWidth = isReal(type) ? width : 0;
  for (let i = 0, pos = at; i < count; i++, pos += width) {
    if (isSame(x, y, pos, width)) continue;
    const [left, right] = [readValue(x.view, pos, type, width), readValue(y.view, pos, type, width)];
    const isExact = realWidth === 0 && left === right; // 64-bit integers beyond 2^53 read as equal numbers
    if (!isExact && isClose(left, right, realWidth, tolerance)) continue;
    const [l, r] = isExact ? [x.bytes.subarray(pos, pos + width), y.bytes.subarray(pos, pos + width)] : [left, right];
    if (differences.isFull) differences.count++;
    else differences.add(valueName(members, count, i), l, r);
  }
}

function isSame(x: SpanSource, y: SpanSource, pos: number, width: number): boolean {
  if (width === 4) return x.view.getInt32(pos) === y.view.getInt32(pos);
  if (width === 8) return x.view.getInt32(pos) === y.view.getInt32(pos) && x.view.getInt32(pos + 4) === y.view.getInt32(pos + 4);
  for (let i = pos; i < pos + width; i++) if (x.bytes[i] !== y.bytes[i]) return false;
  return true;
}

/** A span of several members has one value each; else it is an array. */
function valueName(members: readonly string[], count: number, i: number): string {
  const [first = ''] = members;
  if (members.length === count && !ARRAYS.includes(first)) return members[i] ?? first;
  const array = first === 'fArray' ? first : `${first}.fArray`;
  return count === 1 ? array : `${array}[${i}]`;
}
