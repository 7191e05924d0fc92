/** Merged RNTuples as ROOT, uproot and hadd see them: RNTupleReader on every entry, UPDATE, hadd of our output, hadd's own output. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MergeOptions } from '../../src/merge/merge-options.ts';
import { merge } from '../../src/merge/merge.ts';
import { sample } from '../unit/rntuple/tuple-contents.ts';
import { answered, Oracle } from './oracle.ts';

const PYTHON = fileURLToPath(new URL('../../.venv/bin/python', import.meta.url));
const UPROOT = fileURLToPath(new URL('oracle/uproot_ntuple.py', import.meta.url));
/** hadd warns of every RNTuple (experimental, other compression); only errors count. */
const WARNING = /^Warning /;

interface Case {
  inputs: string[];
  /** hadd 6.40 fails on such RNTuples, or what it writes is not their sum, so it is no judge. */
  noHadd?: string;
}

const CASES: Record<string, Case> = {
  'equal schemas': { inputs: ['ixvw', 'ixvw_more', 'ixvw'] },
  'another order of fields': { inputs: ['ixvw', 'wvix', 'ixvw_more'] },
  'an empty first': { inputs: ['ixvw_empty', 'ixvw', 'wvix'] },
  'an empty one between': { inputs: ['ixvw', 'ixvw_empty', 'ixvw_more'] },
  'nothing but empty ones': { inputs: ['ixvw_empty', 'ixvw_empty'] },
  'mixed compression, blobs and checksums': {
    inputs: ['ixvw', 'ixvw_101', 'unbuffered', 'wvix'],
    noHadd: 'aborts on pages without checksum',
  },
  'blobs of at most 500 bytes': { inputs: ['small_keys', 'ixvw', 'small_keys'] },
  'late fields': { inputs: ['late_0', 'late_15', 'late_25'], noHadd: 'wrong values' },
  'late fields in the first': { inputs: ['late_15', 'late_25', 'late_0', 'late_15'], noHadd: 'ROOT aborts on its output' },
  'quantized late fields': { inputs: ['late_steps_0', 'late_steps_15'], noHadd: 'gives the least value instead of 0' },
  representations: { inputs: ['representations', 'representations_more', 'representations'], noHadd: 'refuses several representations' },
  'projected fields': { inputs: ['projected', 'projected'] },
  'streamed fields': { inputs: ['streamed', 'streamed'] },
  'streamed fields of other classes in each': {
    inputs: ['listed_empty', 'listed_points', 'listed_named'],
    noHadd: 'leaves the streamer info of TList out of the file',
  },
  'attribute sets': { inputs: ['attributes', 'attributes_lost', 'attributes_other'], noHadd: 'loses attribute sets' },
  'pages that share bytes': { inputs: ['constant', 'constant'] },
  'split and plain columns': { inputs: ['ixvw', 'ixvw_0', 'wvix'] },
  'plain and split columns of all types': { inputs: ['types_0', 'types_505', 'types_0'] },
  'split and plain columns of all types': { inputs: ['types_505', 'types_0', 'types_505'] },
  'variants, optional values, arrays of collections, reals of few bits': {
    inputs: ['kinds_505', 'kinds_0', 'kinds_505'],
    noHadd: 'fails to unzip the plain one',
  },
  uncompressed: { inputs: ['ixvw_0', 'ixvw_0'] },
  'written by uproot': { inputs: ['uproot', 'uproot'], noHadd: 'aborts on pages without checksum' },
};

function uprootDifferences(output: string, inputs: readonly string[]): string[] {
  const { stdout, stderr, status } = spawnSync(PYTHON, [UPROOT, output, 'nt', ...inputs], { encoding: 'utf8', timeout: 60_000 });
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout) as string[];
}

let oracle: Oracle;
beforeAll(() => {
  oracle = new Oracle();
});
afterAll(() => oracle.close());

describe.each(Object.entries(CASES))('%s', (_name, { inputs: names, noHadd }) => {
  const folder = mkdtempSync(join(tmpdir(), 'pool-merge-rntuple-'));
  const inputs = names.map(sample);
  const output = join(folder, 'merged.root');
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each<[string, Partial<MergeOptions>]>([
    ['pages copied', {}],
    ['compressed anew', { compression: 404, verify: 'full' }],
  ])('ROOT reads every entry: %s', async (_, options) => {
    await merge(inputs, { output, force: true, ...options });
    const reply = await oracle.compareSum(output, inputs);
    expect(answered(reply)).toEqual({ differences: [], notes: [] });
    expect(uprootDifferences(output, inputs)).toEqual([]);
  });

  it('ROOT opens it without a message, maps it without a gap, and updates it', async () => {
    await merge(inputs, { output, force: true });
    const opened = await oracle.openCheck(output);
    expect(answered(opened)).toMatchObject({ recovered: false, gaps: [], mapEnds: true, unread: [] });
    expect(opened.messages).toEqual([]);
    const updated = await oracle.updateCheck(output);
    expect(answered(updated)).toMatchObject({ written: true, reopened: true, lost: [], added: [], infosLost: [] });
    expect(updated.messages).toEqual([]);
  });

  it.runIf(noHadd === undefined)('hadd makes the same of the inputs', async () => {
    await merge(inputs, { output, force: true });
    const theirs = join(folder, 'hadd.root');
    const run = answered(await oracle.haddRun(['-f', theirs, ...inputs]));
    expect(run).toMatchObject({ rc: 0 });
    expect(answered(await oracle.compareFiles(output, theirs))).toEqual([]);
  });

  it.runIf(noHadd === undefined)('hadd takes our output as an input', async () => {
    await merge(inputs, { output, force: true });
    const again = join(folder, 'again.root');
    const second = answered(await oracle.haddRun(['-f', again, output]));
    expect(second.problems.filter((line) => !WARNING.test(line))).toEqual([]);
    expect(answered(await oracle.compareSum(again, [output]))).toEqual({ differences: [], notes: [] });
  });
});
