/** Merging HDF5 files, written by h5py (committed samples) and h5wasm, read by h5wasm. */
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import type { Dataset } from 'h5wasm/node';
import { describe, expect, it } from 'vitest';
import { MergeConflictError, merge, planMerge, type Conflict } from '../../../src/index.ts';
import { Scratch, fixture } from '../../scratch.ts';
import { attributesOf, hdf5Sample, layoutOf, spaceSample, valuesOf, writeHdf5 } from '../hdf5/hdf5-samples.ts';

const DATASETS = [
  'contiguous',
  'bool',
  'big_endian',
  'matrix',
  'extendable',
  'fixed_chunks',
  'texts',
  'more_texts',
  'fixed_texts',
  'compound',
  'group/inner/counts',
  'sequences',
];

function codes(conflicts: readonly Conflict[]): string[] {
  return conflicts.map(({ path, code }) => `${path} ${code}`);
}

describe('HDF5 inputs', () => {
  it.each(['old', 'latest'] as const)('in the %s format: rows of all kinds of datasets are joined', async (kind) => {
    using scratch = new Scratch();
    const [a, b, out] = [hdf5Sample(kind, 0), hdf5Sample(kind, 1), scratch.path('out.h5')];
    const report = await merge([a, b], { output: out, verify: 'full' });
    for (const name of DATASETS) {
      const [left, right] = [await valuesOf(a, name), await valuesOf(b, name)];
      expect(await valuesOf(out, name), name).toEqual(Array.isArray(left) && Array.isArray(right) ? [...left, ...right] : undefined);
    }
    expect(await valuesOf(out, 'scalar')).toBe(3.5);
    expect(await attributesOf(out, '/')).toEqual(await attributesOf(a, '/'));
    expect(await attributesOf(out, 'group/inner/counts')).toEqual({ unit: 'GeV' });
    expect((await layoutOf(out, 'extendable')).filters).toEqual(['shuffle', 'deflate', 'fletcher32']);
    expect((await layoutOf(out, 'fixed_chunks')).filters).toEqual(['shuffle', 'deflate']);
    expect(report.totals).toMatchObject({ inputs: 2, directories: 3, targets: 15, dispositions: { concat: 13, first: 2 } });
    expect(report.targets.find(({ path }) => path === '/half')).toMatchObject({ className: 'float16', entries: 21, disposition: 'concat' });
    expect(report.verified).toEqual({ level: 'full', records: 20, objects: 28 });
  });

  it('of both formats go together', async () => {
    using scratch = new Scratch();
    const report = await merge([hdf5Sample('old', 0), hdf5Sample('latest', 1)], { output: scratch.path('out.h5'), verify: 'full' });
    expect(report.targets.every(({ disposition }) => disposition !== 'refuse')).toBe(true);
  });

  it('give equal bytes at any time', async () => {
    using scratch = new Scratch();
    const inputs = [0, 1].map((i) => scratch.path(`${i}.h5`));
    for (const [i, path] of inputs.entries()) {
      await writeHdf5(path, (file) => {
        file.create_dataset({ name: 'x', data: new Float64Array([i, 2]) }); // with the time it is written
        if (i === 1) file.create_group('new').create_dataset({ name: 'y', data: new Int32Array([1]) });
      });
    }
    const outputs: Buffer[] = [];
    for (let i = 0; i < 2; i++) {
      await merge(inputs, { output: scratch.path('out.h5'), force: true });
      outputs.push(readFileSync(scratch.path('out.h5')));
      await new Promise((resolve) => setTimeout(resolve, 1100));
    }
    expect(outputs[0]).toEqual(outputs[1]);
  });

  it('with places taken early, named types without rows and a header of their space', async () => {
    using scratch = new Scratch();
    const outputs: Buffer[] = [];
    for (const name of ['a.h5', 'b.h5']) {
      if (outputs.length > 0) await new Promise((resolve) => setTimeout(resolve, 1100)); // times are seconds
      await merge([spaceSample(0), spaceSample(1)], { output: scratch.path(name), verify: 'full' });
      outputs.push(readFileSync(scratch.path(name)));
    }
    expect(await valuesOf(scratch.path('a.h5'), 'early')).toEqual(Array.from({ length: 21 }, (_, i) => i));
    expect(await valuesOf(scratch.path('a.h5'), 'of_named')).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    expect(outputs[0]).toEqual(outputs[1]);
  });

  it('are appended to an output', async () => {
    using scratch = new Scratch();
    const one = await writeHdf5(scratch.path('one.h5'), (file) => file.create_dataset({ name: 'x', data: new Int16Array([1, 2]) }));
    for (let i = 0; i < 3; i++) await merge([one], { output: scratch.path('out.h5'), append: true, verify: 'full' });
    expect(await valuesOf(scratch.path('out.h5'), 'x')).toEqual([1, 2, 1, 2, 1, 2]);
  });

  it('keep objects that the first input does not have', async () => {
    using scratch = new Scratch();
    const a = await writeHdf5(scratch.path('a.h5'), (file) => file.create_dataset({ name: 'x', data: new Int32Array([1]) }));
    const b = await writeHdf5(scratch.path('b.h5'), (file) => {
      const group = file.create_group('new');
      group.create_attribute('text', 'héllo');
      group.create_attribute('numbers', new Float32Array([1, 2]));
      group.create_dataset({ name: 'rows', data: new Float64Array([1, 2, 3, 4, 5, 6]), shape: [3, 2] });
      group.create_dataset({
        name: 'packed',
        data: new BigInt64Array([1n, 2n]),
        shape: [2],
        chunks: [2],
        compression: 'gzip',
        compression_opts: [6],
      });
      group.create_dataset({ name: 'words', data: ['a', 'bé'] });
      group.create_dataset({ name: 'one', data: 2.5 });
      group.create_soft_link('/x', 'link');
    });
    const c = await writeHdf5(scratch.path('c.h5'), (file) =>
      file.create_group('new').create_dataset({ name: 'rows', data: new Float64Array([7, 8]), shape: [1, 2] }),
    );
    const out = scratch.path('out.h5');
    await expect(merge([a, b, c], { output: out, differing: 'first' })).rejects.toThrow('/new/packed'); // c lacks what its group has in b
    await merge([a, b], { output: out, verify: 'full' });
    expect(await valuesOf(out, 'new/rows')).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    expect(await valuesOf(out, 'new/packed')).toEqual([1, 2]);
    expect(await layoutOf(out, 'new/packed')).toEqual({ shape: [2], chunks: [2], filters: ['deflate'] });
    expect(await valuesOf(out, 'new/words')).toEqual(['a', 'bé']);
    expect(await valuesOf(out, 'new/one')).toBe(2.5);
    expect(await valuesOf(out, 'new/link')).toEqual([1]);
    expect(await attributesOf(out, 'new')).toEqual({ text: 'héllo', numbers: new Float32Array([1, 2]) });
  });

  it('with a group that only some have', async () => {
    using scratch = new Scratch();
    const write = (name: string, groups: readonly string[]): Promise<string> =>
      writeHdf5(scratch.path(name), (file) => {
        for (const group of groups) file.create_group(group).create_dataset({ name: 'v', data: new Int32Array([group.length]) });
      });
    const inputs = [
      await write('a.h5', ['run1']),
      await write('b.h5', ['run22']),
      await write('c.h5', ['run1', 'run22']),
      await write('d.h5', []),
    ];
    const report = await merge(inputs, { output: scratch.path('out.h5'), verify: 'full' });
    expect(await valuesOf(scratch.path('out.h5'), 'run1/v')).toEqual([4, 4]);
    expect(await valuesOf(scratch.path('out.h5'), 'run22/v')).toEqual([5, 5]);
    expect(report.targets.map(({ path, inputs: count }) => [path, count])).toEqual([
      ['/run1/v', 2],
      ['/run22/v', 2],
    ]);
  });
});

