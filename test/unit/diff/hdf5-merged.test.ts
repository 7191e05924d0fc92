/** Merged HDF5 files held against their inputs, by pool-merge's own rules and against files that are wrong. */
import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync } from 'node:fs';
import { File, ready, type Dataset } from 'h5wasm/node';
import { describe, expect, it } from 'vitest';
import { diffFiles, diffMerged, merge, type DiffOptions, type DiffReport } from '../../../src/index.ts';
import { Scratch } from '../../scratch.ts';
import { hdf5Sample, spaceSample, writeHdf5 } from '../hdf5/hdf5-samples.ts';

/** What is wrong, by path: verdict, then places with both values. */
function found({ objects }: DiffReport): Record<string, string[]> {
  const wrong = objects.filter(({ verdict }) => verdict !== 'right');
  return Object.fromEntries(
    wrong.map(({ path, verdict, differences }) => [
      path,
      [verdict, ...differences.map(({ at, left, right }) => `${at}: ${left} | ${right}`)],
    ]),
  );
}

/** A dataset of a file open for writing. */
function datasetAt(file: File, name: string): Dataset {
  const object = file.get(name);
  if (object === null || !('write_slice' in object)) throw new Error(`no dataset ${name}`);
  return object;
}

/** A copy of a merged file, changed. */
async function changed(scratch: Scratch, path: string, change: (file: File) => void): Promise<string> {
  await ready;
  const copy = scratch.path('changed.h5');
  copyFileSync(path, copy);
  const file = new File(copy, 'a');
  try {
    change(file);
  } finally {
    file.close();
  }
  return copy;
}

