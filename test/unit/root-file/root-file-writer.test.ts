import { describe, expect, it } from 'vitest';
import { InternalError } from '../../../src/errors.ts';
import { BigEndianReader } from '../../../src/io/bytes/big-endian.ts';
import { parseKey } from '../../../src/io/root/container/key.ts';
import { parseFreeSegments } from '../../../src/io/root/container/free-segments.ts';
import { RootFile, type DirectoryNode } from '../../../src/io/root/root-file.ts';
import { RootFileWriter } from '../../../src/io/root/root-file-writer.ts';
import { objString, smallFile, type SmallItem } from '../../small-file.ts';
import { SparseSink, memorySource } from '../../sparse-file.ts';

const ITEMS: readonly SmallItem[] = [
  objString('note', 'first', { title: 'a title', cycle: 2 }),
  objString('note', 'older', { cycle: 1 }),
  { directory: 'a', title: 'directory a', items: [objString('x', 'y'.repeat(1000)), { directory: 'b', items: [objString('deep', 'z')] }] },
  { directory: 'empty', items: [] },
  objString('n'.repeat(300), 'long name'),
];
const text = (s: string): Uint8Array => Buffer.from(s);

/** `path;cycle` of all keys, depth first. */
function listing(node: DirectoryNode): string[] {
  return Array.from({ length: node.keys.count }, (_, i) => {
    const own = `${node.path === '/' ? '' : node.path}/${node.keys.name(i)};${node.keys.cycle(i)}`;
    const child = node.children.get(i);
    return child === undefined ? [own] : [own, ...listing(child)];
  }).flat();
}

describe('a file of the writer', () => {
  const bytes = smallFile(ITEMS);
  const file = new RootFile(memorySource(bytes));

  it('lists what was put in, in the order of the slots', () => {
    expect(listing(file.root)).toEqual([
      '/note;2',
      '/note;1',
      '/a;1',
      '/a/x;1',
      '/a/b;1',
      '/a/b/deep;1',
      '/empty;1',
      `/${'n'.repeat(300)};1`,
    ]);
    expect(file.directories.map((d) => [d.path, d.title])).toEqual([
      ['/', ''],
      ['/a', 'directory a'],
      ['/a/b', ''],
      ['/empty', ''],
    ]);
  });

  it('gives the payloads back, compressed or not', () => {
    const a = file.directories[1] as DirectoryNode;
    const { payload } = file.readObject(a, 0);
    expect(Buffer.from(payload)).toEqual(Buffer.from(objString('x', 'y'.repeat(1000)).payload));
    expect(a.keys.nbytes(0)).toBeLessThan(200);
    expect(file.readObject(file.root, 0).key).toMatchObject({
      className: 'TObjString',
      name: 'note',
      title: 'a title',
      cycle: 2,
      seekPdir: 100,
    });
    expect(file.readInfos()?.key).toMatchObject({
      className: 'TList',
      name: 'StreamerInfo',
      title: 'Doubly linked list',
      keylen: 64,
      seekPdir: 100,
    });
  });

  it('is a gapless chain of records from 100 to its end, each naming its own position and directory', () => {
    const directories = new Set([0, ...file.directories.map((d) => d.record.seekDir)]);
    const names: string[] = [];
    let at = 100;
    while (at < bytes.length) {
      const key = parseKey(new BigEndianReader(bytes, at));
      expect(key.seekKey).toBe(at);
      expect(directories.has(key.seekPdir)).toBe(true);
      names.push(key.className);
      at += key.nbytes;
    }
    expect(at).toBe(bytes.length);
    const { end, seekFree, nbytesFree, seekInfo, nbytesInfo } = file.header;
    expect([end, seekFree + nbytesFree]).toEqual([bytes.length, bytes.length]);
    expect(file.readKey(seekInfo).nbytes).toBe(nbytesInfo);
    expect(names).toEqual([
      'TFile',
      'TObjString',
      'TObjString',
      'TDirectory',
      'TObjString',
      'TDirectory',
      'TObjString',
      'TDirectory',
      'TObjString',
      'TList',
      'TFile',
      'TDirectory',
      'TDirectory',
      'TDirectory',
      'TFile',
    ]);
  });

  it('has key images equal to the records, also for directories and an empty key list', () => {
    for (const d of file.directories) {
      for (let i = 0; i < d.keys.count; i++) {
        const at = d.keys.seekKey(i);
        expect(Buffer.from(d.keys.image(i))).toEqual(Buffer.from(bytes.subarray(at, at + d.keys.keylen(i))));
      }
    }
    expect(file.directories[3]?.record.nbytesKeys).toBeGreaterThan(0);
    expect(file.directories[3]?.keys.count).toBe(0);
  });

  it('has one free segment from its end on', () => {
    const { stored } = file.readStored(file.header.seekFree);
    expect(parseFreeSegments(stored)).toEqual([{ first: bytes.length, last: 2_000_000_000 }]);
  });

  it('keeps every directory record in 60 bytes', () => {
    for (const d of file.directories.slice(1)) {
      expect(file.readKey(d.record.seekDir)).toMatchObject({ objlen: 60, nbytes: d.record.nbytesName + 60 });
    }
    expect(file.readKey(100).objlen).toBe(60 + 'merged.root'.length + 2);
    expect(file.header.nbytesName).toBe(file.readKey(100).keylen + 'merged.root'.length + 2);
  });

  it('is the same for the same contents', () => {
    expect(Buffer.compare(smallFile(ITEMS), bytes)).toBe(0);
  });

  it('without objects has no StreamerInfo record but a key list', () => {
    const empty = new RootFile(memorySource(smallFile([], { infos: false })));
    expect([empty.header.seekInfo, empty.header.nbytesInfo, empty.root.keys.count, empty.readInfos()]).toEqual([0, 0, 0, undefined]);
  });
});

