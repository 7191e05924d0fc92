/** Merging HDF5 and Arrow files is associative, and keeps every row in its order. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { merge } from '../../src/index.ts';
import { Scratch } from '../scratch.ts';
import { ipcBytes, plainTable, rowsOf } from '../unit/arrow/arrow-samples.ts';
import { valuesOf, writeHdf5 } from '../unit/hdf5/hdf5-samples.ts';

/** Rows of each of some files, and where the merge in two steps is cut. */
const PARTS = fc
  .array(fc.integer({ min: 0, max: 9 }), { minLength: 2, maxLength: 5 })
  .chain((rows) => fc.record({ rows: fc.constant(rows), cut: fc.integer({ min: 1, max: rows.length - 1 }) }));

/** First row of each part. */
function starts(rows: readonly number[]): number[] {
  let next = 0;
  return rows.map((count) => (next += count) - count);
}

/** Merges all at once, and the first `cut` of them before the rest; returns both outputs. */
async function bothWays(scratch: Scratch, inputs: readonly string[], cut: number, ending: string): Promise<[string, string]> {
  const [once, part, twice] = ['once', 'part', 'twice'].map((name) => scratch.path(`${name}${ending}`)) as [string, string, string];
  await merge(inputs, { output: once, verify: 'full' });
  await merge(inputs.slice(0, cut), { output: part });
  await merge([part, ...inputs.slice(cut)], { output: twice, verify: 'full' });
  return [once, twice];
}

describe('merging in two steps', () => {
  it.each(['.arrow', '.arrows'])('gives the same bytes of %s as in one', async (ending) => {
    await fc.assert(
      fc.asyncProperty(PARTS, async ({ rows, cut }) => {
        using scratch = new Scratch();
        const inputs = rows.map((count, i) => scratch.put(`${i}.arrow`, ipcBytes(plainTable(count + 1, starts(rows)[i]), 'file')));
        const [once, twice] = await bothWays(scratch, inputs, cut, ending);
        expect(readFileSync(twice).equals(readFileSync(once))).toBe(true);
        expect(rowsOf(readFileSync(once))).toEqual(inputs.flatMap((path) => rowsOf(readFileSync(path))));
      }),
      { numRuns: 20 },
    );
  });

  it('gives the same values of HDF5 as in one, chunked or not', async () => {
    await fc.assert(
      fc.asyncProperty(PARTS, async ({ rows, cut }) => {
        using scratch = new Scratch();
        const inputs: string[] = [];
        for (const [i, count] of rows.entries()) {
          const data = Float64Array.from({ length: count }, (_, k) => (starts(rows)[i] ?? 0) + k);
          inputs.push(
            await writeHdf5(scratch.path(`${i}.h5`), (file) => {
              file.create_dataset({ name: 'plain', data, shape: [count] });
              file.create_dataset({ name: 'chunked', data, shape: [count], maxshape: [null], chunks: [3] });
            }),
          );
        }
        const all = Array.from({ length: rows.reduce((sum, count) => sum + count, 0) }, (_, k) => k);
        for (const path of await bothWays(scratch, inputs, cut, '.h5')) {
          expect(await valuesOf(path, 'plain')).toEqual(all);
          expect(await valuesOf(path, 'chunked')).toEqual(all);
        }
      }),
      { numRuns: 20 },
    );
  });
});
