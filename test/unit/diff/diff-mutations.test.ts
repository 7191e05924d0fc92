/** Every single change of a file is found, and named where it is; the interop suite makes 500 of each. */
import { afterAll, describe, expect, it } from 'vitest';
import { diffMerged } from '../../../src/diff/diff-merged.ts';
import { merge } from '../../../src/merge/merge.ts';
import { Scratch, fixture } from '../../scratch.ts';
import { KINDS, droppedEntry, falseAlarm, findMutations } from './mutation-kinds.ts';

/** Changes of each kind, or as many as fit into some seconds. */
const ROUNDS = 60;
const SECONDS = 1.5;
const scratch = new Scratch();
afterAll(() => scratch[Symbol.dispose]());

describe('one change', () => {
  it.each(KINDS.map((kind) => [kind.name, kind] as const))('of %s is found', async (_, kind) => {
    const end = performance.now() + 1000 * SECONDS;
    let made = 0;
    await findMutations(kind, scratch, ROUNDS, () => made++ >= 5 && performance.now() > end);
    expect(made).toBeGreaterThanOrEqual(5);
  });

  it('that drops an entry is found', async () => {
    for (let seed = 1; seed <= 5; seed++) {
      expect(await droppedEntry(seed, scratch)).toEqual([
        ['/tree different entries: N N-1', '/tuple different entries: N N-1'],
        ['/tree lost entries: N-1 N', '/tuple lost entries: N-1 N'],
      ]);
    }
  });
});

describe('files that hold the same', () => {
  it('are never called different, however they were merged and compressed', async () => {
    const end = performance.now() + 1000 * SECONDS;
    for (let seed = 1; seed <= ROUNDS && (seed <= 5 || performance.now() < end); seed++) {
      expect(await falseAlarm(seed, scratch)).toEqual([]);
    }
  });
});

describe('a dropped input', () => {
  it.each(['hists', 'flat', 'objects', 'ntuple', 'worker'])('of %s is called lost', async (family) => {
    const inputs = [0, 1, 2].map((i) => fixture(`${family}_${i}.root`));
    const output = scratch.path(`${family}-short.root`);
    await merge(inputs.slice(0, 2), { output });
    const report = await diffMerged(output, inputs);
    expect(report.isSame).toBe(false);
    expect(report.counts.lost).toBeGreaterThan(0);
    const whole = scratch.path(`${family}-whole.root`);
    await merge(inputs, { output: whole });
    const added = await diffMerged(whole, inputs.slice(0, 2));
    expect(added.counts.added).toBeGreaterThan(0);
  });
});