describe('a merge of HDF5 files that is interrupted', () => {
  it('leaves nothing', async () => {
    using scratch = new Scratch();
    const abort = new AbortController();
    const big = await writeHdf5(scratch.path('big.h5'), (file) => file.create_dataset({ name: 'x', data: new Float64Array(4_000_000) }));
    const work = merge([big, big], {
      output: scratch.path('out.h5'),
      signal: abort.signal,
      onProgress: ({ step }) => step === 'execute' && abort.abort(),
    });
    await expect(work).rejects.toMatchObject({ code: 'ABORTED' });
    expect(scratch.list()).toEqual(['big.h5']);
  });
});

describe('rules for datasets', () => {
  async function histogram(path: string, counts: Int32Array, edges: Float64Array = new Float64Array([0, 1, 2])): Promise<string> {
    return writeHdf5(path, (file) => {
      file.create_dataset({ name: 'edges', data: edges });
      file.create_dataset({ name: 'counts', data: counts });
      file.create_dataset({ name: 'weights', data: new Float32Array([0.5, 1]) });
      file.create_dataset({ name: 'total', data: 10 });
    });
  }

  it('sum adds, once keeps', async () => {
    using scratch = new Scratch();
    const inputs = [
      await histogram(scratch.path('a.h5'), new Int32Array([1, 2])),
      await histogram(scratch.path('b.h5'), new Int32Array([10, 20])),
    ];
    const report = await merge(inputs, {
      output: scratch.path('out.h5'),
      sum: ['/counts', 'weights', '/total', 'wieghts'],
      once: ['/edges'],
      verify: 'full',
    });
    expect(await valuesOf(scratch.path('out.h5'), 'counts')).toEqual([11, 22]);
    expect(await valuesOf(scratch.path('out.h5'), 'weights')).toEqual([1, 2]);
    expect(await valuesOf(scratch.path('out.h5'), 'total')).toBe(20);
    expect(await valuesOf(scratch.path('out.h5'), 'edges')).toEqual([0, 1, 2]);
    expect(report.totals.dispositions).toEqual({ add: 3, first: 1 });
    expect(report.diagnostics.map(({ code, path }) => [code, path])).toEqual([['pattern-unused', 'wieghts']]);
  });

  it('a sum beyond its type is refused, and so is what is not equal', async () => {
    using scratch = new Scratch();
    const inputs = [
      await histogram(scratch.path('a.h5'), new Int32Array([2 ** 31 - 1, 2])),
      await histogram(scratch.path('b.h5'), new Int32Array([1, 20]), new Float64Array([0, 1, 3])),
    ];
    await expect(merge(inputs, { output: scratch.path('out.h5'), sum: ['/counts'] })).rejects.toThrow(
      '/counts: sum 2147483648 exceeds its type',
    );
    expect(codes((await planMerge(inputs, { once: ['/edges'] })).conflicts)).toEqual(['/edges value-differs']);
    expect(scratch.list()).toEqual(['a.h5', 'b.h5']);
  });

  it('attributes and single values that differ: refused, or the first kept', async () => {
    using scratch = new Scratch();
    const write = (name: string, value: number): Promise<string> =>
      writeHdf5(scratch.path(name), (file) => {
        file.create_dataset({ name: 'n', data: value });
        file.create_attribute('seed', value);
        if (value > 1) file.create_attribute('extra', 'x');
      });
    const inputs = [await write('a.h5', 1), await write('b.h5', 2)];
    expect(codes((await planMerge(inputs)).conflicts)).toEqual(['/ attribute-differs', '/ attribute-differs', '/n value-differs']);
    const report = await merge(inputs, { output: scratch.path('out.h5'), differing: 'first' });
    expect(report.diagnostics.map(({ code, path }) => `${code} ${path}`).sort()).toEqual([
      'attribute-kept /@extra',
      'attribute-kept /@seed',
      'value-kept /n',
    ]);
    expect(await attributesOf(scratch.path('out.h5'), '/')).toEqual({ seed: 1 });
  });
});

