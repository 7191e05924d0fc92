/** Objects of real ROOT files, decoded and encoded again: not a byte may change. */
import { describe, expect, it } from 'vitest';
import { CorruptFileError, UnsupportedError, UsageError } from '../../../src/errors.ts';
import { openRootFile } from '../../../src/io/root/root-file.ts';
import { decodeObject } from '../../../src/io/root/streamer/object-reader.ts';
import { encodeObject } from '../../../src/io/root/streamer/object-writer.ts';
import { parseInfoRecord, parseInfoSet } from '../../../src/io/root/streamer/parse-infos.ts';
import { encodeWriterInfos, writerInfos } from '../../../src/io/root/streamer/writer-infos.ts';
import type { RootList, RootObject } from '../../../src/io/root/streamer/root-object.ts';
import type { InfoSet } from '../../../src/io/root/streamer/info-set.ts';
import { fixture } from '../../scratch.ts';

interface Stored {
  name: string;
  className: string;
  keylen: number;
  payload: Uint8Array;
  infos: InfoSet;
}

/** Objects of a fixture whose class name matches. */
function objects(file: string, pattern: RegExp): Stored[] {
  using root = openRootFile(fixture(file));
  const record = root.readInfos();
  if (record === undefined) return [];
  const infos = parseInfoSet(record.payload, record.key.keylen);
  const found: Stored[] = [];
  for (const directory of root.directories) {
    for (let i = 0; i < directory.keys.count; i++) {
      const { key, payload } = root.readObject(directory, i);
      if (pattern.test(key.className)) {
        found.push({ name: key.name, className: key.className, keylen: key.keylen, payload: payload.slice(), infos });
      }
    }
  }
  return found;
}

const histograms = objects('hists_0.root', /^(TH[123][CSILFD]|TProfile(2D|3D)?)$/).filter(({ name }) => name !== 'functions');
const trees = ['flat_0.root', 'clusters_0.root', 'ntuple_0.root'].flatMap((file) => objects(file, /^TTree$/));

