/**
 * Single changes of every kind, each found and named, and pairs of equal contents, none called different; of each as many as
 * POOL_MERGE_ROUNDS says.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { Scratch } from '../scratch.ts';
import { KINDS, droppedEntry, falseAlarm, findMutations } from '../unit/diff/mutation-kinds.ts';

const ROUNDS = Number(process.env['POOL_MERGE_ROUNDS'] ?? 100);
const MINUTES = 60_000;
const scratch = new Scratch();
afterAll(() => scratch[Symbol.dispose]());

describe('single changes', () => {
  it.each(KINDS.map((kind) => [kind.name, kind] as const))('of %s are found and named', { timeout: 20 * MINUTES }, async (_, kind) => {
    expect(await findMutations(kind, scratch, ROUNDS)).toBe(ROUNDS);
  });

  it('that drop an entry are found', { timeout: 20 * MINUTES }, async () => {
    for (let seed = 1; seed <= ROUNDS; seed++) {
      expect(await droppedEntry(seed, scratch)).toEqual([
        ['/tree different entries: N N-1', '/tuple different entries: N N-1'],
        ['/tree lost entries: N-1 N', '/tuple lost entries: N-1 N'],
      ]);
    }
  });
});

describe('pairs of files', () => {
  it('that were merged and compressed otherwise are the same', { timeout: 20 * MINUTES }, async () => {
    for (let seed = 1; seed <= ROUNDS; seed++) expect(await falseAlarm(seed, scratch)).toEqual([]);
  });
});
