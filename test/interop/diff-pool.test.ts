/**
 * POOL files judged by pool-diff: what the real hadd makes of them is wrong, tree by tree, with its broken references counted;
 * what pool-merge makes is right; real files of 2005 to 2025 too.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { diffFiles } from '../../src/diff/diff-files.ts';
import { diffMerged } from '../../src/diff/diff-merged.ts';
import type { DiffReport } from '../../src/diff/diff-report.ts';
import { merge } from '../../src/merge/merge.ts';
import { fixture } from '../scratch.ts';
import { CORPUS } from './corpus.ts';
import { Oracle } from './oracle.ts';

let oracle: Oracle;
const folder = mkdtempSync(join(tmpdir(), 'pool-merge-diff-pool-'));
beforeAll(() => {
  oracle = new Oracle();
});
afterAll(async () => {
  await oracle.close();
  rmSync(folder, { recursive: true, force: true });
});

const workers = (family: string, ...numbers: number[]): string[] => numbers.map((n) => fixture(`pool/${family}_${n}.root`));

/** Objects that are not right, with what is said of their references. */
function wrongIn({ objects }: DiffReport): Record<string, string> {
  const wrong = objects.filter(({ verdict }) => verdict !== 'right' && verdict !== 'same');
  return Object.fromEntries(
    wrong.map(({ path, verdict, notes }) => [
      path,
      [verdict, ...notes.filter((note) => note.startsWith('references: ')).map((note) => note.slice(12))].join(': '),
    ]),
  );
}

/** What of the references is right, over all objects. */
function rightIn({ objects }: DiffReport): number {
  return objects.flatMap(({ notes }) => notes).reduce((sum, note) => sum + Number(/^references: (\d+) right/.exec(note)?.[1] ?? 0), 0);
}

/** Several FIDs and no sections; links whose ids are those of others. */
const BOOKKEEPING = { '/##Params': 'altered', '/##Links': 'altered' };

describe("hadd's merges of POOL files", () => {
  it.each([
    [
      'p5',
      {
        '/CollectionTree': 'lost: 72 lost',
        '/POOLContainer': 'lost: 552 lost',
        '/POOLContainerForm': 'altered: 441 altered',
        '/POOLCollectionTree': 'lost: 37 lost',
        '/MetaDataHdr': 'lost: 8 lost',
        '/MetaDataHdrForm': 'altered: 6 altered',
        ...BOOKKEEPING,
      },
    ],
    [
      'p5unsplit',
      {
        '/CollectionTree': 'lost: 72 lost',
        '/POOLContainer': 'lost: 552 lost',
        '/POOLContainerForm': 'altered: 42 altered',
        '/POOLCollectionTree': 'lost: 37 lost',
        '/MetaDataHdr': 'lost: 8 lost',
        '/MetaDataHdrForm': 'altered: 6 altered',
        ...BOOKKEEPING,
      },
    ],
    // two branches that the first worker lacks are lost as well
    [
      'p6',
      {
        '/CollectionTree': 'altered',
        '/POOLContainer': 'lost: 495 lost',
        '/POOLCollectionTree': 'lost: 37 lost',
        '/MetaDataHdr': 'lost: 8 lost',
        ...BOOKKEEPING,
      },
    ],
    [
      'index',
      {
        '/POOLContainer': 'lost: 245 right, 307 lost',
        '/POOLCollectionTree': 'lost: 17 right, 20 lost',
        '/MetaDataHdr': 'lost: 4 right, 4 lost',
        ...BOOKKEEPING,
      },
    ],
    [
      'ntuple',
      {
        '/DataHeader': 'lost: 245 right, 307 lost',
        '/EventTag': 'lost: 17 right, 20 lost',
        '/MetaDataHdr': 'altered: 7 lost, 1 altered',
        ...BOOKKEEPING,
      },
    ],
  ] as [string, Record<string, string>][])('of %s are wrong in every tree with references', async (family, expected) => {
    const inputs = workers(family, 0, 3);
    const [theirs, ours] = [join(folder, `hadd-${family}.root`), join(folder, `${family}.root`)];
    await oracle.haddRun(['-ff', theirs, ...inputs]);
    expect(wrongIn(await diffMerged(theirs, inputs))).toEqual(expected);
    await merge(inputs, { output: ours });
    expect(wrongIn(await diffMerged(ours, inputs))).toEqual({});
  });
});

describe.skipIf(CORPUS === undefined)('real POOL files', () => {
  it.each([
    ['scikit-hep-testdata/uproot-issue-123a.root', 53_039],
    ['scikit-hep-testdata/uproot-issue-951.root', 5664],
    ['scikit-hep-testdata/uproot-physlite-rntuple_v1-0-0-0.root', 11_114],
    ['roottest/root/meta/MakeProject/small_aod.pool.root', 230],
    ['roottest/root/io/datamodelevolution/stl/cond09_mc.000029.gen.COND._0002.pool.root', 3],
  ])('%s equals itself and its copy under another id, every reference followed', async (name, right) => {
    const path = join(CORPUS ?? '', name);
    const itself = await diffFiles(path, path);
    expect([wrongIn(itself), rightIn(itself)]).toEqual([{}, right]);
    const output = join(folder, 'copy.root');
    await merge([path], { output, force: true });
    const copy = await diffMerged(output, [path]);
    expect([wrongIn(copy), rightIn(copy)]).toEqual([{}, right]);
    expect(wrongIn(await diffFiles(output, path))).toEqual({});
  });
});
