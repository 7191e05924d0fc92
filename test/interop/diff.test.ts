/**
 * pool-diff judges files of the real hadd: what hadd does right is right, its known losses are called by name; files of
 * the corpus equal themselves.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { diffFiles } from '../../src/diff/diff-files.ts';
import { diffMerged } from '../../src/diff/diff-merged.ts';
import { isPoolMergeError } from '../../src/errors.ts';
import { merge } from '../../src/merge/merge.ts';
import { fixture } from '../scratch.ts';
import { CORPUS, corpusFiles } from './corpus.ts';
import { Oracle } from './oracle.ts';

/** Files of the corpus up to this size are read here. */
const MAX_BYTES = 5e6;

let oracle: Oracle;
const folder = mkdtempSync(join(tmpdir(), 'pool-merge-diff-'));
beforeAll(() => {
  oracle = new Oracle();
});
afterAll(async () => {
  await oracle.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What is not right in hadd's merge of the three files of a family. */
async function wrongWithHadd(family: string): Promise<string[]> {
  const inputs = [0, 1, 2].map((i) => fixture(`${family}_${i}.root`));
  const output = join(folder, `${family}.root`);
  await oracle.haddRun(['-f', output, ...inputs]);
  const report = await diffMerged(output, inputs);
  return report.objects
    .filter(({ verdict }) => verdict !== 'right')
    .map(({ path, verdict, differences }) => `${verdict} ${path}: ${differences[0]?.at ?? ''}`);
}

describe("hadd's merges", () => {
  it.each(['hists', 'meta', 'objects', 'clusters', 'refs'])('of %s are right', async (family) => {
    expect(await wrongWithHadd(family)).toEqual([]);
  });

  it('keep the length of texts of the first file', async () => {
    expect(await wrongWithHadd('flat')).toEqual(['altered /tree: fLen of leaf text', 'altered /sub/deep/tree: fLen of leaf text']);
    expect(await wrongWithHadd('embedded')).toEqual(['altered /tree: fLen of leaf text']);
  });

  it('lose trees whose first input has no branches', async () => {
    expect(await wrongWithHadd('special')).toEqual(['lost /bare_first: entries', 'altered /unequal: entries of branch a']);
  });

  it('lose what is in directories with : or ; in their names', async () => {
    expect(await wrongWithHadd('dirnames')).toEqual(['lost /a:b/h: ', 'lost /x;y/h: ']);
  });

  it('change the class of objects without a dictionary', async () => {
    expect(await wrongWithHadd('unknown')).toEqual([expect.stringContaining('altered /named')]);
  });

  it('give RNTuples of directories the entries of those of the same name above', async () => {
    const wrong = await wrongWithHadd('ntuple');
    expect(wrong).toContain('added /d/flat: entries');
    expect(wrong).toContain('added /d/nested: entries');
  });
});

describe.skipIf(CORPUS === undefined)('files of the corpus', () => {
  it('equal themselves', async () => {
    const different: string[] = [];
    let compared = 0;
    const corpus = CORPUS as string;
    for (const path of corpusFiles(corpus)
      .map((name) => join(corpus, name))
      .filter((each) => statSync(each).size <= MAX_BYTES)) {
      try {
        const report = await diffFiles(path, path);
        if (!report.isSame) different.push(path);
        compared++;
      } catch (err) {
        if (!isPoolMergeError(err)) throw err;
      }
    }
    expect(different).toEqual([]);
    expect(compared).toBeGreaterThan(200);
  });

  it('merged with themselves are right', async () => {
    const corpus = CORPUS as string;
    const output = join(folder, 'self.root');
    const wrong: string[] = [];
    let judged = 0;
    for (const path of corpusFiles(corpus)
      .map((name) => join(corpus, name))
      .filter((each) => statSync(each).size <= MAX_BYTES)) {
      try {
        await merge([path, path], { output, force: true });
      } catch (err) {
        if (!isPoolMergeError(err)) throw err;
        continue; // damaged, or POOL files, which are not merged with themselves
      }
      const { objects } = await diffMerged(output, [path, path]);
      wrong.push(
        ...objects.filter(({ verdict }) => verdict !== 'right' && verdict !== 'unjudged').map((object) => `${path} ${object.path}`),
      );
      judged++;
    }
    expect(wrong).toEqual([]);
    expect(judged).toBeGreaterThan(200);
  });
});
