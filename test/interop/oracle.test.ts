/** The judges must see what is wrong: hadd's known losses on the fixtures, damaged files, other values. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answered, Oracle } from './oracle.ts';

const folder = mkdtempSync(join(tmpdir(), 'pool-merge-oracle-'));
let oracle: Oracle;
beforeAll(() => {
  oracle = new Oracle();
});
afterAll(async () => {
  await oracle.close();
  rmSync(folder, { recursive: true });
});

function fixture(name: string): string {
  return fileURLToPath(new URL(`../fixtures/${name}.root`, import.meta.url));
}

/** Paths and kinds of difference of hadd's output of three workers. */
async function haddLosses(family: string): Promise<string[]> {
  const inputs = [0, 1, 2].map((worker) => fixture(`${family}_${worker}`));
  const output = join(folder, `${family}.root`);
  await oracle.haddRun(['-ff', output, ...inputs]);
  const { differences } = answered(await oracle.compareSum(output, inputs));
  return differences.map((d) => `${d.path}: ${d.what}`);
}

describe('hadd on the fixtures', () => {
  it.each(['hists', 'clusters', 'meta', 'objects'])('%s: the sum', async (family) => {
    expect(await haddLosses(family)).toEqual([]);
  });

  it('flat: TLeafC keeps the length of the first file', async () => {
    expect(await haddLosses('flat')).toEqual([
      'sub/deep/tree: text: values of leaf text',
      'sub/deep/tree: text: string length of leaf text: expected 271, found 5',
      'tree: text: values of leaf text',
      'tree: text: string length of leaf text: expected 304, found 5',
    ]);
  });

  it('special: a tree without branches first, branches of unequal length', async () => {
    const losses = await haddLosses('special');
    expect(losses).toContain('bare_first: entries of the tree: expected 50, found 0');
    expect(losses).toContain('unequal: a: entries: expected 24, found 10');
    expect(losses).toContain('unequal: b: uproot: entries: expected 12, found 5');
    expect(losses.every((line) => /^(bare_first|unequal): /.test(line))).toBe(true);
  });

  it('dirnames: directories with a colon or a semicolon lose their content', async () => {
    expect(await haddLosses('dirnames')).toEqual(['a:b/h: missing', 'x;y/h: missing']);
  });

  it('unknown: an object of a class without dictionary is blanked', async () => {
    expect(await haddLosses('unknown')).toContain('named: class FixtureNamed became TNamed');
  });

  it('the same file twice is not the sum of two workers', async () => {
    const output = join(folder, 'twice.root');
    await oracle.haddRun(['-ff', output, fixture('worker_0'), fixture('worker_0')]);
    const { differences } = answered(await oracle.compareSum(output, [fixture('worker_0'), fixture('worker_1')]));
    const paths = new Set(differences.map((d) => d.path));
    expect([...paths].sort()).toEqual(
      [
        'events',
        'hits',
        'host',
        ...['jets', 'muons', 'tracks'].flatMap((dir) => ['eta_weighted', 'map', 'pt'].map((name) => `monitoring/${dir}/${name}`)),
        'monitoring/p1',
        'monitoring/p1_weighted',
        'monitoring/p2',
        'monitoring/p3',
      ].sort(),
    );
  });
});

describe('damage', () => {
  it('a file cut short is not opened, or recovered with a message', async () => {
    const cut = join(folder, 'cut.root');
    const bytes = readFileSync(fixture('hists_0'));
    writeFileSync(cut, bytes.subarray(0, bytes.length - 2000));
    const reply = await oracle.openCheck(cut);
    expect(reply.ok && reply.result.opened && !reply.result.recovered).toBe(false);
    expect(reply.messages.join('\n')).toContain('is truncated at');
  });

  it('a basket header damaged: ROOT and uproot both miss entries', async () => {
    const damaged = join(folder, 'damaged.root');
    copyFileSync(fixture('flat_0'), damaged);
    const bytes = readFileSync(damaged);
    const basket = bytes.indexOf('TBasket');
    bytes.fill(0xff, basket - 30, basket - 22); // the key's sizes and version
    writeFileSync(damaged, bytes);
    const { differences } = answered(await oracle.compareSum(damaged, [fixture('flat_0')]));
    expect(differences.some((d) => d.what.includes('ROOT cannot read') || d.what.includes('values of leaf'))).toBe(true);
    expect(differences.some((d) => d.what.includes('uproot cannot read a basket'))).toBe(true);
  });

  it('a job that ROOT aborts on is an answer', async () => {
    const reply = await oracle.haddRun(['-f', join(folder, 'others.root'), fixture('others_0'), fixture('others_1')]);
    expect(answered(reply).rc).toBeLessThan(0);
  });
});

describe('compareFiles', () => {
  it("finds no difference between hadd's outputs of other compression, and names what differs between workers", async () => {
    const [a, b] = [join(folder, 'a.root'), join(folder, 'b.root')];
    await oracle.haddRun(['-f101', a, fixture('hists_0'), fixture('hists_1')]);
    await oracle.haddRun(['-f505', b, fixture('hists_0'), fixture('hists_1')]);
    expect(answered(await oracle.compareFiles(a, b))).toEqual([]);
    expect(answered(await oracle.compareFiles(fixture('hists_0'), fixture('hists_2')))).toContainEqual({
      path: 'special/only_in_last',
      class: 'TH1D',
      what: 'only in the second',
    });
  });
});