describe('a merged HDF5 file', () => {
  it.each([
    ['old', [hdf5Sample('old', 0), hdf5Sample('old', 1)]],
    ['latest', [hdf5Sample('latest', 1), hdf5Sample('latest', 0), hdf5Sample('old', 1)]],
    ['one input', [hdf5Sample('old', 1)]],
    ['twice the same', [hdf5Sample('old', 1), hdf5Sample('old', 1)]],
    ['space', [spaceSample(0), spaceSample(1)]],
  ])('is right as pool-merge makes it: %s', async (_, inputs) => {
    using scratch = new Scratch();
    const output = scratch.path('out.h5');
    await merge(inputs, { output });
    const report = await diffMerged(output, inputs);
    expect(found(report)).toEqual({});
    expect(report).toMatchObject({ kind: 'merge', isSame: true, counts: { right: report.objects.length } });
  });

  it('is wrong with one change of any kind', async () => {
    using scratch = new Scratch();
    const inputs = [hdf5Sample('latest', 0), hdf5Sample('latest', 1)];
    const output = scratch.path('out.h5');
    await merge(inputs, { output });
    const judge = async (change: (file: File) => void): Promise<unknown> =>
      found(await diffMerged(await changed(scratch, output, change), inputs));
    expect(await judge((file) => datasetAt(file, 'extendable').write_slice([[12, 13]], new Int32Array([7])))).toEqual({
      '/extendable': ['altered', 'values[12]: 7 | 12'],
    });
    expect(await judge((file) => datasetAt(file, 'extendable').resize([20]))).toEqual({ '/extendable': ['lost', 'rows: 20 | 21'] });
    expect(await judge((file) => datasetAt(file, 'extendable').resize([10]))).toEqual({
      '/extendable': ['lost', 'rows: 10 | 21', `rows of ${inputs[1]}: "absent" | 11`],
    });
    expect(await judge((file) => datasetAt(file, 'extendable').resize([22]))).toEqual({ '/extendable': ['added', 'rows: 22 | 21'] });
    expect(await judge((file) => file.create_attribute('more', 1))).toEqual({ '/': ['altered', '@more: "present" | "absent"'] });
    expect(await judge((file) => file.delete_attribute('title'))).toEqual({ '/': ['altered', '@title: "absent" | "present"'] });
    expect(await judge((file) => file.create_group('new'))).toEqual({ '/new': ['added'] });
    expect((await diffMerged(output, inputs.toReversed())).counts).toEqual({ right: 7, altered: 13 });
    expect((await diffMerged(output, [...inputs, inputs[0] ?? ''])).counts).toEqual({ right: 7, lost: 13 });
    expect((await diffMerged(output, inputs.slice(1))).counts).toEqual({ right: 7, added: 13 });
  });

  it('has lost what only one input had, and what has another value there', async () => {
    using scratch = new Scratch();
    const write = (name: string, seed: number, extra: boolean): Promise<string> =>
      writeHdf5(scratch.path(name), (file) => {
        file.create_attribute('seed', seed);
        file.create_dataset({ name: 'one', data: seed });
        if (extra) file.create_group('extra').create_dataset({ name: 'x', data: new Int32Array([seed]) });
      });
    const [a, b] = [await write('a.h5', 1, false), await write('b.h5', 2, true)];
    const output = scratch.path('out.h5');
    await merge([a, b], { output, differing: 'first' });
    const kept = await diffMerged(output, [a, b], { differing: 'first' });
    expect(kept.isSame).toBe(true);
    expect(kept.objects.flatMap(({ path, notes }) => notes.map((note) => `${path} ${note}`))).toEqual([
      `/ @seed is another in ${b}`,
      `/one value is another in ${b}`,
    ]);
    expect(found(await diffMerged(output, [a, b]))).toEqual({
      '/': ['lost', `@seed (${b}): 1 | 2`],
      '/one': ['lost', `value (${b}): 1 | 2`],
    });
    expect(found(await diffMerged(a, [a, b], { differing: 'first' }))).toEqual({ '/extra': ['lost'], '/extra/x': ['lost'] });
  });

  it('holds sums and what is there once where that was asked for', async () => {
    using scratch = new Scratch();
    const write = (name: string, counts: readonly number[]): Promise<string> =>
      writeHdf5(scratch.path(name), (file) => {
        file.create_dataset({ name: 'edges', data: new Float64Array([0, 1, 2]) });
        file.create_dataset({ name: 'counts', data: Int32Array.from(counts) });
        file.create_dataset({ name: 'long', data: BigInt64Array.from(counts, (each) => BigInt(each) << 40n) });
        file.create_dataset({ name: 'weights', data: Float32Array.from(counts, (each) => each / 7), shape: [2, 1] });
        file.create_dataset({ name: 'total', data: counts[0] ?? 0 });
        file.create_dataset({ name: 'empty', data: new Int32Array(0) });
      });
    const inputs = [await write('a.h5', [1, 2]), await write('b.h5', [10, 20]), await write('c.h5', [5, 7])];
    const asked: DiffOptions = { sum: ['counts', 'long', 'weights', 'total', 'empty'], once: ['/edges'] };
    const output = scratch.path('out.h5');
    await merge(inputs, { output, sum: asked.sum ?? [], once: asked.once ?? [] });
    const right = await diffMerged(output, inputs, asked);
    expect(found(right)).toEqual({});
    expect(right.objects.find(({ path }) => path === '/counts')?.notes).toEqual(['values are the sums of those of the inputs']);
    const wrong = await changed(scratch, output, (file) => {
      datasetAt(file, 'counts').write_slice([[1, 2]], new Int32Array([30]));
      datasetAt(file, 'long').write_slice([[0, 1]], new BigInt64Array([16n]));
      datasetAt(file, 'weights').write_slice(
        [
          [1, 2],
          [0, 1],
        ],
        new Float32Array([4.142_86]),
      );
      datasetAt(file, 'edges').write_slice([[0, 1]], new Float64Array([0.5]));
    });
    expect(found(await diffMerged(wrong, inputs, asked))).toEqual({
      '/counts': ['altered', 'values[1]: 30 | 29'],
      '/long': ['altered', `values[0]: 16 | ${16n << 40n}`],
      '/weights': ['altered', expect.stringMatching(/^values\[1, 0\]: 4\.1428599\d* \| 4\.142857\d*$/) as string],
      '/edges': ['altered', 'values[0]: 0.5 | 0'],
    });
    expect(found(await diffMerged(hdf5Sample('old', 0), [hdf5Sample('old', 0)], { sum: ['**'] }))).toEqual({}); // of one there is nothing to add
    const unasked = await diffMerged(output, inputs);
    expect(unasked.counts).toMatchObject({ lost: 4 });
    expect(unasked.objects.find(({ path }) => path === '/counts')).toMatchObject({
      verdict: 'lost',
      notes: expect.arrayContaining([expect.stringContaining('--sum or --once')]) as string[],
    });
  });

  it('has the user block of the first input', async () => {
    using scratch = new Scratch();
    const plain = await writeHdf5(scratch.path('plain.h5'), (file) => file.create_dataset({ name: 'x', data: 1 }));
    const withBlock = (name: string, text: string): string =>
      scratch.put(name, Buffer.concat([Buffer.alloc(512, text.padEnd(512, '\0')), readFileSync(plain)]));
    const [a, b] = [withBlock('a.h5', 'hello'), withBlock('b.h5', 'others')];
    const hash = (text: string): string => `"SHA-256 ${createHash('sha256').update(text).digest('hex')}"`;
    expect(found(await diffMerged(a, [a, plain, a]))).toEqual({});
    expect(found(await diffMerged(a, [a, b]))).toEqual({ '/': ['lost', `user block (${b}): ${hash('hello')} | ${hash('others')}`] });
    expect(found(await diffMerged(a, [a, b], { differing: 'first' }))).toEqual({});
    expect(found(await diffMerged(plain, [a, b]))).toEqual({ '/': ['altered', `user block: "nothing" | ${hash('hello')}`] });
    expect(found(await diffFiles(a, b))).toMatchObject({ '/': ['different', `user block: ${hash('hello')} | ${hash('others')}`] });
  });

  it('puts columns out of step where an input lacks one of them', async () => {
    using scratch = new Scratch();
    const write = (name: string, names: readonly string[]): Promise<string> =>
      writeHdf5(scratch.path(name), (file) => {
        for (const each of names) file.create_dataset({ name: each, data: new Int32Array([1]) });
      });
    const [a, b] = [await write('a.h5', ['x', 'y']), await write('b.h5', ['x'])];
    const out = await writeHdf5(scratch.path('out.h5'), (file) => {
      file.create_dataset({ name: 'x', data: new Int32Array([1, 1]) });
      file.create_dataset({ name: 'y', data: new Int32Array([1]) });
    });
    expect(found(await diffMerged(out, [a, b]))).toEqual({
      '/y': ['altered', `rows (${b}): "absent" | "as many as others of its group have"`],
    });
  });

  it('of inputs that do not fit together is wrong', async () => {
    using scratch = new Scratch();
    const a = await writeHdf5(scratch.path('a.h5'), (file) => file.create_dataset({ name: 'x', data: new Int32Array([1]) }));
    const b = await writeHdf5(scratch.path('b.h5'), (file) => file.create_dataset({ name: 'x', data: new Int16Array([1]) }));
    const c = await writeHdf5(scratch.path('c.h5'), (file) => file.create_group('x'));
    expect(found(await diffMerged(a, [a, b, c]))).toEqual({ '/x': ['altered', `kind (${c}): "dataset" | "group"`] });
    expect(found(await diffMerged(a, [a, b]))).toEqual({ '/x': ['altered', `type (${b}): "int32" | "int16"`] });
  });
});

