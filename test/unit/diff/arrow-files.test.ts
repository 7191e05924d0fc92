/** Arrow files and streams held against each other, and merged ones against their inputs; written by apache-arrow. */
import { Dictionary, Float64, Int32, Table, Utf8, vectorFromArray } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { diffFiles, diffMerged, isPoolMergeError, merge, type DiffOptions, type DiffReport } from '../../../src/index.ts';
import { Scratch } from '../../scratch.ts';
import { ipcBytes, nullWords, oneColumn, plainTable, sampleTable, withMetadata } from '../arrow/arrow-samples.ts';

/** What differs, by path: verdict, then places with both values. */
function found({ objects }: DiffReport): Record<string, string[]> {
  const wrong = objects.filter(({ verdict }) => verdict !== 'same' && verdict !== 'right');
  return Object.fromEntries(
    wrong.map(({ path, verdict, differences }) => [
      path,
      [verdict, ...differences.map(({ at, left, right }) => `${at}: ${left} | ${right}`)],
    ]),
  );
}

async function compare(left: Table, right: Table, options: DiffOptions = {}): Promise<DiffReport> {
  using scratch = new Scratch();
  return await diffFiles(scratch.put('a.arrow', ipcBytes(left, 'file')), scratch.put('b.arrows', ipcBytes(right, 'stream')), options);
}

/** Rows of a table as a batch each of some lengths. */
function inBatches(table: Table, lengths: readonly number[]): Table {
  let from = 0;
  return new Table(
    table.schema,
    lengths.flatMap((length) => table.slice((from += length) - length, from).batches),
  );
}

const numbers = (values: readonly number[]): Table => new Table({ x: vectorFromArray(values, new Float64()) });

describe('two Arrow files', () => {
  it('of equal rows are the same, as file or stream, in whatever batches', async () => {
    const report = await compare(sampleTable(20), inBatches(sampleTable(20), [3, 0, 9, 8]));
    expect(found(report)).toEqual({});
    expect(report.objects.map(({ path, className, verdict }) => [path, className, verdict])).toEqual([
      ['/', 'Arrow table', 'same'],
      ['/id', 'Int(bitWidth=32, is_signed=true)', 'same'],
      ['/text', 'Utf8', 'same'],
      ['/word', 'dictionary of Utf8', 'same'],
    ]);
  });

  it('differ in values: numbers, texts, nulls, what dictionaries stand for', async () => {
    const report = await compare(sampleTable(6), sampleTable(6, 0, ['a', 'x', 'c']));
    expect(found(report)).toEqual({ '/word': ['different', 'values[1]: "b" | "x"', 'values[4]: "b" | "x"'] });
    expect(report.objects.find(({ path }) => path === '/word')?.notes).toEqual(['2 of 6 values differ, the first at values[1]']);
    expect(found(await compare(sampleTable(1), sampleTable(1, 1, ['b', 'a'])))).toEqual({
      '/id': ['different', 'values[0]: 0 | 1'],
      '/text': ['different', 'values[0]: null | "text 1"'],
    });
    const reals = await compare(numbers([1, 2, NaN]), numbers([1, 2.5, NaN]));
    expect(found(reals)).toEqual({ '/x': ['different', 'values[1]: 2 | 2.5'] });
    expect(reals.objects[1]?.notes).toEqual(['1 of 3 values differ, the first at values[1]; largest difference 0.5 at values[1]']);
    expect((await compare(numbers([1, 2]), numbers([1, 2.5]), { abs: 0.5 })).isSame).toBe(true);
    expect((await compare(numbers([1]), numbers([1 + 2 ** -52]), { ulp: 1 })).isSame).toBe(true);
  });

  it('tell of values in dictionaries that no row uses', async () => {
    const report = await compare(sampleTable(6).slice(0, 1), sampleTable(1));
    expect(report.isSame).toBe(true);
    expect(report.objects.at(-1)?.notes).toEqual(['only the dictionary on the left has "b", "c": not counted']);
    const ordered = (words: readonly string[]): Table =>
      new Table({ word: vectorFromArray(words, new Dictionary(new Utf8(), new Int32(), 0, true)).slice(0, 1) });
    const sizes = await compare(ordered(['low', 'high']), ordered(['low', 'middle', 'high']));
    expect(found(sizes)).toEqual({ '/word': ['different', 'dictionary: ["low", "high"] | ["low", "middle", "high"]'] });
  });

  it('differ in rows, columns, types, their order, and metadata', async () => {
    expect(found(await compare(plainTable(3), plainTable(2)))).toEqual({
      '/': ['different', 'rows: 3 | 2'],
      '/id': ['different', 'rows: 3 | 2'],
      '/x': ['different', 'rows: 3 | 2'],
    });
    expect(found(await compare(plainTable(2), oneColumn('x', new Float64())))).toEqual({
      '/id': ['only-left'],
      '/x': ['different', 'values[1]: 0.5 | 0'],
    });
    expect(found(await compare(oneColumn('x', new Int32()), oneColumn('x', new Float64(), true)))).toEqual({
      '/x': ['different', 'type: "Int(bitWidth=32, is_signed=true)" | "FloatingPoint(precision=2)"', 'nullable: "false" | "true"'],
    });
    const [a, b] = [plainTable(2), plainTable(2).select(['x', 'id'])];
    expect(found(await compare(a, b))).toEqual({ '/': ['different', 'order of columns: "/id, /x" | "/x, /id"'] });
    expect(found(await compare(withMetadata(a, new Map([['run', '1']])), withMetadata(a, new Map([['run', '2']]))))).toEqual({
      '/': ['different', '@run: "1" | "2"'],
    });
  });

  it('are compared in part, and refuse what means nothing for them', async () => {
    const options: DiffOptions = { entries: '1:2,5', exclude: ['/text'] };
    const report = await compare(sampleTable(6), sampleTable(6, 3), options);
    expect(report.objects.map(({ path, differenceCount }) => [path, differenceCount])).toEqual([
      ['/', 0],
      ['/id', 2],
      ['/word', 0],
    ]);
    await expect(compare(plainTable(1), plainTable(1), { entries: '9' })).rejects.toThrow('nothing that was compared has entries 9:10');
    await expect(compare(plainTable(1), plainTable(1), { match: ['x'], sum: ['x'], threads: 1 })).rejects.toThrow(
      'options match, threads, sum have no meaning for Arrow files',
    );
  });
});

