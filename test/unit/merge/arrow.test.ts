/** Merging Arrow files and streams, with apache-arrow as writer and reader. */
import { readFileSync } from 'node:fs';
import { Float64, Int32 } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { MergeConflictError, merge, planMerge, type MergeReport } from '../../../src/index.ts';
import { openArrowFile } from '../../../src/io/arrow/arrow-file.ts';
import { Scratch } from '../../scratch.ts';
import { ipcBytes, nullWords, oneColumn, plainTable, rowsOf, sampleTable, withMetadata } from '../arrow/arrow-samples.ts';
import { rejectionOf } from '../../thrown.ts';

function codesOf(report: MergeReport): string[] {
  return report.diagnostics.map(({ code }) => code);
}

describe('Arrow inputs', () => {
  it.each([
    ['file', 'out.arrow', 'ARROW1'],
    ['stream', 'out.arrows', '\xff\xff\xff\xff'],
  ])('of both formats make a %s', async (_, output, begin) => {
    using scratch = new Scratch();
    const a = scratch.put('a.arrow', ipcBytes(plainTable(10), 'file'));
    const b = scratch.put('b.arrows', ipcBytes(plainTable(5, 10), 'stream'));
    const report = await merge([a, b], { output: scratch.path(output), verify: 'full' });
    const bytes = readFileSync(scratch.path(output));
    expect(bytes.toString('latin1', 0, begin.length)).toBe(begin);
    expect(rowsOf(bytes)).toEqual(rowsOf(ipcBytes(plainTable(10), 'file')).concat(rowsOf(ipcBytes(plainTable(5, 10), 'file'))));
    expect(report.totals.entries).toBe(15);
    expect(report.verified).toEqual({ level: 'full', records: 2, objects: 2 });
    expect(report.targets).toEqual([
      expect.objectContaining({ path: '/', className: 'Arrow table', disposition: 'concat', inputs: 2, entries: 15 }),
    ]);
    expect(report.totals.bytesCopied + report.totals.bytesEncoded).toBe(report.output.sizeBytes);
  });

  it('keep the format of the first one under any other name', async () => {
    using scratch = new Scratch();
    const a = scratch.put('a', ipcBytes(plainTable(3), 'stream'));
    await merge([a, a], { output: scratch.path('out') });
    expect(openArrowFile(scratch.path('out')).format).toBe('stream');
  });

  it('that share their dictionaries write them once, under the ids of the first input', async () => {
    using scratch = new Scratch();
    const inputs = [0, 1, 2].map((i) => scratch.put(`${i}.arrow`, ipcBytes(sampleTable(6, 6 * i), 'file')));
    const ids = inputs.map((path) => openArrowFile(path).schema.fields[2]?.dictionary?.id);
    expect(new Set(ids).size).toBe(3); // apache-arrow counts on from table to table
    await merge(inputs, { output: scratch.path('out.arrow'), verify: 'full' });
    const out = openArrowFile(scratch.path('out.arrow'));
    expect(out.messages.map(({ kind, dictionaryId }) => [kind, dictionaryId])).toEqual([
      ['dictionary', ids[0]],
      ['batch', 0],
      ['batch', 0],
      ['batch', 0],
    ]);
    expect(rowsOf(readFileSync(scratch.path('out.arrow')))).toEqual(rowsOf(ipcBytes(sampleTable(18), 'file')));
  });

  it('with different dictionaries make a stream in which they change, and no file', async () => {
    using scratch = new Scratch();
    const a = scratch.put('a.arrow', ipcBytes(sampleTable(4), 'file'));
    const b = scratch.put('b.arrow', ipcBytes(sampleTable(4, 4, ['x', 'y']), 'file'));
    await merge([a, b], { output: scratch.path('out.arrows'), verify: 'full' });
    const out = readFileSync(scratch.path('out.arrows'));
    expect(rowsOf(out)).toEqual([...rowsOf(readFileSync(a)), ...rowsOf(readFileSync(b))]);
    const ids = openArrowFile(scratch.path('out.arrows'))
      .messages.filter(({ kind }) => kind === 'dictionary')
      .map(({ dictionaryId }) => dictionaryId);
    expect(new Set(ids).size).toBe(1); // the second one stands under the id of the first
    const err = await rejectionOf(Error, merge([a, b], { output: scratch.path('out.arrow') }));
    expect(err).toBeInstanceOf(MergeConflictError);
    expect(err instanceof MergeConflictError && err.conflicts.map(({ code, file }) => [code, file])).toEqual([['dictionary-differs', b]]);
    expect(scratch.list()).toEqual(['a.arrow', 'b.arrow', 'out.arrows']);
  });

  it.each(['out.arrow', 'out.arrows'])('whose dictionaries have no values, as those of nulls, fit any others (%s)', async (name) => {
    using scratch = new Scratch();
    const nulls = scratch.put('nulls.arrow', ipcBytes(nullWords(2), 'file'));
    const words = scratch.put('words.arrow', ipcBytes(sampleTable(4), 'file'));
    for (const inputs of [
      [nulls, words],
      [words, nulls, words],
      [nulls, nulls],
    ]) {
      await merge(inputs, { output: scratch.path(name), verify: 'full', force: true });
      expect(rowsOf(readFileSync(scratch.path(name)))).toEqual(inputs.flatMap((path) => rowsOf(readFileSync(path))));
    }
  });

  it('give equal bytes for equal inputs', async () => {
    using scratch = new Scratch();
    const a = scratch.put('a.arrow', ipcBytes(sampleTable(4), 'file'));
    for (const name of ['1.arrow', '2.arrow']) await merge([a, a], { output: scratch.path(name) });
    expect(readFileSync(scratch.path('1.arrow'))).toEqual(readFileSync(scratch.path('2.arrow')));
  });

  it('are appended to an output', async () => {
    using scratch = new Scratch();
    const a = scratch.put('a.arrow', ipcBytes(plainTable(4), 'file'));
    for (let i = 0; i < 3; i++) await merge([a], { output: scratch.path('out.arrow'), append: true });
    const rows = rowsOf(readFileSync(a));
    expect(rowsOf(readFileSync(scratch.path('out.arrow')))).toEqual([...rows, ...rows, ...rows]);
  });
});

