/** Whole merges of sample files: what the output holds is the inputs' data, one after another. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CorruptFileError, MergeConflictError } from '../../../src/errors.ts';
import { diffFiles } from '../../../src/diff/diff-files.ts';
import { diffMerged } from '../../../src/diff/diff-merged.ts';
import { createRootFile } from '../../../src/io/component/root-output.ts';
import { ElementCounter, columnTraits } from '../../../src/io/root/rntuple/element-counter.ts';
import { readField } from '../../../src/io/root/rntuple/field-arrays.ts';
import { openAttributeSets, readClusters } from '../../../src/io/root/rntuple/rntuple.ts';
import type { MergeOptions } from '../../../src/merge/merge-options.ts';
import { merge } from '../../../src/merge/merge.ts';
import { Scratch, fixture } from '../../scratch.ts';
import { concatenation, envelopeBytes, openTuple, sample, tupleContents } from './tuple-contents.ts';

async function mergeSamples(scratch: Scratch, names: readonly string[], options: Partial<MergeOptions> = {}): Promise<string> {
  const output = scratch.path('merged.root');
  await merge(names.map(sample), { output, force: true, ...options });
  return output;
}

async function expectConcatenation(names: readonly string[], options: Partial<MergeOptions> = {}): Promise<void> {
  using scratch = new Scratch();
  const output = await mergeSamples(scratch, names, options);
  const { entries, pages } = tupleContents(output);
  const expected = concatenation(names.map((name) => tupleContents(sample(name))));
  expect(entries).toBe(expected.entries);
  expect(Object.fromEntries(pages)).toEqual(Object.fromEntries(expected.pages));
}

const CASES: [string, string[]][] = [
  ['equal schemas', ['ixvw', 'ixvw_more', 'ixvw']],
  ['fields in another order', ['ixvw', 'wvix', 'ixvw_more']],
  ['the first in another order', ['wvix', 'ixvw', 'ixvw_empty', 'wvix']],
  ['an empty first', ['ixvw_empty', 'ixvw', 'wvix']],
  ['empty ones between and last', ['ixvw', 'ixvw_empty', 'ixvw_more', 'ixvw_empty']],
  ['nothing but empty ones', ['ixvw_empty', 'ixvw_empty']],
  ['mixed compression, blobs and checksums', ['ixvw', 'ixvw_101', 'unbuffered', 'wvix']],
  ['one input', ['ixvw']],
  ['fields added late, first in none of them', ['late_0', 'late_15', 'late_25']],
  ['fields added late, first in all of them', ['late_15', 'late_25', 'late_0', 'late_15']],
  ['changing representations', ['representations', 'representations_more', 'representations']],
  ['projected fields', ['projected', 'projected']],
  ['streamed fields', ['streamed', 'streamed']],
  ['streamed fields of other classes in each', ['listed_named', 'listed_points', 'listed_empty', 'listed_named']],
  ['streamed fields, none written in the first', ['listed_empty', 'listed_points', 'listed_named']],
  ['pages that share bytes', ['constant', 'constant']],
  ['blobs of at most 500 bytes', ['small_keys', 'ixvw', 'small_keys']],
  ['written by uproot: no largest key, several cluster groups, a cluster without entries', ['uproot', 'uproot_pause', 'uproot']],
];

describe('the output is the concatenation of its inputs', () => {
  it.each(CASES)('%s', (_, names) => expectConcatenation(names));
  it.each(CASES)('%s, compressed anew', (_, names) => expectConcatenation(names, { compression: 404, verify: 'full' }));
  it('whatever the order of inputs', async () => {
    const name = fc.constantFrom('ixvw', 'ixvw_more', 'wvix', 'ixvw_empty', 'ixvw_101', 'unbuffered');
    const compression = fc.constantFrom('keep' as const, 'first' as const, 101, 0);
    await fc.assert(
      fc.asyncProperty(fc.array(name, { minLength: 1, maxLength: 6 }), compression, (names, setting) =>
        expectConcatenation(names, { compression: setting }),
      ),
      { numRuns: 20 },
    );
  });

  it.each([
    ['ixvw', 'ixvw_0', 'wvix'],
    ['ixvw_0', 'ixvw', 'ixvw_101', 'ixvw_0'],
    ['types_0', 'types_505'],
    ['types_505', 'types_0', 'types_505'],
    ['kinds_505', 'kinds_0', 'kinds_505'],
    ['kinds_0', 'kinds_505'],
  ])('whether the inputs are stored split or plain: %s, %s', async (...names) => {
    using scratch = new Scratch();
    const output = await mergeSamples(scratch, names, { verify: 'full' });
    const { entries, pages } = tupleContents(output);
    const expected = concatenation(names.map((name) => tupleContents(sample(name), '/nt', sample(names[0] as string))));
    expect({ entries, pages }).toEqual(expected);
  });

  it('stores 0 for quantized reals that were added late', async () => {
    using scratch = new Scratch();
    const { file, tuple } = openTuple(await mergeSamples(scratch, ['late_steps_0', 'late_steps_15'], { verify: 'full' }));
    const steps = (n: number): number => -128 + (n % 8);
    expect([...(readField(tuple, 'steps').values as Float32Array)]).toEqual(
      Array.from({ length: 40 }, (_, n) => (n < 20 ? steps(n) : n < 35 ? 0 : steps(n - 20))),
    );
    file.close();
  });

  it('is the same for merge(a, b, c) and merge(merge(a, b), c)', async () => {
    using scratch = new Scratch();
    const names = ['late_15', 'late_0', 'late_25'];
    const all = tupleContents(await mergeSamples(scratch, names));
    const half = scratch.path('half.root');
    await merge(names.slice(0, 2).map(sample), { output: half });
    const output = scratch.path('stepwise.root');
    await merge([half, sample('late_25')], { output });
    const stepwise = tupleContents(output);
    expect(stepwise).toEqual(all);
  });
});

describe('what is written', () => {
  it('keeps header bytes and extension of the first, clusters one to one, in one group', async () => {
    using scratch = new Scratch();
    const { file, tuple } = openTuple(await mergeSamples(scratch, ['late_15', 'late_25', 'late_0']));
    const first = openTuple(sample('late_15'));
    expect(Buffer.compare(tuple.headerStored, first.tuple.headerStored)).toBe(0);
    expect(Buffer.compare(tuple.footer.extensionBytes, first.tuple.footer.extensionBytes)).toBe(0);
    expect(tuple.footer.clusterGroups.map(({ firstEntry, entryCount, clusterCount }) => [firstEntry, entryCount, clusterCount])).toEqual([
      [0, 90, 9],
    ]);
    expect(tuple.anchor.version).toEqual(first.tuple.anchor.version);
    expect(envelopeBytes(file, tuple.anchor.header).length).toBe(tuple.anchor.header.bytes);
    file.close();
    first.file.close();
  });

  it('counts elements on, per column', async () => {
    using scratch = new Scratch();
    const { firstElements } = tupleContents(await mergeSamples(scratch, ['late_15', 'late_25']));
    expect(firstElements.get('i#0.0')).toEqual([0, 10, 20, 30, 40, 50]);
    // not stored in the first cluster of the first input; everywhere afterwards
    expect(firstElements.get('late#0.0')).toEqual([-1, 15, 20, 30, 40, 50]);
    expect(firstElements.get('lateArray._0#0.0')).toEqual([-1, 45, 60, 90, 120, 150]);
    const reps = tupleContents(await mergeSamples(scratch, ['representations', 'representations_more'])).firstElements;
    expect(reps.get('x#0.0')).toEqual([0, -1, 20, -1, 40, 50, -1, 70, -1]);
    expect(reps.get('x#1.0')).toEqual([-1, 10, -1, 30, -1, -1, 60, -1, 80]);
  });

  it('stores shared pages once per cluster', async () => {
    using scratch = new Scratch();
    const output = scratch.path('out.root');
    const report = await merge([sample('constant'), sample('constant')], { output });
    const { file, tuple } = openTuple(sample('constant'));
    const clusters = [...readClusters(tuple.source, new ElementCounter(columnTraits(tuple.footer.schema)))];
    expect(clusters.map((c) => [c.offset.length, new Set(c.offset).size])).toEqual([
      [2, 1],
      [2, 1],
      [2, 1],
    ]);
    const pageBytes = clusters.reduce((sum, c) => sum + (c.storedBytes[0] as number) + (c.checksumBytes[0] as number), 0);
    expect(report.targets.map((t) => [t.entries, t.bytesCopied])).toEqual([[500, tuple.anchor.header.storedBytes + 2 * pageBytes]]);
    file.close();
  });

  it('works in subdirectories, under names that exist at the root too', async () => {
    using scratch = new Scratch();
    const output = scratch.path('out.root');
    const inputs = ['ntuple_0.root', 'ntuple_1.root', 'ntuple_2.root'].map(fixture);
    const report = await merge(inputs, { output });
    expect(report.targets.map((t) => [t.path, t.disposition, t.entries])).toEqual([
      ['/flat', 'concat', 900],
      ['/uncompressed', 'concat', 60],
      ['/empty_first', 'concat', 60],
      ['/nested', 'concat', 330],
      ['/d/nested', 'concat', 180],
      ['/d/flat', 'concat', 33],
    ]);
    for (const { path } of report.targets) {
      const { entries, pages } = tupleContents(output, path);
      expect({ entries, pages }).toEqual(concatenation(inputs.map((input) => tupleContents(input, path))));
    }
  });

  it('counts entries of RNTuples without fields', async () => {
    using scratch = new Scratch();
    const inputs = [0, 3, 4].map((entries) => {
      const path = scratch.path(`${entries}.root`);
      const file = createRootFile(path);
      const tuple = file.bookTuple('/', { name: 'nt', columns: [] });
      for (let i = 0; i < entries; i++) tuple.fill({});
      file.close();
      return path;
    });
    const output = scratch.path('out.root');
    await merge(inputs, { output });
    expect(tupleContents(output)).toEqual({ entries: 7, pages: new Map(), firstElements: new Map() });
    await expect(merge([...inputs, sample('ixv')], { output, force: true })).rejects.toThrow(/field i is not in the first input/);
    await expect(merge([sample('ixv'), ...inputs], { output, force: true })).rejects.toThrow(/field i is missing/);
  });

  it('has no clusters without entries, on which ROOT would refuse the whole', async () => {
    using scratch = new Scratch();
    const clustersOf = (path: string): number[] => {
      const { file, tuple } = openTuple(path);
      const counts = [...readClusters(tuple.source, new ElementCounter(columnTraits(tuple.footer.schema)))].map(
        (cluster) => cluster.entryCount,
      );
      file.close();
      return counts;
    };
    expect(clustersOf(sample('uproot_pause'))).toEqual([20, 0, 3]);
    expect(clustersOf(await mergeSamples(scratch, ['uproot_pause', 'uproot', 'uproot_pause'], { compression: 505 }))).toEqual([
      20, 3, 20, 15, 20, 3,
    ]);
  });

  it('is the same bytes each time', async () => {
    using scratch = new Scratch();
    const once = readFileSync(await mergeSamples(scratch, ['ixvw', 'wvix']));
    const again = readFileSync(await mergeSamples(scratch, ['ixvw', 'wvix']));
    expect(Buffer.compare(once, again)).toBe(0);
  });
});

describe('attribute sets', () => {
  it.each<[string[], Partial<MergeOptions>]>([
    [['attributes', 'attributes_lost', 'attributes_other'], { verify: 'full' }],
    [['attributes_lost', 'attributes_twice', 'attributes', 'attributes'], {}],
    [['attributes', 'attributes_twice'], { compression: 404 }],
    [['attributes', 'attributes'], { compression: 0 }],
  ])('of %j with %j are joined, with ranges that begin behind the entries before', async (names, options) => {
    using scratch = new Scratch();
    const output = await mergeSamples(scratch, names, options);
    expect((await diffMerged(output, names.map(sample))).objects).toMatchObject([{ path: '/nt', verdict: 'right' }]);
  });

  it('merged with itself is what ROOT writes of twice the entries', async () => {
    using scratch = new Scratch();
    const output = await mergeSamples(scratch, ['attributes', 'attributes']);
    expect((await diffFiles(output, sample('attributes_twice'))).isSame).toBe(true);
    expect(Buffer.compare(readFileSync(output), readFileSync(await mergeSamples(scratch, ['attributes', 'attributes'])))).toBe(0);
    const { file, tuple } = openTuple(output);
    const runs = openAttributeSets(tuple).get('Runs');
    if (runs === undefined) throw new Error('no attribute set');
    expect(['_rangeStart', '_rangeLen', '_userData.run'].map((field) => readField(runs, field).values)).toEqual([
      BigUint64Array.of(0n, 10n),
      BigUint64Array.of(10n, 10n),
      Int32Array.of(7, 7),
    ]);
    file.close();
  });
});

describe('what cannot be merged is refused, all of it at once', () => {
  it.each([
    [['ixvw', 'ixv'], ['schema-differs: ixv: field word is missing']],
    [['ixv', 'ixvw'], ['schema-differs: ixvw: field word is not in the first input']],
    [
      ['ixvw', 'x_double', 'ixv', 'attributes'],
      [
        'schema-differs: x_double: field x has type double, but float in the first input',
        'schema-differs: ixv: field word is missing',
        ...['x', 'v', 'word'].map((f) => `schema-differs: attributes: field ${f} is missing`),
      ],
    ],
    [['ixvw', 'tiny_keys'], ['unsupported: tiny_keys: RNTuple header of 220 bytes is spread over several keys']],
    [['large_page'], ['unsupported: large_page: RNTuple page of 1608 bytes is spread over several keys']],
    [
      ['late_odd_0', 'late_odd_15'],
      [
        'unsupported: late_odd_15: lacks field steps in its first entries, which read as 0, but the quantized reals of its column have no 0',
      ],
    ],
    [
      ['attributes', 'attributes_real'],
      ['schema-differs: attributes_real: attribute set Runs: field _userData.run has type double, but std::int32_t in the first input'],
    ],
  ])('%j', async (names, expected) => {
    using scratch = new Scratch();
    const steps = new Set<string>();
    const error = await mergeSamples(scratch, names, { onProgress: ({ step }) => void steps.add(step) }).catch((err: unknown) => err);
    expect([...steps]).toEqual(['open', 'plan']); // before the first byte
    expect(error).toBeInstanceOf(MergeConflictError);
    const { conflicts } = error as MergeConflictError;
    const label = new Map(names.map((name) => [sample(name), name]));
    expect(conflicts.map((c) => `${c.code}: ${label.get(c.file)}: ${c.reason}`)).toEqual(expected);
    expect(conflicts.every((c) => c.path === '/nt' && c.className === 'ROOT::RNTuple')).toBe(true);
    expect(scratch.list()).toEqual([]);
  });
});

/** A copy of a sample with one byte changed. */
function damaged(scratch: Scratch, name: string, at: number): string {
  const bytes = readFileSync(sample(name));
  bytes[at] = (bytes[at] as number) ^ 0x01;
  return scratch.put('damaged.root', bytes);
}

