import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InternalError } from '../../../src/errors.ts';
import { KeyImages } from '../../../src/io/root/key-images.ts';

describe('key images', () => {
  it('are listed by slot, in whatever order they were set', () => {
    const image = fc.uint8Array({ minLength: 29, maxLength: 400 });
    fc.assert(
      fc.property(fc.array(image, { maxLength: 60 }), fc.infiniteStream(fc.nat()), (all, random) => {
        const order = all.map((_, slot) => ({ slot, rank: random.next().value })).sort((a, b) => a.rank - b.rank);
        const images = new KeyImages();
        for (const { slot } of order) images.set(slot, Buffer.concat([Buffer.from('xx'), all[slot] as Uint8Array, Buffer.from('yy')]), 2, (all[slot] as Uint8Array).length);
        const count = Buffer.alloc(4);
        count.writeInt32BE(all.length);
        expect(images.count).toBe(all.length);
        expect(Buffer.compare(images.encodeList(), Buffer.concat([count, ...all]))).toBe(0);
      }),
    );
  });

  it('of an empty directory are a count of 0', () => {
    expect([...new KeyImages().encodeList()]).toEqual([0, 0, 0, 0]);
  });

  it('set twice or left out are a bug of ours, not a file', () => {
    const images = new KeyImages();
    images.set(1, new Uint8Array(30), 0, 30);
    expect(() => images.set(1, new Uint8Array(30), 0, 30)).toThrow(InternalError);
    expect(() => images.encodeList()).toThrow('key slot 0 was never written');
  });
});
