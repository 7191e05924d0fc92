/** Objects of real ROOT files, decoded and encoded again: not a byte may change. */
import { describe, expect, it } from 'vitest';
import { CorruptFileError, UnsupportedError, UsageError } from '../../../src/errors.ts';
import { openRootFile } from '../../../src/io/root/root-file.ts';
import { decodeObject } from '../../../src/io/root/streamer/object-reader.ts';
import { encodeObject } from '../../../src/io/root/streamer/object-writer.ts';
import { parseInfoRecord, parseInfoSet } from '../../../src/io/root/streamer/parse-infos.ts';
import { encodeWriterInfos, writerInfos } from '../../../src/io/root/streamer/writer-infos.ts';
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

const histograms = objects('hists_0.root', /^(TH[123][CSIFD]|TProfile(2D|3D)?)$/).filter(({ name }) => name !== 'functions');
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
