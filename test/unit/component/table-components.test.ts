/** Hdf5Component and ArrowComponent: tables filled, moved to a worker, merged. */
import { mkdirSync, readFileSync } from 'node:fs';
import { tableToIPC } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { ArrowComponent, Hdf5Component, IoComponentMgr, UsageError, merge, type TableColumn } from '../../../src/index.ts';
import { openArrowFile } from '../../../src/io/arrow/arrow-file.ts';
import { Scratch } from '../../scratch.ts';
import { plainTable, rowsOf, sampleTable } from '../arrow/arrow-samples.ts';
import { layoutOf, valuesOf } from '../hdf5/hdf5-samples.ts';

const COLUMNS: TableColumn[] = [
  { name: 'event', type: 'int64' },
  { name: 'pt', type: 'float32' },
  { name: 'hits', type: 'uint8', shape: [2] },
  { name: 'label', type: 'string' },
];

function row(event: number): { event: number; pt: number; hits: number[]; label: string } {
  return { event, pt: event / 2, hits: [event, event + 1], label: `event ${event}` };
}

function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

describe('Hdf5Component', () => {
  it('writes a dataset per column, row by row', async () => {
    using scratch = new Scratch();
    const manager = new IoComponentMgr();
    const component = await Hdf5Component.create(manager, 'hdf5', scratch.path('out.h5'), { chunkRows: 4 });
    const table = component.book('/jets/all', COLUMNS);
    component.book('/', [{ name: 'n', type: 'int32' }]).fill({ n: 7 });
    for (const i of numbers(0, 10)) table.fill(row(i));
    expect(table.entryCount).toBe(10);
    expect(scratch.list().filter((name) => !name.startsWith('.'))).toEqual([]);
    manager.finalize();
    const out = scratch.path('out.h5');
    expect(await valuesOf(out, 'jets/all/event')).toEqual(numbers(0, 10));
    expect(await valuesOf(out, 'jets/all/pt')).toEqual(numbers(0, 10).map((i) => i / 2));
    expect(await valuesOf(out, 'jets/all/hits')).toEqual(numbers(0, 10).map((i) => [i, i + 1]));
    expect(await valuesOf(out, 'jets/all/label')).toEqual(numbers(0, 10).map((i) => `event ${i}`));
    expect(await valuesOf(out, 'n')).toEqual([7]);
    expect(await layoutOf(out, 'jets/all/pt')).toEqual({ shape: [10], chunks: [4], filters: ['deflate'] });
    expect(scratch.list()).toEqual(['out.h5']);
  });

  it.each([
    [{ event: 0.5 }, 'column event needs an integer'],
    [{ hits: [1] }, 'column hits needs an array of 2 values'],
    [{ hits: [1, 300] }, 'column hits needs an integer from 0 to 255'],
    [{ label: 5 }, 'column label needs a string'],
    [{ label: 'a\0b' }, 'column label needs a text without zeros'],
    [{ label: 'a\udc00' }, 'column label needs a text of whole characters'],
    [{ lable: 'a' }, 'no column has the name lable'],
  ])('takes a row whole or not at all: %o', async (wrong, message) => {
    using scratch = new Scratch();
    const component = await Hdf5Component.create(new IoComponentMgr(), 'hdf5', scratch.path('out.h5'));
    const table = component.book('t', COLUMNS);
    expect(() => table.fill({ ...row(1), ...wrong })).toThrow(message);
    expect(table.entryCount).toBe(0);
    component.abandon();
    expect(scratch.list()).toEqual([]);
  });

  it('refuses names that are taken, and columns that cannot be', async () => {
    using scratch = new Scratch();
    const component = await Hdf5Component.create(new IoComponentMgr(), 'hdf5', scratch.path('out.h5'));
    component.book('t', COLUMNS);
    expect(() => component.book('/t/', COLUMNS)).toThrow(UsageError);
    expect(() =>
      component.book('u', [
        { name: 'a', type: 'int8' },
        { name: 'a', type: 'int8' },
      ]),
    ).toThrow('used twice');
    expect(() => component.book('u', [{ name: 'a', type: 'string', shape: [2] }])).toThrow('arrays of string');
    expect(() => component.book('u', [])).toThrow('needs a column');
    component.abandon();
  });
});

