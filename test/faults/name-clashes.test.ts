/** Different things under one name: refused by name, in whatever order they come. hadd loses one of them or dies. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MergeConflictError, merge, planMerge } from '../../src/index.ts';
import { Scratch, fixture } from '../scratch.ts';
import { renamed } from './damage.ts';

const HISTS = readFileSync(fixture('hists_0.root'));
const DIRNAMES = readFileSync(fixture('dirnames_0.root'));
const DIRECTORY = DIRNAMES.includes('\u000eTDirectoryFile') ? 'TDirectoryFile' : 'TDirectory';

/** Conflicts of a merge in this order of inputs, as `path code`. */
async function conflicts(inputs: readonly string[], scratch: Scratch): Promise<string[]> {
  const names = scratch.list();
  const err: unknown = await merge(inputs, { output: scratch.path('out.root') }).catch((reason: unknown) => reason);
  expect(err).toBeInstanceOf(MergeConflictError);
  expect(scratch.list()).toEqual(names);
  const found = (err as MergeConflictError).conflicts.map((conflict) => `${conflict.path} ${conflict.code}`);
  const planned = await planMerge(inputs);
  expect(planned.conflicts.map((conflict) => `${conflict.path} ${conflict.code}`)).toEqual(found);
  for (const line of found) expect((err as MergeConflictError).message).toContain(line.split(' ')[0]);
  return found;
}

/** Both orders of two files. */
async function inBothOrders(a: Uint8Array, b: Uint8Array): Promise<string[][]> {
  using scratch = new Scratch();
  const [x, y] = [scratch.put('x.root', a), scratch.put('y.root', b)];
  return [await conflicts([x, y], scratch), await conflicts([y, x], scratch)];
}

describe('two classes under one name', () => {
  it.each([
    ['TH1F', 'h1f', 'TH1D', 'h1d'],
    ['TH1I', 'h1i', 'TH1D', 'h1d'],
    ['TH1F', 'h1f', 'TH2F', 'h2f'],
    ['TH2D', 'h2d', 'TH3D', 'h3d'],
  ])('%s %s and %s %s', async (classA, nameA, classB, nameB) => {
    const swapped = renamed(renamed(HISTS, classA, nameA, 'zzz'), classB, nameB, nameA);
    for (const found of await inBothOrders(HISTS, swapped)) expect(found).toEqual([`/types/${nameA} class-differs`]);
  });

  it('all clashes at once', async () => {
    let swapped: Uint8Array = HISTS;
    for (const dimension of ['1', '2', '3']) {
      swapped = renamed(swapped, `TH${dimension}F`, `h${dimension}f`, 'zzz');
      swapped = renamed(swapped, `TH${dimension}D`, `h${dimension}d`, `h${dimension}f`);
      swapped = renamed(swapped, `TH${dimension}F`, 'zzz', `h${dimension}d`);
    }
    for (const found of await inBothOrders(HISTS, swapped)) {
      expect(found.sort()).toEqual(['1', '2', '3'].flatMap((n) => [`/types/h${n}d class-differs`, `/types/h${n}f class-differs`]));
    }
  });
});

describe('a directory and an object under one name', () => {
  it('in different files', async () => {
    const clash = renamed(renamed(DIRNAMES, DIRECTORY, 'a:b', 'zzz'), 'TH1F', 'p/q', 'a:b');
    for (const found of await inBothOrders(DIRNAMES, clash)) expect(found).toEqual(['/a:b class-differs']);
  });

  it('in one file', async () => {
    using scratch = new Scratch();
    const clash = scratch.put('clash.root', renamed(DIRNAMES, 'TH1F', 'p/q', 'a:b'));
    expect(await conflicts([clash, fixture('dirnames_1.root')], scratch)).toEqual(['/a:b class-differs']);
    expect(await conflicts([fixture('dirnames_1.root'), clash], scratch)).toEqual(['/a:b class-differs']);
    expect(await conflicts([clash], scratch)).toEqual(['/a:b class-differs']);
  });
});

describe('two directories of one name in one file', () => {
  it('are refused: only one could be reached', async () => {
    using scratch = new Scratch();
    const clash = scratch.put('clash.root', renamed(DIRNAMES, DIRECTORY, 'x;y', 'a:b'));
    expect(await conflicts([clash], scratch)).toEqual(['/a:b directory-cycles']);
  });
});
