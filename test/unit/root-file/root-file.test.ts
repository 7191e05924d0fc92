/** Strict opening: one damage at a time in a sound file, each found and named. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CorruptFileError, PoolMergeError } from '../../../src/errors.ts';
import { RootFile, joinPath, objectPath, openRootFile, type DirectoryNode } from '../../../src/io/root/root-file.ts';
import { Scratch, fixture } from '../../scratch.ts';
import { objString, smallFile } from '../../small-file.ts';
import { memorySource } from '../../sparse-file.ts';
import { thrownBy } from '../../thrown.ts';

const GOOD = smallFile([objString('one', 'y'.repeat(1000)), { directory: 'd', items: [objString('two', 'x')] }, objString('three', 'z')]);
const good = new RootFile(memorySource(GOOD));
const { header, root } = good;
const below = good.directories[1] as DirectoryNode;
/** File offsets of fields that the tests change. */
const AT = {
  rootData: 100 + header.nbytesName,
  belowData: below.record.seekDir + below.record.nbytesName,
  rootList: root.record.seekKeys + good.readKey(root.record.seekKeys).keylen,
  one: root.keys.seekKey(0),
};

interface Change {
  at: number;
  /** 32 bits, big-endian. */
  to: number;
}

function damaged(...changes: Change[]): Uint8Array {
  const copy = Uint8Array.from(GOOD);
  const view = new DataView(copy.buffer);
  for (const { at, to } of changes) view.setInt32(at, to);
  return copy;
}

const open = (bytes: Uint8Array): RootFile => new RootFile(memorySource(bytes));

describe('a damaged file is refused when it is opened:', () => {
  const imageAt = (i: number): number => AT.rootList + (root.keys.imageAt[i] as number);
  it.each<[string, Uint8Array, string, Partial<CorruptFileError>]>([
    ['empty', new Uint8Array(0), 'file is empty', {}],
    ['no ROOT file', Buffer.from('x'.repeat(200)), 'it does not begin with "root"', { offset: 0 }],
    ['cut by a byte', GOOD.subarray(0, -1), 'file is truncated', { expected: `${GOOD.length} bytes`, found: `${GOOD.length - 1} bytes` }],
    ['cut inside the header', GOOD.subarray(0, 50), 'file is truncated', {}],
    ['fSeekFree 0', damaged({ at: 16, to: 0 }), 'no free-segment record: it was never closed', { offset: 16 }],
    ['a first record outside', damaged({ at: 8, to: GOOD.length }), 'record lies outside the file', {}],
    ['fNbytesName too large', damaged({ at: 28, to: GOOD.length }), 'impossible first record', { offset: 28 }],
    ['fNbytesName too small', damaged({ at: 28, to: 10 }), 'impossible first record', { offset: 28, found: 10 }],
    [
      'fNbytesName one more',
      damaged({ at: 28, to: header.nbytesName + 1 }),
      'another length of names',
      { expected: header.nbytesName + 1, found: header.nbytesName },
    ],
    ['fNbytesName one less', damaged({ at: 28, to: header.nbytesName - 1 }), 'data ends too early', {}],
    ['no StreamerInfo record', damaged({ at: 37, to: 0 }), 'no StreamerInfo record: it was never closed', { offset: 37 }],
    ['StreamerInfo outside', damaged({ at: 37, to: GOOD.length }), 'StreamerInfo record lies outside the file', { offset: 37 }],
    ['StreamerInfo without length', damaged({ at: 41, to: 0 }), 'StreamerInfo record lies outside the file', {}],
    ['fSeekKeys 0 in the root', damaged({ at: AT.rootData + 26, to: 0 }), 'directory has no key list', { offset: 100 }],
    [
      'fSeekKeys 0 below, with a length',
      damaged({ at: AT.belowData + 26, to: 0 }),
      'directory has no key list',
      { offset: below.record.seekDir },
    ],
    ['fSeekKeys outside', damaged({ at: AT.rootData + 26, to: GOOD.length - 3 }), 'key list lies outside the file', {}],
    ['fNbytesKeys too large', damaged({ at: AT.rootData + 10, to: GOOD.length }), 'key list lies outside the file', {}],
    ['fNbytesKeys smaller than the key', damaged({ at: AT.rootData + 10, to: 8 }), 'data lies outside the file', {}],
    ['fNbytesKeys 8 less', damaged({ at: AT.rootData + 10, to: root.record.nbytesKeys - 8 }), 'key list is cut in key 3 of 3', {}],
    [
      'fNbytesKeys 8 more',
      damaged({ at: AT.rootData + 10, to: root.record.nbytesKeys + 8 }),
      'key list has another length than its directory says',
      { expected: root.record.nbytesKeys + 8, found: root.record.nbytesKeys },
    ],
    [
      'fSeekDir of the root elsewhere',
      damaged({ at: AT.rootData + 18, to: 160 }),
      'directory names another position',
      { expected: 100, found: 160 },
    ],
    ['fSeekDir below elsewhere', damaged({ at: AT.belowData + 18, to: 100 }), 'directory names another position', { found: 100 }],
    [
      'an impossible number of keys',
      damaged({ at: AT.rootList, to: 1000 }),
      'impossible number of keys',
      { offset: AT.rootList, found: 1000 },
    ],
    [
      'a key beyond the end',
      damaged({ at: imageAt(0) + 18, to: GOOD.length - 10 }),
      'key one;1 names a record outside the file',
      { offset: imageAt(0) },
    ],
    ['a key inside the header', damaged({ at: imageAt(0) + 18, to: 10 }), 'key one;1 names a record outside the file', {}],
    ['a key shorter than itself', damaged({ at: imageAt(0), to: 5 }), 'key one;1 names a record outside the file', {}],
    ['a key with negative fObjlen', damaged({ at: imageAt(0) + 6, to: -5 }), 'key one;1 names a record outside the file', {}],
    ['a directory that is the root', damaged({ at: imageAt(1) + 18, to: 100 }), 'directory is listed twice', { offset: 100 }],
  ])('%s', (_, bytes, reason, fields) => {
    const err = thrownBy(CorruptFileError, () => open(bytes));
    expect(err.reason).toContain(reason);
    expect(err).toMatchObject(fields);
  });

  it('cut anywhere', () => {
    for (let length = 0; length < GOOD.length; length += 7) expect(() => open(GOOD.subarray(0, length))).toThrow(CorruptFileError);
  });
});

