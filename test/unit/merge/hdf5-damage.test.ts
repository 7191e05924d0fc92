/** HDF5 files that are damaged: what is wrong is named with its file, and no part of one is left out in silence. */
import { copyFileSync, readFileSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MergeConflictError, merge, planMerge } from '../../../src/index.ts';
import { Scratch } from '../../scratch.ts';
import { hdf5Sample, layoutOf, writeHdf5 } from '../hdf5/hdf5-samples.ts';

/** Writes other bytes (hexadecimal) over a file, so far behind the beginning of some that it has. */
function damage(path: string, mark: Buffer, offset: number, bytes: string): void {
  const whole = readFileSync(path);
  const at = whole.indexOf(mark);
  if (at < 0) throw new Error('nothing like that in the file');
  whole.write(bytes, at + offset, 'hex');
  writeFileSync(path, whole);
}

describe('damaged HDF5 inputs', () => {
  it.each([
    ['cut', (path: string) => truncateSync(path, 9000), 'truncated file'],
    ['empty', (path: string) => truncateSync(path, 0), 'file is empty'],
    ['no HDF5 at all', (path: string) => copyFileSync(new URL(import.meta.url), path), 'file signature not found'],
  ])('%s: named, left out with skipBad', async (_, break_, reason) => {
    using scratch = new Scratch();
    const bad = scratch.copy('hdf5/old_1.h5', 'bad.h5');
    break_(bad);
    const good = scratch.copy('hdf5/old_0.h5', 'good.h5');
    await expect(merge([good, bad], { output: scratch.path('out.h5') })).rejects.toThrow(reason);
    await expect(merge([good, bad], { output: scratch.path('out.h5') })).rejects.toThrow(bad);
    const report = await merge([good, bad], { output: scratch.path('out.h5'), skipBad: true });
    expect(report.inputs.map(({ status }) => status)).toEqual(['merged', 'skipped']);
    expect(scratch.list()).toEqual(['bad.h5', 'good.h5', 'out.h5']);
  });

  it('a chunk whose checksum is wrong: found while it is read, the file left out with skipBad', async () => {
    using scratch = new Scratch();
    const write = (name: string): Promise<string> =>
      writeHdf5(scratch.path(name), (file) =>
        file.create_dataset({
          name: 'x',
          data: new Int32Array(1000).fill(7),
          shape: [1000],
          chunks: [1000],
          compression: 'gzip',
          compression_opts: [6],
        }),
      );
    const [good, bad] = [await write('good.h5'), await write('bad.h5')];
    damage(bad, Buffer.from([0x78, 0x9c]), 8, 'ffffff');
    for (const inputs of [
      [good, bad],
      [bad, good],
    ]) {
      const work = merge(inputs, { output: scratch.path('out.h5') });
      await expect(work).rejects.toMatchObject({ code: 'CORRUPT_FILE', file: bad, objectPath: '/x' });
    }
    expect(scratch.list()).toEqual(['bad.h5', 'good.h5']);
    await merge([good, bad], { output: scratch.path('out.h5'), skipBad: true });
    expect((await layoutOf(scratch.path('out.h5'), 'x')).shape).toEqual([1000]);
  });

  it.each(['old', 'latest'] as const)(
    'any byte changed in the %s format: an error that names the file, and the rest is merged with skipBad',
    async (kind) => {
      using scratch = new Scratch();
      const whole = readFileSync(hdf5Sample(kind, 0));
      const good = hdf5Sample(kind, 1);
      let refused = 0;
      for (let at = 8; at < whole.length; at += 397) {
        const bytes = Buffer.from(whole);
        bytes[at] = 0xff - (bytes[at] ?? 0);
        const bad = scratch.put('bad.h5', bytes);
        try {
          await merge([bad, good], { output: scratch.path('out.h5'), force: true, differing: 'first' });
        } catch (err) {
          expect(err, `byte ${at}: ${String(err)}`).toMatchObject({
            code: expect.stringMatching(/CORRUPT_FILE|UNSUPPORTED|MERGE_CONFLICT/),
          });
          if (!(err instanceof MergeConflictError)) {
            expect(err, String(err)).toMatchObject({ file: bad });
            refused++;
          }
        }
      }
      expect(refused).toBeGreaterThan(5);
      await merge([hdf5Sample(kind, 0), good], { output: scratch.path('out.h5'), force: true, verify: 'full' }); // the library has survived
    },
  );
});

