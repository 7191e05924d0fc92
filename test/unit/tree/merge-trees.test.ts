/** Whole merges of sample files: every branch of the output holds the inputs' entries, one after another. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { diffMerged } from '../../../src/diff/diff-merged.ts';
import { CorruptFileError, MergeConflictError } from '../../../src/errors.ts';
import { algorithmOfTag } from '../../../src/io/codec/registry.ts';
import { emptyBasketHeader, parseBasketHeader } from '../../../src/io/root/tree/basket.ts';
import { BRANCH, LEAF, TREE } from '../../../src/io/root/tree/scan-layout.ts';
import type { MergeOptions } from '../../../src/merge/merge-options.ts';
import { merge } from '../../../src/merge/merge.ts';
import type { MergeReport } from '../../../src/merge/report/report.ts';
import { branchPath } from '../../../src/merge/tree/compare-branches.ts';
import { Scratch, fixture } from '../../scratch.ts';
import { concatenation, openTree, treeContents, type OpenTree } from './tree-contents.ts';

const workers = (family: string): string[] => [0, 1, 2].map((n) => fixture(`${family}_${n}.root`));

async function mergeInto(scratch: Scratch, inputs: readonly string[], options: Partial<MergeOptions> = {}): Promise<MergeReport> {
  return merge(inputs, { output: scratch.path('merged.root'), force: true, ...options });
}

const CASES: [family: string, tree: string][] = [
  ['flat', 'tree'],
  ['flat', 'sub/deep/tree'],
  ['flat', 'ntuple'],
  ['clusters', 'same'],
  ['clusters', 'many_baskets'],
  ['embedded', 'tree'],
  ['objects', 'tree'],
  ['refs', 'tree'],
  ['unknown', 'tree'],
  ['meta', 'tree'],
  ['special', 'empty_first'],
  ['special', 'empty_second'],
  ['special', 'empty_all'],
  ['special', 'unequal'],
  ['special', 'bare_first'],
];

describe.each(CASES)('%s: %s', (family, name) => {
  it.each(['keep', 'first', 505, 404, 0] as const)('holds the entries of all inputs, compression %s', async (compression) => {
    using scratch = new Scratch();
    await mergeInto(scratch, workers(family), { compression, verify: 'full' });
    expect(treeContents(scratch.path('merged.root'), name)).toEqual(concatenation(workers(family).map((path) => treeContents(path, name))));
  });
});

function branchNumbers(tree: OpenTree, column: keyof typeof BRANCH): Record<string, number> {
  const { scan } = tree;
  return Object.fromEntries(
    Array.from({ length: scan.branches.count }, (_, row) => [branchPath(scan, row), scan.branches.number(scan.view, row, BRANCH[column])]),
  );
}

describe('the written tree', () => {
  it('ends fBasketEntry with the number of entries and sums bytes over all branches', async () => {
    using scratch = new Scratch();
    await mergeInto(scratch, workers('clusters'));
    const { scan, table } = openTree(scratch.path('merged.root'), 'many_baskets');
    let zipBytes = 0;
    for (let row = 0; row < scan.branches.count; row++) {
      const number = (column: number): number => scan.branches.number(scan.view, row, column);
      const [count, slots] = [number(BRANCH.fWriteBasket), number(BRANCH.fMaxBaskets)];
      expect(count).toBe((table.start[row + 1] as number) - (table.start[row] as number));
      expect(slots).toBe(Math.max(10, count + 1));
      const terminator = scan.view.getBigInt64(scan.branches.offset(row, BRANCH.fBasketEntry) + 1 + 8 * count);
      expect(terminator).toBe(6000n);
      zipBytes += number(BRANCH.fZipBytes);
    }
    expect(scan.tree.number(scan.view, 0, TREE.fZipBytes)).toBe(zipBytes);
    expect(zipBytes).toBe(table.storedBytes);
  });

  it('has the largest counter and the longest string of all inputs', async () => {
    using scratch = new Scratch();
    await mergeInto(scratch, workers('flat'));
    const limits = (tree: OpenTree, className: string, column: keyof typeof LEAF): number[] =>
      tree.scan.leafClass.flatMap((c, leaf) => (c === className ? [tree.scan.leaves.number(tree.scan.view, leaf, LEAF[column])] : []));
    const inputs = workers('flat').map((path) => openTree(path, 'tree'));
    const merged = openTree(scratch.path('merged.root'), 'tree');
    for (const [className, column] of [
      ['TLeafI', 'fMaximum'],
      ['TLeafC', 'fLen'],
      ['TLeafC', 'fMaximum'],
    ] as const) {
      const largest = inputs.map((tree) => limits(tree, className, column)).reduce((a, b) => a.map((v, i) => Math.max(v, b[i] as number)));
      expect(limits(merged, className, column)).toEqual(largest);
      expect(largest.some((v, i) => v > (limits(inputs[0] as OpenTree, className, column)[i] as number))).toBe(true);
    }
  });

  it('has no basket left inside', async () => {
    using scratch = new Scratch();
    expect(openTree(fixture('embedded_0.root'), 'tree').scan.embedded.length).toBeGreaterThan(0);
    await mergeInto(scratch, workers('embedded'));
    expect(openTree(scratch.path('merged.root'), 'tree').scan.embedded).toEqual([]);
  });

  it('joins the entries of branches of unequal length branch by branch', async () => {
    using scratch = new Scratch();
    const report = await mergeInto(scratch, workers('special'));
    const merged = openTree(scratch.path('merged.root'), 'unequal');
    const inputs = workers('special').map((path) => branchNumbers(openTree(path, 'unequal'), 'fEntryNumber'));
    const sums = Object.fromEntries(
      Object.keys(inputs[0] ?? {}).map((path) => [path, inputs.reduce((sum, one) => sum + (one[path] as number), 0)]),
    );
    expect(branchNumbers(merged, 'fEntryNumber')).toEqual(sums);
    expect(new Set(Object.values(sums)).size).toBeGreaterThan(1);
    expect(report.targets.find((t) => t.path === '/unequal')?.entries).toBe(0);
  });

  it('is stored as asked, and says so in every branch', async () => {
    using scratch = new Scratch();
    const inputs = [0, 101, 207, 404, 505].map((setting) => fixture(`codec_${setting}.root`));
    await mergeInto(scratch, inputs, { compression: 505 });
    const merged = openTree(scratch.path('merged.root'), 'tree');
    expect(new Set(Object.values(branchNumbers(merged, 'fCompress')))).toEqual(new Set([505]));
    const header = emptyBasketHeader();
    const tags = new Set<string>();
    merged.table.seek.forEach((seek, i) => {
      const record = merged.file.source.read(seek, merged.table.bytes[i] as number);
      parseBasketHeader(record, new DataView(record.buffer, record.byteOffset), 0, record.length, header);
      if (record.length - header.keylen < header.objlen) {
        tags.add(algorithmOfTag(record[header.keylen] as number, record[header.keylen + 1] as number)?.tag ?? '?');
      }
    });
    expect(tags).toEqual(new Set(['ZS']));
  });

  it('counts copied and encoded bytes', async () => {
    using scratch = new Scratch();
    const copied = (await mergeInto(scratch, workers('flat'))).targets.find((t) => t.path === '/tree');
    const encoded = (await mergeInto(scratch, workers('flat'), { compression: 404 })).targets.find((t) => t.path === '/tree');
    expect(copied).toMatchObject({ disposition: 'concat', inputs: 3, entries: 600 });
    expect(copied?.bytesCopied).toBeGreaterThan(10 * (copied?.bytesEncoded ?? 0));
    expect(encoded?.bytesCopied).toBe(0);
  });
});

describe('differences beside the branches', () => {
  it('are told', async () => {
    using scratch = new Scratch();
    const report = await mergeInto(scratch, workers('meta'));
    expect(report.diagnostics.map((d) => d.code)).toContain('older-cycles');
  });

  it('such as the title are told once per input', async () => {
    using scratch = new Scratch();
    const other = scratch.put(
      'other.root',
      changed((view, at, { tree }) => view.setUint8(at + tree.offset(0, TREE.fTitle) + 1, 0x55)),
    );
    const { diagnostics } = await mergeInto(scratch, [fixture('codec_0.root'), other]);
    expect(diagnostics).toMatchObject([{ code: 'tree-extras-differ', file: other, path: '/tree' }]);
    expect(diagnostics[0]?.message).toContain('fTitle');
  });

  it('such as branches that are switched off in one input, or entries out of order in another, hide nothing', async () => {
    using scratch = new Scratch();
    const set = (view: DataView, at: number, bit: number): void => view.setUint32(at, view.getUint32(at) | bit);
    const off = scratch.put(
      'off.root',
      changed((view, at, { branches }) => set(view, at + branches.offset(1, BRANCH.fBits), 1 << 10)),
    );
    const shuffled = scratch.put(
      'shuffled.root',
      changed((view, at, { tree }) => set(view, at + tree.offset(0, TREE.fBits), 1 << 19)),
    );
    const bitsOf = async (inputs: readonly string[]): Promise<[tree: number, branch: number]> => {
      await mergeInto(scratch, inputs);
      const { scan } = openTree(scratch.path('merged.root'), 'tree');
      return [scan.tree.number(scan.view, 0, TREE.fBits) & (1 << 19), scan.branches.number(scan.view, 1, BRANCH.fBits) & (1 << 10)];
    };
    expect(await bitsOf([off, shuffled])).toEqual([1 << 19, 0]);
    expect(await bitsOf([off, off])).toEqual([0, 1 << 10]);
  });

  it('such as entries of a tree without branches are told with their file, and are no loss', async () => {
    using scratch = new Scratch();
    const counting = scratch.path('counting.root');
    await merge([fixture('special_0.root')], { output: counting, compression: 0, include: ['/bare_first'] });
    const bytes = readFileSync(counting);
    const { scan, file } = openTree(counting, 'bare_first');
    new DataView(bytes.buffer, bytes.byteOffset).setBigInt64(
      file.root.keys.seekKey(0) + file.root.keys.keylen(0) + scan.tree.offset(0, TREE.fEntries),
      5n,
    );
    const inputs = [fixture('special_0.root'), scratch.put('counting.root', bytes), fixture('special_1.root')];
    const { diagnostics } = await mergeInto(scratch, inputs, { include: ['/bare_first'] });
    expect(diagnostics).toMatchObject([{ code: 'tree-without-branches', file: inputs[1], path: '/bare_first' }]);
    const { objects } = await diffMerged(scratch.path('merged.root'), inputs, { include: ['/bare_first'] });
    expect(objects).toMatchObject([
      { path: '/bare_first', verdict: 'right', notes: [`${inputs[1]} counts 5 entries but has no branches: nothing is expected of it`] },
    ]);
  });

  it('keep the index over all entries', async () => {
    using scratch = new Scratch();
    await mergeInto(scratch, workers('meta'));
    const rows = workers('meta').reduce((sum, path) => sum + indexRows(openTree(path, 'tree')), 0);
    expect(indexRows(openTree(scratch.path('merged.root'), 'tree'))).toBe(rows);
  });
});

/** A sample, stored uncompressed, with something changed in its tree's payload, which begins at `at`. */
function changed(change: (view: DataView, at: number, scan: OpenTree['scan']) => void): Uint8Array {
  const bytes = readFileSync(fixture('codec_0.root'));
  const { scan, file } = openTree(fixture('codec_0.root'), 'tree');
  const { keys } = file.root;
  const key = Array.from({ length: keys.count }, (_, i) => i).find((i) => keys.name(i) === 'tree') as number;
  change(new DataView(bytes.buffer, bytes.byteOffset), keys.seekKey(key) + keys.keylen(key), scan);
  return bytes;
}

