import { describe, expect, it } from 'vitest';
import { CorruptFileError } from '../../../src/errors.ts';
import {
  checkBasketHeader,
  emptyBasketHeader,
  encodeBasketRecord,
  parseBasketHeader,
  parseBasketPayload,
  sealBasketRecord,
  type BasketHeader,
} from '../../../src/io/root/tree/basket.ts';
import { entryBounds, entryBytes } from '../../../src/io/root/tree/branch-rows.ts';
import { hasBuffer, parseEmbeddedBasket } from '../../../src/io/root/tree/embedded-basket.ts';
import { fixture } from '../../scratch.ts';
import { openTree, readBasket } from './tree-contents.ts';

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

function parsed(bytes: Uint8Array): BasketHeader {
  const header = emptyBasketHeader();
  parseBasketHeader(bytes, viewOf(bytes), 0, bytes.length, header);
  return header;
}

/** A record as ROOT 3 wrote it: key version 2 (32-bit seeks), two entries of 3 and 5 bytes with offsets. */
function smallKeyRecord(ioBits?: number): Uint8Array {
  const strings = Buffer.from('\u0007TBasket\u0001x\u0001t', 'latin1');
  const ownBytes = ioBits === undefined ? 19 : 20;
  const keylen = 26 + strings.length + ownBytes;
  const bytes = new Uint8Array(keylen + 8 + 16);
  const view = viewOf(bytes);
  view.setInt32(0, bytes.length);
  view.setUint16(4, 2);
  view.setInt32(6, 24);
  view.setUint16(14, keylen);
  view.setInt16(16, 1);
  view.setUint32(18, 500);
  view.setUint32(22, 100);
  bytes.set(strings, 26);
  let at = 26 + strings.length;
  view.setInt16(at, 2);
  view.setInt32(at + 2, 32000);
  view.setInt32(at + 6, ioBits === undefined ? 1000 : -1000);
  at += 10;
  if (ioBits !== undefined) view.setUint8(at++, ioBits);
  view.setInt32(at, 2);
  view.setInt32(at + 4, keylen + 8);
  bytes.set([1, 2, 3, 4, 5, 6, 7, 8], keylen);
  [3, keylen, keylen + 3, 0].forEach((value, i) => view.setInt32(keylen + 8 + 4 * i, value));
  return bytes;
}

describe('basket header', () => {
  it('is read with and without I/O bits', () => {
    expect(parsed(smallKeyRecord())).toMatchObject({
      keyVersion: 2,
      seekKey: 500,
      nevBuf: 2,
      nevBufSize: 1000,
      ioBits: 0,
      flag: 0,
      objlen: 24,
    });
    expect(parsed(smallKeyRecord(1))).toMatchObject({
      nevBuf: 2,
      nevBufSize: -1000,
      ioBits: 1,
      last: parsed(smallKeyRecord(1)).keylen + 8,
    });
  });

  it('agrees with the tree, or the error says what does not', () => {
    const record = smallKeyRecord();
    const header = parsed(record);
    const check = (changed: Partial<BasketHeader>) => () => checkBasketHeader({ ...header, ...changed }, 500, record.length, 2);
    expect(check({})).not.toThrow();
    expect(check({ nbytes: 7 })).toThrow(/fNbytes/);
    expect(check({ seekKey: 501 })).toThrow(/fSeekKey/);
    expect(check({ nevBuf: 3 })).toThrow(/fNevBuf/);
    expect(check({ last: header.keylen - 1 })).toThrow(/fLast/);
    expect(check({ objlen: 25 })).toThrow(/fObjlen/);
    const { keylen } = header;
    const short = keylen - 1; // of a record that ends inside of its key
    expect(() => checkBasketHeader({ ...header, nbytes: short }, 500, short, 2)).toThrow(
      `fKeylen of the basket does not agree with the tree: expected at most ${short}, found ${keylen}`,
    );
    expect(() => checkBasketHeader({ ...header, nbytes: keylen }, 500, keylen, 2)).not.toThrow();
  });

  it.each([0, 20, 40, 50])('cut after %s bytes is an error', (length) => {
    expect(() => parsed(smallKeyRecord().slice(0, length))).toThrow(CorruptFileError);
  });

  it('of another class is an error', () => {
    const record = smallKeyRecord();
    record[30] = 0x58;
    expect(() => parsed(record)).toThrow(/no basket/);
  });
});

