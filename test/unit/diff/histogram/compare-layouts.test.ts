/** The fast comparison of histograms finds what the general one finds, or leaves it to that. */
import { describe, expect, it } from 'vitest';
import { compareGraphs } from '../../../../src/diff/object/compare-graphs.ts';
import { compareByLayout } from '../../../../src/diff/histogram/compare-layouts.ts';
import { DifferenceList } from '../../../../src/diff/object/difference.ts';
import { DiffFile, contentKind, graphOf, payloadOf, walkPayload, type FileObject } from '../../../../src/diff/object/file-objects.ts';
import type { Tolerance } from '../../../../src/diff/object/tolerance.ts';
import { fixture } from '../../../scratch.ts';

/** Histograms of two files with equal paths and classes. */
function pairsOf(a: DiffFile, b: DiffFile): [FileObject, FileObject][] {
  return [...a.objects].flatMap(([path, [x]]) => {
    const y = b.objects.get(path)?.[0];
    return x !== undefined && y?.className === x.className && contentKind(x.className) === 'histogram'
      ? [[x, y] satisfies [FileObject, FileObject]]
      : [];
  });
}

describe('layouts', () => {
  using a = new DiffFile(fixture('hists_0.root'));
  using b = new DiffFile(fixture('hists_1.root'));
  const pairs = pairsOf(a, b);

  it.each([[{}], [{ rel: 0.5 }], [{ abs: 3 }], [{ ulp: 1000 }]] as [Tolerance][])('agree with walks within %o', (tolerance) => {
    let fast = 0;
    for (const [x, y] of pairs) {
      const [found, expected] = [new DifferenceList(10_000), new DifferenceList(10_000)];
      if (!compareByLayout(x.className, payloadOf(x), payloadOf(y), tolerance, found)) continue;
      compareGraphs(graphOf(x), graphOf(y), { tolerance }, expected);
      expect([x.className, found.count, found.first]).toEqual([x.className, expected.count, expected.first]);
      fast++;
    }
    expect(fast).toBeGreaterThan(25);
  });

  it('count what is not listed', () => {
    for (const [x, y] of pairs) {
      const [found, all] = [new DifferenceList(2), new DifferenceList(10_000)];
      if (!compareByLayout(x.className, payloadOf(x), payloadOf(y), {}, found)) continue;
      compareByLayout(x.className, payloadOf(x), payloadOf(y), {}, all);
      expect([found.count, found.first]).toEqual([all.count, all.first.slice(0, 2)]);
    }
  });

  it('leave every byte outside of contents and sums to the walk', () => {
    const [x] = pairs.find(([{ className }]) => className === 'TH1F') ?? [];
    if (x === undefined) throw new Error('no TH1F');
    const left = payloadOf(x);
    for (let at = 0; at < left.source.bytes.length; at++) {
      const right = payloadOf(x);
      right.source.bytes[at] = (right.source.bytes[at] as number) ^ 1;
      const found = new DifferenceList(10);
      if (!compareByLayout(x.className, left, right, {}, found)) continue;
      const expected = new DifferenceList(10);
      compareGraphs(walkPayload(x, left), walkPayload(x, right), { tolerance: {} }, expected);
      expect([at, found.first]).toEqual([at, expected.first]);
      expect(found.count).toBe(1);
    }
  });
});
