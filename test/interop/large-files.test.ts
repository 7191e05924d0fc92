/** Outputs beyond 2 000 000 000 bytes, where ROOT changes to 64-bit forms: real ones, and of more than 100 GB with holes. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { merge, type MergeReport } from '../../src/index.ts';
import { openRootFile } from '../../src/io/root/root-file.ts';
import { leaveGap, objString, writeSmallFile } from '../small-file.ts';
import { SparseSink } from '../sparse-file.ts';
import { answered, Oracle, type Reply } from './oracle.ts';

/** Copies of one input of 208 MB: the tenth crosses the border. */
const COPIES = 11;
const BORDER = 2_000_000_000;

let oracle: Oracle;
let folder: string;
beforeAll(() => {
  oracle = new Oracle();
  folder = mkdtempSync(join(tmpdir(), 'pool-merge-large-'));
});
afterAll(async () => {
  await oracle.close();
  rmSync(folder, { recursive: true, force: true });
});

/** An answer without a word of ROOT. */
function silent<T>(reply: Reply<T>): T {
  const result = answered(reply);
  expect(reply.messages).toEqual([]);
  return result;
}

describe('a merge of more than 2 GB', () => {
  let input: string;
  let output: string;
  let report: MergeReport;

  beforeAll(async () => {
    input = join(folder, 'input.root');
    output = join(folder, 'output.root');
    silent(await oracle.writeLargeInput(input));
    report = await merge(new Array(COPIES).fill(input), { output, keepEqualCopies: true });
  }, 120_000);

  it('is written as planned', () => {
    expect(report.output.sizeBytes).toBe(statSync(output).size);
    expect(report.output.sizeBytes).toBeGreaterThan(BORDER + 200_000_000);
    expect(report.totals.dispositions).toEqual({ cycles: 2, add: 1, concat: 1 });
  });

  it('has keys on both sides of the border, each in the form of its own position', () => {
    using file = openRootFile(output);
    const forms = file.directories.flatMap(({ keys }) =>
      Array.from({ length: keys.count }, (_, i) => [keys.seekKey(i) > BORDER, keys.isBig(i)] as const),
    );
    for (const [beyond, big] of forms) expect(big).toBe(beyond);
    expect(new Set(forms.map(([beyond]) => beyond))).toEqual(new Set([true, false]));
    expect(file.header).toMatchObject({ version: 1_064_000, units: 8 });
    expect(file.readKey(100).version).toBe(4);
  });

  it('is read by ROOT: every streamer info, labels, functions, back references, entries at every border', async () => {
    const before = silent(await oracle.readLarge(input));
    const after = silent(await oracle.readLarge(output));
    const cycles = Array.from({ length: COPIES }, (_, i) => i + 1);
    expect(after).toEqual({
      ...before,
      version: 1_064_000,
      cycles: { blob: cycles, list: cycles },
      contents: before.contents.map((content) => content * COPIES),
      entries: before.entries * COPIES,
    });
    expect(before).toMatchObject({
      lists: ['first second first second same'],
      labels: ['aaa', 'bbb', 'ccc'],
      functions: ['f1', 'f2'],
      wrong: [],
    });
  });

  it('is read by uproot', async () => {
    expect(silent(await oracle.uprootLarge(output))).toEqual({
      entries: 1_000_000 * COPIES,
      wrong: [],
      contents: [COPIES, 2 * COPIES, 3 * COPIES],
      last: 'second',
    });
  });

  it('is updated by ROOT, and everything is there afterwards', async () => {
    expect(silent(await oracle.grow(output))).toEqual([]);
    const { cycles, ...rest } = silent(await oracle.readLarge(output));
    expect(cycles.list).toHaveLength(COPIES);
    expect(rest).toMatchObject({ wrong: [], lists: ['first second first second same'], recovered: false });
    using file = openRootFile(output);
    expect(file.directories).toHaveLength(2);
  });
});

describe.each([2_000_000_001, 2 ** 31 + 100, 2 ** 32 + 100, 110_000_000_000])('a file with a hole up to %d', (position) => {
  it('is opened, listed, read and updated by ROOT', async () => {
    const path = join(folder, `hole-${position}.root`);
    const sink = new SparseSink();
    const low = [objString('low', 'before'), { directory: 'a', items: [objString('in_a', '1')] }];
    writeSmallFile(sink, [
      ...low,
      { hole: () => leapTo(sink, position) },
      objString('high', 'after'),
      { directory: 'b', items: [objString('in_b', '2')] },
    ]);
    sink.bytes.saveTo(path);
    const before = silent(await oracle.openCheck(path));
    expect(before.keys.map(({ path: key, read }) => `${key} ${read}`)).toEqual([
      'low TObjString',
      'a TDirectoryFile',
      'a/in_a TObjString',
      'high TObjString',
      'b TDirectoryFile',
      'b/in_b TObjString',
    ]);
    expect(before).toMatchObject({ recovered: false, version: 1_064_000, unread: [] });
    expect(silent(await oracle.grow(path))).toEqual([]);
    const after = silent(await oracle.openCheck(path));
    expect(after.infos).toEqual(before.infos);
    using file = openRootFile(path);
    expect(file.directories.map((d) => d.path)).toEqual(['/', '/a', '/b']);
    for (const d of file.directories) for (let i = 0; i < d.keys.count; i++) if (!d.children.has(i)) file.readObject(d, i);
    rmSync(path);
  });
});

/** Gaps of at most 2^31 bytes each, as their length is an i32. */
function leapTo(sink: SparseSink, position: number): void {
  while (position - sink.position > 1_500_000_000) leaveGap(sink, sink.position + 1_000_000_000);
  leaveGap(sink, position);
}