describe('before the header is written', () => {
  it('the file does not begin with "root": no reader takes half a file for a whole one', () => {
    const sink = new SparseSink();
    const writer = new RootFileWriter(sink, { datime: 0, compression: 0, uuidOf: () => new Uint8Array(16) });
    writer.writeObject(
      writer.root,
      0,
      { className: text('TObjString'), name: text('x'), title: text(''), cycle: 1 },
      () => objString('x', 'y').payload,
    );
    expect([...sink.toBytes().subarray(0, 100)]).toEqual(new Array(100).fill(0));
  });
});

describe('calls in the wrong order', () => {
  it('a sink that was written to', () => {
    const sink = new SparseSink();
    sink.append(new Uint8Array(1));
    expect(() => new RootFileWriter(sink, { datime: 0, compression: 0, uuidOf: () => new Uint8Array(16) })).toThrow(InternalError);
  });
});

/** A writer whose next record starts at `position`. */
function writerAt(position: number): { writer: RootFileWriter; sink: SparseSink } {
  const sink = new SparseSink();
  const writer = new RootFileWriter(sink, { datime: 1, compression: 0, uuidOf: () => new Uint8Array(16).fill(7) });
  const below = writer.createDirectory(writer.root, 0, '/low', {
    className: text('TDirectory'),
    name: text('low'),
    title: text(''),
    cycle: 1,
  });
  expect(below.seekDir).toBeLessThan(300);
  sink.skipTo(position);
  return { writer, sink };
}

/** Stands for a list of infos. */
const INFOS = new Uint8Array(50);
const OBJECT = { className: text('TObjString'), name: text('x'), title: text(''), cycle: 1 };

describe('positions beyond 2 000 000 000', () => {
  it('make a key 8 bytes longer, and the encoder is told so', () => {
    for (const [position, keylen] of [
      [2_000_000_000, 26 + 14],
      [2_000_000_001, 34 + 14],
    ] as const) {
      const { writer } = writerAt(position);
      const seen: number[] = [];
      const written = writer.writeObject(writer.root, 1, OBJECT, (n) => (seen.push(n), objString('x', 'y').payload));
      expect(written).toMatchObject({ seekKey: position, keylen });
      expect(seen).toEqual([keylen]);
    }
  });

  it.each([2_000_000_001, 2 ** 31 + 5, 2 ** 32 + 5, 110_000_000_000, 2 ** 45])('a file with a record at %d is read again', (position) => {
    const { writer, sink } = writerAt(position);
    const infoLengths: number[] = [];
    writer.writeObject(writer.root, 1, OBJECT, () => objString('x', 'far away').payload);
    const high = writer.createDirectory(writer.root, 2, '/high', {
      className: text('TDirectory'),
      name: text('high'),
      title: text(''),
      cycle: 1,
    });
    writer.writeObject(high, 0, OBJECT, () => objString('x', 'in high').payload);
    const size = writer.finish((keylen) => (infoLengths.push(keylen), new Uint8Array(300)));
    const file = new RootFile(sink.source());

    expect(infoLengths).toEqual([72]);
    expect(file.header).toMatchObject({ version: 1_064_000, units: 8, end: size, nbytesInfo: 372 });
    expect(file.header.seekFree + file.header.nbytesFree).toBe(size);
    expect(parseFreeSegments(file.readStored(file.header.seekFree).stored)).toEqual([
      { first: size, last: Math.floor(size / 1e9) * 1e9 + 1e9 },
    ]);
    expect(listing(file.root)).toEqual(['/low;1', '/x;1', '/high;1', '/high/x;1']);
    expect(Buffer.from(file.readObject(file.root, 1).payload)).toEqual(Buffer.from(objString('x', 'far away').payload));

    const versions = [100, file.root.keys.seekKey(0), position, file.directories[2]?.record.seekDir ?? 0].map(
      (at) => file.readKey(at).version,
    );
    expect(versions).toEqual([4, 4, 1004, 1004]);
    const formAt = (at: number): number => new BigEndianReader(file.source.read(at, 2)).i16();
    expect(formAt(100 + file.header.nbytesName)).toBe(1005);
    expect(formAt((file.directories[1]?.record.seekDir ?? 0) + (file.directories[1]?.record.nbytesName ?? 0))).toBe(1005);
    expect(file.root.keys.isBig(0)).toBe(false);
    expect(file.root.keys.isBig(1)).toBe(true);
  });

  it('a file that ends exactly there stays small; one byte more and it is big', () => {
    for (const [end, version] of [
      [2_000_000_000, 64_000],
      [2_000_000_001, 1_064_000],
    ] as const) {
      const trial = writerAt(1_000_000);
      const rest = trial.writer.finish(() => INFOS) - 1_000_000;
      const { writer, sink } = writerAt(end - rest);
      writer.finish(() => INFOS);
      const file = new RootFile(sink.source());
      const grown = version === 64_000 ? 0 : 8; // the free segment's entry is 18 instead of 10 bytes
      expect(file.header).toMatchObject({ version, end: end + grown });
    }
  });
});