describe('a file that is longer than it says', () => {
  it('is accepted when the free segments end where it says: ROOT moves fEND back', () => {
    const paths = open(GOOD).directories.map(({ path }) => path);
    for (const rest of [Buffer.alloc(500), Buffer.from('some text that is no record at all')]) {
      expect(open(Buffer.concat([GOOD, rest])).directories.map(({ path }) => path)).toEqual(paths);
    }
  });

  it('is refused when a record follows: it was written to after its header', () => {
    const record = Uint8Array.from(GOOD.subarray(AT.one, AT.one + 60));
    new DataView(record.buffer).setInt32(18, GOOD.length);
    expect(() => open(Buffer.concat([GOOD, record]))).toThrow('it was never closed');
  });

  it('is refused when its header is older than its free segments', () => {
    const bytes = damaged({ at: 12, to: GOOD.length - 1 });
    expect(() => open(bytes)).toThrow(CorruptFileError);
  });
});

describe('reading an object', () => {
  it.each([
    ['fNbytes', 0, 'fNbytes of the record differs from the key list'],
    ['fObjlen', 6, 'fObjlen of the record differs from the key list'],
  ])('whose record has another %s than the list says is refused with file, path and place', (_, field, reason) => {
    const old = new DataView(GOOD.buffer).getInt32(AT.one + field);
    const file = open(damaged({ at: AT.one + field, to: old - 1 }));
    const err = thrownBy(CorruptFileError, () => file.readObject(file.root, 0));
    expect(err.reason).toContain(reason);
    expect(err).toMatchObject({ file: 'memory.root', objectPath: '/one;1', offset: AT.one, expected: old, found: old - 1 });
  });

  it('whose record has another class than the list says is refused: the class decides how it is merged', () => {
    const className = root.keys.className(0);
    const at = AT.one + 27;
    const file = open(damaged({ at: AT.one + 24, to: new DataView(GOOD.buffer).getInt32(AT.one + 24) ^ 1 }));
    expect(at).toBe(AT.one + root.keys.classText(0).byteOffset - root.keys.image(0).byteOffset);
    expect(thrownBy(CorruptFileError, () => file.readObject(file.root, 0))).toMatchObject({
      reason: `fClassName of the record differs from the key list: expected ${className}, found ${String.fromCharCode(className.charCodeAt(0) ^ 1)}${className.slice(1)}`,
      objectPath: '/one;1',
    });
  });

  it('whose compressed bytes are damaged is refused with file, path and place', () => {
    const bytes = Uint8Array.from(GOOD);
    const payloadAt = AT.one + root.keys.keylen(0);
    bytes[payloadAt + 12] = (bytes[payloadAt + 12] as number) ^ 0xff;
    const file = open(bytes);
    expect(thrownBy(CorruptFileError, () => file.readObject(file.root, 0))).toMatchObject({
      file: 'memory.root',
      objectPath: '/one;1',
      offset: payloadAt,
    });
    expect(file.readObject(file.root, 2).key.name).toBe('three');
  });

  it('whose record lies over the end', () => {
    const file = open(GOOD);
    expect(thrownBy(CorruptFileError, () => file.readKey(GOOD.length)).reason).toContain('record lies outside the file');
    expect(thrownBy(CorruptFileError, () => file.readKey(50)).reason).toContain('record lies outside the file');
  });
});