describe('entries of a basket', () => {
  const record = smallKeyRecord();
  const header = parsed(record);
  const parts = parseBasketPayload(header, record, record.subarray(header.keylen));
  const fixed = { ...parts, offsets: undefined, displacements: undefined };

  it('lie between their offsets, which must ascend inside of the data', () => {
    expect([...entryBounds(parts)]).toEqual([0, 3, 8]);
    const bounds = (...at: number[]) => [...entryBounds({ ...parts, offsets: Int32Array.from(at, (x) => header.keylen + x) })];
    expect([bounds(0, 0), bounds(0, 8)]).toEqual([
      [0, 0, 8],
      [0, 8, 8],
    ]);
    expect(() => bounds(3, 2)).toThrow('entry offsets of a basket do not ascend: expected at most 2, found 3');
    expect(() => bounds(0, 9)).toThrow('entry offsets of a basket do not ascend: expected at most 8, found 9');
    expect(() => bounds(-1, 2)).toThrow('entry offsets of a basket do not ascend: expected at most 2, found -1');
  });

  it('of one size fill it', () => {
    expect([...entryBounds(fixed)]).toEqual([0, 4, 8]);
    expect([entryBytes(fixed), entryBytes(parts)]).toEqual([4, 0]);
    const odd = { ...fixed, data: parts.data.subarray(0, 7) };
    expect(() => entryBytes(odd)).toThrow('entries of one size do not fill their basket: expected a multiple of 2, found 7');
    expect(() => entryBounds(odd)).toThrow(CorruptFileError);
  });

  it('are not known where their offsets are computed from another branch', () => {
    const generated = { ...fixed, header: { ...header, flag: 80 } };
    expect(() => entryBounds(generated)).toThrow('basket whose entry offsets are not stored');
    expect(entryBytes(generated)).toBe(0);
    expect([...entryBounds({ ...generated, data: new Uint8Array(0), header: { ...header, flag: 80, nevBuf: 0 } })]).toEqual([0]);
  });
});

describe('an embedded basket', () => {
  const tree = openTree(fixture('embedded_0.root'), 'tree');
  const of = (wants: (parts: ReturnType<typeof readBasket>) => boolean): { bytes: Uint8Array; keylen: number } => {
    const found = tree.table.embedded.find(({ basket }) => wants(readBasket(tree, basket)));
    if (found === undefined) throw new Error('no such basket');
    const { start, end } = found.where;
    return { bytes: tree.payload.slice(start, end), keylen: readBasket(tree, found.basket).header.keylen };
  };
  const plain = of(({ offsets }) => offsets === undefined);
  const varying = of(({ offsets }) => offsets !== undefined);
  const parse = ({ bytes }: { bytes: Uint8Array }, at = 0, value = 0) => {
    const copy = bytes.slice();
    if (at > 0) viewOf(copy).setInt32(at, viewOf(copy).getInt32(at) + value);
    return parseEmbeddedBasket(copy, 0, copy.length);
  };

  it('holds as many bytes as it says, and nothing behind them', () => {
    expect(parse(plain).data.length).toBeGreaterThan(0);
    const last = plain.keylen - 5; // fLast
    expect(() => parse(plain, last, 1)).toThrow(/embedded basket ends too early: expected \d+ bytes, found \d+ bytes/);
    expect(() => parse(plain, last, -1)).toThrow(/bytes left behind an embedded basket/);
    expect(() => parse({ bytes: plain.bytes.slice(0, -1) })).toThrow(/embedded basket ends too early/);
    const negative = plain.keylen - 1 - viewOf(plain.bytes).getInt32(last);
    expect(() => parse(plain, last, negative)).toThrow(
      `embedded basket has no buffer: expected fLast of at least ${plain.keylen}, found ${plain.keylen - 1}`,
    );
  });

  it('has an offset per entry at least', () => {
    const count = parse(varying).header.nevBuf;
    const stored = viewOf(varying.bytes).getInt32(varying.keylen);
    expect(stored).toBeGreaterThanOrEqual(count);
    expect(() => parse(varying, varying.keylen, count - 1 - stored)).toThrow(
      `offset array of an embedded basket is short: expected ${count}, found ${count - 1}`,
    );
    expect(() => parse(varying, varying.keylen, varying.bytes.length)).toThrow(/embedded basket ends too early/);
  });
});

