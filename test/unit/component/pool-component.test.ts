/** POOL files a job writes: tokens lead to the rows they were given for, before and after closing, moving and merging. */
import { mkdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CorruptFileError, UnreadableFileError, UnsupportedError, UsageError } from '../../../src/errors.ts';
import { IoComponentMgr } from '../../../src/io/component/io-component-mgr.ts';
import { PoolComponent, type PoolOptions } from '../../../src/io/component/pool-component.ts';
import { openPoolFile } from '../../../src/io/pool/pool-contents.ts';
import { PoolReader } from '../../../src/io/pool/pool-reader.ts';
import { parseToken, type PoolToken } from '../../../src/io/pool/token.ts';
import type { ColumnSpec, Row } from '../../../src/io/root/column.ts';
import { checkReferences } from '../../../src/list/check-references.ts';
import { merge } from '../../../src/merge/merge.ts';
import { Scratch, fixture } from '../../scratch.ts';

const INFO: ColumnSpec[] = [
  { name: 'run', type: 'uint32' },
  { name: 'event', type: 'uint64' },
];
const JETS: ColumnSpec[] = [
  { name: 'pt', type: 'vector<float32>' },
  { name: 'box', type: 'int16', shape: [2] },
  { name: 'label', type: 'string' },
];

const info = (event: number): Row => ({ run: 7, event });
const jets = (event: number): Row => ({
  pt: Array.from({ length: event % 4 }, (_, k) => event + k / 4),
  box: [event, -event],
  label: `jets of ${event}`,
});

/** A job in one process; what it hands out by event. */
class Job {
  readonly manager: IoComponentMgr = new IoComponentMgr();
  readonly pool: PoolComponent;
  readonly tokens: Map<number, { header: PoolToken; info: PoolToken; jets: PoolToken | undefined }> = new Map();

  constructor(path: string, options: PoolOptions = {}) {
    this.pool = new PoolComponent(this.manager, 'pool', path, {
      stream: 'StreamTest',
      attributes: [{ name: 'weight', type: 'float32' }],
      ...options,
    });
    this.pool.book('EventInfo', { columns: INFO });
    this.pool.book('Jets', { columns: JETS });
    this.pool.bookMetaData('FileInfo', { columns: [{ name: 'text', type: 'string' }] });
  }

  /** Every third event has no jets. */
  event(event: number): void {
    const tokens = {
      info: this.pool.write('EventInfo', info(event)),
      jets: event % 3 === 0 ? undefined : this.pool.write('Jets', jets(event)),
    };
    const header = this.pool.commitEvent(7, event, { attributes: { weight: event / 2 } });
    this.tokens.set(event, { header, ...tokens });
  }

  expectTokens(read: (token: PoolToken) => Row = (token) => this.pool.read(token)): void {
    for (const [event, tokens] of this.tokens) {
      expect(read(tokens.info)).toEqual(info(event));
      if (tokens.jets !== undefined) expect(read(tokens.jets)).toEqual(jets(event));
    }
  }
}

/** Events of files by number, with the rows their headers lead to. */
function eventsOf(...paths: string[]): Map<number, { info: Row; jets: Row | undefined }> {
  using reader = new PoolReader(paths);
  const found = new Map<number, { info: Row; jets: Row | undefined }>();
  for (const { objects, stream } of reader.events()) {
    const [infoToken, jetsToken] = [objects.get('EventInfo'), objects.get('Jets')];
    if (infoToken === undefined) throw new Error('an event without EventInfo');
    const row = reader.read(infoToken);
    expect([stream, found.has(Number(row['event']))]).toEqual(['StreamTest', false]);
    found.set(Number(row['event']), { info: row, jets: jetsToken && reader.read(jetsToken) });
  }
  return found;
}

