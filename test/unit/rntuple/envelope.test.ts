import { describe, expect, it } from 'vitest';
import { CorruptFileError } from '../../../src/errors.ts';
import { LittleEndianReader, LittleEndianWriter } from '../../../src/io/bytes/little-endian.ts';
import {
  EnvelopeType,
  encodeEnvelope,
  openList,
  openRecord,
  parseEnvelope,
  writeListFrame,
  writeRecordFrame,
} from '../../../src/io/root/rntuple/envelope.ts';
import { parseEnvelopeLink, parseLocator, writeEnvelopeLink, writeLocator } from '../../../src/io/root/rntuple/locator.ts';

const header = (): Uint8Array => encodeEnvelope(EnvelopeType.header, (w) => w.string('abc'));

describe('envelope', () => {
  it('has type, length and checksum', () => {
    const bytes = header();
    expect(Buffer.from(bytes.subarray(0, 15)).toString('hex')).toBe('0100170000000000' + '03000000616263');
    const { payload, checksum } = parseEnvelope(bytes, EnvelopeType.header);
    expect(payload.string()).toBe('abc');
    expect(payload.remaining).toBe(0);
    expect(new DataView(bytes.buffer).getBigUint64(15, true)).toBe(checksum);
  });

  it('refuses another type, another length, any changed byte', () => {
    const bytes = header();
    expect(() => parseEnvelope(bytes, EnvelopeType.footer)).toThrow('RNTuple footer envelope has another type: expected 2, found 1');
    expect(() => parseEnvelope(bytes.subarray(0, 22), EnvelopeType.header)).toThrow(/another length/);
    expect(() => parseEnvelope(bytes.subarray(0, 12), EnvelopeType.header)).toThrow(/too short/);
    for (let at = 0; at < bytes.length; at++) {
      const copy = bytes.slice();
      copy[at] = (copy[at] as number) ^ 0x10;
      expect(() => parseEnvelope(copy, EnvelopeType.header), `byte ${at}`).toThrow(CorruptFileError);
    }
  });
});

describe('frames', () => {
  it('nest, and are left at their end whatever was read of them', () => {
    const w = new LittleEndianWriter();
    writeRecordFrame(w, () => {
      w.u32(7);
      writeListFrame(w, 2, () => {
        w.u16(1);
        w.u16(2);
      });
      w.u32(99); // of a later version
    });
    w.u32(5);
    const r = new LittleEndianReader(w.done());
    const record = openRecord(r);
    expect(record.u32()).toBe(7);
    const list = openList(record);
    expect([list.count, list.items.u16(), list.items.u16(), list.items.remaining]).toEqual([2, 1, 2, 0]);
    expect(r.u32()).toBe(5);
  });

  it.each([
    ['a list where a record must be', (w: LittleEndianWriter) => writeListFrame(w, 0, () => undefined)],
    ['a size beyond the end', (w: LittleEndianWriter) => w.i64(100n)],
    ['a size below its own head', (w: LittleEndianWriter) => w.i64(7n)],
  ])('refuse %s', (_, write) => {
    const w = new LittleEndianWriter();
    write(w);
    expect(() => openRecord(new LittleEndianReader(w.done()))).toThrow(/record frame at byte 0 has an impossible size/);
  });
});

describe('list frames', () => {
  const listOf = (bytes: bigint): LittleEndianReader => {
    const w = new LittleEndianWriter();
    w.i64(-bytes);
    for (const word of [0, 0]) w.u32(word);
    return new LittleEndianReader(w.done());
  };

  it('have room for their own head, and end before their data do', () => {
    expect([12n, 16n].map((bytes) => openList(listOf(bytes)).items.remaining)).toEqual([0, 4]);
    expect(() => openList(listOf(11n))).toThrow(
      'RNTuple list frame at byte 0 has an impossible size: expected 12 to 16 bytes, found 11 bytes',
    );
    expect(() => openList(listOf(17n))).toThrow(/list frame at byte 0 has an impossible size: .* found 17 bytes/);
    expect(() => openList(listOf(-12n))).toThrow(/list frame at byte 0 has an impossible size: .* found -12 bytes/);
  });
});

describe('locators', () => {
  it.each([
    [0, 0, 12],
    [2 ** 31 - 1, 2 ** 40, 12],
    [2 ** 31, 2 ** 40, 20],
    [2 ** 35 + 1, 2 ** 52, 20],
  ])('of %i bytes at %i take %i bytes', (storedBytes, offset, width) => {
    const w = new LittleEndianWriter();
    writeLocator(w, offset, storedBytes);
    expect(w.pos).toBe(width);
    expect(parseLocator(new LittleEndianReader(w.done()))).toEqual({ offset, storedBytes });
  });

  it('of more than 2 GiB have the bytes of RNTupleSerializer', () => {
    const w = new LittleEndianWriter();
    writeLocator(w, 0x11_2233_4455, 3e9);
    expect(Buffer.from(w.done()).toString('hex')).toBe('ecfffffe' + '005ed0b200000000' + '5544332211000000');
  });

  it('refuse object stores and broken large ones', () => {
    const w = new LittleEndianWriter();
    w.i32(-0x0200_0014);
    w.raw(new Uint8Array(16));
    expect(() => parseLocator(new LittleEndianReader(w.done()))).toThrow(/locator of type 2: the data are not stored in a ROOT file/);
    w.view.setInt32(0, -0x0100_0010, true);
    expect(() => parseLocator(new LittleEndianReader(w.done()))).toThrow(/large locator has another size: expected 20, found 16/);
  });

  it('follow the length in a link', () => {
    const w = new LittleEndianWriter();
    writeEnvelopeLink(w, { bytes: 900, storedBytes: 300, offset: 12_345 });
    expect(parseEnvelopeLink(new LittleEndianReader(w.done()))).toEqual({ bytes: 900, storedBytes: 300, offset: 12_345 });
  });
});