describe('basket record', () => {
  it('with a 32-bit key gets a 64-bit one, and offsets that count from it', () => {
    const old = smallKeyRecord();
    const header = parsed(old);
    const { key, payload } = encodeBasketRecord(parseBasketPayload(header, old, old.subarray(header.keylen)));
    sealBasketRecord(key, payload.length, 3_000_000_000, 2_500_000_000, 4);
    const record = Buffer.concat([key, payload]);
    const next = parsed(record);
    expect(next).toMatchObject({
      keyVersion: 1002,
      keylen: header.keylen + 8,
      seekKey: 3_000_000_000,
      pidOffset: 4,
      last: header.last + 8,
      nevBuf: 2,
    });
    expect(record.subarray(26, 34).toString('hex')).toBe('000400009502f900');
    const parts = parseBasketPayload(next, record, payload);
    expect([...parts.data]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect([...(parts.offsets ?? [])]).toEqual([next.keylen, next.keylen + 3]);
  });

  it('of ROOT is rebuilt byte by byte', () => {
    const tree = openTree(fixture('flat_0.root'), 'tree');
    for (let basket = 0; basket < tree.table.seek.length; basket++) {
      const parts = readBasket(tree, basket);
      const { key } = encodeBasketRecord(parts);
      const { seekKey, nbytes, keylen } = parts.header;
      const pdir = Number(viewOf(parts.source).getBigInt64(26) & 0xffff_ffff_ffffn);
      sealBasketRecord(key, nbytes - keylen, seekKey, pdir, parts.header.pidOffset);
      expect(Buffer.from(key)).toEqual(Buffer.from(parts.source.subarray(0, keylen)));
    }
  });

  it('is written with the payload that was read, unless data or offsets are others', () => {
    const tree = openTree(fixture('flat_0.root'), 'tree');
    let withOffsets = 0;
    for (let basket = 0; basket < tree.table.seek.length; basket++) {
      const parts = readBasket(tree, basket);
      const { payload } = encodeBasketRecord(parts);
      expect(payload.buffer).toBe(parts.data.buffer);
      const data = parts.data.map((byte) => byte ^ 255);
      const changed = encodeBasketRecord({ ...parts, data }).payload;
      expect(changed.length).toBe(payload.length);
      expect(changed.subarray(0, data.length)).toEqual(data);
      if (parts.offsets === undefined) continue;
      const moved = encodeBasketRecord({ ...parts, offsets: parts.offsets.map((offset) => offset + 1) }).payload;
      expect(viewOf(moved).getInt32(data.length + 4)).toBe((parts.offsets[0] as number) + 1);
      withOffsets++;
    }
    expect(withOffsets).toBeGreaterThan(0);
  });

  it('may be listed inside the tree without its data, as groot does', () => {
    const { payload, scan } = openTree(fixture('embedded_0.root'), 'tree');
    for (const { start, end } of scan.embedded) {
      const bytes = payload.slice();
      const view = viewOf(bytes);
      expect(hasBuffer(view, start, end)).toBe(true);
      bytes[start + view.getUint16(start + 14) - 1] = 0;
      expect(hasBuffer(view, start, end)).toBe(false);
    }
  });

  it('of an embedded basket holds its data and one offset more', () => {
    const tree = openTree(fixture('embedded_0.root'), 'tree');
    let withOffsets = 0;
    for (const { basket } of tree.table.embedded) {
      const parts = readBasket(tree, basket);
      const { key, payload } = encodeBasketRecord(parts);
      sealBasketRecord(key, payload.length, 1000, 100, 0);
      const header = parsed(key);
      expect(() => checkBasketHeader(header, 1000, key.length + payload.length, parts.header.nevBuf)).not.toThrow();
      expect(header.flag).toBe(0);
      const again = parseBasketPayload(header, key, payload);
      expect(again.data).toEqual(new Uint8Array(parts.data));
      expect(again.offsets).toEqual(parts.offsets);
      if (parts.offsets !== undefined) withOffsets++;
    }
    expect(withOffsets).toBeGreaterThan(0);
    expect(withOffsets).toBeLessThan(tree.table.embedded.length);
  });
});
