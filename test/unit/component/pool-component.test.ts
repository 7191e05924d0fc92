/** POOL files a job writes: tokens lead to the rows they were given for, before and after closing. */
import { describe, expect, it } from 'vitest';
import { CorruptFileError, UnreadableFileError, UnsupportedError, UsageError } from '../../../src/errors.ts';
import { IoComponentMgr } from '../../../src/io/component/io-component-mgr.ts';
import { PoolComponent } from '../../../src/io/component/pool-component.ts';
import { openPoolFile } from '../../../src/io/pool/pool-contents.ts';
import { PoolReader } from '../../../src/io/pool/pool-reader.ts';
import { parseToken } from '../../../src/io/pool/token.ts';
import type { Row } from '../../../src/io/root/column.ts';
import { checkReferences } from '../../../src/list/check-references.ts';
import { Scratch, fixture } from '../../scratch.ts';
import { INFO, JETS, Job, eventsOf, expectEvents, info, jets, upTo } from './pool-job.ts';

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
