import fc from 'fast-check';
import { truncateSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CorruptFileError, UsageError } from '../../../../src/errors.ts';
import { packData, readData, unpackData, writeData } from '../../../../src/runner/workers/shared-data.ts';
import { Scratch } from '../../../scratch.ts';

const typedArray = fc.oneof(
  fc.int8Array(),
  fc.uint8Array(),
  fc.uint8ClampedArray(),
  fc.int16Array(),
  fc.uint16Array(),
  fc.int32Array(),
  fc.uint32Array(),
  fc.float32Array(),
  fc.float64Array(),
  fc.bigInt64Array(),
  fc.bigUint64Array(),
);
const plain = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.double(),
    fc.string(),
    fc.bigInt(),
    fc.constant(null),
    fc.constant(undefined),
    fc.date(),
    typedArray,
    tie('list'),
    tie('record'),
    tie('map'),
  ),
  list: fc.array(tie('value'), { maxLength: 4 }),
  record: fc.dictionary(
    fc.string().filter((key) => key !== '__proto__'),
    tie('value'),
    { maxKeys: 4, noNullPrototype: true },
  ),
  map: fc.array(fc.tuple(fc.string(), tie('value')), { maxLength: 3 }).map((pairs) => new Map(pairs)),
})).value;

describe('data for all workers', () => {
  it('are the same data again, through memory and through a file', () => {
    using scratch = new Scratch();
    fc.assert(
      fc.property(plain, (value) => {
        const packed = packData(value);
        expect(unpackData(packed)).toEqual(value);
        writeData(scratch.path('x'), packed);
        expect(unpackData(readData(scratch.path('x')))).toEqual(value);
      }),
      { numRuns: 200 },
    );
  });

  it('have their typed arrays over shared memory, which is copied once at most', () => {
    const shared = new Float64Array(new SharedArrayBuffer(80), 16, 4);
    const packed = packData({
      shared,
      again: shared,
      part: new Uint8Array(shared.buffer, 3, 2),
      own: Buffer.from('abc'),
      piece: new Int16Array([1, 2, 3, 4]).subarray(1, 3),
    });
    expect(packed.blocks.map(({ byteLength }) => byteLength)).toEqual([80, 3, 4]);
    const found = unpackData(packed) as Record<string, Float64Array>;
    shared[0] = 7;
    expect(found['shared']).toEqual(Float64Array.of(7, 0, 0, 0));
    expect(found['again']).toBe(found['shared']);
    expect([found['part']?.byteOffset, found['own'], found['piece']]).toEqual([
      3,
      Uint8Array.from(Buffer.from('abc')),
      Int16Array.of(2, 3),
    ]);
    expect(found['own']?.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  it('are nothing that cannot be given away', () => {
    for (const value of [() => 1, { deep: [Symbol('x')] }, new SharedArrayBuffer(8), new DataView(new ArrayBuffer(8))]) {
      expect(() => packData(value)).toThrow(UsageError);
    }
  });

  it('are not read from a file that is cut', () => {
    using scratch = new Scratch();
    writeData(scratch.path('x'), packData({ a: new Float64Array(100) }));
    for (const size of [0, 7, 12, 40, 500]) {
      truncateSync(scratch.path('x'), size);
      expect(() => readData(scratch.path('x'))).toThrow(CorruptFileError);
      writeData(scratch.path('x'), packData({ a: new Float64Array(100) }));
    }
  });
});
