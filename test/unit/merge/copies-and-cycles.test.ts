/** Objects without a merge rule: copied once, kept as cycles, equal ones once. */
import { describe, expect, it, vi } from 'vitest';
import { BigEndianWriter } from '../../../src/io/bytes/big-endian.ts';
import { Diagnostics } from '../../../src/diagnostics.ts';
import { CorruptFileError } from '../../../src/errors.ts';
import { KeyTable } from '../../../src/io/root/container/key-table.ts';
import { RootFile, objectPath } from '../../../src/io/root/root-file.ts';
import { encodeGraph } from '../../../src/io/root/streamer/encode.ts';
import { NEW_CLASS_TAG } from '../../../src/io/root/streamer/type-codes.ts';
import { walkObject } from '../../../src/io/root/streamer/walk.ts';
import { RootFileWriter } from '../../../src/io/root/root-file-writer.ts';
import type { InputFile } from '../../../src/merge/inputs.ts';
import type { ExecuteContext } from '../../../src/merge/merger.ts';
import { MergePlan } from '../../../src/merge/plan/plan.ts';
import { planTargets } from '../../../src/merge/plan/plan-targets.ts';
import { pathFilter } from '../../../src/path-filter.ts';
import type { MergePolicy } from '../../../src/merge/policy.ts';
import { Progress } from '../../../src/merge/progress.ts';
import { TargetOutcomes } from '../../../src/merge/report/report.ts';
import { otherMerger } from '../../../src/merge/other/other-merger.ts';
import { RunPlacer } from '../../../src/merge/other/place-run.ts';
import { planProcessIds } from '../../../src/merge/other/process-ids.ts';
import { objString, type SmallItem } from '../../small-file.ts';
import { SparseSink, memorySource } from '../../sparse-file.ts';
import { fixture } from '../../scratch.ts';
import { POLICY } from '../histogram/sample-histograms.ts';
import { openTree } from '../tree/tree-contents.ts';
import { smallInputs } from './small-inputs.ts';

interface Merged {
  plan: MergePlan;
  file: RootFile;
  outcomes: TargetOutcomes;
  /** `path;cycle`, the text it holds, in the order of the key lists. */
  contents: string[];
  diagnostics: Diagnostics;
}

/** Plans and executes what has no merge rule; the output starts its objects at `position` when given. */
async function mergeInputs(
  inputs: readonly InputFile[],
  options: { policy?: Partial<MergePolicy>; position?: number } = {},
): Promise<Merged> {
  const policy = { ...POLICY, ...options.policy };
  const plan = new MergePlan(inputs);
  const diagnostics = new Diagnostics();
  planTargets(plan, pathFilter([], []), diagnostics);
  const ids = planProcessIds(plan);
  const targets = Array.from({ length: plan.targets.count }, (_, t) => t).filter((t) => plan.family(t) === 'other');
  const copies = otherMerger.plan(targets, { plan, policy, diagnostics });
  plan.assignSlots();
  const sink = new SparseSink();
  const writer = new RootFileWriter(sink, { datime: 5, compression: 101, uuidOf: () => new Uint8Array(16) });
  const directories = plan.directories.map((d) =>
    d.parent < 0
      ? writer.root
      : writer.createDirectory(writer.root, d.slot, d.path, {
          className: Buffer.from(d.className),
          name: d.nameText,
          title: d.titleText,
          cycle: 1,
        }),
  );
  if (options.position !== undefined) sink.skipTo(options.position);
  const outcomes = new TargetOutcomes(plan.targets.count);
  const ctx: ExecuteContext = { plan, policy, diagnostics, writer, directories, outcomes, progress: new Progress() };
  for (const work of [ids, copies]) await work.execute(ctx);
  writer.finish(() => new Uint8Array(100));
  const file = new RootFile(sink.source());
  const contents = file.directories.flatMap((d) =>
    Array.from({ length: d.keys.count }, (_, i) => i)
      .filter((i) => !d.children.has(i))
      .map((i) => `${objectPath(d, i)} ${textOf(file.readObject(d, i).payload)}`),
  );
  return { plan, file, outcomes, contents, diagnostics };
}