async function failure(scratch: Scratch, inputs: string[], options: Partial<MergeOptions> = {}): Promise<CorruptFileError> {
  const error = await merge(inputs, { output: scratch.path('out.root'), ...options }).catch((err: unknown) => err);
  expect(error).toBeInstanceOf(CorruptFileError);
  expect(scratch.list()).toEqual(['damaged.root']);
  return error as CorruptFileError;
}

describe('damage', () => {
  const { file, tuple } = openTuple(sample('ixvw'));
  const [cluster] = readClusters(tuple.source, new ElementCounter(columnTraits(tuple.footer.schema)));
  const { anchor, footer } = tuple;
  file.close();
  const page = cluster?.offset[3] as number;

  it.each([
    ['header', anchor.header.offset + 30, /RNTuple header/],
    ['footer', anchor.footer.offset + 30, /RNTuple footer/],
    ['page list', (footer.clusterGroups[0]?.pageList.offset as number) + 40, /RNTuple page list/],
  ])('of the %s ends the merge before anything is written', async (_, at, reason) => {
    using scratch = new Scratch();
    const error = await failure(scratch, [sample('ixvw'), damaged(scratch, 'ixvw', at)]);
    expect([error.file, error.objectPath]).toEqual([scratch.path('damaged.root'), '/nt;1']);
    expect(error.reason).toMatch(reason);
  });

  it.each([{ verify: 'full' as const }, { compression: 101 }])('of a page is found with %j', async (options) => {
    using scratch = new Scratch();
    const error = await failure(scratch, [sample('ixvw'), damaged(scratch, 'ixvw', page + 2)], options);
    expect([error.file, error.objectPath, error.offset]).toEqual([scratch.path('damaged.root'), '/nt;1', page]);
    expect(error.reason).toMatch(/RNTuple page does not agree with its checksum: expected 0x[0-9a-f]{16}, found 0x/);
  });

  it('of a page travels with its checksum in a fast merge, so that readers notice', async () => {
    using scratch = new Scratch();
    const output = scratch.path('out.root');
    await merge([sample('ixvw'), damaged(scratch, 'ixvw', page + 12)], { output });
    await expect(merge([output], { output: scratch.path('again.root'), verify: 'full' })).rejects.toThrow(
      /page does not agree with its checksum/,
    );
  });

  it('of one input leaves that input out with skipBad', async () => {
    using scratch = new Scratch();
    const output = scratch.path('out.root');
    const report = await merge([sample('ixvw'), damaged(scratch, 'ixvw', page + 2), sample('ixvw_more')], {
      output,
      verify: 'full',
      skipBad: true,
    });
    expect(report.inputs.map((i) => i.status)).toEqual(['merged', 'skipped', 'merged']);
    expect(tupleContents(output).entries).toBe(80);
  });
});
