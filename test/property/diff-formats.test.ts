/** What pool-merge makes of HDF5 and Arrow files is right, and one change of any kind is found, wherever it is. */
import { Table, Float64, Int32, Utf8, vectorFromArray } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffFiles, diffMerged, merge } from '../../src/index.ts';
import { Scratch } from '../scratch.ts';
import { ipcBytes } from '../unit/arrow/arrow-samples.ts';
import { writeHdf5 } from '../unit/hdf5/hdf5-samples.ts';

/** Columns of one length. */
interface Rows {
  ints: number[];
  reals: number[];
  texts: string[];
}
type Column = keyof Rows;

const ROW = fc.record({
  int: fc.integer({ min: -5, max: 5 }),
  real: fc.float({ noDefaultInfinity: true }),
  text: fc.string({ maxLength: 3 }),
});
const FILE = fc.array(ROW, { minLength: 1, maxLength: 6 }).map((rows): Rows => ({
  ints: rows.map(({ int }) => int),
  reals: rows.map(({ real }) => real),
  texts: rows.map(({ text }) => text.replaceAll('\0', '0')),
}));
const COLUMNS: readonly Column[] = ['ints', 'reals', 'texts'];

/** A change of the merged rows: of a value, or a row that is lost. */
const CASE = fc.record({
  files: fc.array(FILE, { minLength: 2, maxLength: 3 }),
  column: fc.constantFrom(...COLUMNS),
  place: fc.nat(),
  kind: fc.constantFrom('value', 'lost row', 'lost column', 'swapped'),
});

function joined(files: readonly Rows[]): Rows {
  return {
    ints: files.flatMap(({ ints }) => ints),
    reals: files.flatMap(({ reals }) => reals),
    texts: files.flatMap(({ texts }) => texts),
  };
}

/** Rows with one value changed; where it is. */
function changed(rows: Rows, column: Column, place: number): { rows: Rows; row: number } {
  const row = place % rows.ints.length;
  const other = { ints: [...rows.ints], reals: [...rows.reals], texts: [...rows.texts] };
  if (column === 'ints') other.ints[row] = (rows.ints[row] ?? 0) + 1;
  else if (column === 'reals') other.reals[row] = Number.isNaN(rows.reals[row]) ? 1 : NaN;
  else other.texts[row] = `${rows.texts[row]}+`;
  return { rows: other, row };
}

function withoutRow({ ints, reals, texts }: Rows, place: number): Rows {
  const row = place % ints.length;
  return { ints: ints.toSpliced(row, 1), reals: reals.toSpliced(row, 1), texts: texts.toSpliced(row, 1) };
}

type Write = (path: string, rows: Rows, without?: Column) => Promise<string>;

const writeTables: Write = (path, { ints, reals, texts }, without) =>
  writeHdf5(path, (file) => {
    file.create_attribute('kind', 'test');
    if (without !== 'ints') {
      file.create_dataset({ name: 'ints', data: Int32Array.from(ints), shape: [ints.length], maxshape: [null], chunks: [3] });
    }
    if (without !== 'reals') file.create_dataset({ name: 'reals', data: Float64Array.from(reals), shape: [reals.length] });
    if (without !== 'texts') file.create_dataset({ name: 'texts', data: texts, shape: [texts.length], dtype: 'S' });
  });

/** Writes a table to a file of the scratch folder. */
function arrowWriter(scratch: Scratch): Write {
  return async (path, { ints, reals, texts }, without) => {
    const table = new Table({
      ints: vectorFromArray(ints, new Int32()),
      reals: vectorFromArray(reals, new Float64()),
      texts: vectorFromArray(texts, new Utf8()),
    });
    const columns = COLUMNS.filter((name) => name !== without);
    return scratch.put(path.slice(scratch.folder.length + 1), ipcBytes(table.select(columns), 'file'));
  };
}

describe.each(['h5', 'arrow'])('a merged file: .%s', (ending) => {
  it('is right, and with any one change it is wrong at that place', async () => {
    await fc.assert(
      fc.asyncProperty(CASE, async ({ files, column, place, kind }) => {
        using scratch = new Scratch();
        const write = ending === 'h5' ? writeTables : arrowWriter(scratch);
        const inputs: string[] = [];
        for (const [i, rows] of files.entries()) inputs.push(await write(scratch.path(`in${i}.${ending}`), rows));
        const output = scratch.path(`out.${ending}`);
        await merge(inputs, { output });
        expect((await diffMerged(output, inputs)).isSame).toBe(true);
        const all = joined(files);
        const same = await write(scratch.path(`same.${ending}`), all);
        expect((await diffFiles(output, same)).isSame).toBe(true);
        const wrong = scratch.path(`wrong.${ending}`);
        if (kind === 'value') {
          const { rows, row } = changed(all, column, place);
          const { objects } = await diffMerged(await write(wrong, rows), inputs);
          const [found, ...others] = objects.filter(({ verdict }) => verdict !== 'right');
          expect(others).toEqual([]);
          expect(found).toMatchObject({
            path: `/${column}`,
            verdict: 'altered',
            differenceCount: 1,
            differences: [{ at: `values[${row}]` }],
          });
        } else if (kind === 'lost row') {
          const { counts } = await diffMerged(await write(wrong, withoutRow(all, place)), inputs);
          expect(counts.lost).toBe(ending === 'h5' ? 3 : 4);
        } else if (kind === 'lost column') {
          const { objects } = await diffMerged(await write(wrong, all, column), inputs);
          expect(objects.find(({ path }) => path === `/${column}`)?.verdict).toBe('lost');
        } else {
          const isPalindrome = JSON.stringify(joined(files.toReversed())) === JSON.stringify(all);
          expect((await diffMerged(output, inputs.toReversed())).isSame).toBe(isPalindrome);
        }
      }),
      { numRuns: 25 },
    );
  });
});