const merge = (files: readonly (readonly SmallItem[])[], policy?: Partial<MergePolicy>): Promise<Merged> =>
  mergeInputs(smallInputs(...files), policy === undefined ? {} : { policy });

/** The text of a TObjString's payload. */
function textOf(payload: Uint8Array): string {
  return Buffer.from(payload.subarray(payload[16] === 255 ? 21 : 17)).toString();
}

describe('objects of several inputs', () => {
  it('that differ become cycles: 1 for the first input, the newest listed first', async () => {
    const { contents, plan } = await merge([[objString('n', 'one')], [objString('n', 'two')], [objString('n', 'three')]]);
    expect(contents).toEqual(['/n;3 three', '/n;2 two', '/n;1 one']);
    expect([plan.disposition(0), plan.reason(0)]).toEqual(['cycles', 'no-merge-rule']);
  });

  it('that are equal are kept once, as the first input stored them', async () => {
    const { contents, plan, outcomes } = await merge([[objString('n', 'same')], [objString('n', 'same')], [objString('n', 'same')]]);
    expect(contents).toEqual(['/n;1 same']);
    expect([plan.disposition(0), plan.reason(0), outcomes.bytesCopied[0]]).toEqual([
      'copy',
      'equal-copies',
      objString('n', 'same').payload.length,
    ]);
  });

  it('are kept all on request', async () => {
    const { contents, plan } = await merge([[objString('n', 'same')], [objString('n', 'same')]], { keepEqualCopies: true });
    expect(contents).toEqual(['/n;2 same', '/n;1 same']);
    expect(plan.reason(0)).toBe('kept-by-option');
  });

  it('are equal only if class and title are equal too', async () => {
    const other = { ...objString('n', 'same'), className: 'TNamed' };
    const { contents, file } = await merge([[objString('n', 'same')], [objString('n', 'same', { title: 't' })], [other]]);
    const { keys } = file.root;
    expect([0, 1, 2].map((i) => [keys.className(i), keys.title(i), contents[i]])).toEqual([
      ['TNamed', '', '/n;3 same'],
      ['TObjString', 't', '/n;2 same'],
      ['TObjString', '', '/n;1 same'],
    ]);
  });

  it('are compared uncompressed', async () => {
    const inputs = [...smallInputs([objString('n', 'y'.repeat(1000))]), ...smallInputs([objString('n', 'y'.repeat(1000))])];
    expect((await mergeInputs(inputs.map((input, index) => ({ ...input, index })))).contents).toEqual([`/n;1 ${'y'.repeat(1000)}`]);
  });

  it('keep their own cycles in order: all of the first input, then those of the second', async () => {
    const first = [objString('n', 'a2', { cycle: 2 }), objString('n', 'a1', { cycle: 1 })];
    const second = [objString('n', 'b1', { cycle: 1 }), objString('n', 'b5', { cycle: 5 })];
    expect((await merge([first, second])).contents).toEqual(['/n;4 b5', '/n;3 b1', '/n;2 a2', '/n;1 a1']);
  });
});

describe('objects of classes that hadd adds', () => {
  const eventList = (name: string, text: string): SmallItem => ({ ...objString(name, text), className: 'TEventList' });
  it('are cycles, with one warning per class', async () => {
    const { contents, diagnostics } = await merge([
      [eventList('a', '1'), eventList('b', '1')],
      [eventList('a', '2'), eventList('b', '2')],
    ]);
    expect(contents).toEqual(['/a;2 2', '/a;1 1', '/b;2 2', '/b;1 1']);
    expect(diagnostics.list()).toEqual([
      {
        code: 'parts-not-added',
        path: '/a',
        message:
          'objects of class TEventList (this one and 1 more) are not added: every distinct copy is a cycle, and the name alone stands for the last',
      },
    ]);
  });

  it('of points, too', async () => {
    const points = (text: string): SmallItem => ({ ...objString('g', text), className: 'TH1K' });
    expect((await merge([[points('1')], [points('2')]])).diagnostics.list().map(({ code, path }) => [code, path])).toEqual([
      ['parts-not-added', '/g'],
    ]);
  });

  it('are no matter in one input', async () => {
    expect((await merge([[eventList('a', '1')], [objString('n', 'x')]])).diagnostics.list()).toEqual([]);
  });
});