function expectEvents(events: ReturnType<typeof eventsOf>, numbers: readonly number[]): void {
  expect([...events.keys()].sort((a, b) => a - b)).toEqual(numbers);
  for (const [event, rows] of events) expect(rows).toEqual({ info: info(event), jets: event % 3 === 0 ? undefined : jets(event) });
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe('a POOL file', () => {
  it('gives every row back by its token, before it is closed and afterwards', () => {
    using scratch = new Scratch();
    const job = new Job(scratch.path('p.root'), { tree: { basketBytes: 200, autoFlush: 9 } });
    for (const event of upTo(50)) job.event(event);
    job.expectTokens();
    job.manager.finalize();
    job.expectTokens();
    job.expectTokens(({ text }) => job.pool.read(text));
    job.pool.close();
    expectEvents(eventsOf(scratch.path('p.root')), upTo(50));
  });

  it('has the bookkeeping, headers, tags and metadata of ATLAS files, and no reference that dangles', async () => {
    using scratch = new Scratch();
    const job = new Job(scratch.path('p.root'));
    for (const event of upTo(20)) job.event(event);
    job.pool.writeMetaData('FileInfo', { text: 'of a test' });
    job.manager.finalize();
    const contents = openPoolFile(scratch.path('p.root'));
    expect(contents.bookkeeping.params).toEqual([
      { name: 'FID', value: job.pool.fid },
      { name: 'PFN', value: 'p.root' },
      { name: 'POOL_VSN', value: '1.1' },
      { name: 'FORMAT_VSN', value: '2.0' },
    ]);
    expect(contents.bookkeeping.links.map(({ token, id }) => [token.container, token.technology, Number(BigInt.asUintN(32, id))])).toEqual([
      ['##Params', 0x200, 2],
      ['CollectionTree(EventInfo.)', 0x203, 3],
      ['CollectionTree(Jets.)', 0x203, 4],
      ['MetaData(FileInfo.)', 0x203, 5],
      ['POOLContainerForm(DataHeaderForm)', 0x203, 6],
      ['POOLContainer(DataHeader)', 0x203, 7],
      ['POOLCollectionTree(Token)', 0x202, 8],
      ['POOLCollectionTree(RunNumber)', 0x202, 9],
      ['POOLCollectionTree(EventNumber)', 0x202, 10],
      ['POOLCollectionTree(weight)', 0x202, 11],
      ['MetaData(EventStreamInfo_p3/StreamTest)', 0x203, 12],
      ['MetaDataHdrForm(DataHeaderForm)', 0x203, 13],
      ['MetaDataHdr(DataHeader)', 0x203, 14],
    ]);
    expect(contents.bookkeeping.shapes.map(({ className }) => className)).toEqual([
      'EventInfo_p1',
      'Jets_p1',
      'FileInfo_p1',
      'DataHeaderForm_p6',
      'DataHeader_p6',
      'Token',
      'unsigned int',
      'unsigned long long',
      'float',
      'EventStreamInfo_p3',
    ]);
    // Two forms: events with and without jets.
    expect([
      contents.containers.find('POOLContainerForm(DataHeaderForm)')?.rowCount,
      contents.containers.find('POOLContainer(DataHeader)')?.rowCount,
    ]).toEqual([2, 20]);
    contents.file.close();
    // Of each event: form, itself, information, two of three times jets; the tag. Of metadata: form, itself, two objects.
    expect(await checkReferences([scratch.path('p.root')])).toMatchObject({ resolved: 20 * 4 + 13 + 4, foreign: 0, dangling: 0 });
  });

  it('names the events it was made from, and reads them in its inputs', async () => {
    using scratch = new Scratch();
    const parent = new Job(scratch.path('parent.root'));
    for (const event of upTo(6)) parent.event(event);
    parent.manager.finalize();
    const manager = new IoComponentMgr();
    const pool = new PoolComponent(manager, 'pool', scratch.path('child.root'), {
      inputs: [scratch.path('parent.root')],
      stream: 'StreamTest',
    });
    pool.book('Jets', { columns: JETS });
    for (const { header, stream, objects } of pool.reader.events()) {
      const token = objects.get('Jets');
      if (token === undefined) continue;
      pool.write('Jets', pool.read(token));
      pool.commitEvent(7, 1, { provenance: [{ token: header, stream }] });
    }
    manager.finalize();
    const children = [...pool.reader.events()].filter(({ header }) => header.db === pool.fid);
    expect(children.map(({ provenance }) => provenance.map(({ token, stream }) => [token.text, stream]))).toEqual(
      [1, 2, 4, 5].map((event) => [[parent.tokens.get(event)?.header.text, 'StreamTest']]),
    );
    expect(children.map(({ objects }) => pool.read(objects.get('Jets')?.text ?? ''))).toEqual([1, 2, 4, 5].map(jets));
    pool.close();
    expect(await checkReferences([scratch.path('child.root')])).toMatchObject({ foreign: 4, dangling: 0 });
    expect(await checkReferences([scratch.path('child.root'), scratch.path('parent.root')])).toMatchObject({ foreign: 0, dangling: 0 });
  });

  it('without events is complete, too', async () => {
    using scratch = new Scratch();
    new Job(scratch.path('p.root')).manager.finalize();
    expect(await checkReferences([scratch.path('p.root')])).toMatchObject({ resolved: 3, dangling: 0 });
    expectEvents(eventsOf(scratch.path('p.root')), []);
  });

  it('has the same GUID again when that follows from a text and the path', () => {
    using scratch = new Scratch();
    const here = process.cwd();
    process.chdir(scratch.folder);
    try {
      const fids = ['a.root', 'a.root', 'b.root'].map((name) => {
        const job = new Job(name, { fidSeed: 'seed', force: true, date: new Date(0) });
        job.event(1);
        job.manager.finalize();
        return job.pool.fid;
      });
      expect(fids[0]).toBe(fids[1]);
      expect(fids[0]).not.toBe(fids[2]);
      expect(fids[0]).toMatch(/^[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$/);
    } finally {
      process.chdir(here);
    }
  });

  it('leaves nothing when it is given up', () => {
    using scratch = new Scratch();
    const job = new Job(scratch.path('p.root'));
    job.event(1);
    job.pool.abandon();
    expect(scratch.list()).toEqual([]);
    expect(() => new PoolComponent(new IoComponentMgr(), 'pool', scratch.path('q.root'), { inputs: [scratch.path('none.root')] })).toThrow(
      UnreadableFileError,
    );
    expect(() => new PoolComponent(new IoComponentMgr(), 'pool', scratch.path('q.root'), { stream: 'a b' })).toThrow(UsageError);
    expect(
      () =>
        new PoolComponent(new IoComponentMgr(), 'pool', scratch.path('q.root'), { attributes: [{ name: 'v', type: 'vector<float32>' }] }),
    ).toThrow(UsageError);
    expect(scratch.list()).toEqual([]);
  });
});

describe('what is refused', () => {
  it('rows that do not fit are refused where they are written; the event goes on without them', () => {
    using scratch = new Scratch();
    const { pool, manager } = new Job(scratch.path('p.root'));
    expect(() => pool.write('Muons', {})).toThrow(UsageError);
    expect(() => pool.write('EventInfo', { run: -1, event: 1 })).toThrow(UsageError);
    expect(() => pool.write('EventInfo', { run: 1 })).toThrow(UsageError);
    expect(() => pool.write('EventInfo', { run: 1, event: 1, evnt: 1 })).toThrow(/evnt/);
    expect(() => pool.writeMetaData('FileInfo', { txt: '' })).toThrow(UsageError);
    expect(() => pool.writeMetaData('FileInfo', {})).toThrow(/text/);
    expect(() => pool.writeMetaData('FileInfo', { text: 1 })).toThrow(/text/);
    pool.write('EventInfo', { run: 1, event: 1 });
    expect(() => pool.write('EventInfo', { run: 1, event: 1 })).toThrow(/already/);
    expect(() => pool.commitEvent(-1, 1, { attributes: { weight: 1 } })).toThrow(UsageError);
    expect(() => pool.commitEvent(1, 1)).toThrow(/weight/);
    expect(() => pool.commitEvent(1, 1, { attributes: { weight: 1, wight: 2 } })).toThrow(/wight/);
    expect(pool.eventCount).toBe(0);
    expect(() => manager.finalize()).toThrow(/not committed/);
    pool.dropEvent();
    manager.finalize();
    expect(openPoolFile(scratch.path('p.root')).containers.find('POOLContainer(DataHeader)')?.rowCount).toBe(0);
  });

  it('containers that cannot be are refused when they are booked', () => {
    using scratch = new Scratch();
    const { pool } = new Job(scratch.path('p.root'));
    for (const key of ['', 'a b', 'a(b)', '1a', 'EventInfo', 'EventInfo.']) {
      expect(() => pool.book(key, { columns: INFO }), key).toThrow(UsageError);
    }
    expect(() => pool.book('A', { columns: [] })).toThrow(UsageError);
    expect(() => pool.book('A', { columns: [{ name: 'x', type: 'text' }] })).toThrow(UsageError);
    expect(() => pool.book('A', { columns: INFO, classId: 'x' })).toThrow(UsageError);
    expect(() => pool.book('A', { columns: INFO, clid: -1 })).toThrow(UsageError);
    pool.write('EventInfo', info(1));
    expect(() => pool.book('A', { columns: INFO })).toThrow(/after the first event/);
    pool.abandon();
  });

  it('tokens that lead nowhere, elsewhere, or to what is not there yet', () => {
    using scratch = new Scratch();
    const job = new Job(scratch.path('p.root'));
    job.event(1);
    const token = job.tokens.get(1)?.info ?? parseToken('');
    expect(() => job.pool.read({ ...token, oid2: token.oid2 + 5n })).toThrow(CorruptFileError);
    expect(() => job.pool.read({ ...token, container: 'CollectionTree(Other.)' })).toThrow(UsageError);
    expect(() => job.pool.read({ ...token, db: '00000000-0000-4000-8000-000000000000' })).toThrow(/not open/);
    expect(() => job.pool.read('token')).toThrow(CorruptFileError);
    const pending = job.pool.write('EventInfo', info(2));
    expect(() => job.pool.read(pending)).toThrow(/not committed/);
    job.pool.commitEvent(7, 2, { attributes: { weight: 0 } });
    expect(job.pool.read(pending)).toEqual(info(2));
    job.manager.finalize();
    expect(() => job.pool.read({ ...token, oid2: token.oid2 + 5n })).toThrow(CorruptFileError);
    expect(() => job.pool.read(job.tokens.get(1)?.header ?? token)).toThrow(UnsupportedError);
    job.pool.close();
  });
});

describe('reading other files', () => {
  it('rows of classes ROOT wrote, split and whole, and of plain values', () => {
    using reader = new PoolReader([fixture('pool/index_0.root')]);
    const [first] = reader.events();
    const row = (key: string): Row => reader.read(first?.objects.get(key)?.text ?? '');
    expect([first?.stream, first?.provenance.length]).toEqual(['StreamFixture', 1]);
    expect(row('EventInfo')).toEqual({ run: 450_000, event: 2 ** 33 + 1_000_001, stream: 'worker 0' });
    expect(row('TracksAux.')).toMatchObject({ id: 1_000_002, pt: [], charge: [] });
    expect(row('Vertices')).toEqual({ value: 1_000_007 });
    expect(() => row('Extra')).toThrow(/not read as a value/);
    using tuples = new PoolReader([fixture('pool/ntuple_0.root')]);
    const [event] = tuples.events();
    expect(() => tuples.read(event?.objects.get('EventInfo')?.text ?? '')).toThrow(UnsupportedError);
  });
});

const TYPES = [
  'bool',
  'int8',
  'uint16',
  'int32',
  'uint64',
  'float32',
  'float64',
  'string',
  'vector<int16>',
  'vector<float64>',
  'vector<string>',
  'vector<bool>',
] as const;

/** A value of a type, as it is read back. */
function valueOf(type: (typeof TYPES)[number]): fc.Arbitrary<Row[string]> {
  const single: Record<string, fc.Arbitrary<number | bigint | boolean | string>> = {
    bool: fc.boolean(),
    int8: fc.integer({ min: -128, max: 127 }),
    int16: fc.integer({ min: -32_768, max: 32_767 }),
    uint16: fc.nat(65_535),
    int32: fc.integer(),
    uint64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value) => (value <= Number.MAX_SAFE_INTEGER ? Number(value) : value)),
    float32: fc.float({ noNaN: true }),
    float64: fc.double({ noNaN: true }),
    string: fc.string({ unit: 'binary', maxLength: 300 }),
  };
  const item = /^vector<(.*)>$/.exec(type)?.[1];
  const values = single[item ?? type] ?? fc.constant(0);
  return item === undefined ? values : (fc.array(values, { maxLength: 5 }) as fc.Arbitrary<Row[string]>);
}

