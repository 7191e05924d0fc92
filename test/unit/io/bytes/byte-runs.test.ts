import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copyRun, isSameRun } from '../../../../src/io/bytes/byte-runs.ts';

const run = fc.record({
  bytes: fc.uint8Array({ maxLength: 40 }),
  atA: fc.nat({ max: 5 }),
  atB: fc.nat({ max: 5 }),
});

/** A view with `bytes` from index `at` on, and two bytes behind. */
function viewWith(bytes: Uint8Array, at: number): DataView {
  return new DataView(Uint8Array.from([...new Uint8Array(at).fill(at), ...bytes, 7, 7]).buffer);
}

describe('runs of bytes', () => {
  it('are the same unless one byte differs', () => {
    fc.assert(
      fc.property(run, fc.nat(), ({ bytes, atA, atB }, pick) => {
        const a = viewWith(bytes, atA);
        expect(isSameRun(a, atA, viewWith(bytes, atB), atB, bytes.length)).toBe(true);
        if (bytes.length === 0) return;
        const other = bytes.slice();
        other[pick % bytes.length]! ^= 1 << (pick % 8);
        expect(isSameRun(a, atA, viewWith(other, atB), atB, bytes.length)).toBe(false);
      }),
    );
  });

  it('are copied, and nothing around them', () => {
    fc.assert(
      fc.property(run, ({ bytes, atA, atB }) => {
        const to = viewWith(new Uint8Array(bytes.length).fill(9), atA);
        copyRun(to, atA, viewWith(bytes, atB), atB, bytes.length);
        expect(new Uint8Array(to.buffer)).toEqual(new Uint8Array(viewWith(bytes, atA).buffer));
      }),
    );
  });
});
