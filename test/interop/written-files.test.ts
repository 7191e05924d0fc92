/** Files the project writes itself, held against ROOT: histograms byte by byte, trees value by value. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IoComponentMgr } from '../../src/io/component/io-component-mgr.ts';
import { HistogramComponent } from '../../src/io/component/histogram-component.ts';
import { NtupleComponent } from '../../src/io/component/ntuple-component.ts';
import { createRootFile, type RootOutput } from '../../src/io/component/root-output.ts';
import type { AxisSpec } from '../../src/io/root/histogram/axis.ts';
import type { Histogram, HistogramSpec } from '../../src/io/root/histogram/histogram.ts';
import type { HistogramClass } from '../../src/io/root/histogram/histogram-object.ts';
import { openRootFile } from '../../src/io/root/root-file.ts';
import type { ColumnSpec, Row } from '../../src/io/root/column.ts';
import { answered, Oracle } from './oracle.ts';
import { mergeFiles } from './product.ts';

/** As in oracle/written_files.py. */
const FILLS = 400;

const folder = mkdtempSync(join(tmpdir(), 'pool-merge-written-'));
const path = (name: string): string => join(folder, name);
let oracle: Oracle;
beforeAll(() => {
  oracle = new Oracle();
});
afterAll(async () => {
  await oracle.close();
  rmSync(folder, { recursive: true });
});

/** ROOT opens, reads and updates the file, and uproot reads it, all without a message. */
async function expectClean(file: string): Promise<void> {
  const opened = await oracle.openCheck(file);
  expect(answered(opened)).toMatchObject({ opened: true, recovered: false, unread: [], gaps: [], mapEnds: true });
  expect(opened.messages).toEqual([]);
  const updated = await oracle.updateCheck(file);
  expect(answered(updated)).toMatchObject({ written: true, reopened: true, lost: [], infosLost: [] });
  expect(updated.messages).toEqual([]);
  expect(answered(await oracle.uprootCheck(file)).problems).toEqual([]);
}

class Numbers {
  #state = 1;