describe('streamer infos', () => {
  it.each([1, -1])('whose record is %d byte longer than the header says are refused', (difference) => {
    const file = open(damaged({ at: 41, to: header.nbytesInfo - difference }));
    for (const read of [() => file.readInfos(), () => file.readStoredInfos()]) {
      expect(thrownBy(CorruptFileError, read)).toMatchObject({
        file: 'memory.root',
        objectPath: 'StreamerInfo',
        expected: header.nbytesInfo - difference,
        found: header.nbytesInfo,
      });
    }
  });
});

describe('directories', () => {
  it('nested a thousand deep are read, deeper ones refused', () => {
    const nest = (depth: number): Uint8Array => {
      let items: Parameters<typeof smallFile>[0] = [objString('x', 'y')];
      for (let i = 0; i < depth; i++) items = [{ directory: 'd', items }];
      return smallFile(items);
    };
    expect(open(nest(1000)).directories).toHaveLength(1001);
    expect(() => open(nest(1001))).toThrow('directories are nested more than 1000 deep');
  });

  it('know their path, parent and cycle', () => {
    expect([below.path, below.name, below.cycle, below.parent === root]).toEqual(['/d', 'd', 1, true]);
    expect([joinPath('/', 'x'), joinPath('/a', 'x'), objectPath(below, 0), objectPath(root, 0)]).toEqual([
      '/x',
      '/a/x',
      '/d/two;1',
      '/one;1',
    ]);
  });
});

describe('files on disk', () => {
  it('of ROOT are opened with their header, directories and infos', () => {
    using file = openRootFile(fixture('dirnames_0.root'));
    expect(file.header).toMatchObject({ begin: 100, units: 4, compress: 101, end: readFileSync(fixture('dirnames_0.root')).length });
    expect(file.directories.map((d) => d.path)).toEqual(['/', '/a:b', '/x;y', '/with blank', '/été', '/dot.dot', '/empty_directory']);
    expect(file.readInfos()?.key.name).toBe('StreamerInfo');
  });

  it('that cannot be opened are named in the error', () => {
    using scratch = new Scratch();
    const path = scratch.put('bad.root', 'no ROOT file');
    expect(() => openRootFile(path)).toThrow(PoolMergeError);
    expect(() => openRootFile(path)).toThrow(`${path}: not a ROOT file`);
  });
});
