/** Two HDF5 files held against each other; written by h5wasm, and by h5py (committed samples). */
import { readFileSync } from 'node:fs';
import type { File } from 'h5wasm/node';
import { describe, expect, it } from 'vitest';
import { diffFiles, diffMerged, type DiffOptions, type DiffReport } from '../../../src/index.ts';
import { Scratch, fixture } from '../../scratch.ts';
import { hdf5Sample, writeHdf5 } from '../hdf5/hdf5-samples.ts';

/** Compares what two functions write. */
async function compare(left: (file: File) => void, right: (file: File) => void, options: DiffOptions = {}): Promise<DiffReport> {
  using scratch = new Scratch();
  const [a, b] = [await writeHdf5(scratch.path('a.h5'), left), await writeHdf5(scratch.path('b.h5'), right)];
  return await diffFiles(a, b, options);
}

/** What differs, by path: verdict, then places with both values. */
function found({ objects }: DiffReport): Record<string, string[]> {
  const wrong = objects.filter(({ verdict }) => verdict !== 'same');
  return Object.fromEntries(
    wrong.map(({ path, verdict, differences }) => [
      path,
      [verdict, ...differences.map(({ at, left, right }) => `${at}: ${left} | ${right}`)],
    ]),
  );
}

function notesAt({ objects }: DiffReport, path: string): string[] | undefined {
  return objects.find((each) => each.path === path)?.notes;
}