describe('what the library would leave out in silence is refused', () => {
  it.each([
    // entry of a symbol table node: offset of its name in the heap, address of its header
    [
      'a name of a link beyond its heap',
      (path: string) => damage(path, Buffer.from('SNOD'), 8 + 40, '000000f0'),
      'lies outside of its heap',
    ],
    // node of the tree: signature, type, level, number of entries, neighbours, then keys around addresses
    ['a key beyond that heap', (path: string) => damage(path, Buffer.from('TREE'), 24 + 4, '01'), 'lies outside of its heap'],
    ['the size of that heap', (path: string) => damage(path, Buffer.from('HEAP'), 8 + 4, '01'), 'reach beyond the file'],
    ['a node of links', (path: string) => damage(path, Buffer.from('SNOD'), 0, '00'), 'signature'],
    // version, reserved, sizes of name, datatype and dataspace, name
    [
      'the length of the name of an attribute',
      (path: string) => damage(path, Buffer.from('version\0'), -6, 'ff7f'),
      'attributes cannot all be listed',
    ],
  ])('%s', async (_, break_, reason) => {
    using scratch = new Scratch();
    const [good, bad] = [hdf5Sample('old', 0), scratch.copy('hdf5/old_1.h5', 'bad.h5')];
    break_(bad);
    await expect(merge([good, bad], { output: scratch.path('out.h5'), differing: 'first' })).rejects.toMatchObject({
      code: 'CORRUPT_FILE',
      file: bad,
      objectPath: '/',
      reason: expect.stringContaining(reason) as string,
    });
    const { inputs } = await merge([bad, good], { output: scratch.path('out.h5'), skipBad: true });
    expect(inputs.map(({ status, reason: why }) => [status, why?.startsWith('/: ')])).toEqual([
      ['skipped', true],
      ['merged', undefined],
    ]);
  });

  it('more rows than a file can hold', async () => {
    using scratch = new Scratch();
    const path = scratch.copy('hdf5/old_1.h5', 'a.h5');
    damage(path, Buffer.from('0b00000000000000ffffffffffffffff', 'hex'), 5, '01');
    await expect(merge([path], { output: scratch.path('out.h5') })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      file: path,
      objectPath: '/extendable',
      reason: 'says that it has 1099511627787 rows of 4 bytes, in a file of 21376 bytes',
    });
  });
});

describe('a file on which the library fails', () => {
  it('costs no descriptors: thousands of them can be left out', async () => {
    using scratch = new Scratch();
    const damaged = readFileSync(hdf5Sample('latest', 0));
    damaged.write('XXXX', damaged.indexOf('GCOL'));
    const open = (): number => readdirSync('/dev/fd').length;
    const before = open();
    const bad = Array.from({ length: 60 }, (_, i) => scratch.put(`${i}.h5`, damaged));
    const { inputs } = await merge([...bad, hdf5Sample('latest', 0)], { output: scratch.path('out.h5'), skipBad: true });
    expect(inputs.filter(({ status }) => status === 'skipped')).toHaveLength(60);
    expect(open()).toBeLessThan(before + 50);
  });

  it('is not taken for what it was when it has been written anew since', async () => {
    using scratch = new Scratch();
    const good = readFileSync(hdf5Sample('latest', 0));
    const damaged = Buffer.from(good);
    damaged.write('XXXX', damaged.indexOf('GCOL')); // the heap with the texts of attributes
    const path = scratch.put('a.h5', damaged);
    for (let i = 0; i < 2; i++) await expect(planMerge([path])).rejects.toMatchObject({ code: 'CORRUPT_FILE', file: path });
    writeFileSync(path, good); // the same inode: an instance of the library that has failed goes on with what it holds of it
    expect((await planMerge([path])).targets).toHaveLength(15);
  });

  it('by a length without measure in an object header says so', async () => {
    using scratch = new Scratch();
    const bytes = readFileSync(hdf5Sample('old', 0));
    bytes.fill(0x7f, 132, 136);
    const path = scratch.put('a.h5', bytes);
    await expect(merge([path, path], { output: scratch.path('out.h5'), verify: 'full' })).rejects.toMatchObject({
      code: 'CORRUPT_FILE',
      file: path,
    });
  });
});