describe('objects that hold trees', () => {
  /** A TList with a name of one character and one tree, by default without basket on file; the tree begins 36 bytes behind the key. */
  function listWithTree(index: number, name: string, from: readonly [string, string] = ['special_0.root', 'empty_first']): InputFile {
    const { payload, keylen, className, infos } = openTree(fixture(from[0]), from[1]);
    const graph = walkObject(payload, keylen, className, infos);
    const list = (keyBytes: number): SmallItem => {
      const tree = encodeGraph(graph, { keylen: keyBytes + 36 });
      const w = new BigEndianWriter();
      w.u32(0x4000_0000 + 2 + 10 + 2 + 4 + 4 + 10 + tree.length + 1);
      w.u16(5);
      w.raw(new Uint8Array(10)); // TObject
      w.tstring(name);
      w.i32(1);
      w.u32(0x4000_0000 + 10 + tree.length);
      w.u32(NEW_CLASS_TAG);
      w.raw(Buffer.from('TTree\0'));
      w.raw(tree);
      w.u8(0);
      return { className: 'TList', name: 'l', payload: w.done() };
    };
    const [{ file }] = smallInputs([list(0)]) as [InputFile];
    const [input] = smallInputs([list(file.root.keys.keylen(0))]) as [InputFile];
    return { ...input, index, infos, hasBranches: true };
  }

  it('in memory are cycles, with a warning', async () => {
    const { plan, diagnostics } = await mergeInputs([listWithTree(0, 'a'), listWithTree(1, 'b')]);
    expect([plan.disposition(0), plan.conflicts]).toEqual(['cycles', []]);
    expect(diagnostics.list()).toMatchObject([{ code: 'parts-not-added', path: '/l' }]);
    expect((await mergeInputs([listWithTree(0, 'a'), listWithTree(1, 'a')])).diagnostics.list()).toEqual([]);
  });

  it('with baskets on file are refused, where there is one as well as in any of several: a copy would lose them', () => {
    const [inMemory, onFile] = [listWithTree(0, 'a'), listWithTree(1, 'b', ['flat_0.root', 'tree'])];
    for (const inputs of [[inMemory, onFile], [{ ...onFile, index: 0 }]]) {
      const [plan, diagnostics] = [new MergePlan(inputs), new Diagnostics()];
      planTargets(plan, pathFilter([], []), diagnostics);
      otherMerger.plan([0], { plan, policy: POLICY, diagnostics });
      expect([plan.disposition(0), plan.conflicts]).toMatchObject([
        'refuse',
        [{ path: '/l', file: 'a.root', code: 'tree-inside-object', reason: 'it holds a tree whose baskets lie elsewhere in the file' }],
      ]);
    }
  });
});