describe('two HDF5 files', () => {
  it('of equal content are the same, whatever layout, filters and version of the format', async () => {
    const report = await diffFiles(hdf5Sample('old', 0), hdf5Sample('latest', 0));
    expect(report).toMatchObject({ schemaVersion: 1, kind: 'files', isSame: true, counts: { same: 20 } });
    expect((await diffFiles(fixture('hdf5/rounded.h5'), fixture('hdf5/rounded.h5'))).counts).toEqual({ same: 5 });
  });

  it('differ in groups, datasets and attributes that one of them lacks', async () => {
    const report = await compare(
      (file) => {
        file.create_group('g').create_attribute('only', 1);
        file.create_dataset({ name: 'left', data: new Int8Array(1) });
      },
      (file) => {
        file.create_group('g').create_attribute('other', 'x');
        file.create_group('right');
      },
    );
    expect(report.counts).toEqual({ same: 1, different: 1, 'only-left': 1, 'only-right': 1 });
    expect(found(report)).toEqual({
      '/g': ['different', '@only: "present" | "absent"', '@other: "absent" | "present"'],
      '/left': ['only-left'],
      '/right': ['only-right'],
    });
  });

  it('differ in values: all are counted, with the first place and the largest difference', async () => {
    const numbers = (change: Record<number, number>) => (file: File) => {
      const data = Float64Array.from({ length: 12 }, (_, i) => change[i] ?? i);
      file.create_dataset({ name: 'x', data, shape: [4, 3] });
    };
    const report = await compare(numbers({}), numbers({ 4: 4.5, 11: 14, 0: NaN }));
    expect(found(report)).toEqual({ '/x': ['different', 'values[0, 0]: 0 | NaN', 'values[1, 1]: 4 | 4.5', 'values[3, 2]: 11 | 14'] });
    expect(notesAt(report, '/x')).toEqual(['3 of 12 values differ, the first at values[0, 0]; largest difference 3 at values[3, 2]']);
    expect(found(await compare(numbers({ 2: NaN }), numbers({ 2: NaN })))).toEqual({});
    expect(found(await compare(numbers({}), numbers({ 4: 4.5, 11: 14 }), { abs: 0.6 }))).toEqual({
      '/x': ['different', 'values[3, 2]: 11 | 14'],
    });
    expect(found(await compare(numbers({}), numbers({ 4: 4.5, 11: 14 }), { rel: 0.25 }))).toEqual({});
    expect(found(await compare(numbers({}), numbers({ 0: -0 })))).toEqual({ '/x': ['different', 'values[0, 0]: 0 | 0'] });
    expect((await compare(numbers({}), numbers({ 4: 4.5, 11: 14 }), { maxDiffs: 1 })).objects[1]).toMatchObject({ differenceCount: 2 });
  });

  it('differ in units in the last place of reals, and in 64-bit integers beyond doubles', async () => {
    const write = (real: number, integer: bigint) => (file: File) => {
      file.create_dataset({ name: 'real', data: new Float32Array([real]) });
      file.create_dataset({ name: 'integer', data: new BigInt64Array([integer]) });
    };
    const next = Math.fround(1 + 2 ** -23);
    const report = await compare(write(1, 2n ** 60n), write(next, 2n ** 60n + 1n), { ulp: 1 });
    expect(found(report)).toEqual({ '/integer': ['different', `values[0]: ${2n ** 60n} | ${2n ** 60n + 1n}`] });
    expect((await compare(write(1, 0n), write(next, 0n))).isSame).toBe(false);
  });

  it('differ in number of rows, and the rows that both have are compared', async () => {
    const rows = (values: readonly number[]) => (file: File) => file.create_dataset({ name: 'x', data: Int32Array.from(values) });
    const report = await compare(rows([1, 2, 3]), rows([1, 5]));
    expect(found(report)).toEqual({ '/x': ['different', 'shape: 3 | 2', 'values[1]: 2 | 5'] });
    const other = await compare(rows([1, 2]), (file) => file.create_dataset({ name: 'x', data: new Int32Array(4), shape: [2, 2] }));
    expect(found(other)).toEqual({ '/x': ['different', 'shape: 2 | [2, 2]'] });
    expect(notesAt(other, '/x')).toEqual(['values are not compared: their shapes differ']);
  });

  it('differ in types; numbers of two types are compared all the same', async () => {
    const report = await compare(
      (file) => {
        file.create_dataset({ name: 'x', data: new Float32Array([1, 2]) });
        file.create_dataset({ name: 'y', data: ['1'] });
      },
      (file) => {
        file.create_dataset({ name: 'x', data: new Float64Array([1, 3]) });
        file.create_dataset({ name: 'y', data: new Int8Array([1]) });
      },
    );
    expect(found(report)).toEqual({
      '/x': ['different', 'type: "float32" | "float64"', 'values[1]: 2 | 3'],
      '/y': ['different', 'type: "utf-8 text" | "int8"'],
    });
  });

  it('differ in texts, compounds, sequences, links and attributes', async () => {
    const report = await diffFiles(hdf5Sample('old', 0), hdf5Sample('old', 1), { maxDiffs: 3 });
    expect(found(report)).toMatchObject({
      '/texts': ['different', 'shape: 10 | 11', 'values[0]: "text 0" | "text 10"', 'values[1]: "text 1" | "text 11"'],
      '/compound': ['different', 'shape: 10 | 11', 'a[0]: 0 | 10', 'b[0]: 0 | 5'],
      '/sequences': ['different', 'shape: 10 | 11', 'values[0]: [] | [0, 1]', 'values[1]: 0 | [0, 1, 2]'],
      '/half': ['different', 'shape: 10 | 11', 'values[0]: 0 | 2.5', 'values[1]: 0.25 | 2.75'],
    });
    const links = await compare(
      (file) => {
        file.create_soft_link('/a', 'soft');
        file.create_external_link('f.h5', '/x', 'external');
        file.create_dataset({ name: 'a', data: 1 });
        file.create_hard_link('/a', 'b');
        file.create_attribute('list', new Float64Array([1, 2]));
        file.create_attribute('shape', new Int32Array([1, 2]));
      },
      (file) => {
        file.create_soft_link('/b', 'soft');
        file.create_external_link('g.h5', '/x', 'external');
        file.create_dataset({ name: 'a', data: 2 });
        file.create_dataset({ name: 'b', data: 2 });
        file.create_attribute('list', new Float64Array([1, 3]));
        file.create_attribute('shape', new Int32Array([1]));
      },
    );
    expect(found(links)).toEqual({
      '/': ['different', '@list[1]: 2 | 3', '@shape (shape): "[2]" | "[1]"'],
      '/a': ['different', 'value: 1 | 2'],
      '/b': ['different', 'another name of: "/a" | "nothing"'],
      '/external': ['different', 'target: "f.h5:/x" | "g.h5:/x"'],
      '/soft': ['different', 'target: "/a" | "/b"'],
    });
  });

  it('are compared in part: objects by globs, rows by ranges', async () => {
    const write = (shift: number) => (file: File) => {
      for (const name of ['a', 'b']) {
        file.create_dataset({ name, data: Int32Array.from({ length: 10 }, (_, i) => (i < 5 ? i : i + shift)) });
      }
    };
    expect(Object.keys(found(await compare(write(0), write(1), { include: ['/a'] })))).toEqual(['/a']);
    expect(Object.keys(found(await compare(write(0), write(1), { exclude: ['a'] })))).toEqual(['/b']);
    const ranged = await compare(write(0), write(1), { entries: '0:6,9' });
    expect(ranged.objects.map(({ differenceCount }) => differenceCount)).toEqual([0, 2, 2]);
    expect(notesAt(ranged, '/a')?.[0]).toBe('only entries 0:6,9:10 are compared');
    await expect(compare(write(0), write(1), { entries: '50' })).rejects.toThrow('nothing that was compared has entries 50:51');
  });

  it('refuse options that mean nothing for them, all by name; two formats cannot be compared', async () => {
    const refused = {
      cycles: true,
      branches: ['x'],
      order: 'any',
      match: ['x'],
      atlasDefaults: true,
      knownHacks: true,
      compat: 'ks',
      threads: 2,
    } as const;
    await expect(diffFiles(hdf5Sample('old', 0), hdf5Sample('old', 0), refused)).rejects.toMatchObject({
      code: 'USAGE',
      reason: 'options cycles, branches, order, match, atlas-defaults, known-hacks, compat, threads have no meaning for HDF5 files',
    });
    expect((await diffFiles(hdf5Sample('old', 0), hdf5Sample('old', 0), { order: 'strict', cycles: false })).isSame).toBe(true);
    await expect(diffFiles(hdf5Sample('old', 0), hdf5Sample('old', 0), { sum: ['x'] })).rejects.toThrow(
      'sum: of use only for a merged file',
    );
    await expect(diffFiles(fixture('worker_0.root'), fixture('worker_0.root'), { sum: ['x'] })).rejects.toThrow(
      'no meaning for ROOT files',
    );
    await expect(diffFiles(hdf5Sample('old', 0), fixture('worker_0.root'))).rejects.toThrow(
      'files of different formats cannot be compared',
    );
  });

  it('that are damaged are no comparison', async () => {
    using scratch = new Scratch();
    const bad = scratch.put('bad.h5', '\x89HDF\r\n\x1a\nand then nothing');
    await expect(diffFiles(hdf5Sample('old', 0), bad)).rejects.toMatchObject({ file: bad });
    await expect(diffFiles(hdf5Sample('old', 0), scratch.path('missing.h5'))).rejects.toMatchObject({ code: 'UNREADABLE_FILE' });
  });

  it('are read anew when they have changed since the library failed on them', async () => {
    using scratch = new Scratch();
    const good = hdf5Sample('latest', 1);
    const damaged = (shift: number): Uint8Array => {
      const bytes = readFileSync(good);
      const at = bytes.indexOf('OHDR', 2000) + shift; // the header of an object, which has a checksum
      bytes.writeUInt8(bytes.readUInt8(at) ^ 0xff, at);
      return bytes;
    };
    const path = scratch.put('x.h5', damaged(30));
    for (const shift of [30, 31, 32]) {
      scratch.put('x.h5', damaged(shift));
      await expect(diffMerged(path, [good])).rejects.toMatchObject({ code: 'CORRUPT_FILE' });
      await expect(diffFiles(good, path)).rejects.toMatchObject({ code: 'CORRUPT_FILE' });
      scratch.put('x.h5', readFileSync(good));
      expect((await diffFiles(good, path)).isSame).toBe(true);
    }
  });
});