describe('any events', () => {
  const key = fc.stringMatching(/^[A-Z]\w{0,6}\.?$/);
  const container = fc.record({ key, types: fc.array(fc.constantFrom(...TYPES), { minLength: 1, maxLength: 4 }) });
  const job = fc.uniqueArray(container, { selector: (c) => c.key.replace(/\.$/, ''), minLength: 1, maxLength: 4 }).chain((containers) => {
    const rows = containers.map(({ key: name, types }) =>
      fc.option(
        fc.record(Object.fromEntries(types.map((type, i) => [`m${i}`, valueOf(type)]))).map((row): [string, Row] => [name, row]),
        { freq: 3 },
      ),
    );
    return fc.record({
      containers: fc.constant(containers),
      events: fc.array(fc.tuple(...rows), { maxLength: 30 }),
      basketBytes: fc.constantFrom(100, 4000),
      compression: fc.constantFrom(0, 101, 505),
    });
  });

  it('of any containers: every token leads to its row', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(job, async ({ containers, events, basketBytes, compression }) => {
        using scratch = new Scratch();
        const manager = new IoComponentMgr();
        const pool = new PoolComponent(manager, 'pool', scratch.path('p.root'), { tree: { basketBytes, autoFlush: 4 }, compression });
        for (const { key: name, types } of containers) pool.book(name, { columns: types.map((type, i) => ({ name: `m${i}`, type })) });
        const written: [PoolToken, Row][] = [];
        events.forEach((rows, event) => {
          for (const named of rows) if (named !== null) written.push([pool.write(...named), named[1]]);
          pool.commitEvent(1, event);
        });
        for (const [token, row] of written) expect(pool.read(token)).toEqual(row);
        manager.finalize();
        for (const [{ text }, row] of written) expect(pool.read(text)).toEqual(row);
        pool.close();
        expect(await checkReferences([scratch.path('p.root')])).toMatchObject({
          resolved: written.length + 3 * events.length + 3,
          foreign: 0,
          dangling: 0,
        });
      }),
      { numRuns: 25 },
    );
  });
});

