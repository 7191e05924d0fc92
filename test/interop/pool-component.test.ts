/** POOL files that a job writes, as real ROOT, uproot and the independent checker see them, before and after a merge. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { IoComponentMgr, PoolComponent, PoolReader, merge, type PoolToken, type Row } from '../../src/index.ts';
import { parseToken } from '../../src/io/pool/token.ts';
import { answered, Oracle } from './oracle.ts';

const PYTHON = fileURLToPath(new URL('../../.venv/bin/python', import.meta.url));
const ORACLE = fileURLToPath(new URL('oracle/', import.meta.url));
/** Exit code of pool_written.py without a C++ compiler. */
const NO_COMPILER = 3;
const SECONDS = 500;
const WORKERS = [0, 1, 2];
const EVENTS = 60;
const folder = mkdtempSync(join(tmpdir(), 'pool-merge-component-'));
const path = (name: string): string => join(folder, name);
const files = WORKERS.map((worker) => path(`worker_${worker}.root`));

let oracle: Oracle;
beforeAll(async () => {
  oracle = new Oracle();
  const parent = writeFile('parent.root', 'StreamParent', (pool) => {
    for (let event = 0; event < EVENTS; event++) writeEvent(pool, event);
  });
  using reader = new PoolReader([parent]);
  const headers = [...reader.events()].map(({ header }) => header);
  for (const worker of WORKERS) {
    writeFile(`worker_${worker}.root`, 'StreamTest', (pool) => {
      for (let event = worker; event < EVENTS; event += WORKERS.length) writeEvent(pool, event, headers[event]);
    });
  }
  await merge(files, { output: path('merged.root') });
  await merge(files, { output: path('summed.root'), metadata: 'sum' });
});
afterAll(async () => {
  await oracle.close();
  rmSync(folder, { recursive: true });
});

/** Writes one file; worker 1 has a container the others lack. */
function writeFile(name: string, stream: string, fill: (pool: PoolComponent) => void): string {
  const manager = new IoComponentMgr();
  const tree = { basketBytes: 400, autoFlush: 8 };
  const pool = new PoolComponent(manager, 'pool', path(name), { stream, tree, attributes: [{ name: 'weight', type: 'float32' }] });
  pool.book('EventInfo', {
    columns: [
      { name: 'run', type: 'uint32' },
      { name: 'event', type: 'uint64' },
      { name: 'flag', type: 'bool' },
    ],
  });
  pool.book('Jets', {
    columns: [
      { name: 'pt', type: 'vector<float32>' },
      { name: 'box', type: 'int16', shape: [2] },
      { name: 'label', type: 'string' },
      { name: 'names', type: 'vector<string>' },
    ],
  });
  if (name.includes('1')) pool.book('Extra', { columns: [{ name: 'x', type: 'float64' }] });
  pool.bookMetaData('FileInfo', { columns: [{ name: 'text', type: 'string' }] });
  pool.writeMetaData('FileInfo', { text: name });
  fill(pool);
  manager.finalize();
  return path(name);
}

const info = (event: number): Row => ({ run: 7, event: 2 ** 40 + event, flag: event % 2 === 0 });
const jets = (event: number): Row => ({
  pt: Array.from({ length: event % 3 }, (_, k) => event + k / 4),
  box: [event, -event],
  label: `jets ${event}`,
  names: event % 2 === 0 ? [] : ['a', `${event}`],
});
const hasJets = (event: number): boolean => event % 4 !== 0;

function writeEvent(pool: PoolComponent, event: number, header?: PoolToken): void {
  pool.write('EventInfo', info(event));
  if (hasJets(event)) pool.write('Jets', jets(event));
  const provenance = header === undefined ? [] : [{ token: header, stream: 'StreamParent' }];
  pool.commitEvent(7, event, { provenance, attributes: { weight: event / 2 } });
}

function python(script: string, args: readonly string[]): { stdout: string; status: number | null } {
  const { stdout, stderr, status } = spawnSync(PYTHON, ['-W', 'ignore', join(ORACLE, script), ...args], {
    encoding: 'utf8',
    timeout: SECONDS * 1000,
    maxBuffer: 2 ** 27,
  });
  if (stdout === '' && status !== NO_COMPILER) throw new Error(`${script} ended with ${status}\n${stderr}`);
  return { stdout, status };
}

