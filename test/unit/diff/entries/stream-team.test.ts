/** Comparing on several threads: the report is that of one, to the byte; what a thread cannot do is done again by the caller's. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareTrees, branchStreams, type StreamOptions } from '../../../../src/diff/entries/compare-trees.ts';
import { AbsenceNotes } from '../../../../src/diff/entries/absent-parts.ts';
import { diffFiles } from '../../../../src/diff/diff-files.ts';
import { diffMerged } from '../../../../src/diff/diff-merged.ts';
import type { DiffOptions } from '../../../../src/diff/diff-report.ts';
import { DifferenceList } from '../../../../src/diff/object/difference.ts';
import { DiffFile, placeOf, type FileObject } from '../../../../src/diff/object/file-objects.ts';
import { treeOf } from '../../../../src/diff/stream-objects.ts';
import { StreamClaims, StreamTeam, type ComparedObject } from '../../../../src/diff/entries/stream-team.ts';
import { AbortedError, UsageError } from '../../../../src/errors.ts';
import { findPackageFile } from '../../../../src/io/bytes/package-file.ts';
import { RootOutput } from '../../../../src/io/component/root-output.ts';
import type { ColumnSpec, ColumnValue } from '../../../../src/io/root/column.ts';
import { merge } from '../../../../src/merge/merge.ts';
import { Scratch, fixture } from '../../../scratch.ts';
import { random } from '../mutations.ts';

const scratch = new Scratch();
afterAll(() => scratch[Symbol.dispose]());

/** 24 columns of 100 000 random numbers: 19 MB of each kind, above the size from which threads start. */
const COLUMNS = Array.from({ length: 24 }, (_, c): ColumnSpec => ({ name: c === 22 ? 'm_token' : `c${c}`, type: 'float64' }));
const ENTRIES = 100_000;

/** Writes a tree and an RNTuple. `isChanged`: for values that are one larger. */
function write(
  name: string,
  compression: number,
  columns: readonly ColumnSpec[],
  isChanged: (entry: number, column: number) => boolean,
): string {
  const path = scratch.path(name);
  const output = new RootOutput(path, { compression, force: true });
  const writers = [output.bookTree('/', { name: 'tree', columns }), output.bookTuple('/', { name: 'tuple', columns })];
  const names = new Set(columns.map((column) => column.name));
  const next = random(7);
  const row: Record<string, ColumnValue> = {};
  for (let entry = 0; entry < ENTRIES; entry++) {
    COLUMNS.forEach((column, c) => {
      const value = next(2 ** 32) / 2 ** 20 + (isChanged(entry, c) ? 1 : 0);
      if (names.has(column.name)) row[column.name] = value;
    });
    for (const writer of writers) writer.fill(row);
  }
  output.close();
  return path;
}

let left: string;
let right: string;
let again: string;
let damaged: string;
beforeAll(async () => {
  left = write('left.root', 404, COLUMNS, () => false);
  const others = COLUMNS.map((column, c): ColumnSpec => (c === 5 || c === 17 ? { ...column, type: 'float32' } : column)).filter(
    (_, c) => c !== 9,
  );
  right = write('right.root', 404, others, (entry, c) => c % 3 === 1 && entry % 1013 === c);
  again = scratch.path('again.root');
  await merge([left], { output: again, compression: 0 });
  damaged = scratch.path('damaged.root');
  const bytes = readFileSync(right);
  bytes.fill(0x55, 9_000_000, 9_000_200); // in the baskets of the tree: these and the pages fill by turns
  writeFileSync(damaged, bytes);
}, 60_000);

/** The same comparison with 1, 2 and 3 threads, as JSON. */
async function reports(make: (options: DiffOptions) => Promise<unknown>): Promise<string[]> {
  const texts: string[] = [];
  for (const threads of [1, 2, 3]) texts.push(JSON.stringify(await make({ threads })));
  return texts;
}

