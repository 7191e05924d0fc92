/** The job of the demo, which writes with the package's own components: several workers make what one process makes. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readHistogram } from '../../src/io/root/histogram/read-histogram.ts';
import { openRootFile } from '../../src/io/root/root-file.ts';
import { openRNTuple } from '../../src/io/root/rntuple/rntuple.ts';
import { readFields } from '../../src/io/root/rntuple/field-values.ts';
import { poolRun } from '../run-tool.ts';
import { Scratch } from '../scratch.ts';
import { treeContents } from '../unit/tree/tree-contents.ts';

const JOB = fileURLToPath(new URL('../../scripts/demo-job.mjs', import.meta.url));
const EVENTS = 600;

/** Numbers of the events in the tree, sorted. */
function treeEvents(path: string): number[] {
  const bytes = Buffer.from(treeContents(path, 'events').branches['event']?.data ?? '', 'hex');
  return Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readInt32BE(4 * i)).sort((a, b) => a - b);
}

/** The same of the RNTuple. */
function tupleEvents(path: string): number[] {
  using file = openRootFile(path);
  const [columns] = readFields(openRNTuple(file, file.root, 1), [['event']]);
  return Array.from(columns?.[0] as ArrayLike<number>).sort((a, b) => a - b);
}

describe('a job that writes with components', () => {
  it.each(['round-robin', 'queue'])('has in its merged files what a serial run has, scheduled by %s', (schedule) => {
    using scratch = new Scratch();
    expect(poolRun(scratch, ['-n', '0', '--events', String(EVENTS), JOB])).toMatchObject({ code: 0 });
    const { code, stderr } = poolRun(scratch, ['-n', '3', '--events', String(EVENTS), '--schedule', schedule, '-o', 'out/', JOB]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const all = Array.from({ length: EVENTS }, (_, event) => event);
    for (const path of ['events.root', 'out/events.root']) {
      expect(treeEvents(scratch.path(path))).toEqual(all);
      expect(tupleEvents(scratch.path(path))).toEqual(all);
    }
    using serial = openRootFile(scratch.path('hist.root'));
    using merged = openRootFile(scratch.path('out/hist.root'));
    for (const path of ['/jets/pt', '/jets/n_pt', '/triggers']) expect(readHistogram(merged, path).object, path).toEqual(readHistogram(serial, path).object);
  });
});