describe.each(['worker_0.root', 'worker_1.root', 'merged.root', 'summed.root'])('%s', (name) => {
  it('is opened, mapped, read and updated by ROOT, and read by uproot, without a message', async () => {
    const opened = await oracle.openCheck(path(name));
    expect(answered(opened)).toMatchObject({ opened: true, recovered: false, unread: [], gaps: [], mapEnds: true });
    expect(opened.messages).toEqual([]);
    const updated = await oracle.updateCheck(path(name));
    expect(answered(updated)).toMatchObject({ written: true, reopened: true, lost: [], infosLost: [] });
    expect(updated.messages).toEqual([]);
    expect(answered(await oracle.uprootCheck(path(name))).problems).toEqual([]);
    for (const [tree, { entries, branches }] of Object.entries(answered(await oracle.treeFacts(path(name))))) {
      for (const branch of branches) expect([tree, branch.name, branch.entries, branch.failed]).toEqual([tree, branch.name, entries, 0]);
    }
  });
});

describe('the independent checker', () => {
  const clean = { wrong: 0, dangling: 0, sourceDangling: 0, first: [], problems: [] };
  /** Of each event: form, itself, tag, information, provenance, three of four times jets; of each file: form, itself, two objects. */
  const references = (fileCount: number): number => 5 * EVENTS + 0.75 * EVENTS + 4 * fileCount;

  it('finds that every reference of what was written leads to its row', () => {
    for (const [worker, file] of files.entries()) {
      const events = EVENTS / WORKERS.length;
      expect(JSON.parse(python('pool_check.py', ['--all-rows', file, file]).stdout), `worker ${worker}`).toMatchObject({
        ...clean,
        foreign: events,
      });
    }
  });

  it('finds every reference of the merged file where it was', () => {
    const found = JSON.parse(python('pool_check.py', ['--all-rows', path('merged.root'), ...files]).stdout) as object;
    expect(found).toMatchObject({
      ...clean,
      references: references(WORKERS.length),
      foreign: EVENTS,
      resolved: references(WORKERS.length) - EVENTS,
    });
  });

  it('misses nothing but the headers of metadata where that was summed', () => {
    const found = JSON.parse(python('pool_check.py', ['--reduced-metadata', path('summed.root'), ...files]).stdout) as { reasons: object };
    const united = 4 * (WORKERS.length - 1);
    expect(found).toMatchObject({ wrong: 0, problems: [], dangling: united, foreign: EVENTS, resolved: references(1) - EVENTS });
    expect(found.reasons).toEqual({ 'dangling: the header is missing': united });
  });
});

/** What pool_written.py tells of a file. */
interface Written {
  indexRows: number[];
  headers: {
    commonOid2: string;
    shortElements: number[];
    fullElements: [oid2: string, db: number, object: number][];
    provenanceSize: number;
    formToken: string;
  }[];
  forms: {
    files: [string, number][];
    objects: [classId: string, container: string, key: string, clid: number, oid1: string][];
    version: number;
    tag: string;
    lists: number[][];
  }[];
  streams: Record<string, { events: number; runs: number[]; tags: string[]; items: [number, string][]; eventTypes: number }[]>;
  columns: Record<string, number[]>;
  uproot: Record<'CollectionTree' | 'POOLCollectionTree', Record<string, unknown[]>> & {
    formIndex: string[];
    formTokens: string[];
    shortElements: number[][];
  };
}