describe('the report', { timeout: 60_000 }, () => {
  it('does not depend on the number of threads: differences in their order, absent branches and types between them', async () => {
    const [one, ...others] = await reports((options) => diffFiles(left, right, options));
    expect(others).toEqual([one, one]);
    const { objects } = await diffFiles(left, right, { threads: 3, maxDiffs: 1000 });
    const [tree, tuple] = objects;
    const places = tree?.differences.map(({ at }) => at.replace(/\[\d+\]$/, ''));
    expect([...new Set(places)]).toEqual(['c1', 'c4', 'branch c5', 'c7', 'branch c9', 'c10', 'c13', 'c16', 'branch c17', 'c19', 'm_token']);
    expect(tree?.differenceCount).toBe(8 * 99 + 3);
    expect(tuple?.differences.slice(0, 4).map(({ at }) => at)).toEqual(['field c5', 'field c9', 'field c17', 'c1[1]']);
  });

  it('does not with distributions, fewer than there are branches, and with tolerances', async () => {
    const [one, ...others] = await reports((options) => diffFiles(left, right, { ...options, distributions: 11, abs: 0.5 }));
    expect(others).toEqual([one, one]);
    const [tree, tuple] = (await diffFiles(left, right, { threads: 3, distributions: 11 })).objects;
    expect(tree?.distributions?.map(({ name, entryCount, mean }) => [name, entryCount, mean])[0]).toEqual(['c1', 99, 1]);
    expect([tree?.distributions?.length, tuple?.distributions?.length, tuple?.distributionsOmitted]).toEqual([8, 3, 8]);
  });

  it('does not for branches that are chosen or left out', async () => {
    const [one, ...others] = await reports((options) =>
      diffFiles(left, right, { ...options, exclude: ['/tree/c1?', '/tuple/c7'], knownHacks: true }),
    );
    expect(others).toEqual([one, one]);
    expect(one).toContain('m_token: 99 differences known to be harmless, not counted; the first at m_token[22]');
  });

  it('does not where a file is damaged: the error is the same, and so is what was found before it', async () => {
    const [one = '', ...others] = await reports((options) => diffFiles(left, damaged, { ...options, maxDiffs: 1000 }));
    expect(others).toEqual([one, one]);
    expect(one).toContain(damaged);
    expect(one).toContain('can be read');
  });

  it('does not of a merge with its inputs, nor of files compressed anew', async () => {
    const output = scratch.path('merged.root');
    await merge([left, again], { output, compression: 0 });
    const [one, ...others] = await reports((options) => diffMerged(output, [left, again], options));
    expect(others).toEqual([one, one]);
    expect((await diffFiles(left, again, { threads: 3 })).isSame).toBe(true);
  });

  it('comes with progress, and not at all when its signal fires', async () => {
    const stop = new AbortController();
    const seen: number[] = [];
    const onProgress = ({ total }: { total: number }): void => {
      seen.push(total);
      stop.abort();
    };
    await expect(diffFiles(left, again, { threads: 3, signal: stop.signal, onProgress })).rejects.toThrow(AbortedError);
    expect(seen).toEqual([2]);
  });

  it('needs a number of threads', async () => {
    for (const threads of [0, -1, 1.5, NaN]) await expect(diffFiles(left, again, { threads })).rejects.toThrow(UsageError);
  });
});

/** Compares two trees, slowly on this thread; `here`: how many streams it compared, `found`: how many all did. */
async function compareByTeam(
  program: URL,
  file: { left: string; right: string },
  sizeBytes?: number,
): Promise<{ here: number; found: number; list: DifferenceList; expected: DifferenceList }> {
  using a = new DiffFile(file.left);
  using b = new DiffFile(file.right);
  const [x, y] = [a, b].map((each) => each.objects.get('/tree')?.[0]) as [FileObject, FileObject];
  const place = placeOf(x);
  const object: ComparedObject = {
    kind: 'tree',
    left: { ...place, sizeBytes: sizeBytes ?? place.sizeBytes },
    right: [placeOf(y)],
    tolerance: {},
  };
  const options: StreamOptions = {
    tolerance: {},
    selection: { order: 'strict', match: [], ranges: undefined, pairs: undefined },
    accepts: () => true,
    isHarmless: () => false,
    step: () => Promise.resolve(),
    onJoined: () => undefined,
    share: undefined,
  };
  const expected = new DifferenceList(1e6);
  await compareTrees(treeOf(x), [treeOf(y)], options, expected);
  let here = 0;
  const streams = [
    ...branchStreams(
      { tree: treeOf(x), parts: [treeOf(y)] },
      { tolerance: {}, accepts: () => true, isKey: () => false },
      () => undefined,
      new AbsenceNotes(),
    ),
  ].map((stream) => ({ ...stream, left: { ...stream.left, chunks: () => (here++, stream.left.chunks()) } }));
  using team = new StreamTeam(program, 2);
  const list = new DifferenceList(1e6);
  const all = await team.compare(
    object,
    streams,
    () => list.limits,
    () => new Promise((resolve) => setTimeout(resolve, 30)),
  );
  for (const index of streams.keys()) {
    const found = all.get(index);
    if (found !== undefined) list.append(found);
  }
  return { here, found: all.size, list, expected };
}

describe('a team', () => {
  const program = findPackageFile('dist/src/diff/compare-worker.js') as URL;

  it('finds in every stream what one thread finds', async () => {
    const { here, found, list, expected } = await compareByTeam(program, { left: fixture('flat_0.root'), right: fixture('flat_1.root') });
    expect(here).toBeLessThan(found);
    expect(list.first.length).toBeGreaterThan(10);
    expect(expected.first.filter(({ at }) => at !== 'entries' && !/^(branch|fLen of|fMaximum of) /.test(at))).toEqual(list.first);
  });

  it('goes on without threads that cannot start, or that meet another file', async () => {
    const files = { left: fixture('flat_0.root'), right: fixture('flat_1.root') };
    const whole = await compareByTeam(program, files);
    for (const { found, list } of [await compareByTeam(new URL('absent.js', program), files), await compareByTeam(program, files, 17)]) {
      expect([found, list.first]).toEqual([whole.found, whole.list.first]);
    }
  });
});

describe('claims', () => {
  it('give each stream to one thread, and none after a stop', () => {
    const cells = StreamClaims.cells(3);
    const [a, b] = [new StreamClaims(cells), new StreamClaims(cells)];
    expect([a.take(0, 1), b.take(0, 2), b.take(1, 2)]).toEqual([true, false, true]);
    expect([a.holder(0), a.holder(1), a.holder(2)]).toEqual([1, 2, 0]);
    b.setEqual(1);
    expect([a.isEqual(1), a.isEqual(0), a.holder(1), a.take(1, 1)]).toEqual([true, false, 0, false]);
    b.stop();
    expect(a.take(2, 1)).toBe(false);
  });
});