describe('objects of one input', () => {
  it('are copied with their cycles as they are, in directories too', async () => {
    const { contents, plan } = await merge([
      [objString('n', 'new', { cycle: 7 }), objString('n', 'old', { cycle: 3 }), { directory: 'd', items: [objString('x', 'in d')] }],
    ]);
    expect(contents).toEqual(['/n;7 new', '/n;3 old', '/d/x;1 in d']);
    expect(plan.targets.slotCount.at(0)).toBe(2);
  });

  it('are copied as they are stored, with new positions and directory', async () => {
    const [input] = smallInputs([{ directory: 'd', items: [objString('x', 'y'.repeat(2000))] }]) as [InputFile];
    const { file, outcomes } = await mergeInputs([input]);
    const [from, to] = [input.file.directories[1], file.directories[1]];
    const stored = (f: RootFile, at: number): Buffer => Buffer.from(f.readStored(at).stored);
    expect(stored(file, to?.keys.seekKey(0) ?? 0)).toEqual(stored(input.file, from?.keys.seekKey(0) ?? 0));
    expect(to?.keys.seekPdir(0)).toBe(to?.record.seekDir);
    expect(outcomes.bytesCopied[0]).toBe((from?.keys.nbytes(0) ?? 0) - (from?.keys.keylen(0) ?? 0));
    expect(outcomes.bytesEncoded[0]).toBe(0);
  });

  it('are copied in the order of their records, and listed in the order of the key list', async () => {
    const [input] = smallInputs([objString('a', '1'), objString('b', '2'), objString('c', '3')]) as [InputFile];
    const { keys } = input.file.root;
    const reversed = Buffer.concat([keys.bytes.subarray(0, 4), keys.image(2), keys.image(0), keys.image(1)]);
    Object.assign(input.file.root, { keys: new KeyTable(reversed, 0) });
    const { file, contents } = await mergeInputs([input]);
    expect(contents).toEqual(['/c;1 3', '/a;1 1', '/b;1 2']);
    expect([0, 1, 2].map((i) => file.root.keys.seekKey(i)).map((at, _, all) => all.filter((x) => x < at).length)).toEqual([2, 0, 1]);
  });

  describe('in numbers', () => {
    const objects = Array.from({ length: 100 }, (_, i) => objString('n'.repeat(i + 1), 'text'.repeat(i % 7)));
    const inputs = (): InputFile[] => smallInputs(objects, [{ directory: 'd', items: objects.map((item) => ({ ...item, cycle: 3 })) }]);

    it.each([
      ['as they are', {}],
      ['across the border beyond which small keys grow', { position: 2_000_000_000 - 5000 }],
      ['where all keys grow', { position: 4_000_000_000 }],
    ])('are placed at once as they are one by one: %s', async (_, options) => {
      const shuffled = (): InputFile[] => {
        const all = inputs();
        const { root } = (all[0] as InputFile).file;
        const order = Array.from({ length: root.keys.count }, (__, i) => (i * 37) % root.keys.count);
        const list = Buffer.concat([root.keys.bytes.subarray(0, 4), ...order.map((i) => root.keys.image(i))]);
        Object.assign(root, { keys: new KeyTable(list, 0) });
        return all;
      };
      const placed = await mergeInputs(shuffled(), options);
      const placer = vi.spyOn(RunPlacer, 'of').mockReturnValue(undefined);
      const oneByOne = await mergeInputs(shuffled(), options);
      expect(placer).toHaveBeenCalledTimes(2);
      placer.mockRestore();
      expect(placed.contents).toHaveLength(200);
      expect(placed.contents).toEqual(oneByOne.contents);
      const [a, b] = [placed, oneByOne].map(({ file: { source } }) => source.read(source.sizeBytes - 30_000, 30_000)) as [Buffer, Buffer];
      expect(Buffer.compare(a, b)).toBe(0);
      expect(placed.outcomes).toEqual(oneByOne.outcomes);
    });

    it('stop the merge where the record of one says something else than the list', async () => {
      const [input] = inputs() as [InputFile, InputFile];
      const { keys } = input.file.root;
      keys.view.setUint8((keys.imageAt[70] as number) + 13, 1);
      const reason = expect.stringContaining('fDatime of the record differs from the key list') as string;
      const expected = { file: 'a.root', objectPath: `/${'n'.repeat(71)};1`, offset: keys.seekKey(70), reason };
      await expect(mergeInputs([input])).rejects.toMatchObject(expected);
    });
  });

  it.each([
    ['another length', 6, 'fObjlen'],
    ['another class', 26, 'fClassName'],
  ])('whose record says %s than the list stop the merge with file and path', async (_, field, name) => {
    const [input] = smallInputs([objString('a', '1')]) as [InputFile];
    const { keys } = input.file.root;
    const at = (keys.imageAt[0] as number) + field;
    keys.view.setUint8(at + 3, keys.view.getUint8(at + 3) ^ 1);
    const err: unknown = await mergeInputs([input]).catch((reason: unknown) => reason);
    expect(err).toBeInstanceOf(CorruptFileError);
    expect(err).toMatchObject({
      file: 'a.root',
      objectPath: '/a;1',
      reason: expect.stringContaining(`${name} of the record differs from the key list`) as string,
    });
  });

  it('are decompressed and checked when full verification is asked for', async () => {
    const [input] = smallInputs([objString('a', 'y'.repeat(2000))]) as [InputFile];
    const at = input.file.root.keys.seekKey(0) + input.file.root.keys.keylen(0) + 15;
    const bytes = input.file.source.read(0, input.file.source.sizeBytes);
    bytes[at] = (bytes[at] as number) ^ 0xff;
    const damaged = { ...input, file: new RootFile(memorySource(bytes, 'a.root')) };
    const err: unknown = await mergeInputs([damaged], { policy: { verify: 'full' } }).catch((reason: unknown) => reason);
    expect(err).toMatchObject({ code: 'CORRUPT_FILE', file: 'a.root', objectPath: '/a;1' });
  });
});

