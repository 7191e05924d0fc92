/** HDF5 and Arrow: files of h5py and pyarrow are merged, and judged by these. */
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ArrowComponent, Hdf5Component, IoComponentMgr, MergeConflictError, diffMerged, merge, type TableColumn } from '../../src/index.ts';
import { Scratch } from '../scratch.ts';
import { ipcBytes, plainTable, sampleTable } from '../unit/arrow/arrow-samples.ts';
import { venvPython } from './venv.mjs';

const SCRIPT = fileURLToPath(new URL('oracle/format_cases.py', import.meta.url));
const scratch = new Scratch();
let cases: Record<string, string[]> = {};

function python(...args: string[]): unknown {
  return JSON.parse(execFileSync(venvPython, [SCRIPT, ...args], { encoding: 'utf8', timeout: 120_000 })) as unknown;
}

/** By h5py or pyarrow, and by pool-diff. */
async function expectRight(output: string, inputs: readonly string[]): Promise<void> {
  expect(python('judge', output, ...inputs)).toEqual([]);
  const { objects } = await diffMerged(output, inputs);
  expect(objects.filter(({ verdict }) => verdict !== 'right')).toEqual([]);
}

function inputsOf(name: string): string[] {
  const files = cases[name];
  if (files === undefined) throw new Error(`no case ${name}`);
  return files;
}

beforeAll(() => {
  const folder = scratch.path('cases');
  scratch.put('cases/.keep', '');
  cases = python('write', folder) as Record<string, string[]>;
});
afterAll(() => scratch[Symbol.dispose]());

describe('Arrow files of pyarrow', () => {
  it.each(['None', 'lz4', 'zstd'].flatMap((compression) => ['arrow', 'arrows'].map((ending) => [compression, ending])))(
    '%s, all types, as .%s',
    async (compression, ending) => {
      const output = scratch.path(`${compression}.${ending}`);
      const inputs = inputsOf(`arrow ${compression}`);
      await merge(inputs, { output, verify: 'full' });
      await expectRight(output, inputs);
    },
  );

  it('with different dictionaries make a stream, and no file', async () => {
    const inputs = inputsOf('arrow words');
    const output = scratch.path('words.arrows');
    await merge(inputs, { output, verify: 'full' });
    await expectRight(output, inputs);
    await expect(merge(inputs, { output: scratch.path('words.arrow') })).rejects.toThrow(MergeConflictError);
  });

  it.each(['deltas', 'empty'])('%s', async (name) => {
    const inputs = inputsOf(`arrow ${name}`);
    for (const ending of ['arrow', 'arrows']) {
      const output = scratch.path(`${name}.${ending}`);
      await merge(inputs, { output, verify: 'full' });
      await expectRight(output, inputs);
    }
  });

  it('of an extension type are joined when its parameters are equal', async () => {
    const [first = '', second = '', third = ''] = inputsOf('arrow tensor');
    const output = scratch.path('tensor.arrow');
    await merge([first, second], { output, verify: 'full' });
    await expectRight(output, [first, second]);
    await expect(merge([first, third], { output: scratch.path('no.arrow') })).rejects.toMatchObject({
      conflicts: [
        {
          path: '/t',
          code: 'schema-differs',
          reason: expect.stringMatching(/as arrow\.fixed_shape_tensor.*\[3,2\].* instead of .*\[2,3\]/) as string,
        },
      ],
    });
  });

  it('of apache-arrow, without a schema message, with ids that count on', async () => {
    for (const make of [plainTable, sampleTable]) {
      const inputs = [0, 1].map((i) => scratch.put(`js_${i}.arrow`, ipcBytes(make(6, 6 * i), 'file')));
      for (const ending of ['arrow', 'arrows']) {
        const output = scratch.path(`js.${ending}`);
        await merge(inputs, { output, verify: 'full', force: true });
        await expectRight(output, inputs);
      }
    }
  });
});

