/**
 * Stored datatypes: equal types have equal texts in every version; what differs in the least has another. Pairs that
 * h5py writes: interop/formats.test.ts.
 */
import { describe, expect, it } from 'vitest';
import { datatypeText } from '../../../src/io/hdf5/datatype-text.ts';

/** Class, version, bits and size, then the properties. */
function type(
  typeClass: number,
  { version = 1, bits = 0, size = 4 }: { version?: number; bits?: number; size?: number },
  ...properties: readonly (readonly number[])[]
): number[] {
  return [typeClass | (version << 4), bits & 255, (bits >> 8) & 255, bits >> 16, ...u32(size), ...properties.flat()];
}

const u16 = (value: number): number[] => [value & 255, value >> 8];
const u32 = (value: number): number[] => [...u16(value & 0xffff), ...u16(value >>> 16)];
const ascii = (text: string, unit = 1): number[] => [...Buffer.from(text.padEnd(Math.ceil((text.length + 1) / unit) * unit, '\0'))];
const text = (message: readonly number[]): string => datatypeText(Uint8Array.from(message));

const int16 = type(0, { bits: 8, size: 2 }, u16(0), u16(16));
const float = (bits: number, size: number, ...parts: number[]): number[] =>
  type(1, { bits, size }, u16(0), u16(8 * size), parts.slice(0, 4), u32(parts[4] ?? 0));

describe('the text of a datatype', () => {
  it('of numbers says what is unusual', () => {
    expect(text(int16)).toBe('int16');
    expect(text(type(0, { bits: 1, size: 8 }, u16(0), u16(64)))).toBe('uint64 big-endian');
    expect(text(type(0, { bits: 8, size: 2 }, u16(4), u16(12)))).toBe('int16 of 12 bits from bit 4, padding 0');
    expect(text(type(4, { size: 1 }, u16(0), u16(8)))).toBe('bits8');
    expect(text(float(0x0f20, 2, 10, 5, 0, 10, 15))).toBe('float16');
    expect(text(float(0x3f21, 8, 52, 11, 0, 52, 1023))).toBe('float64 big-endian');
    expect(text(float(0x0f20, 2, 7, 8, 0, 7, 127))).toBe('float16 (normalization 2, sign, exponent, mantissa, bias 15,7,8,0,7,127)');
    expect(text(type(2, { size: 8 }, u16(64)))).toBe('time of 64 bits in 8 bytes');
  });

  it('of texts, opaque bytes and references', () => {
    expect(text(type(3, { bits: 0x11, size: 5 }))).toBe('text of 5 bytes, padding 1, character set 1');
    expect(text(type(5, { bits: 16, size: 8 }, ascii('NUMPY:<M8[ns]', 16)))).toBe('opaque of 8 bytes "NUMPY:<M8[ns]"');
    expect(text(type(7, { bits: 1, size: 12 }))).toBe('reference of kind 1 in 12 bytes');
    expect(text(type(9, { bits: 0x101, size: 16 }, type(3, { size: 1 })))).toBe('text of any length, character set 1');
    expect(text(type(9, { size: 16 }, int16))).toBe('sequences of int16');
  });

  it('is that of the type in any version', () => {
    const dimensions = (...of: number[]): number[] => [
      of.length,
      ...Array<number>(11).fill(0),
      ...[0, 1, 2, 3].flatMap((i) => u32(of[i] ?? 0)),
    ];
    const members = { bits: 2, size: 300 };
    const expected = '{"a"@0: int16, "longer name"@260: int16 [2,3]} of 300 bytes';
    const array = (version: number): number[] =>
      type(
        10,
        { version, size: 12 },
        version < 3 ? [2, 0, 0, 0, ...u32(2), ...u32(3), ...u32(0), ...u32(1)] : [2, ...u32(2), ...u32(3)],
        int16,
      );
    expect(
      text(
        type(
          6,
          { version: 1, ...members },
          ascii('a', 8),
          u32(0),
          dimensions(),
          int16,
          ascii('longer name', 8),
          u32(260),
          dimensions(2, 3),
          int16,
        ),
      ),
    ).toBe(expected);
    expect(text(type(6, { version: 2, ...members }, ascii('a', 8), u32(0), int16, ascii('longer name', 8), u32(260), array(2)))).toBe(
      expected,
    );
    expect(text(type(6, { version: 3, ...members }, ascii('a'), u16(0), int16, ascii('longer name'), u16(260), array(3)))).toBe(expected);
    const names = (unit: number): number[] => [...ascii('B', unit), ...ascii('A', unit), ...u16(1), ...u16(0)];
    for (const [version, unit] of [
      [1, 8],
      [3, 1],
    ] as const) {
      expect(text(type(8, { version, bits: 2, size: 2 }, int16, names(unit)))).toBe('enum of int16 {"A"=0000, "B"=0100}');
    }
  });

  it('of a class that is not known, or is cut, is its bytes', () => {
    expect(text(type(15, { size: 1 }, [7]))).toBe('1f000000010000' + '0007');
    expect(text(int16.slice(0, 9))).toBe(Buffer.from(int16.slice(0, 9)).toString('hex'));
    expect(text(type(6, { bits: 1 }, [97, 98]))).toMatch(/^[0-9a-f]+$/);
  });
});