describe('real ROOT with the classes of headers', () => {
  const names = ['worker_0.root', 'merged.root', 'summed.root'];
  let written: Map<string, Written> | undefined;
  beforeAll(() => {
    const { stdout, status } = python('pool_written.py', names.map(path));
    const found = status === NO_COMPILER ? undefined : (JSON.parse(stdout) as Written[]);
    written = found && new Map(names.map((name, i) => [name, found[i] as Written]));
  }, SECONDS * 1000);
  const of = (name: string, { skip }: TestContext): Written => {
    if (written === undefined) skip('no C++ compiler to make the classes with');
    const found = written?.get(name);
    if (found === undefined) throw new Error(`nothing was read of ${name}`);
    return found;
  };

  it.for(['worker_0.root', 'merged.root'])('reads headers and forms of %s as they were written', (name, context) => {
    const {
      headers,
      indexRows,
      forms,
      uproot: { formIndex, formTokens, shortElements },
    } = of(name, context);
    using reader = new PoolReader([path(name)]);
    const events = [...reader.events()];
    expect(headers).toHaveLength(events.length);
    expect(indexRows).toEqual(events.map((_, row) => row));
    const decoded = headers.map(({ commonOid2, shortElements, fullElements, provenanceSize, formToken }) => {
      const form = forms[formIndex.indexOf(parseToken(formToken).oid2.toString())];
      const tokens = shortElements.map((value) => {
        const [oid2, db, object] = value >= 0 ? [commonOid2, 0, value] : (fullElements[-1 - value] ?? ['', 0, 0]);
        const [classId, container, key, , oid1] = form?.objects[object] ?? [];
        return `${form?.files[db]?.[0]} ${container} ${classId} ${key} ${oid1} ${oid2}`;
      });
      expect([provenanceSize, form?.version, form?.tag, form?.files.map(([, technology]) => technology)]).toEqual([
        1,
        600,
        'StreamTest',
        [0x203, 0x203],
      ]);
      return tokens;
    });
    const wanted = events.map(({ objects, provenance, header, stream }) => {
      const all = [
        ...[...objects].map(([key, token]) => [key, token] as const),
        ...provenance.map((parent) => [parent.stream, parent.token] as const),
        [stream, header] as const,
      ];
      return all.map(([key, { db, container, classId, oid1, oid2 }]) => `${db} ${container} ${classId} ${key} ${oid1} ${oid2}`);
    });
    expect(decoded).toEqual(wanted);
    expect([headers.map(({ formToken }) => formToken), headers.map(({ shortElements }) => shortElements)]).toEqual([
      formTokens,
      shortElements,
    ]);
  });

  it('reads the summary of events, also the sum of them', (context) => {
    const summary = (name: string) => of(name, context).streams['EventStreamInfo_p3_StreamTest'];
    const common = { runs: [7], lumiBlocks: [], tags: ['StreamTest'], eventTypes: 1 };
    expect(summary('merged.root')?.map(({ events }) => events)).toEqual([20, 20, 20]);
    expect(summary('worker_0.root')).toMatchObject([{ ...common, events: 20 }]);
    expect(summary('summed.root')).toMatchObject([{ ...common, events: EVENTS }]);
    expect(
      summary('summed.root')?.[0]
        ?.items.map(([, key]) => key)
        .sort(),
    ).toEqual(['EventInfo', 'Extra', 'Jets']);
  });

  it('reads every value, as uproot does', (context) => {
    const {
      columns,
      uproot: { CollectionTree: data, POOLCollectionTree: tags },
    } = of('merged.root', context);
    const order = WORKERS.flatMap((worker) => Array.from({ length: EVENTS / WORKERS.length }, (_, i) => worker + WORKERS.length * i));
    const row = (event: number): Row => (hasJets(event) ? jets(event) : { pt: [], box: [0, 0], label: '', names: [] });
    for (const name of ['run', 'event', 'flag']) expect(data[`EventInfo.${name}`], name).toEqual(order.map((event) => info(event)[name]));
    for (const [member, name] of [
      ['pt', 'pt'],
      ['box[2]', 'box'],
      ['label', 'label'],
      ['names', 'names'],
    ] as const) {
      expect(data[`Jets.${member}`], name).toEqual(order.map((event) => row(event)[name]));
    }
    expect(data['Extra.x']).toEqual(order.map(() => 0));
    expect([tags['EventNumber'], tags['weight']]).toEqual([order, order.map((event) => event / 2)]);
    expect(columns['EventInfo.event']).toEqual(data['EventInfo.event']);
    expect([columns['Jets.pt'], columns['Jets.box']]).toEqual(
      ['pt', 'box'].map((name) => order.flatMap((event) => Array.from(row(event)[name] as number[]))),
    );
    expect([columns['RunNumber'], columns['EventNumber']]).toEqual([order.map(() => 7), order]);
  });
});