/** fN of the tree's index: 24 bytes per row end the object. */
function indexRows({ scan }: OpenTree): number {
  const at = scan.tree.offset(0, TREE.fTreeIndex);
  const text = Buffer.from(scan.bytes.buffer, scan.bytes.byteOffset, scan.bytes.length).toString('latin1', at);
  expect(text.slice(8, 18)).toBe('TTreeIndex');
  const bytes = scan.view.getUint32(at) & 0x3fff_ffff;
  return Math.floor((bytes - 60) / 24);
}

/** A copy of a sample with one byte of its first compressed basket changed, `offset` bytes from the basket's start. */
function damage(
  scratch: Scratch,
  name: string,
  offset: (header: ReturnType<typeof emptyBasketHeader>) => number,
): { path: string; seek: number } {
  const bytes = readFileSync(fixture(name));
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const { table, file } = openTree(fixture(name), 'tree');
  file.close();
  const header = emptyBasketHeader();
  const isCompressed = (seek: number, i: number): boolean => {
    parseBasketHeader(bytes, view, seek, seek + (table.bytes[i] as number), header);
    return (table.bytes[i] as number) - header.keylen < header.objlen;
  };
  const seek = table.seek.find(isCompressed) as number;
  const at = seek + offset(header);
  bytes[at] = (bytes[at] as number) ^ 0x41;
  return { path: scratch.put(`bad_${name}`, bytes), seek };
}