describe('what does not fit', () => {
  it('is refused with all differences at once, and nothing is written', async () => {
    using scratch = new Scratch();
    const a = scratch.put('a.arrow', ipcBytes(plainTable(2), 'file'));
    const b = scratch.put('b.arrow', ipcBytes(sampleTable(2), 'file'));
    const c = scratch.put('c.arrow', ipcBytes(oneColumn('id', new Float64()), 'file'));
    const { conflicts, targets } = await planMerge([a, b, c]);
    expect(conflicts.map(({ path, file, code, reason }) => [path, file, code, reason])).toEqual([
      ['/x', b, 'schema-differs', 'column is missing'],
      ['/text', b, 'schema-differs', 'column that the first input does not have'],
      ['/word', b, 'schema-differs', 'column that the first input does not have'],
      expect.arrayContaining(['/id', b]),
      ['/x', c, 'schema-differs', 'column is missing'],
      ['/id', c, 'schema-differs', expect.stringContaining('FloatingPoint(precision=2)')],
    ]);
    expect(targets).toEqual([expect.objectContaining({ disposition: 'refuse', reason: 'conflict', cycles: 0 })]);
    await expect(merge([a, b], { output: scratch.path('out.arrow') })).rejects.toThrow(MergeConflictError);
    expect(scratch.list()).toEqual(['a.arrow', 'b.arrow', 'c.arrow']);
  });

  it('tells a column that may be null from one that may not', async () => {
    using scratch = new Scratch();
    const a = scratch.put('a.arrow', ipcBytes(oneColumn('id', new Int32(), true), 'file'));
    const b = scratch.put('b.arrow', ipcBytes(oneColumn('id', new Int32(), false), 'file'));
    expect((await planMerge([a, b])).conflicts.map(({ reason }) => reason)).toEqual([
      'Int(bitWidth=32, is_signed=true) not null instead of Int(bitWidth=32, is_signed=true)',
    ]);
  });

  it('is told where it is metadata only', async () => {
    using scratch = new Scratch();
    const a = scratch.put('a.arrow', ipcBytes(withMetadata(plainTable(2), new Map([['run', '1']])), 'file'));
    const b = scratch.put('b.arrow', ipcBytes(withMetadata(plainTable(2), new Map([['run', '2']])), 'file'));
    const report = await merge([a, b], { output: scratch.path('out.arrow') });
    expect(codesOf(report)).toEqual(['metadata-differs']);
    expect([...openArrowFile(scratch.path('out.arrow')).schema.metadata]).toEqual([['run', '1']]);
  });

  it('are inputs of another format, each named', async () => {
    using scratch = new Scratch();
    const a = scratch.put('a.arrow', ipcBytes(plainTable(2), 'file'));
    const root = scratch.copy('worker_0.root');
    const err = await rejectionOf(Error, merge([a, root], { output: scratch.path('out.arrow') }));
    expect(err.message).toBe(`inputs of different formats cannot be merged: ${a} is Arrow, ${root} is ROOT`);
    const parquet = scratch.put('a.parquet', 'PAR1....PAR1');
    expect((await rejectionOf(Error, merge([parquet], { output: scratch.path('out') }))).message).toContain('Parquet files are not merged');
  });

  it.each(['compression', 'include', 'timestamp', 'keepEqualCopies', 'metadata'] as const)(
    'are options without meaning: %s',
    async (name) => {
      using scratch = new Scratch();
      const a = scratch.put('a.arrow', ipcBytes(plainTable(2), 'file'));
      const values = { compression: 505, include: ['/x'], timestamp: new Date(0), keepEqualCopies: true, metadata: 'sum' };
      await expect(merge([a], { output: scratch.path('out.arrow'), [name]: values[name] })).rejects.toThrow(
        `option ${name} has no meaning for Arrow files`,
      );
    },
  );
});

