/** A job of several workers in one process: booked and filled before the workers part, merged at the end. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { HistogramComponent } from '../../../src/io/component/histogram-component.ts';
import { IoComponentMgr } from '../../../src/io/component/io-component-mgr.ts';
import { NtupleComponent } from '../../../src/io/component/ntuple-component.ts';
import { RootInputComponent } from '../../../src/io/component/root-input-component.ts';
import { createRootFile } from '../../../src/io/component/root-output.ts';
import { createHistogram } from '../../../src/io/root/histogram/histogram.ts';
import { readHistogram } from '../../../src/io/root/histogram/read-histogram.ts';
import { readFields } from '../../../src/io/root/rntuple/field-values.ts';
import { openRNTuple } from '../../../src/io/root/rntuple/rntuple.ts';
import { openRootFile } from '../../../src/io/root/root-file.ts';
import type { ColumnSpec } from '../../../src/io/root/column.ts';
import { merge } from '../../../src/merge/merge.ts';
import { Scratch, fixture } from '../../scratch.ts';
import { treeContents } from '../tree/tree-contents.ts';

const COLUMNS: ColumnSpec[] = [
  { name: 'event', type: 'int32' },
  { name: 'n', type: 'uint8' },
  { name: 'v', type: 'float32', counter: 'n' },
  { name: 'text', type: 'text' },
];
/** Events before the workers part. */
const PREFORK = 40;
const EVENTS = 240;
const WORKERS = 3;

/** The job one process runs: `initialize` fills some events already. */
class Job {
  readonly manager: IoComponentMgr = new IoComponentMgr();
  readonly histograms: HistogramComponent;
  readonly ntuples: NtupleComponent;
  readonly input: RootInputComponent;
  readonly fill: (event: number) => void;

  constructor(scratch: Scratch, name: string) {
    mkdirSync(scratch.path(name), { recursive: true });
    this.input = new RootInputComponent(this.manager, 'input', scratch.copy('hists_0.root'));
    // Before a worker has its directory, its files lie where the job was started.
    this.histograms = new HistogramComponent(this.manager, 'histograms', `${name}-hist.root`);
    this.ntuples = new NtupleComponent(this.manager, 'ntuples', `${name}-tree.root`, { compression: 0 });
    const sum = this.histograms.book('/a/b', { className: 'TH1D', name: 'h', axes: [{ bins: 10, min: 0, max: EVENTS }] });
    const profile = this.histograms.book('/', { className: 'TProfile', name: 'p', axes: [{ bins: 4, min: 0, max: EVENTS }] });
    const tree = this.ntuples.book('/t', { name: 'events', columns: COLUMNS, basketBytes: 120, autoFlush: 7 });
    const tuple = this.ntuples.bookTuple('/t', { name: 'tuple', columns: COLUMNS, clusterSize: 9 });
    this.fill = (event) => {
      sum.fill(event, 1 + (event % 2));
      profile.fill(event, event / 8); // sums of eighths are exact in any order
      tuple.fill({ event, v: Array.from({ length: event % 4 }, (_, k) => event + k), text: `event ${event}` });
      tree.fill({ event, v: Array.from({ length: event % 4 }, (_, k) => event + k), text: `event ${event}` });
    };
    for (let event = 0; event < PREFORK; event++) this.fill(event);
  }

  /** Goes on as a worker in its own directory. */
  run(directory: string, workerId: number, keepPrefork: 'first' | 'all' = 'first'): void {
    mkdirSync(directory, { recursive: true });
    this.manager.updateAll(directory);
    this.manager.reinitialize({ workerId, keepPrefork });
    for (let event = PREFORK; event < EVENTS; event++) if (event % WORKERS === workerId) this.fill(event);
    this.manager.finalize();
  }
}

/** Runs the job serially (directory `serial`) and by workers, merged to `merged-hist.root` and `merged-tree.root`. */
async function runBoth(scratch: Scratch, keepPrefork: 'first' | 'all'): Promise<void> {
  const before = process.cwd();
  process.chdir(scratch.folder);
  try {
    const serial = new Job(scratch, 'j');
    for (let event = PREFORK; event < EVENTS; event++) serial.fill(event);
    serial.manager.finalize();
    for (let worker = 0; worker < WORKERS; worker++) {
      new Job(scratch, `w${worker}`).run(scratch.path(`worker_${worker}`), worker, keepPrefork);
    }
    for (const kind of ['hist', 'tree']) {
      const inputs = Array.from({ length: WORKERS }, (_, worker) => scratch.path(`worker_${worker}`, `w${worker}-${kind}.root`));
      await merge(inputs, { output: scratch.path(`merged-${kind}.root`) });
    }
  } finally {
    process.chdir(before);
  }
}

/** The field `event` of a file's RNTuple, sorted. */
function tupleEvents(path: string): number[] {
  using file = openRootFile(path);
  const directory = file.directories.find(({ path: name }) => name === '/t');
  if (directory === undefined) throw new Error('no directory');
  const tuple = openRNTuple(file, directory, 1);
  const [columns] = readFields(tuple, [['event']]);
  return Array.from(columns?.[0] as ArrayLike<number>).sort((a, b) => a - b);
}

/** The column `event` of a file's tree, sorted. */
function events(path: string): number[] {
  const { data } = treeContents(path, 't/events').branches['event'] as { data: string };
  const bytes = Buffer.from(data, 'hex');
  return Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readInt32BE(4 * i)).sort((a, b) => a - b);
}