describe('a damaged basket', () => {
  it.each([
    ['fNbytes', () => 3],
    ['fObjlen', () => 9],
    ['fKeylen', () => 15],
    ['fSeekKey', () => 25],
    ['class name', () => 36],
    ['fNevBuf', (h: { keylen: number }) => h.keylen - 6],
    ['fLast', (h: { keylen: number }) => h.keylen - 3],
    ['block header', (h: { keylen: number }) => h.keylen],
  ] as const)('%s is an error that names file, tree, branch and offset', async (_field, offset) => {
    using scratch = new Scratch();
    const { path, seek } = damage(scratch, 'codec_101.root', offset);
    const error = await mergeInto(scratch, [fixture('codec_101.root'), path]).catch((err: unknown) => err);
    expect(error).toBeInstanceOf(CorruptFileError);
    expect(error).toMatchObject({ file: path });
    expect((error as CorruptFileError).objectPath).toMatch(/^\/tree;\d+: branch /);
    expect((error as CorruptFileError).offset).toBeGreaterThanOrEqual(seek);
    expect(scratch.list()).toEqual([`bad_codec_101.root`]);
  });

  it('payload is found when everything is verified', async () => {
    using scratch = new Scratch();
    const { path } = damage(scratch, 'codec_101.root', (h) => h.keylen + 40);
    const error = await mergeInto(scratch, [fixture('codec_101.root'), path], { verify: 'full' }).catch((err: unknown) => err);
    expect(error).toBeInstanceOf(CorruptFileError);
    expect(error).toMatchObject({ file: path });
  });
});

describe('trees that do not fit', () => {
  it('are refused with every difference of every input', async () => {
    using scratch = new Scratch();
    // Another tree under the same name: both files have /tree.
    const error = await mergeInto(scratch, [fixture('codec_101.root'), fixture('unknown_0.root'), fixture('objects_0.root')]).catch(
      (err: unknown) => err,
    );
    expect(error).toBeInstanceOf(MergeConflictError);
    const conflicts = (error as MergeConflictError).conflicts.filter((c) => c.path === '/tree');
    expect(new Set(conflicts.map((c) => c.code))).toEqual(new Set(['schema-differs']));
    expect(new Set(conflicts.map((c) => c.file))).toEqual(new Set([fixture('unknown_0.root'), fixture('objects_0.root')]));
    expect(conflicts.length).toBeGreaterThan(4);
    expect(scratch.list()).toEqual([]);
  });
});
