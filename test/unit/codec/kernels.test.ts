import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kernels, plainKernels, type Kernels } from '../../../src/io/codec/kernels.ts';
import { codecMemory } from '../../../src/io/codec/wasm.ts';
import { noise } from './sample-data.ts';

type AddName = Exclude<keyof Kernels, 'compareBytes'>;
const WIDTHS: [AddName, number][] = [
  ['addF32', 4],
  ['addF64', 8],
  ['addI8', 1],
  ['addI16', 2],
  ['addI32', 4],
  ['addI64', 8],
];

/** Runs a kernel on big-endian bytes; returns its result and the bytes of the target. */
function run(set: Kernels, name: AddName, width: number, to: Uint8Array, from: Uint8Array): [number, Uint8Array] {
  const memory = codecMemory();
  return memory.withRegion(to.length + from.length + 16, (start) => {
    // One byte off: pointers need no alignment.
    const [a, b] = [start + 1, start + 1 + to.length];
    memory.u8.set(to, a);
    memory.u8.set(from, b);
    memory.u8[b + from.length] = 0xa5;
    const inexact = set[name](a, b, to.length / width);
    expect(memory.u8.subarray(b, b + from.length)).toEqual(from);
    expect(memory.u8[b + from.length]).toBe(0xa5);
    return [inexact, memory.u8.slice(a, a + to.length)];
  });
}

function i32s(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  values.forEach((value, i) => new DataView(bytes.buffer).setInt32(4 * i, value));
  return bytes;
}

/** NaNs of any payload count as one value. */
function numbers(name: AddName, bytes: Uint8Array): unknown {
  const view = new DataView(bytes.buffer);
  if (name === 'addF32') return Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i));
  if (name === 'addF64') return Array.from({ length: bytes.length / 8 }, (_, i) => view.getFloat64(8 * i));
  return bytes;
}

describe.each(WIDTHS)('%s', (name, width) => {
  const edge = fc.constantFrom(0x00, 0x01, 0x7f, 0x80, 0x81, 0xff, 0xfe);
  const bytesOf = (count: number): fc.Arbitrary<number[]> =>
    fc.array(fc.oneof(edge, fc.nat(255)), { minLength: width * count, maxLength: width * count });
  const pair = fc.nat(70).chain((count) => fc.tuple(bytesOf(count), bytesOf(count)));

  it('equals its DataView twin', () => {
    fc.assert(
      fc.property(pair, ([a, b]) => {
        const [to, from] = [Uint8Array.from(a), Uint8Array.from(b)];
        const [fastCount, fast] = run(kernels(), name, width, to, from);
        const [plainCount, plain] = run(plainKernels(), name, width, to, from);
        expect(numbers(name, fast)).toEqual(numbers(name, plain));
        expect(fastCount).toBe(plainCount);
      }),
      { numRuns: 300 },
    );
  });

  it('equals its twin on long arrays', () => {
    const [to, from] = [noise(8 * 1001, 3), noise(8 * 1001, 5)];
    const [fast, plain] = [run(kernels(), name, width, to, from), run(plainKernels(), name, width, to, from)];
    expect(fast[0]).toBe(plain[0]);
    expect(numbers(name, fast[1])).toEqual(numbers(name, plain[1]));
  });
});

describe.each([
  ['fast', kernels],
  ['plain', plainKernels],
] as const)('%s kernels', (_name, set) => {
  it('saturate TH1I, and leave a bin whose sum equals the limit', () => {
    const max = 2_147_483_647;
    const cases: [a: number, b: number, stored: number][] = [
      [1, 2, 3],
      [-1, -2, -3],
      [max - 1, 1, max - 1],
      [1, max - 1, 1],
      [1 - max, -1, 1 - max],
      [max, 0, max],
      [max, 1, max],
      [max, max, max],
      [-max, -max, -max],
      [max - 1, 2, max],
      [-max - 1, 0, -max],
      [-max - 1, -max - 1, -max],
      [-max, -1, -max],
      [-max - 1, max, -1],
      [0, -max - 1, -max],
    ];
    const [inexact, bytes] = run(set(), 'addI32', 4, i32s(cases.map((c) => c[0])), i32s(cases.map((c) => c[1])));
    expect(bytes).toEqual(i32s(cases.map((c) => c[2])));
    expect(inexact).toBe(cases.filter(([a, b, stored]) => a + b !== stored).length);
  });

  it('saturate TH1S and TH1C at their limits', () => {
    const s = run(
      set(),
      'addI16',
      2,
      Uint8Array.of(0x7f, 0xfe, 0x7f, 0xff, 0x80, 0x01, 0x80, 0x00),
      Uint8Array.of(0, 1, 0, 1, 0xff, 0xff, 0, 0),
    );
    expect(s).toEqual([3, Uint8Array.of(0x7f, 0xff, 0x7f, 0xff, 0x80, 0x01, 0x80, 0x01)]);
    const c = run(set(), 'addI8', 1, Uint8Array.of(126, 127, 0x81, 0x80), Uint8Array.of(1, 1, 0xff, 0));
    expect(c).toEqual([3, Uint8Array.of(127, 127, 0x81, 0x81)]);
  });

  it('saturate TH1L, and are exact below', () => {
    const max = 2n ** 63n - 1n;
    const cases: [a: bigint, b: bigint, stored: bigint][] = [
      [max, 1n, max],
      [-max, -5n, -max],
      [-max - 1n, -max - 1n, -max],
      [max - 1n, 1n, max],
      [-max - 1n, 0n, -max - 1n],
      [2n ** 60n + 1n, 2n ** 53n + 1n, 2n ** 60n + 2n ** 53n + 2n],
      [-1n, 1n, 0n],
    ];
    const i64s = (values: bigint[]): Uint8Array => new Uint8Array(BigInt64Array.from(values).buffer).reverse();
    const [inexact, bytes] = run(set(), 'addI64', 8, i64s(cases.map((c) => c[0])), i64s(cases.map((c) => c[1])));
    expect(bytes).toEqual(i64s(cases.map((c) => c[2])));
    expect(inexact).toBe(3);
  });

  it('add f32 in single precision', () => {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, 16_777_216);
    const one = new Uint8Array(4);
    new DataView(one.buffer).setFloat32(0, 1);
    expect(run(set(), 'addF32', 4, bytes, one)).toEqual([0, bytes]);
  });

  it('find the first difference', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.nat(299), (length, at) => {
        const memory = codecMemory();
        memory.withRegion(2 * length + 2, (a) => {
          const b = a + length + 1;
          memory.u8.fill(0x41, a, a + 2 * length + 2);
          expect(set().compareBytes(a, b, length)).toBe(0);
          memory.u8[b + (at % (length + 1))] = 0x42;
          expect(set().compareBytes(a, b, length)).toBe(at % (length + 1) < length ? (at % (length + 1)) + 1 : 0);
        });
      }),
    );
  });
});