describe('workers', () => {
  it('leave every event once in the merged files, those filled before they parted, too', async () => {
    using scratch = new Scratch();
    await runBoth(scratch, 'first');
    expect(events(scratch.path('merged-tree.root'))).toEqual(Array.from({ length: EVENTS }, (_, event) => event));
    expect(tupleEvents(scratch.path('merged-tree.root'))).toEqual(Array.from({ length: EVENTS }, (_, event) => event));
    using serial = openRootFile(scratch.path('j-hist.root'));
    using merged = openRootFile(scratch.path('merged-hist.root'));
    for (const path of ['/a/b/h', '/p']) expect(readHistogram(merged, path).object, path).toEqual(readHistogram(serial, path).object);
    for (let worker = 0; worker < WORKERS; worker++) expect(existsSync(scratch.path(`w${worker}-hist.root`))).toBe(false);
    expect(scratch.list().filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('repeat what was filled before with keepPrefork all', async () => {
    using scratch = new Scratch();
    await runBoth(scratch, 'all');
    const expected = Array.from({ length: EVENTS }, (_, event) =>
      event < PREFORK ? Array.from({ length: WORKERS }, () => event) : [event],
    ).flat();
    expect(events(scratch.path('merged-tree.root'))).toEqual(expected);
    expect(tupleEvents(scratch.path('merged-tree.root'))).toEqual(expected);
  });

  it('write the same tree as a job that never moved', async () => {
    using scratch = new Scratch();
    const plain = new Job(scratch, scratch.path('plain'));
    const moved = new Job(scratch, 'moved');
    for (const job of [plain, moved]) {
      if (job === moved) {
        job.manager.updateAll(scratch.path('moved'));
        mkdirSync(scratch.path('moved'), { recursive: true });
        job.manager.reinitialize();
      }
      for (let event = PREFORK; event < EVENTS; event++) job.fill(event);
      job.manager.finalize();
    }
    expect(treeContents(scratch.path('moved', 'moved-tree.root'), 't/events')).toEqual(
      treeContents(scratch.path('plain-tree.root'), 't/events'),
    );
  });
});

describe('an output', () => {
  const axes = [{ bins: 2, min: 0, max: 1 }];

  it('has each name once, and no name that is a path', () => {
    using scratch = new Scratch();
    using file = createRootFile(scratch.path('x.root'));
    file.bookHistogram('/a', { className: 'TH1F', name: 'h', axes });
    expect(() => file.bookHistogram('a/', { className: 'TH1D', name: 'h', axes })).toThrow(UsageError);
    expect(() => file.bookTree('/', { name: 'a', columns: [] })).toThrow(UsageError);
    expect(() => file.bookHistogram('/a/h', { className: 'TH1D', name: 'x', axes })).toThrow(UsageError);
    expect(() => file.bookHistogram('/', { className: 'TH1D', name: 'b/c', axes })).toThrow(UsageError);
    expect([...file.histograms.keys(), ...file.trees.keys()]).toEqual(['/a/h']);
  });

  it('refuses a histogram it could not write when it is added, not at the end of the job', () => {
    using scratch = new Scratch();
    using file = createRootFile(scratch.path('x.root'));
    const { object } = createHistogram({ className: 'TH1F', name: 'h', axes });
    const fModLabs = { _typename: 'TList', name: '', arr: [{ _typename: 'TAxisModLab' }] };
    const h = { ...object, fXaxis: { ...object.fXaxis, fModLabs } };
    expect(() => file.addHistogram('/', h)).toThrow(/x\.root: \/h: objects of class TAxisModLab cannot be written/);
    using input = openRootFile(fixture('others_0.root'));
    const refused = 'others_0.root: /efficiency/function: member fParErrors of a TF1 has a type that is not read';
    expect(() => readHistogram(input, '/efficiency/function')).toThrow(refused);
    expect([...file.histograms.keys()]).toEqual([]);
  });

  it('is not there before it is closed, nor after it was given up', () => {
    using scratch = new Scratch();
    {
      using file = createRootFile(scratch.path('x.root'));
      file.bookHistogram('/', { className: 'TH1F', name: 'h', axes });
      expect(existsSync(scratch.path('x.root'))).toBe(false);
    }
    expect(scratch.list()).toEqual([]);
  });

  it('takes nothing any more when it is closed', () => {
    using scratch = new Scratch();
    using file = createRootFile(scratch.path('x.root'));
    const tree = file.bookTree('/', { name: 't', columns: [{ name: 'a', type: 'int32' }] });
    const tuple = file.bookTuple('/', { name: 'n', columns: [{ name: 'a', type: 'int32' }] });
    file.close();
    for (const late of [
      () => tree.fill({ a: 1 }),
      () => tuple.fill({ a: 1 }),
      () => file.bookHistogram('/', { className: 'TH1F', name: 'h', axes }),
      () => file.close(),
    ]) {
      expect(late).toThrow(/is closed/);
    }
    expect(scratch.list()).toEqual(['x.root']);
  });

  it('that would stay where others write is refused', () => {
    using scratch = new Scratch();
    using file = createRootFile(scratch.path('x.root'));
    expect(file.moveTo(scratch.path('x.root'), true)).toBe(file);
    expect(() => file.moveTo(join(scratch.folder, 'x.root'), false)).toThrow(UsageError);
    expect(() => file.moveTo(scratch.path('no', 'x.root'), true)).toThrow(/directory/);
  });

  it('is reopened by its readers', () => {
    using scratch = new Scratch();
    const manager = new IoComponentMgr();
    const input = new RootInputComponent(manager, 'in', scratch.copy('hists_0.root'));
    const first = input.file;
    manager.updateAll(scratch.path('w'));
    manager.reinitialize();
    expect(input.file).not.toBe(first);
    expect(input.histogram('/top').object.fName).toBe('top');
    expect(() => input.histogram('/none')).toThrow(UsageError);
    manager.finalize();
  });
});
