/** Texts of files. */
import { describe, expect, it } from 'vitest';
import { decodeText } from '../../../../src/io/bytes/big-endian.ts';

describe('decodeText', () => {
  it.each([1, 4096, 4097, 1_000_000])('reads %i characters', (length) => {
    expect(decodeText(new Uint8Array(length).fill(0x61)) === 'a'.repeat(length)).toBe(true);
  });

  it('takes bytes that are no UTF-8 for Latin-1, in long texts, too', () => {
    expect(decodeText(Uint8Array.of(0xc3, 0xa9))).toBe('é');
    expect(decodeText(Uint8Array.of(0xe9))).toBe('é');
    expect(decodeText(new Uint8Array(5000).fill(0xe9))).toBe('é'.repeat(5000));
  });

  it('keeps every byte apart from others: a byte order mark, and what Windows takes for other characters', () => {
    expect(decodeText(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe('\ufeffa');
    const texts = Array.from({ length: 128 }, (_, i) => decodeText(Uint8Array.of(0x80 + i)));
    expect(texts).toEqual(Array.from({ length: 128 }, (_, i) => String.fromCharCode(0x80 + i)));
  });
});
