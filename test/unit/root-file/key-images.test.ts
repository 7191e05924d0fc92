import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InternalError } from '../../../src/errors.ts';
import { KeyImages } from '../../../src/io/root/key-images.ts';

/** The payload the pieces of a list make up. */
function listOf(images: KeyImages): Buffer {
  const pieces: Buffer[] = [];
  images.writeList((bytes, start, length) => pieces.push(Buffer.from(bytes.subarray(start, start + length))));
  return Buffer.concat(pieces);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

describe('key images', () => {
  it('are listed by slot, in whatever order they were set', () => {
    const image = fc.uint8Array({ minLength: 29, maxLength: 400 });
    fc.assert(
      fc.property(fc.array(image, { maxLength: 60 }), fc.infiniteStream(fc.nat()), (all, random) => {
        const order = all.map((_, slot) => ({ slot, rank: random.next().value })).sort((a, b) => a.rank - b.rank);
        const images = new KeyImages();
        for (const { slot } of order) {
          const bytes = all[slot] as Uint8Array;
          images.set(slot, viewOf(Uint8Array.from([120, 120, ...bytes, 121, 121])), 2, bytes.length);
        }
        const count = Buffer.alloc(4);
        count.writeInt32BE(all.length);
        expect(images.count).toBe(all.length);
        expect(Buffer.compare(listOf(images), Buffer.concat([count, ...all]))).toBe(0);
        expect(images.listBytes).toBe(listOf(images).length);
      }),
    );
  });

  it('set many at a time are those set one by one', () => {
    const image = fc.uint8Array({ minLength: 29, maxLength: 200 });
    const split = fc.array(fc.array(image, { maxLength: 20 }), { maxLength: 8 });
    fc.assert(
      fc.property(split, fc.boolean(), (runs, isReversed) => {
        const all = runs.flat();
        const slotOf = (i: number): number => (isReversed ? all.length - 1 - i : i);
        const [many, single] = [new KeyImages(), new KeyImages()];
        let next = 0;
        for (const [n, run] of runs.entries()) {
          const slots = Uint32Array.from(run, (_, i) => slotOf(next + i));
          const at = Uint32Array.from([...run, []], (_, i) => 3 + run.slice(0, i).reduce((sum, { length }) => sum + length, 0));
          if (n % 3 === 2) run.forEach((bytes, i) => many.set(slots[i] as number, viewOf(bytes), 0, bytes.length));
          else many.setRun(slots, Buffer.concat([Buffer.alloc(3), ...run]), at);
          run.forEach((bytes, i) => single.set(slots[i] as number, viewOf(bytes), 0, bytes.length));
          next += run.length;
        }
        expect([many.count, many.listBytes]).toEqual([single.count, single.listBytes]);
        expect(Buffer.compare(listOf(many), listOf(single))).toBe(0);
      }),
    );
  });

  it('of an empty directory are a count of 0', () => {
    expect([...listOf(new KeyImages())]).toEqual([0, 0, 0, 0]);
  });

  it('can be changed where they are stored', () => {
    const images = new KeyImages();
    const at = images.set(0, viewOf(new Uint8Array(40)), 3, 30);
    images.view.setInt32(at + 18, 77);
    expect(listOf(images).readInt32BE(4 + 18)).toBe(77);
  });

  it('of ten thousand keys come in few pieces when they were set in order', () => {
    const images = new KeyImages();
    for (let slot = 0; slot < 10_000; slot++) images.set(slot, viewOf(new Uint8Array(60).fill(slot)), 0, 60);
    let pieces = 0;
    images.writeList(() => pieces++);
    expect(pieces).toBeLessThan(20);
    expect(
      listOf(images)
        .subarray(4 + 60 * 9_999)
        .every((byte) => byte === 9_999 % 256),
    ).toBe(true);
  });

  it('set twice or left out are a bug of ours, not a file', () => {
    const images = new KeyImages();
    images.set(1, viewOf(new Uint8Array(30)), 0, 30);
    expect(() => images.set(1, viewOf(new Uint8Array(30)), 0, 30)).toThrow(InternalError);
    expect(() => listOf(images)).toThrow('key slot 0 was never written');
  });
});
