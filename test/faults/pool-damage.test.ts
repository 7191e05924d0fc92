/** Damaged POOL files: a typed error or counted references, never anything else; and damage in rows themselves. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { checkReferences, isPoolMergeError, listFile } from '../../src/index.ts';
import { elementsOf, type StoredHeader } from '../../src/io/pool/header-rows.ts';
import { formP5Of, locateFormP5, locateHeaderP5, storedElementsP5 } from '../../src/io/pool/locate-p5.ts';
import { headerP6Of, locateHeaderP6 } from '../../src/io/pool/locate-p6.ts';
import { columnsOfObject } from '../../src/io/pool/row-columns.ts';
import { Scratch, fixture } from '../scratch.ts';
import { CHECKSUMS, INFOS, LAYOUTS, RowWriter } from '../unit/pool/row-bytes.ts';

const scratch = new Scratch();
afterAll(() => scratch[Symbol.dispose]());

/** Runs `work`; what it throws must be an error of ours. */
async function onlyTypedErrors(work: () => unknown): Promise<void> {
  try {
    await work();
  } catch (err) {
    if (!isPoolMergeError(err, 'CORRUPT_FILE', 'UNSUPPORTED')) throw err;
  }
}

describe('changed bytes of whole files', () => {
  test.each(['p4_0', 'p5_0', 'p5unsplit_0', 'p6_3', 'index_0', 'ntuple_1', 'single_0'])('%s', async (name) => {
    const original = readFileSync(fixture(`pool/${name}.root`));
    const change = fc.record({ at: fc.nat(original.length - 1), value: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const bytes = Buffer.from(original);
        for (const { at, value } of changes) bytes[at] = value;
        const path = scratch.put('damaged.root', bytes);
        await onlyTypedErrors(() => checkReferences([path]));
        await onlyTypedErrors(() => listFile(path, { contents: true, recursive: true }));
      }),
      { numRuns: 60 },
    );
  });
});

describe('changed bytes of rows', () => {
  const header = new RowWriter();
  header.vector(CHECKSUMS.elementP5, 2, () => {
    header.texts([')', '']);
    header.w.u32(0);
    header.w.u32(1);
  });
  header.texts(['token']).texts(['mdx']);
  const form = new RowWriter();
  form.framed(9, () => {
    form.w.i32(4);
    for (const text of ['06C9EAE8-6F5B-E011-BAAA-003048F0E7AC', 'Tree(', 'F53A1735-F61A-4CA4-B25F-DB0E277E2DDC', 'key']) {
      form.w.tstring(text);
    }
  });
  form.framed(9, () => {
    form.w.i32(3);
    for (const words of [[1], [0x1_ffee, 2, 0x1_0000, 3, 0x3_0001, 2101], [0x1_ffff, 2, 0x1_0000, 514, 3, 3, 0, 1, 2101, 1]]) {
      form.w.i32(words.length);
      for (const word of words) form.w.u32(word);
    }
  });
  const header6 = new RowWriter();
  header6.w.u32(0);
  header6.long(5n).framed(9, () => [header6.w.i32(2), header6.w.i32(0), header6.w.i32(-1)]);
  header6.vector(CHECKSUMS.full, 1, () => [header6.long(1n), header6.w.u32(0), header6.w.u32(0)]);
  header6.w.u32(1);
  header6.texts(['token']);
  const form6 = {
    version: 'p6' as const,
    places: undefined,
    form: {
      version: 600,
      dbRecords: [{ fid: 'x', technology: 514 }],
      objectRecords: [{ classId: 'x', container: 'c', key: 'k', clid: 1, oid1: 3n }],
    },
  };

  const changes = fc.array(fc.record({ at: fc.nat(600), value: fc.nat(255) }), { minLength: 1, maxLength: 3 });
  const damaged = (row: RowWriter, list: { at: number; value: number }[]) => {
    const entry = row.entry(0);
    for (const { at, value } of list) entry.data[at % entry.data.length] = value;
    return entry;
  };

  test('p5', async () => {
    await fc.assert(
      fc.asyncProperty(changes, changes, fc.nat(2), async (a, b, which) => {
        await onlyTypedErrors(() => {
          const places = locateHeaderP5(columnsOfObject(damaged(header, which === 1 ? [] : a), LAYOUTS.headerP5, INFOS));
          const formPlaces = locateFormP5(columnsOfObject(damaged(form, which === 0 ? [] : b), LAYOUTS.formP5, INFOS));
          const stored: StoredHeader = { version: 'p5', stored: storedElementsP5(places), formToken: '', formMdx: '', places };
          return elementsOf(stored, { version: 'p5', form: formP5Of(formPlaces), places: formPlaces });
        });
      }),
      { numRuns: 3000 },
    );
  });

  test('p6', async () => {
    await fc.assert(
      fc.asyncProperty(changes, async (a) => {
        await onlyTypedErrors(() => {
          const places = locateHeaderP6(columnsOfObject(damaged(header6, a), LAYOUTS.headerP6, INFOS));
          return elementsOf({ version: 'p6', header: headerP6Of(places), formToken: '', places }, form6);
        });
      }),
      { numRuns: 3000 },
    );
  });

  test('undamaged rows decode', () => {
    const places = locateHeaderP5(header.columns(LAYOUTS.headerP5));
    const formPlaces = locateFormP5(form.columns(LAYOUTS.formP5));
    const stored: StoredHeader = { version: 'p5', stored: storedElementsP5(places), formToken: '', formMdx: '', places };
    const elements = elementsOf(stored, { version: 'p5', form: formP5Of(formPlaces), places: formPlaces });
    expect(elements.map(({ container, oid1, oid2, isProvenance }) => [container, oid1, oid2, isProvenance])).toEqual([
      ['Tree(key)', 3n, 0n, true],
      ['Tree(key', 3n, 1n, false],
    ]);
  });
});
