import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appendClusters, type ClusterRanges } from '../../../src/merge/tree/clusters.ts';

interface Part extends ClusterRanges {
  entries: number;
}
const part = (entries: number, autoFlush: number, ...ranges: [number, number][]): Part => ({
  entries,
  autoFlush,
  end: ranges.map(([end]) => end),
  size: ranges.map(([, size]) => size),
});
const BYTES = -30_000_000;

function join(parts: readonly Part[]): ClusterRanges {
  const first = parts[0] as Part;
  const ranges: ClusterRanges = { end: [...first.end], size: [...first.size], autoFlush: first.autoFlush };
  let entries = 0;
  for (const next of parts) {
    appendClusters(ranges, entries, next, next.entries);
    entries += next.entries;
  }
  return ranges;
}

/** Observed on hadd 6.40, one row per merge: parts, fAutoFlush, ranges. */
const OBSERVED: [name: string, parts: Part[], autoFlush: number, ranges: [number, number][]][] = [
  ['bytes, then entries', [part(1000, BYTES), part(700, 100)], 100, []],
  ['entries, then bytes twice', [part(1000, 100), part(700, BYTES), part(1300, BYTES)], BYTES, [[999, 100]]],
  ['two sizes', [part(1000, 100), part(700, 300)], 300, [[999, 100]]],
  ['a tree with ranges first', [part(1700, 300, [999, 100]), part(1000, 300)], 300, [[999, 100]]],
  [
    'ranges twice',
    [part(1700, 300, [999, 100]), part(1700, 300, [999, 100])],
    300,
    [
      [999, 100],
      [1699, 300],
      [2699, 100],
    ],
  ],
  [
    'ranges in bytes, then entries',
    [part(1700, BYTES, [999, 100]), part(1000, 100)],
    100,
    [
      [999, 100],
      [1699, 0],
    ],
  ],
  [
    'bytes, then ranges',
    [part(1000, BYTES), part(1700, BYTES, [999, 100])],
    BYTES,
    [
      [999, 0],
      [1999, 100],
    ],
  ],
  [
    'seven parts',
    [part(700, 100), part(1000, 100), part(1000, 300), part(1300, 300), part(1000, BYTES), part(1000, BYTES), part(1000, 100)],
    100,
    [
      [1699, 100],
      [3999, 300],
      [5999, 0],
    ],
  ],
  ['an empty tree first', [part(0, 500), part(1000, 100)], 100, []],
  ['an empty tree between', [part(1000, 100), part(0, 500), part(1000, 100)], 100, []],
];

describe('cluster ranges', () => {
  it.each(OBSERVED)('%s', (_name, parts, autoFlush, ranges) => {
    expect(join(parts)).toEqual({ autoFlush, end: ranges.map(([end]) => end), size: ranges.map(([, size]) => size) });
  });

  it('ascend and stay below the number of entries', () => {
    const anyPart = fc.record({
      entries: fc.integer({ min: 0, max: 5000 }),
      autoFlush: fc.constantFrom(BYTES, 0, 100, 300),
      cut: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(anyPart, { minLength: 1, maxLength: 8 }), (specs) => {
        const parts = specs.map(({ entries, autoFlush, cut }) =>
          cut && entries > 2 ? part(entries, autoFlush, [(entries >> 1) - 1, 50]) : part(entries, autoFlush),
        );
        const total = parts.reduce((sum, p) => sum + p.entries, 0);
        const { end, size } = join(parts);
        expect(end).toEqual(end.toSorted((a, b) => a - b));
        expect(new Set(end).size).toBe(end.length);
        expect(end.every((e) => e >= 0 && e < Math.max(1, total))).toBe(true);
        expect(size.every((s) => s >= 0)).toBe(true);
      }),
    );
  });
});