describe('what stands outside of datasets', () => {
  it('references are equal when they lead to objects of one name, wherever these lie', async () => {
    using scratch = new Scratch();
    const write = (name: string, order: readonly string[], to: string, last: number): Promise<string> =>
      writeHdf5(scratch.path(name), (file) => {
        for (const each of order) file.create_dataset({ name: each, data: new Int32Array([1, 2, 3, 4]) });
        file.create_attribute('object', (file.get(to) as Dataset).create_reference());
        file.create_attribute('region', (file.get('a') as Dataset).create_region_reference([[0, last]]));
      });
    const [one, moved, other, longer] = [
      await write('1.h5', ['a', 'b'], 'b', 2),
      await write('2.h5', ['b', 'a'], 'b', 2),
      await write('3.h5', ['a', 'b'], 'a', 2),
      await write('4.h5', ['a', 'b'], 'b', 3),
    ];
    expect((await merge([one, moved], { output: scratch.path('out.h5'), verify: 'full' })).totals.entries).toBe(16);
    for (const [path, name] of [
      [other, 'object'],
      [longer, 'region'],
    ] as const) {
      const { conflicts } = await planMerge([one, path]);
      expect(conflicts).toMatchObject([
        { path: '/', code: 'attribute-differs', file: path, reason: expect.stringMatching(`attribute ${name}: `) as string },
      ]);
    }
  });

  it('a user block that the output would lose is refused, or told', async () => {
    using scratch = new Scratch();
    const bytes = readFileSync(hdf5Sample('old', 0));
    const put = (name: string, text: string, blockBytes: number): string =>
      scratch.put(name, Buffer.concat([Buffer.from(text.padEnd(blockBytes, '\0')), bytes]));
    const [plain, empty, some, same, another] = [
      hdf5Sample('old', 1),
      put('empty.h5', '', 512),
      put('some.h5', '#!/bin/sh', 512),
      put('same.h5', '#!/bin/sh', 1024),
      put('another.h5', 'another', 512),
    ];
    await merge([some, same, empty, plain], { output: scratch.path('out.h5'), verify: 'full' });
    expect(readFileSync(scratch.path('out.h5')).toString('latin1', 0, 9)).toBe('#!/bin/sh');
    expect(codes((await planMerge([some, another])).conflicts)).toEqual(['/ user-block-differs']);
    expect(codes((await planMerge([plain, some])).conflicts)).toEqual(['/ user-block-differs']);
    const told = await planMerge([plain, some], { differing: 'first' });
    expect(told.diagnostics.map(({ code, file }) => [code, file])).toEqual([['user-block-kept', some]]);
  });

  it('groups lie deep', async () => {
    using scratch = new Scratch();
    const paths = Array.from({ length: 200 }, (_, i) => '/a'.repeat(i + 1));
    const deep = await writeHdf5(scratch.path('deep.h5'), (file) => {
      for (const path of paths) file.create_group(path);
    });
    expect((await planMerge([deep, deep])).totals.directories).toBe(201);
  });
});