describe('HDF5 files of h5py', () => {
  it.each(['old', 'latest', 'indices', 'compact', 'named', 'zero', 'large', 'latin'])('%s', async (name) => {
    const inputs = inputsOf(`hdf5 ${name}`);
    const output = scratch.path(`${name}.h5`);
    const report = await merge(inputs, { output, verify: 'full' });
    expect(report.output.sizeBytes).toBe(statSync(output).size);
    await expectRight(output, inputs);
  });

  it.each(['half and bfloat16', 'bits in use', 'tags', 'signs of enums', 'dimensions'])(
    'whose types differ in %s are refused',
    async (name) => {
      const inputs = inputsOf(`differ ${name}`);
      await expect(merge(inputs, { output: scratch.path('differ.h5') })).rejects.toMatchObject({
        conflicts: [{ path: '/x', code: 'schema-differs', reason: expect.stringContaining(' instead of ') as string }],
      });
      await merge([inputs[1] ?? '', inputs[1] ?? ''], { output: scratch.path(`${name}.h5`), verify: 'full' });
    },
  );

  it('with dimension scales keep once what goes along another axis than that of the rows', async () => {
    const [first = '', second = '', third = ''] = inputsOf('hdf5 scales');
    const { targets } = await merge([first, second], { output: scratch.path('scales.h5'), verify: 'full' });
    expect(targets.map(({ path, disposition, entries }) => [path, disposition, entries])).toEqual([
      ['/area', 'first', 4],
      ['/lat', 'first', 4],
      ['/temperature', 'concat', 6],
      ['/time', 'concat', 6],
    ]);
    const reasons = merge([second, third], { output: scratch.path('no.h5') }).then(
      () => [],
      (err: unknown) => (err instanceof MergeConflictError ? err.conflicts.map(({ path, reason }) => `${path} ${reason}`) : err),
    );
    expect(await reasons).toEqual([
      expect.stringMatching(/^\/frame is an object of pandas in fixed format/),
      '/lat is not equal to that of the first input, as it must be: it is the scale of axis 1 of /temperature',
      '/sparse is a csr_matrix of anndata, whose datasets count places in each other',
      expect.stringMatching(/^\/table\/_i_table\/x is an index of PyTables/),
    ]);
  });

  it('merge again, and with themselves', async () => {
    const inputs = inputsOf('hdf5 old');
    const [once, twice] = [scratch.path('once.h5'), scratch.path('twice.h5')];
    await merge(inputs, { output: once });
    await merge([once, once], { output: twice, verify: 'full' });
    await expectRight(twice, [once, once]);
    await merge([once, once], { output: scratch.path('again.h5') });
    expect(readFileSync(twice).equals(readFileSync(scratch.path('again.h5')))).toBe(true);
  });
});

describe('files of the components', () => {
  it('are read by h5py and pyarrow', async () => {
    const columns: TableColumn[] = [
      { name: 'big', type: 'uint64' },
      { name: 'small', type: 'int8' },
      { name: 'half', type: 'float32' },
      { name: 'pair', type: 'int16', shape: [2] },
      { name: 'text', type: 'string' },
    ];
    const manager = new IoComponentMgr();
    const hdf5 = await Hdf5Component.create(manager, 'hdf5', scratch.path('written.h5'), { chunkRows: 7 });
    const arrow = await ArrowComponent.create(manager, 'arrow', scratch.path('written.arrow'), { batchRows: 7 });
    const table = hdf5.book('/group/table', columns);
    arrow.book(columns);
    const rows = Array.from({ length: 20 }, (_, i) => ({
      big: 2n ** 50n + BigInt(i),
      small: i - 10,
      half: i / 2,
      pair: [i, 5 - i],
      text: `täxt ${i}`,
    }));
    for (const row of rows) [table, arrow].forEach((each) => each.fill(row));
    manager.finalize();
    const expected = {
      big: rows.map(({ big }) => Number(big)),
      small: rows.map(({ small }) => small),
      half: rows.map(({ half }) => half),
      pair: rows.map(({ pair }) => pair),
      text: rows.map(({ text }) => text),
    };
    expect(python('columns', scratch.path('written.h5'), '/group/table')).toEqual(expected);
    expect(python('columns', scratch.path('written.arrow'))).toEqual(expected);
  });
});
