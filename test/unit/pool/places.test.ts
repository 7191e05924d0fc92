/** Values inside of rows: what does not fit the counts and lengths around it is damage. */
import { describe, expect, it } from 'vitest';
import { CorruptFileError, UnsupportedError } from '../../../src/errors.ts';
import { provenanceSize } from '../../../src/io/pool/data-header-p5.ts';
import { formatGuid, parseGuid } from '../../../src/io/pool/guid.ts';
import {
  countOf,
  locateGuids,
  locateNumberVector,
  locateNumbers,
  locateOneText,
  locateTextVector,
  locateTexts,
  locateWordRows,
  numberOf,
  smallNumbersOf,
  textOf,
} from '../../../src/io/pool/places.ts';
import { memberValue } from '../../../src/io/pool/row-values.ts';
import { OFFSET_L, TypeCode } from '../../../src/io/root/streamer/type-codes.ts';
import { element } from '../streamer/sample-infos.ts';
import { RowWriter } from './row-bytes.ts';

const GUID = '06C9EAE8-6F5B-E011-BAAA-003048F0E7AC';
const row = (write: (w: RowWriter['w']) => void): RowWriter => {
  const writer = new RowWriter();
  write(writer.w);
  return writer;
};
const frame = (write: (w: RowWriter['w']) => void): RowWriter => {
  const writer = new RowWriter();
  return writer.framed(9, () => write(writer.w));
};

describe('numbers of a row', () => {
  it('are as many as their column holds', () => {
    const places = locateNumbers(row((w) => [7, 0xffff_ffff].forEach((x) => w.u32(x))).entry(), 2, 4);
    expect([numberOf(places, 0), numberOf(places, 1), smallNumbersOf(places), smallNumbersOf(places, true)]).toEqual([
      7,
      0xffff_ffff,
      [7, 0xffff_ffff],
      [7, -1],
    ]);
    expect(() => numberOf(places, 2)).toThrow('row has fewer values than it says: expected 3, found 2');
    const longs = locateNumbers(new RowWriter().long(-5n).entry(), 1, 8);
    expect(numberOf(longs, 0)).toBe(-5n);
    const shorts = locateNumbers(row((w) => w.u16(0x8001)).entry(), 1, 2);
    expect([numberOf(shorts, 0), smallNumbersOf(shorts)]).toEqual([0x8001, [0x8001]]);
  });

  it('count a vector, but not with a negative number', () => {
    expect(countOf(row((w) => w.u32(0x7fff_ffff)).entry())).toBe(0x7fff_ffff);
    expect(() => countOf(row((w) => w.u32(0x8000_0000)).entry())).toThrow('vector has a negative length: found 2147483648');
  });

  it('in a frame fill it', () => {
    const vector = (count: number, words: number) =>
      locateNumberVector(
        frame((w) => {
          w.i32(count);
          for (let i = 0; i < words; i++) w.u32(i);
        }).entry(),
        4,
      );
    expect(smallNumbersOf(vector(3, 3))).toEqual([0, 1, 2]);
    expect(locateNumberVector(new RowWriter().entry(), 4).count).toBe(0);
    expect(() => vector(3, 2)).toThrow('vector of numbers has another length: expected 12, found 8');
    expect(() => vector(-1, 0)).toThrow('vector of numbers has another length: expected -4, found 0');
  });

  it('in rows of rows end with the frame', () => {
    const rows = (write: (w: RowWriter['w']) => void) => locateWordRows(frame(write).entry()).map((places) => smallNumbersOf(places));
    expect(rows((w) => [2, 1, 10, 0].forEach((x) => w.i32(x)))).toEqual([[10], []]);
    expect(() => rows((w) => [1, 1, 10, 0].forEach((x) => w.i32(x)))).toThrow('bytes left behind the values of a column: found 4');
    expect(() => rows((w) => [1, 2, 10].forEach((x) => w.i32(x)))).toThrow(CorruptFileError);
    expect(() => rows((w) => [1, -1, 10].forEach((x) => w.i32(x)))).toThrow(CorruptFileError);
    for (const count of [-1, 100]) expect(() => rows((w) => w.i32(count))).toThrow(`vector has an impossible length: found ${count}`);
  });
});

describe('texts of a row', () => {
  it('fill their frame, whose byte count is that of the column', () => {
    const column = new RowWriter().texts(['a', 'bc']).entry();
    expect(locateTexts(column, 2).map(textOf)).toEqual(['a', 'bc']);
    expect(() => locateOneText(column)).toThrow('bytes left behind the values of a column: found 3');
    expect(() => locateTexts(column, 3)).toThrow(CorruptFileError);
    const longer = { ...column, data: new Uint8Array([...column.data, 0]), end: column.end + 1 };
    expect(() => locateTexts(longer, 2)).toThrow(/byte count of a column does not match its length: expected \d+, found \d+/);
  });

  it('in a vector are as many as it says', () => {
    const vector = (count: number) =>
      locateTextVector(
        frame((w) => {
          w.i32(count);
          for (const text of ['a', 'bc']) w.tstring(text);
        }).entry(),
      ).map(textOf);
    expect(vector(2)).toEqual(['a', 'bc']);
    expect(() => vector(1)).toThrow('bytes left behind the values of a column: found 3');
    expect(() => vector(-1)).toThrow('vector has an impossible length: found -1');
  });
});