describe('conventions of other programs', () => {
  it('attributes that repeat the number of rows become that of all rows (PyTables, netCDF-4)', async () => {
    using scratch = new Scratch();
    const phrase = 'This is a netCDF dimension but not a netCDF variable.';
    const nameOf = (rows: number): string => phrase + String(rows).padStart(10);
    const inputs = await Promise.all(
      [2, 11].map((rows) =>
        writeHdf5(scratch.path(`${rows}.h5`), (file) => {
          const table = file.create_dataset({ name: 'table', data: new Int32Array(rows).fill(rows) });
          table.create_attribute('CLASS', 'TABLE');
          table.create_attribute('NROWS', new BigInt64Array([BigInt(rows)]), [], '<q');
          const event = file.create_dataset({ name: 'event', data: new Float32Array(rows) });
          event.create_attribute('NAME', nameOf(rows), null, 'S64');
          const other = file.create_dataset({ name: 'other', data: new Int8Array(rows) });
          other.create_attribute('NROWS', 7);
        }),
      ),
    );
    const out = scratch.path('out.h5');
    await merge(inputs, { output: out, verify: 'full' });
    expect(await attributesOf(out, 'table')).toEqual({ CLASS: 'TABLE', NROWS: 13n });
    expect(await attributesOf(out, 'event')).toEqual({ NAME: nameOf(13) });
    expect(await attributesOf(out, 'other')).toEqual({ NROWS: 7 });
    const kept = await planMerge(inputs, { once: ['/table'] });
    expect(codes(kept.conflicts)).toEqual(['/table attribute-differs', '/table value-differs']);
  });

  it('links to files beside an input are told when the output lies elsewhere', async () => {
    using scratch = new Scratch();
    mkdirSync(scratch.path('in'));
    const inputs = await Promise.all(
      ['in/0.h5', 'in/1.h5'].map((name) =>
        writeHdf5(scratch.path(name), (file) => {
          file.create_external_link('beside.h5', '/x', 'near');
          file.create_external_link('/data/other.h5', '/x', 'far');
        }),
      ),
    );
    const told = await planMerge(inputs, { output: scratch.path('out.h5') });
    expect(told.diagnostics.map(({ code, path }) => `${code} ${path}`)).toEqual(['relative-link /near']);
    expect((await planMerge(inputs, { output: scratch.path('in/out.h5') })).diagnostics).toEqual([]);
  });

  it('what all rows share is kept once: categories of pandas, variables of anndata', async () => {
    using scratch = new Scratch();
    const write = (name: string, category: number): Promise<string> =>
      writeHdf5(scratch.path(name), (file) => {
        file.create_attribute('encoding-type', 'anndata');
        file.create_group('df').create_attribute('pandas_type', 'frame_table');
        for (const group of ['df/meta', 'df/meta/c', 'df/meta/c/meta', 'var', 'obsp']) file.create_group(group);
        file.create_dataset({ name: 'df/meta/c/meta/table', data: new Int32Array([category, 2]) });
        file.create_dataset({ name: 'var/_index', data: ['g0', 'g1'] });
        file.create_dataset({ name: 'X', data: new Float32Array(4), shape: [2, 2] });
        if (category > 1) file.create_dataset({ name: 'obsp/near', data: new Float32Array(4), shape: [2, 2] });
      });
    const [one, two, other, more] = [await write('1.h5', 1), await write('2.h5', 1), await write('3.h5', 3), await write('4.h5', 3)];
    const out = scratch.path('out.h5');
    await merge([one, two], { output: out, verify: 'full' });
    expect(await valuesOf(out, 'df/meta/c/meta/table')).toEqual([1, 2]);
    expect(await valuesOf(out, 'var/_index')).toEqual(['g0', 'g1']);
    expect((await layoutOf(out, 'X')).shape).toEqual([4, 2]);
    expect(codes((await planMerge([one, other])).conflicts)).toEqual(['/df/meta/c/meta/table value-differs']);
    expect(codes((await planMerge([other, more])).conflicts)).toEqual(['/obsp/near unsupported']);
  });
});