describe('ArrowComponent', () => {
  it.each([
    ['out.arrow', 'file'],
    ['out.arrows', 'stream'],
  ])('writes %s as a %s, in record batches', async (name, format) => {
    using scratch = new Scratch();
    const manager = new IoComponentMgr();
    const component = await ArrowComponent.create(manager, 'arrow', scratch.path(name), { batchRows: 4 });
    component.book(COLUMNS);
    for (const i of numbers(0, 10)) component.fill(row(i));
    expect(component.entryCount).toBe(10);
    manager.finalize();
    const file = openArrowFile(scratch.path(name));
    expect(file.format).toBe(format);
    expect(file.messages.map(({ rowCount }) => rowCount)).toEqual([4, 4, 2]);
    expect(file.schema.fields.map(({ name: column, type }) => [column, type.split('(')[0]])).toEqual([
      ['event', 'Int'],
      ['pt', 'FloatingPoint'],
      ['hits', 'FixedSizeList'],
      ['label', 'Utf8'],
    ]);
    const rows = JSON.stringify(rowsOf(readFileSync(scratch.path(name))), (_, value: unknown) =>
      typeof value === 'bigint' ? Number(value) : value,
    );
    expect(JSON.parse(rows)).toEqual(numbers(0, 10).map((i) => row(i)));
  });

  it('takes whole record batches of any producer', async () => {
    using scratch = new Scratch();
    const component = await ArrowComponent.create(new IoComponentMgr(), 'arrow', scratch.path('out.arrow'));
    for (const from of [0, 5]) component.write(tableToIPC(plainTable(5, from), 'stream'));
    expect(() => component.write(tableToIPC(sampleTable(5), 'stream'))).toThrow('dictionaries are not written');
    component.ioFinalize();
    expect(rowsOf(readFileSync(scratch.path('out.arrow')))).toHaveLength(10);
  });

  it('refuses rows before columns, a second schema, and to be closed without any', async () => {
    using scratch = new Scratch();
    const component = await ArrowComponent.create(new IoComponentMgr(), 'arrow', scratch.path('out.arrow'));
    expect(() => component.fill(row(1))).toThrow('book the columns');
    expect(() => component.ioFinalize()).toThrow('without columns');
    component.book(COLUMNS);
    expect(() => component.book(COLUMNS)).toThrow('has one table');
    expect(() => component.write(tableToIPC(plainTable(5), 'stream'))).toThrow('another one');
    component.abandon();
    expect(scratch.list()).toEqual([]);
  });
});

describe('the move to a worker', () => {
  it('keeps what was filled before once in the merged file', async () => {
    using scratch = new Scratch();
    const outputs: string[][] = [[], []];
    for (const workerId of [0, 1, 2]) {
      const manager = new IoComponentMgr({ outputs: scratch.path() });
      const hdf5 = await Hdf5Component.create(manager, 'hdf5', 'data.h5', { chunkRows: 3 });
      const arrow = await ArrowComponent.create(manager, 'arrow', 'data.arrow', { batchRows: 3 });
      const table = hdf5.book('events', COLUMNS);
      arrow.book(COLUMNS);
      for (const i of numbers(0, 5)) [table, arrow].forEach((each) => each.fill(row(i))); // before the workers part
      const directory = scratch.path(`worker_${workerId}`);
      mkdirSync(directory);
      manager.updateAll(directory);
      manager.reinitialize({ workerId });
      for (const i of numbers(10 * (workerId + 1), 10 * (workerId + 1) + 4)) [table, arrow].forEach((each) => each.fill(row(i)));
      manager.finalize();
      outputs[0]?.push(scratch.path(`worker_${workerId}`, 'data.h5'));
      outputs[1]?.push(scratch.path(`worker_${workerId}`, 'data.arrow'));
    }
    expect(scratch.list()).toEqual(['worker_0', 'worker_1', 'worker_2']);
    const expected = [...numbers(0, 5), ...numbers(10, 14), ...numbers(20, 24), ...numbers(30, 34)];
    await merge(outputs[0] ?? [], { output: scratch.path('m.h5'), verify: 'full' });
    await merge(outputs[1] ?? [], { output: scratch.path('m.arrow'), verify: 'full' });
    expect(await valuesOf(scratch.path('m.h5'), 'events/event')).toEqual(expected);
    expect(await valuesOf(scratch.path('m.h5'), 'events/label')).toEqual(expected.map((i) => `event ${i}`));
    const rows = rowsOf(readFileSync(scratch.path('m.arrow'))) as { event: bigint }[];
    expect(rows.map(({ event }) => Number(event))).toEqual(expected);
  });
});