  next(): number {
    this.#state = (this.#state * 16807) % 2147483647;
    const value = (this.#state / 2147483647) * 1.4 - 0.2;
    // Every fifth is an edge of a bin, where a rounded quotient would choose the wrong one.
    return this.#state % 5 === 0 ? Math.floor(value * 60) / 60 : value;
  }
}

const unit = (bins: number, max = 1): AxisSpec => ({ bins, min: 0, max });
const edges: AxisSpec = { edges: [0, 0.1, 0.35, 0.4, 1] };

/** As in oracle/written_files.py: each with the numbers a fill takes beside the weight. */
function* booked(): Generator<[HistogramSpec, number]> {
  for (const letter of 'CSILFD') {
    yield [{ className: `TH1${letter}` as HistogramClass, name: `h1${letter}`, title: 'one', axes: [{ ...unit(5), title: 'x axis' }] }, 1];
    yield [{ className: `TH2${letter}` as HistogramClass, name: `h2${letter}`, title: 'two', axes: [unit(5), edges] }, 2];
    yield [{ className: `TH3${letter}` as HistogramClass, name: `h3${letter}`, title: 'three', axes: [unit(3), unit(2), unit(4, 0.9)] }, 3];
  }
  yield [{ className: 'TH1D', name: 'variable', title: 'variable', axes: [edges] }, 1];
  yield [{ className: 'TProfile', name: 'profile', title: 'profile', axes: [unit(5)] }, 2];
  yield [{ className: 'TProfile', name: 'profile_range', title: 'profile', axes: [unit(5)], valueRange: [0.1, 0.8] }, 2];
  yield [{ className: 'TProfile2D', name: 'profile2', title: 'profile', axes: [unit(5), unit(3)] }, 3];
  yield [{ className: 'TProfile2D', name: 'profile2_range', title: 'profile', axes: [unit(5), unit(3)], valueRange: [0.1, 0.8] }, 3];
  yield [{ className: 'TProfile3D', name: 'profile3', title: 'profile', axes: [unit(5), unit(3), unit(2)] }, 4];
  yield* growing();
}

const grow = (bins: number, min: number, max: number): AxisSpec => ({ bins, min, max, grow: true });

/** As in oracle/written_files.py. */
function* growing(): Generator<[HistogramSpec, number]> {
  const title = 'grow';
  for (const letter of 'CSILFD') {
    yield [{ className: `TH1${letter}` as HistogramClass, name: `grow1${letter}`, title, axes: [grow(7, 0.31, 0.33)] }, 1];
  }
  yield [{ className: 'TH2D', name: 'grow2', title, axes: [grow(5, 0.3, 0.35), grow(4, 0.5, 0.51)] }, 2];
  yield [{ className: 'TH2F', name: 'grow2y', title, axes: [{ bins: 5, min: -1, max: 2 }, grow(4, 0.5, 0.51)] }, 2];
  yield [{ className: 'TH3I', name: 'grow3', title, axes: [grow(2, 0.3, 0.35), grow(3, 0.5, 0.51), grow(1, 0.1, 0.2)] }, 3];
  yield [{ className: 'TProfile', name: 'growp', title, axes: [grow(6, 0.3, 0.35)] }, 2];
  yield [{ className: 'TProfile2D', name: 'growp2', title, axes: [grow(3, 0.3, 0.35), grow(4, 0.5, 0.51)] }, 3];
  yield [{ className: 'TProfile3D', name: 'growp3', title, axes: [grow(3, 0.3, 0.35), grow(2, 0.5, 0.51), grow(2, 0.1, 0.12)] }, 4];
}

/** Growing integer cells must not be 0: ROOT drops the squared weights of such a cell when the axis is doubled. */
const weightFor = (name: string, w: number): number => (/^grow(1[CSIL]|3)/.test(name) ? Math.ceil(Math.abs(w)) : w);

/** Histograms that get their labels by fills, as in oracle/written_files.py. */
function fillLabelled(file: RootOutput): void {
  const words = 'the axis of a histogram has the labels that a fill of it has had'
    .split(' ')
    .map((text, i) => ({ text, weight: 1 + (i > 4 ? i % 3 : 0) }));
  const labels = (bins: number): AxisSpec => ({ labels: [], bins, grow: true });
  const book = (className: HistogramClass, name: string, ...axes: AxisSpec[]): Histogram =>
    file.bookHistogram('/', { className, name, title: 'words', axes });
  const [one, two] = [book('TH1F', 'words1', labels(3)), book('TH2D', 'words2', labels(2), unit(4))];
  const [both, profile] = [book('TH2I', 'words2both', labels(1), labels(1)), book('TProfile', 'wordsp', labels(2))];
  for (const [i, { text, weight }] of words.entries()) {
    one.fill(text, weight);
    two.fill(text, i / 16, weight);
    both.fill(text, words.at(-1 - i)?.text ?? '', weight);
    profile.fill(text, i / 16, weight);
  }
}

/** Payloads of all histograms of a file, by path. */
function payloads(file: string): Map<string, string> {
  using root = openRootFile(file);
  const found = new Map<string, string>();
  for (const directory of root.directories) {
    for (let i = 0; i < directory.keys.count; i++) {
      const { key, payload } = root.readObject(directory, i);
      if (!key.className.startsWith('TDirectory')) {
        found.set(`${directory.path} ${key.className} ${key.name} ${key.title}`, Buffer.from(payload).toString('hex'));
      }
    }
  }
  return found;
}

describe('histograms', () => {
  it('have the bytes ROOT gives them after the same fills', async () => {
    using file = createRootFile(path('histograms.root'));
    const numbers = new Numbers();
    for (const weighted of [false, true]) {
      for (const [spec, count] of booked()) {
        const histogram = file.bookHistogram(weighted ? '/weighted' : '/plain', spec);
        for (let i = 0; i < FILLS; i++) {
          const values = Array.from({ length: count }, () => numbers.next());
          if (weighted) values.push(weightFor(spec.name, 3 * numbers.next()));
          histogram.fill(...values);
        }
      }
    }
    const labels = file.bookHistogram('/', {
      className: 'TH1D',
      name: 'labels',
      title: 'labels',
      axes: [{ labels: ['red', 'green', 'blue'] }],
    });
    for (const [label, weight] of [
      ['green', 1],
      ['blue', 2.5],
      ['green', 1],
    ] as const) {
      labels.fill(label, weight);
    }
    labels.fill(0.5);
    fillLabelled(file);
    file.close();
    answered(await oracle.rootHistograms(path('by-root.root')));
    const [ours, theirs] = [payloads(path('histograms.root')), payloads(path('by-root.root'))];
    expect([...ours.keys()].sort()).toEqual([...theirs.keys()].sort());
    for (const [name, bytes] of theirs) expect(ours.get(name), name).toBe(bytes);
    await expectClean(path('histograms.root'));
  });
});

const COLUMNS: ColumnSpec[] = [
  { name: 'flag', type: 'bool' },
  { name: 'i8', type: 'int8' },
  { name: 'u8', type: 'uint8' },
  { name: 'i16', type: 'int16' },
  { name: 'u16', type: 'uint16' },
  { name: 'i32', type: 'int32' },
  { name: 'u32', type: 'uint32' },
  { name: 'i64', type: 'int64' },
  { name: 'u64', type: 'uint64' },
  { name: 'f32', type: 'float32' },
  { name: 'f64', type: 'float64' },
  { name: 'fixed', type: 'float64', shape: [2, 3] },
  { name: 'n', type: 'int32' },
  { name: 'counted', type: 'float32', counter: 'n' },
  { name: 'pairs', type: 'int16', counter: 'n', shape: [2] },
  { name: 'text', type: 'text' },
  { name: 'string', type: 'string' },
  { name: 'vf', type: 'vector<float32>' },
  { name: 'vi', type: 'vector<int32>' },
  { name: 'vl', type: 'vector<int64>' },
  { name: 'vd', type: 'vector<float64>' },
  { name: 'vs', type: 'vector<string>' },
  { name: 'vu', type: 'vector<uint16>' },
];

function row(entry: number): Row {
  const n = entry % 5;
  const list = (length: number, of: (k: number) => number): number[] => Array.from({ length }, (_, k) => of(k));
  return {
    flag: entry % 3 === 0,
    i8: (entry % 256) - 128,
    u8: entry % 256,
    i16: -entry,
    u16: 65_535 - entry,
    i32: -(2 ** 31) + entry,
    u32: 2 ** 32 - 1 - entry,
    i64: -(2n ** 63n) + BigInt(entry),
    u64: 2n ** 64n - 1n - BigInt(entry),
    f32: entry / 4,
    f64: entry / 3,
    fixed: list(6, (k) => entry + k / 10),
    counted: list(n, (k) => entry + k / 8),
    pairs: list(2 * n, (k) => entry - k),
    text: `${'t'.repeat(entry % 300)}`,
    string: `s${entry}ü`,
    vf: list(n, (k) => k / 2),
    vi: list(entry % 3, (k) => k - entry),
    vl: list(2, (k) => k * entry),
    vd: list(n + 1, (k) => k / 3),
    vs: list(n, (k) => k).map((k) => 'x'.repeat(k)),
    vu: list(1, () => entry),
  };
}

/** A row as the judges give it: integers as text, arrays of fixed shape nested. */
function expected(name: string, entry: number): unknown {
  const value = name === 'n' ? entry % 5 : row(entry)[name];
  const column = COLUMNS.find((c) => c.name === name);
  const one = (v: unknown): unknown =>
    typeof v === 'bigint' || (typeof v === 'number' && !/float/.test(column?.type ?? '')) ? String(v) : v;
  return typeof value === 'object' ? Array.from(value as ArrayLike<unknown>, one) : one(value);
}

function column(name: string, entries: number): unknown[] {
  return Array.from({ length: entries }, (_, entry) => expected(name, entry));
}

const flat = (value: unknown): unknown => (Array.isArray(value) ? value.flat(3) : value);

async function expectValues(file: string, name: string, entries: number, kind: 'tree' | 'tuple' = 'tree'): Promise<void> {
  const byRoot = kind === 'tree' ? oracle.rootValues(file, name) : oracle.rootTupleValues(file, name);
  for (const read of [await oracle.uprootValues(file, name), await byRoot]) {
    const values = answered(read);
    for (const { name } of COLUMNS) expect(values[name]?.map(flat), name).toEqual(column(name, entries));
  }
}

describe('trees', () => {
  it.each([
    [0, 300, -30_000_000],
    [505, 3000, 500],
    [101, 3000, -200_000],
  ])('with compression %s: %s entries, autoFlush %s', async (compression, entries, autoFlush) => {
    const file = path(`tree${entries}${autoFlush}.root`);
    using output = createRootFile(file, { compression });
    const tree = output.bookTree('/deep/down', { name: 't', title: 'a tree', columns: COLUMNS, basketBytes: 2000, autoFlush });
    for (let entry = 0; entry < entries; entry++) tree.fill(row(entry));
    output.close();
    await expectClean(file);
    await expectValues(file, 'deep/down/t', entries);
  });

  it('without entries, and without columns', async () => {
    using output = createRootFile(path('empty.root'));
    output.bookTree('/', { name: 'none', columns: COLUMNS });
    output.bookTree('/', { name: 'bare', columns: [] });
    output.close();
    await expectClean(path('empty.root'));
  });

  it('can be filled on by ROOT', async () => {
    using output = createRootFile(path('grow.root'));
    const columns = COLUMNS.filter(({ type }) => !type.startsWith('vector') && type !== 'string');
    const tree = output.bookTree('/', { name: 't', columns });
    const names = new Set(columns.map(({ name }) => name));
    const own = (entry: number): Row => Object.fromEntries(Object.entries(row(entry)).filter(([name]) => names.has(name)));
    for (let entry = 0; entry < 50; entry++) tree.fill(own(entry));
    output.close();
    const filled = answered(await oracle.fillTrees(path('grow.root')));
    for (const counts of Object.values(filled)) expect(counts).toMatchObject({ before: 50, failed: 0 });
  });
});

describe('RNTuples', () => {
  it.each([
    [0, 300, -128_000_000],
    [505, 3000, 700],
    [101, 3000, -300_000],
  ])('with compression %s: %s entries, clusterSize %s', async (compression, entries, clusterSize) => {
    const file = path(`tuple${compression}.root`);
    using output = createRootFile(file, { compression });
    const tuple = output.bookTuple('/deep', { name: 't', columns: COLUMNS, clusterSize });
    for (let entry = 0; entry < entries; entry++) tuple.fill(row(entry));
    output.close();
    await expectClean(file);
    await expectValues(file, 'deep/t', entries, 'tuple');
  });

  it('without entries', async () => {
    using output = createRootFile(path('empty-tuple.root'));
    output.bookTuple('/', { name: 't', columns: COLUMNS });
    output.close();
    await expectClean(path('empty-tuple.root'));
  });
});

describe('a file beyond 2 GB', () => {
  it('is read to its last entry, and so are objects behind that', async () => {
    const file = path('large.root');
    using output = createRootFile(file, { compression: 0 });
    const columns: ColumnSpec[] = [
      { name: 'e', type: 'int32' },
      { name: 'v', type: 'float64', shape: [100_000] },
    ];
    const tree = output.bookTree('/', { name: 'tree', columns, basketBytes: 4_000_000 });
    const tuple = output.bookTuple('/', { name: 'tuple', columns });
    const values = new Float64Array(100_000);
    for (let e = 0; e < 1400; e++) {
      values[99_999] = e;
      for (const target of [tree, tuple]) target.fill({ e, v: values });
    }
    const late = output.bookHistogram('/', { className: 'TH1D', name: 'late', axes: [{ labels: ['a', 'b'] }] });
    late.fill('a');
    output.close();
    const last = [1399, 1399];
    expect(answered(await oracle.lastEntries(file))).toEqual({
      label: 'a',
      tree: last,
      'tree by uproot': last,
      tuple: last,
      'tuple by uproot': last,
    });
    const opened = await oracle.openCheck(file);
    expect(answered(opened)).toMatchObject({ opened: true, recovered: false, unread: [], gaps: [], mapEnds: true });
    expect(opened.messages).toEqual([]);
    rmSync(file);
  });
});

describe('files of workers', () => {
  it('are merged to the sum of them, which ROOT and uproot read', async () => {
    const inputs: Record<string, string[]> = { 'h.root': [], 't.root': [], 'n.root': [] };
    for (let worker = 0; worker < 3; worker++) {
      const manager = new IoComponentMgr();
      const histograms = new HistogramComponent(manager, 'histograms', path(`${worker}-h.root`));
      const trees = new NtupleComponent(manager, 'trees', path(`${worker}-t.root`), { compression: 101 });
      const tuples = new NtupleComponent(manager, 'tuples', path(`${worker}-n.root`));
      const booking = [...booked()].map(([spec, count]) => [histograms.book('/all', spec), count] as const);
      const tree = trees.book('/', { name: 't', columns: COLUMNS, basketBytes: 3000, autoFlush: 70 });
      const tuple = tuples.bookTuple('/', { name: 't', columns: COLUMNS, clusterSize: 70 });
      const numbers = new Numbers();
      const event = (entry: number): void => {
        for (const [histogram, count] of booking) histogram.fill(...Array.from({ length: count }, () => numbers.next()));
        tree.fill(row(entry));
        tuple.fill(row(entry));
      };
      for (let entry = 0; entry < 100; entry++) event(entry);
      mkdirSync(path(`worker_${worker}`));
      for (const [component, name] of [
        [histograms, 'h.root'],
        [trees, 't.root'],
        [tuples, 'n.root'],
      ] as const) {
        const moved = path(join(`worker_${worker}`, name));
        manager.update(component, path(`${worker}-${name}`), moved);
        inputs[name]?.push(moved);
      }
      manager.reinitialize({ workerId: worker });
      for (let entry = 100; entry < 400; entry++) if (entry % 3 === worker) event(entry);
      manager.finalize();
    }
    for (const [name, files] of Object.entries(inputs)) {
      for (const file of files) await expectClean(file);
      expect(await mergeFiles(files, path(name), ['--verify', 'full'])).toMatchObject({ merged: true });
      expect(answered(await oracle.compareSum(path(name), files))).toEqual({ differences: [], notes: [] });
      await expectClean(path(name));
    }
    for (const name of ['t.root', 'n.root']) {
      const { i16 } = answered(await oracle.uprootValues(path(name), 't'));
      expect(i16?.map(Number).sort((a, b) => b - a)).toEqual(Array.from({ length: 400 }, (_, entry) => 0 - entry));
    }
  });
});