describe('GUIDs', () => {
  it('have 16 bytes', () => {
    expect(formatGuid(parseGuid(GUID))).toBe(GUID);
    for (const bytes of [15, 17]) {
      expect(() => formatGuid(new Uint8Array(bytes))).toThrow(`a binary GUID has another length: expected 16, found ${bytes}`);
    }
    for (const text of ['', GUID.slice(1), `${GUID}0`, GUID.replace('0', 'G'), GUID.replaceAll('-', '')]) {
      expect(() => parseGuid(text)).toThrow(`not a GUID: found ${text}`);
    }
  });

  it('as objects are as long as their byte count says', () => {
    const column = new RowWriter().guids([GUID]).entry();
    const view = new DataView(column.data.buffer, column.start);
    const longer = new Uint8Array([...column.data, 0]);
    new DataView(longer.buffer, column.start).setUint32(0, view.getUint32(0) + 1);
    expect(() => locateGuids(new Map([['g', { ...column, data: longer, end: column.end + 1 }]]), 'g', 1)).toThrow(
      /byte count of a GUID does not match/,
    );
    view.setUint32(0, view.getUint32(0) - 1);
    expect(() => locateGuids(new Map([['g', column]]), 'g', 1)).toThrow(/byte count of a GUID does not match/);
  });
});

describe('the value of a member', () => {
  const valueOf = (member: ReturnType<typeof element>, writer: RowWriter) => memberValue(member, writer.entry());
  const stl = (typeName: string) => element('m', TypeCode.streamer, { typeName, storedSize: 0 });

  it('is one number, or an array of them', () => {
    expect(
      valueOf(
        element('n', TypeCode.int),
        row((w) => w.i32(-3)),
      ),
    ).toBe(-3);
    expect(
      valueOf(
        element('b', TypeCode.bool),
        row((w) => w.u8(1)),
      ),
    ).toBe(true);
    const pair = element('a', TypeCode.ushort + OFFSET_L, { arrayLength: 2, storedSize: 2 });
    expect(
      valueOf(
        pair,
        row((w) => [1, 0xffff].forEach((x) => w.u16(x))),
      ),
    ).toEqual([1, 0xffff]);
    expect(() =>
      valueOf(
        pair,
        row((w) => [1, 2, 3].forEach((x) => w.u8(x))),
      ),
    ).toThrow('member has a part of a value: expected a multiple of 2, found 3');
    for (const count of [0, 2]) {
      const writer = row((w) => Array.from({ length: count }, () => w.i32(1)));
      expect(() => valueOf(element('n', TypeCode.int), writer)).toThrow(`member n has not one value: expected 1, found ${count}`);
    }
  });

  it('is a text, or a vector of texts or numbers', () => {
    expect(valueOf(stl('string'), new RowWriter().texts(['a']))).toBe('a');
    expect(() => valueOf(stl('string'), new RowWriter().texts(['a', 'b']))).toThrow('strings do not fill their member: found 2');
    const texts = (count: number) => frame((w) => [w.i32(count), w.tstring('a')]);
    expect(valueOf(stl('vector<string>'), texts(1))).toEqual(['a']);
    for (const count of [-1, 3]) {
      expect(() => valueOf(stl('vector<string>'), texts(count))).toThrow(`vector of strings has an impossible length: found ${count}`);
    }
    expect(() => valueOf(stl('vector<string>'), texts(0))).toThrow('strings do not fill their member: found 2');
    const numbers = (count: number) => frame((w) => [count, 7, 8].forEach((x) => w.i32(x)));
    expect(valueOf(stl('vector<int>'), numbers(2))).toEqual([7, 8]);
    for (const count of [1, 3, -1]) {
      expect(() => valueOf(stl('vector<int>'), numbers(count))).toThrow(`vector does not fill its member: expected ${4 * count}, found 8`);
    }
    expect(() => valueOf(stl('map<int,int>'), numbers(1))).toThrow(UnsupportedError);
  });
});

it('a form p5 says how many elements are provenance', () => {
  expect(provenanceSize({ map: [], uints: [[2], [1]] })).toBe(2);
  for (const uints of [[], [[]], [[], [1]]]) {
    expect(() => provenanceSize({ map: [], uints })).toThrow('DataHeaderForm has no provenance size');
  }
});