describe('objects', () => {
  it('are there', () => {
    expect(histograms.length).toBeGreaterThan(25);
    expect(trees.length).toBeGreaterThan(2);
  });

  it.each([...histograms, ...trees])(
    '$className $name has the same bytes after decoding and encoding',
    ({ className, keylen, payload, infos }) => {
      const object = decodeObject(payload, keylen, className, infos);
      expect(Buffer.from(encodeObject(object, infos, keylen)).equals(payload)).toBe(true);
    },
  );

  it('of a histogram with functions are decoded and encoded', () => {
    const [{ payload, keylen, className, infos }] = objects('hists_0.root', /^TH1F$/).filter(({ name }) => name === 'functions') as [
      Stored,
    ];
    const object = decodeObject(payload, keylen, className, infos);
    expect(object['fFunctions']).toMatchObject({
      arr: [
        { _typename: 'TLine', fX1: 0, fX2: 1 },
        { _typename: 'TLine', fX1: 1, fX2: 2 },
      ],
    });
    expect(Buffer.from(encodeObject(object, infos, keylen)).equals(payload)).toBe(true);
  });

  it('have tags that count from another key length', () => {
    const [labels] = histograms.filter(({ name }) => name === 'labels') as [Stored];
    const object = decodeObject(labels.payload, labels.keylen, labels.className, labels.infos);
    const moved = encodeObject(object, labels.infos, labels.keylen + 8);
    expect(Buffer.from(moved).equals(labels.payload)).toBe(false);
    expect(decodeObject(moved, labels.keylen + 8, labels.className, labels.infos)).toEqual(object);
  });

  it('are refused where they are cut, or hold what cannot be read', () => {
    const [{ payload, keylen, className, infos }] = histograms as [Stored];
    expect(() => decodeObject(payload.subarray(0, 100), keylen, className, infos)).toThrow(CorruptFileError);
    const longer = payload.slice();
    new DataView(longer.buffer).setUint32(0, new DataView(longer.buffer).getUint32(0) + 1);
    expect(() => decodeObject(longer, keylen, className, infos)).toThrow(CorruptFileError);
    const [efficiency] = objects('others_0.root', /^TEfficiency$/) as [Stored];
    expect(() => decodeObject(efficiency.payload, efficiency.keylen, efficiency.className, efficiency.infos)).toThrow(UnsupportedError);
  });

  it('of classes whose own Streamer() stores what no info says are unsupported, not damaged', () => {
    const map = Buffer.from('40000011' + '0003' + '0001' + '00000000' + '00000000' + '00' + '00000000', 'hex'); // a TMap without pairs
    expect(() => decodeObject(map, 0, 'TMap', writerInfos())).toThrow(UnsupportedError);
  });

  describe('of a list', () => {
    const named = (name: string): RootObject => ({ _typename: 'TNamed', fUniqueID: 0, fBits: 0, fName: name, fTitle: '' });
    const [a, b] = [named('a'), named('b')];
    const list: RootList = { _typename: 'TList', name: 'x', arr: [a, b, a, null], opt: ['', 'o', '', ''] };
    const array: RootList = { _typename: 'TObjArray', name: 'x', arr: [a, null, a] };
    const bytesOf = (object: RootObject): Uint8Array => encodeObject(object, writerInfos(), 70);
    const decode = (bytes: Uint8Array, className = 'TList') => decodeObject(bytes, 70, className, writerInfos());

    it('are one object where it is listed twice', () => {
      const read = decode(bytesOf(list)) as RootList;
      expect(read).toMatchObject({ name: 'x', arr: [{ fName: 'a' }, { fName: 'b' }, { fName: 'a' }, null], opt: ['', 'o', '', ''] });
      expect(read.arr[2]).toBe(read.arr[0]);
      expect(decode(bytesOf(array), 'TObjArray')).toMatchObject({ name: 'x', arr: [{ fName: 'a' }, null, { fName: 'a' }] });
    });

    /** Where in the list: version 4, TObject 6, fBits 12, name 16, number 18, object 22, its class tag 26, its version 41. */
    const set16 = (at: number, value: number) => (view: DataView) => view.setInt16(at, value);
    const set32 = (at: number, value: number) => (view: DataView) => view.setUint32(at, value);
    const last32 = (find: number, value: number) => (view: DataView) => {
      for (let at = view.byteLength - 4; at >= 0; at--) if (view.getUint32(at) === find) return view.setUint32(at, value);
      throw new Error('no such word');
    };
    const classTag = 0x8000_0000 + 26 + 70 + 2;
    const objectTag = 22 + 70 + 2;

    it.each<[string, string, (view: DataView) => void, RootObject?]>([
      ['UNSUPPORTED', 'TList of version 6 is not read', set16(4, 6)],
      ['UNSUPPORTED', 'TObject of version 2 is not read', set16(6, 2)],
      ['UNSUPPORTED', 'an object that a TRef refers to is not decoded', set32(12, 0x10)],
      ['UNSUPPORTED', 'an object without byte count is not read', set32(0, 5)],
      ['UNSUPPORTED', 'no streamer info for version 9 of TNamed', set16(41, 9)],
      ['CORRUPT_FILE', 'TList has another length than its byte count says', set32(18, 3)],
      ['CORRUPT_FILE', 'list is longer than its object: found -1', set32(18, 0xffff_ffff)],
      ['CORRUPT_FILE', 'list is longer than its object: found 1000', set32(18, 1000)],
      ['CORRUPT_FILE', `tag refers to no object read before: found ${objectTag + 1}`, last32(objectTag, objectTag + 1)],
      ['CORRUPT_FILE', `tag refers to no class named before: found ${classTag + 1}`, last32(classTag, classTag + 1)],
      ['UNSUPPORTED', 'TObjArray of version 4 is not read', set16(4, 4), array],
      ['UNSUPPORTED', 'a TObjArray that does not begin at 0 is not read', set32(22, 1), array],
      ['CORRUPT_FILE', 'list is longer than its object: found -1', set32(18, 0xffff_ffff), array],
    ])('are refused, %s: %s', (code, reason, change, object = list) => {
      const bytes = bytesOf(object).slice();
      change(new DataView(bytes.buffer));
      const err = expect.objectContaining({ code, message: expect.stringContaining(reason) as string }) as Error;
      expect(() => decode(bytes, object._typename)).toThrow(err);
    });

    it('are refused with bytes behind them, and an array where it is longer than they are', () => {
      expect(() => decode(new Uint8Array([...bytesOf(list), 0]))).toThrow('bytes left behind the object: found 1');
      const integers = (count: number) => decode(Uint8Array.from([...new Uint8Array(3), count, 0, 0, 0, 5, 0, 0, 0, 6]), 'TArrayI');
      expect(integers(2)).toMatchObject({ fN: 2, fArray: [5, 6] });
      expect(() => integers(3)).toThrow('array is longer than its object: found 3');
      expect(() => decode(new Uint8Array(8).fill(0xff), 'TArrayI')).toThrow('array is longer than its object: found -1');
    });
  });

  it.each([
    [{ fTitle: undefined }, 'member TNamed::fTitle is missing'],
    [{ fName: 5 }, 'member TNamed::fName is no string'],
    [{ fXaxis: 5 }, 'member TH1::fXaxis is no object'],
    [{ fXaxis: null }, 'member TH1::fXaxis is no object'],
    [{ fSumw2: 5 }, 'member TH1::fSumw2 is no array'],
    [{ fEntries: '5' }, 'member TH1::fEntries is no number'],
  ])('are not written with %j', (change, message) => {
    const [histogram] = histograms.filter((each) => each.className === 'TH1D') as [Stored];
    const object = decodeObject(histogram.payload, histogram.keylen, 'TH1D', histogram.infos);
    expect(() => encodeObject({ ...object, ...change }, histogram.infos, 0)).toThrow(UsageError);
    expect(() => encodeObject({ ...object, ...change }, histogram.infos, 0)).toThrow(message);
  });

  it('are not written with members missing or of another type', () => {
    const named = { _typename: 'TNamed', fUniqueID: 0, fBits: 0, fName: 'n', fTitle: 't' };
    expect(Buffer.from(encodeObject(named, writerInfos(), 0)).toString('hex')).toBe('40000010000100010000000000000000016e0174');
    expect(() => encodeObject({ _typename: 'TNamed', fName: 'n' }, writerInfos(), 0)).toThrow(UsageError);
    expect(() => encodeObject({ _typename: 'TAttFill', fFillColor: 'red', fFillStyle: 1 }, writerInfos(), 0)).toThrow(UsageError);
    expect(() => encodeObject({ _typename: 'MyClass' }, writerInfos(), 0)).toThrow(UsageError);
  });
});

describe('streamer infos of a written file', () => {
  it('are those of the classes its objects consist of, for any key length', () => {
    for (const keylen of [64, 72]) {
      const { infos, rules } = parseInfoRecord(encodeWriterInfos(['TH1D', 'TObjString'], keylen), keylen);
      const names = infos.map(({ className, classVersion }) => `${className};${classVersion}`);
      expect(names).toEqual(expect.arrayContaining(['TH1D;3', 'TH1;8', 'TNamed;1', 'TAxis;10', 'TObjString;1']));
      expect(names.some((name) => name.startsWith('TTree') || name.startsWith('TH2'))).toBe(false);
      expect(rules).toEqual([]);
    }
  });
});