describe('conventions of other programs', () => {
  const phrase = 'This is a netCDF dimension but not a netCDF variable.';
  const tables = (scratch: Scratch, name: string, rows: number, told = rows): Promise<string> =>
    writeHdf5(scratch.path(name), (file) => {
      const table = file.create_dataset({ name: 'table', data: new Int32Array(rows) });
      table.create_attribute('CLASS', 'TABLE');
      table.create_attribute('NROWS', new BigInt64Array([BigInt(told)]), [], '<q');
      const event = file.create_dataset({ name: 'event', data: new Float32Array(rows) });
      event.create_attribute('NAME', phrase + String(told).padStart(10), null, 'S64');
    });

  it('attributes that repeat the number of rows must tell that of all rows', async () => {
    using scratch = new Scratch();
    const inputs = [await tables(scratch, 'a.h5', 2), await tables(scratch, 'b.h5', 11)];
    const output = scratch.path('out.h5');
    await merge(inputs, { output });
    expect(found(await diffMerged(output, inputs))).toEqual({});
    expect(found(await diffMerged(await tables(scratch, 'wrong.h5', 13, 11), inputs))).toEqual({
      '/table': ['altered', '@NROWS: 11 | 13'],
      '/event': ['altered', `@NAME: "${phrase}        11" | "${phrase}        13"`],
    });
  });

  it('scales of other axes, categories and variables are there once; indexes and pairs are not judged', async () => {
    using scratch = new Scratch();
    const write = (name: string, rows: number, shared = 5, pairs = 1): Promise<string> =>
      writeHdf5(scratch.path(name), (file) => {
        file.create_attribute('encoding-type', 'anndata');
        for (const group of ['var', 'obsp', 'df', 'df/meta', 'df/meta/c', 'df/meta/c/meta']) file.create_group(group);
        datasetAt(file, file.create_dataset({ name: 'lat', data: new Float64Array([shared, 2]) }).path).make_scale('lat');
        file.create_dataset({ name: 'grid', data: new Float64Array(2 * rows), shape: [rows, 2] }).attach_scale(1, '/lat');
        file.create_dataset({ name: 'var/_index', data: ['g0', 'g1'] });
        file.create_dataset({ name: 'df/meta/c/meta/table', data: new Int32Array([shared]) }).create_attribute('pandas_type', 'x');
        file.create_dataset({ name: 'obsp/near', data: new Float32Array(pairs) });
      });
    const inputs = [await write('a.h5', 1), await write('b.h5', 3)];
    const right = await diffMerged(await write('out.h5', 4, 5, 2), inputs);
    expect(Object.fromEntries(right.objects.map(({ path, verdict }) => [path, verdict]))).toMatchObject({
      '/lat': 'right',
      '/grid': 'right',
      '/var/_index': 'right',
      '/df/meta/c/meta/table': 'right',
      '/obsp/near': 'unjudged',
    });
    expect(found(await diffMerged(await write('out.h5', 4, 6), inputs))).toMatchObject({ '/lat': ['altered', 'values[0]: 6 | 5'] });
  });
});
