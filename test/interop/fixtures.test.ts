/** Every fixture family merged; ROOT, hadd and uproot judge the output. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answered, newMessages, Oracle } from './oracle.ts';
import { mergeFiles } from './product.ts';

const FIXTURES = fileURLToPath(new URL('../fixtures', import.meta.url));
const FAMILIES = [
  'hists',
  'flat',
  'codec',
  'clusters',
  'meta',
  'special',
  'embedded',
  'objects',
  'refs',
  'ntuple',
  'others',
  'unknown',
  'dirnames',
  'worker',
  'dimensions',
  'sums',
];

function familyFiles(family: string): string[] {
  return readdirSync(FIXTURES)
    .filter((name) => name.startsWith(`${family}_`))
    .sort()
    .map((name) => join(FIXTURES, name));
}

let oracle: Oracle;
beforeAll(() => {
  oracle = new Oracle();
});
afterAll(() => oracle.close());

describe.each(FAMILIES)('%s merged', (family) => {
  const folder = mkdtempSync(join(tmpdir(), 'pool-merge-fixtures-'));
  const inputs = familyFiles(family);
  const output = join(folder, `${family}.root`);

  beforeAll(async () => {
    expect(await mergeFiles(inputs, output)).toEqual({ merged: true, reason: '', text: '' });
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  it('opens in ROOT without a new message, every object readable, no gap', async () => {
    const before = await oracle.openCheck(inputs[0] ?? '');
    const after = await oracle.openCheck(output);
    const { gaps, mapEnds, recovered } = answered(after);
    expect(newMessages(before.messages, after.messages)).toEqual([]);
    expect({ gaps, mapEnds, recovered, unread: answered(after).unread }).toEqual({
      gaps: [],
      mapEnds: true,
      recovered: false,
      unread: answered(before).unread,
    });
  });

  it('is the sum of its inputs, as ROOT and uproot read them', async () => {
    expect(answered(await oracle.compareSum(output, inputs))).toEqual({ differences: [], notes: [] });
  });

  it('can be updated by ROOT', async () => {
    const before = await oracle.updateCheck(inputs[0] ?? '');
    const after = await oracle.updateCheck(output);
    expect(answered(after)).toMatchObject({ written: true, reopened: true, lost: [], added: [] });
    expect(newMessages(before.messages, after.messages)).toEqual([]);
  });

  it('can be read by uproot as far as the inputs can', async () => {
    const before = answered(await oracle.uprootCheck(inputs[0] ?? '')).problems.map((line) => line.replace(/;\d+.*/, ''));
    expect(answered(await oracle.uprootCheck(output)).problems.filter((line) => !before.includes(line.replace(/;\d+.*/, '')))).toEqual([]);
  });

  it('is an input that hadd takes', async () => {
    const again = join(folder, 'again.root');
    const first = answered(await oracle.haddRun(['-f', again, inputs[0] ?? '']));
    const merged = answered(await oracle.haddRun(['-f', again, output]));
    expect(merged.rc).toBe(first.rc);
    expect(newMessages(first.problems, merged.problems)).toEqual([]);
  });
});

it('graphs that hadd ends on, merged, are read by ROOT like one input', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pool-merge-graphs-'));
  const inputs = [0, 1].map((worker) => join(FIXTURES, 'graphs', `multi_${worker}.root`));
  const output = join(folder, 'out.root');
  expect(await mergeFiles(inputs, output)).toMatchObject({ merged: true });
  const [before, after] = [await oracle.openCheck(inputs[0] ?? ''), await oracle.openCheck(output)];
  expect(newMessages(before.messages, after.messages)).toEqual([]);
  expect(answered(after)).toMatchObject({ gaps: [], mapEnds: true, recovered: false, unread: answered(before).unread });
  rmSync(folder, { recursive: true });
});