describe('beyond 2 000 000 000 bytes', () => {
  it('a small key is encoded anew with 64-bit seeks and the same contents', async () => {
    const { contents, file, outcomes } = await mergeInputs(
      smallInputs([objString('n', 'far'), { directory: 'd', items: [objString('x', 'z'.repeat(3000))] }]),
      { position: 4_000_000_000 },
    );
    expect(contents).toEqual(['/n;1 far', `/d/x;1 ${'z'.repeat(3000)}`]);
    expect([file.root.keys.isBig(0), file.root.keys.seekKey(0)]).toEqual([true, 4_000_000_000]);
    expect(outcomes.bytesEncoded[0]).toBeGreaterThan(0);
    expect(outcomes.bytesCopied[0]).toBe(0);
  });

  it('the key before the border stays small, the one after it grows', async () => {
    const inputs = smallInputs([objString('a', '1'), objString('b', '2'), objString('c', '3')]);
    const nbytes = inputs[0]?.file.root.keys.nbytes(0) ?? 0;
    const { file, contents } = await mergeInputs(inputs, { position: 2_000_000_001 - nbytes });
    expect(contents).toEqual(['/a;1 1', '/b;1 2', '/c;1 3']);
    expect([0, 1, 2].map((i) => file.root.keys.isBig(i))).toEqual([false, true, true]);
    for (let i = 0; i < 3; i++) expect(file.readKey(file.root.keys.seekKey(i)).seekKey).toBe(file.root.keys.seekKey(i));
  });

  it('no small key lies beyond it, also when records are copied in another order than they are listed', async () => {
    const [input] = smallInputs([objString('big', 'y', { pidOffset: 0x2000 }), objString('small', 'z')]) as [InputFile];
    const { keys } = input.file.root;
    const listed = new KeyTable(Buffer.concat([keys.bytes.subarray(0, 4), keys.image(1), keys.image(0)]), 0);
    Object.assign(input.file.root, { keys: listed });
    const { file, contents } = await mergeInputs([input], { position: 2_000_000_000 - listed.nbytes(0) });
    expect(contents).toEqual(['/small;1 z', '/big;1 y']);
    for (let i = 0; i < 2; i++) if (file.root.keys.seekKey(i) > 2_000_000_000) expect(file.root.keys.isBig(i)).toBe(true);
  });
});
