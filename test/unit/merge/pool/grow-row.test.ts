/** Texts in rows that become longer: their length, and the byte count in front of them. */
import { describe, expect, it } from 'vitest';
import { BigEndianWriter } from '../../../../src/io/bytes/big-endian.ts';
import { growByteCount, growText } from '../../../../src/merge/pool/grow-row.ts';

/** A text as rows hold it: byte count, version, text. */
function framed(text: string): Uint8Array {
  const w = new BigEndianWriter(text.length + 16);
  w.tstring(text);
  const body = w.done();
  const bytes = new Uint8Array(6 + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x4000_0000 | (2 + body.length));
  view.setUint16(4, 9);
  bytes.set(body, 6);
  return bytes;
}

describe('a text that grows', () => {
  it.each([
    [0, 5],
    [10, 10],
    [10, 254],
    [10, 255],
    [10, 1000],
    [254, 255],
    [255, 256],
    [300, 2000],
  ])('from %i to %i bytes', (before, after) => {
    const [old, text] = ['x'.repeat(before), `${'é'.repeat(Math.floor(after / 2))}${after % 2 === 1 ? 'y' : ''}`];
    const row = framed(old);
    const column = { branch: 0, basket: 0, data: row, start: 0, end: row.length };
    const [insert] = growText({ column, at: row.length - before, length: before }, text);
    expect(insert?.at).toBe(row.length);
    expect(Buffer.concat([row, insert?.bytes ?? new Uint8Array()])).toEqual(Buffer.from(framed(text)));
  });
});

it.each([12, 8])('a vector grows where the byte count %i bytes before it counts to its end', (head) => {
  const [start, end] = [20, 36];
  const data = new Uint8Array(50);
  const view = new DataView(data.buffer);
  view.setUint32(start - head, 0x4000_0000 | (end - start + head - 4));
  const column = { branch: 0, basket: 0, data, start, end: start + 4 };
  growByteCount(column, end, 8);
  expect(view.getUint32(start - head)).toBe(0x4000_0000 | (end - start + head + 4));
  expect(() => growByteCount(column, end, 8)).toThrow('vector has no fitting byte count');
});