describe('a damaged Arrow file', () => {
  it('gives a typed error or a report, whatever byte is changed', async () => {
    using scratch = new Scratch();
    const whole = ipcBytes(sampleTable(5), 'file');
    const good = scratch.put('good.arrow', whole);
    const outcomes = new Set<string>();
    for (let at = 0; at < whole.length; at += 7) {
      const bytes = Buffer.from(whole);
      bytes.writeUInt8(bytes.readUInt8(at) ^ 0xff, at);
      const work = diffFiles(good, scratch.put('bad.arrow', bytes));
      outcomes.add(
        await work.then(
          ({ isSame }) => String(isSame),
          (err: unknown) => (isPoolMergeError(err) ? err.code : String(err)),
        ),
      );
    }
    expect(['CORRUPT_FILE', 'UNSUPPORTED', 'false', 'true']).toEqual(expect.arrayContaining([...outcomes]));
    expect(outcomes.size).toBeGreaterThan(2);
  });
});

describe('a merged Arrow table', () => {
  const put = (scratch: Scratch, tables: readonly Table[]): string[] =>
    tables.map((table, i) => scratch.put(`in${i}.arrow`, ipcBytes(table, i % 2 === 0 ? 'file' : 'stream')));

  it.each(['arrow', 'arrows'])('is right as pool-merge makes it: %s', async (ending) => {
    using scratch = new Scratch();
    const inputs = put(scratch, [sampleTable(5), nullWords(2), sampleTable(7, 6)]);
    const output = scratch.path(`out.${ending}`);
    await merge(inputs, { output });
    expect(found(await diffMerged(output, inputs))).toEqual({});
  });

  it('is right with dictionaries that change on the way', async () => {
    using scratch = new Scratch();
    const inputs = put(scratch, [sampleTable(5), sampleTable(4, 5, ['q', 'a']), sampleTable(5)]);
    const output = scratch.path('out.arrows');
    await merge(inputs, { output });
    expect(found(await diffMerged(output, inputs))).toEqual({});
    const wrong = scratch.put('wrong.arrow', ipcBytes(sampleTable(14), 'file'));
    expect(Object.keys(found(await diffMerged(wrong, inputs)))).toEqual(['/id', '/text', '/word']);
  });

  it('has lost rows: of whole inputs, by name, or some', async () => {
    using scratch = new Scratch();
    const tables = [plainTable(3), plainTable(4, 3), plainTable(3, 7), plainTable(2, 10)];
    const inputs = put(scratch, tables);
    const judge = async (parts: readonly (Table | undefined)[]): Promise<Record<string, string[]>> => {
      const there = parts.filter((each) => each !== undefined);
      const out = new Table(
        plainTable(1).schema,
        there.flatMap(({ batches }) => batches),
      );
      return found(await diffMerged(scratch.put('out.arrows', ipcBytes(out, 'stream')), inputs));
    };
    expect(await judge(tables)).toEqual({});
    const lost = (rows: string, ...more: string[]): string[] => ['lost', `rows: ${rows}`, ...more];
    expect((await judge([tables[0], tables[2], tables[3]]))['/']).toEqual(lost('8 | 12', `rows of ${inputs[1]}: "absent" | 4`));
    expect((await judge([tables[0], tables[3]]))['/']).toEqual(
      lost('5 | 12', `rows of ${inputs[1]}: "absent" | 4`, `rows of ${inputs[2]}: "absent" | 3`),
    );
    expect(await judge(tables.slice(0, 3))).toEqual({
      '/': lost('10 | 12', `rows of ${inputs[3]}: "absent" | 2`),
      '/id': lost('10 | 12'),
      '/x': lost('10 | 12'),
    });
    expect(await judge([tables[0], tables[1]?.slice(1), tables[2], tables[3]])).toMatchObject({
      '/': lost('11 | 12'),
      '/id': expect.arrayContaining(['values[3]: 4 | 3']) as string[],
    });
    expect((await judge([...tables, tables[0]]))['/']).toEqual(['added', 'rows: 15 | 12']);
    expect(Object.keys(await judge(tables.toReversed()))).toEqual(['/id', '/x']);
  });

  it('has the columns of its inputs, and the metadata of the first', async () => {
    using scratch = new Scratch();
    const meta = (table: Table, run: string): Table => withMetadata(table, new Map([['run', run]]));
    const inputs = put(scratch, [meta(plainTable(2), '1'), meta(plainTable(2, 2), '2')]);
    const output = scratch.path('out.arrow');
    await merge(inputs, { output });
    const right = await diffMerged(output, inputs);
    expect(found(right)).toEqual({});
    expect(right.objects[0]?.notes).toEqual([`@run is another in ${inputs[1]}`]);
    const other = scratch.put('other.arrow', ipcBytes(meta(plainTable(4), '2').select(['id']), 'file'));
    expect(found(await diffMerged(other, inputs))).toEqual({
      '/': ['altered', 'columns: "/id" | "/id, /x"', '@run: "2" | "1"'],
      '/x': ['lost'],
    });
    const [alike] = put(scratch, [oneColumn('x', new Int32())]);
    const wide = scratch.put('wide.arrow', ipcBytes(oneColumn('x', new Float64()), 'file'));
    expect(found(await diffMerged(wide, [alike ?? '']))).toMatchObject({
      '/x': ['altered', `type (${alike}): "FloatingPoint(precision=2)" | "Int(bitWidth=32, is_signed=true)"`],
    });
  });

  it('that leads out of its dictionary is damaged', async () => {
    using scratch = new Scratch();
    const table = new Table({ word: vectorFromArray(['a', 'b', 'a'], new Dictionary(new Utf8(), new Int32())) });
    const bytes = Buffer.from(ipcBytes(table, 'file'));
    const at = bytes.indexOf(Buffer.from(Int32Array.from([0, 1, 0]).buffer));
    bytes.writeInt32LE(7, at + 4);
    const [good, bad] = [scratch.put('good.arrow', ipcBytes(table, 'file')), scratch.put('bad.arrow', bytes)];
    expect(found(await diffMerged(bad, [good]))).toMatchObject({
      '/word': ['altered', expect.stringContaining('index 7 is beyond the 2 values')],
    });
    expect((await diffFiles(good, bad)).objects[1]).toMatchObject({ verdict: 'unjudged' });
  });
});