describe('what does not fit', () => {
  it('is refused with all differences at once, and nothing is written', async () => {
    using scratch = new Scratch();
    const a = await writeHdf5(scratch.path('a.h5'), (file) => {
      file.create_dataset({ name: 'type', data: new Int32Array(2) });
      file.create_dataset({ name: 'shape', data: new Int32Array(6), shape: [2, 3] });
      file.create_dataset({ name: 'kind', data: new Int32Array(2) });
      file.create_dataset({ name: 'missing', data: new Int32Array(2) });
      file.create_soft_link('/type', 'link');
    });
    const b = await writeHdf5(scratch.path('b.h5'), (file) => {
      file.create_dataset({ name: 'type', data: new Float32Array(2) });
      file.create_dataset({ name: 'shape', data: new Int32Array(6), shape: [3, 2] });
      file.create_group('kind');
      file.create_soft_link('/shape', 'link');
    });
    const { conflicts } = await planMerge([a, b]);
    expect(codes(conflicts).sort()).toEqual([
      '/kind class-differs',
      '/link links-differ',
      '/missing dataset-missing',
      '/shape schema-differs',
      '/type schema-differs',
    ]);
    expect(conflicts.find(({ path }) => path === '/shape')).toMatchObject({
      file: b,
      className: 'int32',
      reason: 'int32, rows of [2] instead of int32, rows of [3]',
    });
    await expect(merge([a, b], { output: scratch.path('out.h5') })).rejects.toThrow(MergeConflictError);
    expect(scratch.list()).toEqual(['a.h5', 'b.h5']);
  });

  it('are values that a filter would round again, and sums of numbers that do not use all of their bits', async () => {
    using scratch = new Scratch();
    const [one, two] = [fixture('hdf5/rounded.h5'), scratch.path('two.h5')];
    copyFileSync(one, two);
    const { conflicts } = await planMerge([one, two], { sum: ['/twelve'] });
    expect(conflicts.map(({ path, reason }) => `${path} ${reason}`)).toEqual([
      '/twelve is not made of numbers that can be added',
      expect.stringMatching(/^\/bits .*scaleoffset rounds values/),
      expect.stringMatching(/^\/decimals .*scaleoffset rounds values/),
    ]);
    expect((await planMerge([one, two], { sum: ['/decimals', '/twelve'] })).conflicts.map(({ path }) => path)).toContain('/decimals');
    expect((await planMerge([one, two], { once: ['/decimals', '/bits'] })).conflicts).toEqual([]);
  });

  it('is what the library cannot make anew', async () => {
    using scratch = new Scratch();
    const empty = await writeHdf5(scratch.path('empty.h5'), () => undefined);
    const { conflicts } = await planMerge([empty, hdf5Sample('old', 0)]);
    expect(conflicts.filter(({ code }) => code === 'unsupported').map(({ path }) => path)).toEqual(
      expect.arrayContaining(['/bool', '/half', '/compound', '/sequences', '/hard']),
    );
    expect(conflicts.map(({ path }) => path)).not.toContain('/texts');
  });

  it.each(['compression', 'include', 'exclude', 'fid'] as const)('are options without meaning: %s', async (name) => {
    using scratch = new Scratch();
    const values = { compression: 505, include: ['/x'], exclude: ['/x'], fid: '01234567-89AB-CDEF-0123-456789ABCDEF' };
    await expect(merge([hdf5Sample('old', 0)], { output: scratch.path('out.h5'), [name]: values[name] })).rejects.toThrow(
      `option ${name} has no meaning for HDF5 files`,
    );
  });

  it.each(['sum', 'once', 'differing'] as const)('are options for HDF5 only: %s', async (name) => {
    using scratch = new Scratch();
    const values = { sum: ['/x'], once: ['/x'], differing: 'first' };
    await expect(merge([scratch.copy('worker_0.root')], { output: scratch.path('out.root'), [name]: values[name] })).rejects.toThrow(
      `option ${name}: the inputs are no HDF5 files`,
    );
  });
});