const WORKERS = 3;
const PREFORK = 10;
const EVENTS = 60;

/** Runs the job by workers, each a copy of the state before the workers parted; their files. */
function runWorkers(scratch: Scratch, keepPrefork: 'first' | 'all', options: PoolOptions = {}): { files: string[]; jobs: Job[] } {
  const here = process.cwd();
  process.chdir(scratch.folder);
  try {
    const jobs = upTo(WORKERS).map((worker) => {
      const job = new Job('w.root', { fidSeed: 'job', ...options }); // as forked processes are, all are the same before they part
      for (const event of upTo(PREFORK)) job.event(event);
      mkdirSync(`worker_${worker}`);
      const before = job.pool.fid;
      job.manager.updateAll(`worker_${worker}`);
      job.manager.reinitialize({ workerId: worker, keepPrefork });
      expect(job.pool.fid).not.toBe(before);
      const isKept = worker === 0 || keepPrefork === 'all';
      if (isKept) job.expectTokens();
      else expect(() => job.expectTokens()).toThrow(UsageError);
      if (!isKept) job.tokens.clear();
      for (let event = PREFORK; event < EVENTS; event++) if (event % WORKERS === worker) job.event(event);
      job.expectTokens();
      job.manager.finalize();
      job.expectTokens();
      job.pool.close();
      return job;
    });
    expect(scratch.list().filter((name) => name.endsWith('.tmp'))).toEqual([]);
    return { jobs, files: upTo(WORKERS).map((worker) => scratch.path(`worker_${worker}`, 'w.root')) };
  } finally {
    process.chdir(here);
  }
}

