/** Merges in steps: every worker once, in order, never more inputs than allowed. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planMergeTree, workersOf } from '../../../src/runner/merge-tree.ts';

describe('a tree of merges', () => {
  it('is one merge where that may take all', () => {
    expect(planMergeTree(3, 32)).toEqual([{ node: 0, of: 'workers', inputs: [0, 1, 2] }]);
    expect(planMergeTree(1, 2)).toEqual([{ node: 0, of: 'workers', inputs: [0] }]);
  });

  it('has groups of neighbours of nearly equal size', () => {
    expect(planMergeTree(7, 3)).toEqual([
      { node: 0, of: 'workers', inputs: [0, 1] },
      { node: 1, of: 'workers', inputs: [2, 3, 4] },
      { node: 2, of: 'workers', inputs: [5, 6] },
      { node: 3, of: 'nodes', inputs: [0, 1, 2] },
    ]);
  });

  it('holds every worker once, in order, whatever the numbers', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 2, max: 40 }), (workerCount, fanIn) => {
        const tree = planMergeTree(workerCount, fanIn);
        const all = Array.from({ length: workerCount }, (_, worker) => worker);
        for (const [i, { node, inputs, of }] of tree.entries()) {
          expect(node).toBe(i);
          expect(inputs.length).toBeGreaterThan(0);
          expect(inputs.length).toBeLessThanOrEqual(fanIn);
          if (of === 'nodes') expect(Math.max(...inputs)).toBeLessThan(node);
        }
        const last = tree.at(-1);
        expect(last === undefined ? [] : workersOf(tree, last)).toEqual(all);
        expect(tree.filter(({ of }) => of === 'workers').flatMap(({ inputs }) => inputs)).toEqual(all);
      }),
      { numRuns: 100 },
    );
  });
});