describe('damaged Arrow inputs', () => {
  const whole = ipcBytes(sampleTable(20), 'file');
  const stream = ipcBytes(sampleTable(20), 'stream');

  it.each([
    ['a file that was never closed', whole.subarray(0, whole.length - 60), 'has no footer: it was never closed, or cut'],
    ['a stream cut in a body', stream.subarray(0, stream.length - 40), 'ends in the middle of a message'],
    ['two streams in one file', Buffer.concat([stream, stream]), 'after the end of the stream'],
    ['an empty file', new Uint8Array(0), 'is neither an Arrow file nor an Arrow stream'],
  ])('%s: named, left out with skipBad', async (_, bytes, reason) => {
    using scratch = new Scratch();
    const good = scratch.put('good.arrow', whole);
    const bad = scratch.put('bad.arrow', bytes);
    const err = await rejectionOf(Error, merge([good, bad], { output: scratch.path('out.arrow') }));
    expect(err.message).toContain(bad);
    expect(err.message).toContain(reason);
    expect(scratch.list()).toEqual(['bad.arrow', 'good.arrow']);
    const report = await merge([good, bad], { output: scratch.path('out.arrow'), skipBad: true });
    expect(report.inputs.map(({ path, status }) => [path, status])).toEqual([
      [good, 'merged'],
      [bad, 'skipped'],
    ]);
    expect(report.totals.entries).toBe(20);
  });

  it('tells a stream without end', async () => {
    using scratch = new Scratch();
    const a = scratch.put('a.arrows', stream.subarray(0, stream.length - 8));
    expect(codesOf(await merge([a], { output: scratch.path('out.arrows') }))).toEqual(['stream-without-end']);
  });

  it('never gives anything but a typed error or an equal table, whatever byte of the metadata is changed', async () => {
    using scratch = new Scratch();
    const rows = rowsOf(whole);
    let refused = 0;
    for (let at = 0; at < whole.length; at += 7) {
      const bytes = Uint8Array.from(whole);
      bytes[at] = 0xff - (bytes[at] ?? 0);
      const path = scratch.put('bad.arrow', bytes);
      try {
        await merge([path], { output: scratch.path('out.arrow'), force: true });
      } catch (err) {
        expect(err, `byte ${at}: ${String(err)}`).toMatchObject({
          code: expect.stringMatching(/CORRUPT_FILE|UNSUPPORTED|UNREADABLE_FILE|MERGE_CONFLICT/),
        });
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(20);
    expect(rows).toHaveLength(20);
  }, 60_000);
});