describe('workers', () => {
  it.each([0, 505])('have files of their own; merged, each event is there once with its rows (compression %s)', async (compression) => {
    using scratch = new Scratch();
    const { files, jobs } = runWorkers(scratch, 'first', { compression, tree: { basketBytes: 300, autoFlush: 7 } });
    expect(new Set(jobs.map(({ pool }) => pool.fid)).size).toBe(WORKERS);
    for (const file of files) expect(await checkReferences([file])).toMatchObject({ foreign: 0, dangling: 0 });
    await merge(files, { output: scratch.path('merged.root') });
    expectEvents(eventsOf(scratch.path('merged.root')), upTo(EVENTS));
    const separate = await Promise.all(files.map((file) => checkReferences([file])));
    expect(await checkReferences([scratch.path('merged.root')])).toMatchObject({
      resolved: separate.reduce((sum, { resolved }) => sum + resolved, 0),
      foreign: 0,
      dangling: 0,
    });
  });

  it('that keep all of what was before repeat it, with references of their own', async () => {
    using scratch = new Scratch();
    const { files, jobs } = runWorkers(scratch, 'all');
    expect(new Set(jobs.map(({ pool }) => pool.fid)).size).toBe(WORKERS);
    for (const file of files) {
      expect(await checkReferences([file])).toMatchObject({ foreign: 0, dangling: 0 });
      expect(eventsOf(file).size).toBeGreaterThan(PREFORK);
    }
    await merge(files, { output: scratch.path('merged.root') });
    expect(await checkReferences([scratch.path('merged.root')])).toMatchObject({ foreign: 0, dangling: 0 });
    using reader = new PoolReader([scratch.path('merged.root')]);
    expect([...reader.events()]).toHaveLength(EVENTS + (WORKERS - 1) * PREFORK);
  });

  it('carry over an event that was begun, with what was kept only', () => {
    using scratch = new Scratch();
    for (const worker of [0, 1]) {
      const job = new Job(scratch.path(`w${worker}.root`));
      job.event(0);
      job.pool.write('EventInfo', info(1));
      job.manager.update(job.pool, scratch.path(`w${worker}.root`), scratch.path(`moved${worker}.root`));
      job.manager.reinitialize({ workerId: worker });
      if (worker === 0) job.pool.commitEvent(7, 1, { attributes: { weight: 0 } });
      job.manager.finalize();
      expect([...eventsOf(scratch.path(`moved${worker}.root`)).keys()]).toEqual(worker === 0 ? [0, 1] : []);
    }
  });

  it('reopen their inputs', () => {
    using scratch = new Scratch();
    const parent = new Job(scratch.path('parent.root'));
    parent.event(1);
    parent.manager.finalize();
    const job = new Job(scratch.path('p.root'), { inputs: [scratch.path('parent.root')] });
    const before = job.pool.reader;
    const token = parent.tokens.get(1)?.info.text ?? '';
    expect(job.pool.read(token)).toEqual(info(1));
    job.manager.reinitialize();
    expect(job.pool.reader).not.toBe(before);
    expect(job.pool.read(token)).toEqual(info(1));
    job.pool.abandon();
  });
});
