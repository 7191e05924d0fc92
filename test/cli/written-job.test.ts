/** The job of the demo, which writes with the package's own components: several workers make what one process makes. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { PoolReader } from '../../src/io/pool/pool-reader.ts';
import { readHistogram } from '../../src/io/root/histogram/read-histogram.ts';
import { openRootFile } from '../../src/io/root/root-file.ts';
import { openRNTuple } from '../../src/io/root/rntuple/rntuple.ts';
import { readFields } from '../../src/io/root/rntuple/field-values.ts';
import { checkReferences } from '../../src/list/check-references.ts';
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

/** Rows of the events of a POOL file by number: information, and jets where there are any. */
function poolEvents(path: string): Map<number, unknown> {
  using reader = new PoolReader([path]);
  const events = [...reader.events()].map(({ objects }): [number, unknown] => {
    const rows = Object.fromEntries([...objects].map(([key, token]) => [key, reader.read(token)]));
    return [Number(rows['EventInfo']?.['event']), rows];
  });
  expect(new Set(events.map(([event]) => event)).size).toBe(events.length);
  return new Map(events.sort(([a], [b]) => a - b));
}

describe('a job that writes with components', () => {
  it.each([
    ['round-robin', 'process'],
    ['queue', 'thread'],
  ])('has in its merged files what a serial run has, scheduled by %s, workers a %s each', async (schedule, kind) => {
    using scratch = new Scratch();
    expect(poolRun(scratch, ['-n', '0', '--events', String(EVENTS), JOB])).toMatchObject({ code: 0 });
    const { code, stderr } = poolRun(scratch, [
      '-n',
      '4',
      '--events',
      String(EVENTS),
      '--schedule',
      schedule,
      '--worker-kind',
      kind,
      '-o',
      'out/',
      JOB,
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const all = Array.from({ length: EVENTS }, (_, event) => event);
    for (const path of ['events.root', 'out/events.root']) {
      expect(treeEvents(scratch.path(path))).toEqual(all);
      expect(tupleEvents(scratch.path(path))).toEqual(all);
    }
    const events = poolEvents(scratch.path('events.pool.root'));
    expect([...events.keys()]).toEqual(all);
    expect(poolEvents(scratch.path('out/events.pool.root'))).toEqual(events);
    const found = await checkReferences([scratch.path('events.pool.root'), scratch.path('out/events.pool.root')]);
    expect(found).toMatchObject({ foreign: 0, dangling: 0 });
    // Form and itself, tag, information, and jets where there are any; metadata of one worker, and of four.
    const jets = [...events.values()].filter((rows) => Object.hasOwn(Object(rows), 'Jets')).length;
    expect(found.files.map(({ resolved }) => resolved)).toEqual([4 * EVENTS + jets + 3, 4 * EVENTS + jets + 12]);
    using serial = openRootFile(scratch.path('hist.root'));
    using merged = openRootFile(scratch.path('out/hist.root'));
    for (const path of ['/jets/pt', '/jets/n_pt', '/triggers']) {
      expect(readHistogram(merged, path).object, path).toEqual(readHistogram(serial, path).object);
    }
  });
});
