import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CorruptFileError } from '../../../src/errors.ts';
import { BigEndianReader } from '../../../src/io/bytes/big-endian.ts';
import { encodeKeyInto, keyLength, parseKey, type NewKey } from '../../../src/io/root/container/key.ts';
import { KeyTable } from '../../../src/io/root/container/key-table.ts';

const text = (s: string): Uint8Array => Buffer.from(s, 'utf8');

/** Payload of a key list. */
function listOf(keys: readonly (NewKey & { seekKey: number })[]): Uint8Array {
  const parts = keys.map((key) => {
    const image = new Uint8Array(keyLength(key, true));
    return image.subarray(0, encodeKeyInto(image, 0, key, key.seekKey));
  });
  const count = new Uint8Array(4);
  new DataView(count.buffer).setInt32(0, keys.length);
  return Buffer.concat([count, ...parts]);
}

function key(className: string, name: string, seekKey: number, title = ''): NewKey & { seekKey: number } {
  return {
    className: text(className),
    name: text(name),
    title: text(title),
    cycle: 1,
    datime: 7,
    objlen: 500,
    storedBytes: 300,
    seekPdir: 100,
    seekKey,
  };
}

const anyKey = fc.record({
  className: fc.constantFrom('TH1F', 'TH1D', 'TTree', 'C'.repeat(300)).map(text),
  name: fc.uint8Array({ maxLength: 300 }),
  title: fc.uint8Array({ maxLength: 300 }),
  cycle: fc.integer({ min: -32_768, max: 32_767 }),
  datime: fc.nat(0xffff_ffff),
  objlen: fc.nat(0x7fff_ffff),
  storedBytes: fc.nat(1_000_000),
  seekPdir: fc.oneof(fc.constant(100), fc.nat(2 ** 47)),
  pidOffset: fc.constantFrom(0, 0, 0, 1, 65_535),
  seekKey: fc.oneof(fc.nat(2_000_000_000), fc.nat(2 ** 47)),
});

describe('columns over a key list', () => {
  it('say what parsing every image says', () => {
    fc.assert(
      fc.property(fc.array(anyKey, { maxLength: 12 }), (keys) => {
        const table = new KeyTable(listOf(keys), 0);
        expect([table.count, table.endsExactly]).toEqual([keys.length, true]);
        keys.forEach((expected, i) => {
          const parsed = parseKey(new BigEndianReader(table.image(i)));
          const seen = {
            nbytes: table.nbytes(i),
            objlen: table.objlen(i),
            datime: table.datime(i),
            keylen: table.keylen(i),
            cycle: table.cycle(i),
            seekKey: table.seekKey(i),
            seekPdir: table.seekPdir(i),
            pidOffset: table.pidOffset(i),
            className: table.className(i),
            name: table.name(i),
            title: table.title(i),
          };
          expect(parsed).toMatchObject(seen);
          expect([table.classText(i), table.nameText(i), table.titleText(i)].map((t) => Buffer.from(t))).toEqual(
            [expected.className, expected.name, expected.title].map((t) => Buffer.from(t)),
          );
          expect(table.isBig(i)).toBe(parsed.version > 1000);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('keep each class name once', () => {
    const table = new KeyTable(listOf([key('TH1F', 'a', 200), key('TTree', 'b', 300), key('TH1F', 'c', 400), key('TH1', 'd', 500)]), 0);
    expect(table.classNames).toEqual(['TH1F', 'TTree', 'TH1']);
    expect([...table.classIndex]).toEqual([0, 1, 0, 2]);
  });

  it('of an empty directory are empty', () => {
    const table = new KeyTable(new Uint8Array(4), 0);
    expect([table.count, table.classNames, table.endsExactly]).toEqual([0, [], true]);
  });

  it('allow bytes after the last key and say so', () => {
    const table = new KeyTable(Buffer.concat([listOf([key('TH1F', 'a', 200)]), Buffer.alloc(9)]), 0);
    expect([table.count, table.endsExactly, table.name(0)]).toEqual([1, false, 'a']);
  });
});

describe('a damaged key list', () => {
  const good = listOf([key('TH1F', 'first', 200), key('TH1F', 'second', 600), key('TH1F', 'n'.repeat(300), 1000)]);

  it('cut anywhere is an error, never a shorter list', () => {
    for (let length = 0; length < good.length; length++) {
      expect(() => new KeyTable(good.subarray(0, length), 5000)).toThrow(CorruptFileError);
    }
  });

  it('that ends a few bytes behind a long key is cut in the next one', () => {
    const long = listOf([key('TH1F', 'n'.repeat(200), 200), key('TH1F', 'second', 600)]);
    const start = new KeyTable(long, 0).imageAt[1] as number;
    for (let more = 0; start + more < long.length; more++) {
      const cut = expect.objectContaining({ code: 'CORRUPT_FILE', offset: start, reason: 'key list is cut in key 2 of 2' }) as Error;
      expect(() => new KeyTable(long.subarray(0, start + more), 0), `${more} bytes`).toThrow(cut);
    }
  });

  it('says in which key it is cut, and where', () => {
    const cut = good.subarray(0, good.length - 1);
    const start = new KeyTable(good, 0).imageAt[2] as number;
    expect(() => new KeyTable(cut, 5000)).toThrow(
      expect.objectContaining({ offset: 5000 + start, reason: 'key list is cut in key 3 of 3' }),
    );
  });

  it.each([-1, 0x7fff_ffff, 100])('with %d as its number of keys', (count) => {
    const bytes = Uint8Array.from(good);
    new DataView(bytes.buffer).setInt32(0, count);
    expect(() => new KeyTable(bytes, 5000)).toThrow(expect.objectContaining({ offset: 5000, found: count }));
    expect(() => new KeyTable(bytes, 5000)).toThrow('impossible number of keys');
  });

  it('with any byte changed is either an error or a list of as many keys inside the payload', () => {
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, value) => {
        const bytes = Uint8Array.from(good);
        bytes[at] = value;
        let table: KeyTable;
        try {
          table = new KeyTable(bytes, 0);
        } catch (err) {
          expect(err).toBeInstanceOf(CorruptFileError);
          return;
        }
        for (let i = 0; i < table.count; i++) {
          expect(table.imageAt[i + 1]).toBeLessThanOrEqual(bytes.length);
          expect(table.name(i).length + table.title(i).length).toBeLessThanOrEqual(bytes.length);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('with a negative string length is cut', () => {
    const bytes = Uint8Array.from(good);
    const at = new KeyTable(good, 0).nameAt[2] as number;
    bytes[at - 4] = 0xff;
    expect(() => new KeyTable(bytes, 0)).toThrow('key list is cut in key 3 of 3');
  });
});

describe('columns over a long list, which a kernel fills,', () => {
  it('say what parsing every image says, wherever a block of the kernel ends', () => {
    const lengths = fc.constantFrom(0, 1, 254, 255, 300, 10_000);
    const name = fc.tuple(lengths, fc.constantFrom('a', '\u00e9')).map(([length, letter]) => text(letter.repeat(length)));
    const someKey = anyKey.chain((k) =>
      fc.tuple(name, fc.constantFrom('TH1F', 'TH1D', 'TH1F', 'TTree')).map(([n, c]) => ({ ...k, name: n, className: text(c) })),
    );
    fc.assert(
      fc.property(fc.array(someKey, { minLength: 1, maxLength: 12 }), fc.integer({ min: 256, max: 700 }), (some, count) => {
        const keys = Array.from({ length: count }, (_, i) => some[i % some.length] as (typeof some)[0]);
        const table = new KeyTable(listOf(keys), 0);
        expect(table.endsExactly).toBe(true);
        let [lowest, highest] = [Infinity, -Infinity];
        for (let i = 0; i < count; i++) {
          const parsed = parseKey(new BigEndianReader(table.image(i)));
          expect([table.nbytes(i), table.seekKey(i), table.className(i)]).toEqual([parsed.nbytes, parsed.seekKey, parsed.className]);
          expect(Buffer.compare(table.nameText(i), (keys[i] as (typeof keys)[0]).name)).toBe(0);
          lowest = Math.min(lowest, parsed.seekKey);
          highest = Math.max(highest, parsed.seekKey + parsed.nbytes);
        }
        expect(table.columns).toMatchObject({ isIrregular: false, lowestSeek: lowest, highestEnd: highest });
      }),
      { numRuns: 15 },
    );
  });

  const many = Array.from({ length: 300 }, (_, i) => key(i % 2 === 0 ? 'TH1F' : 'TH2F', `name ${i}`, 200 + 400 * i));
  const list = listOf(many);

  it('takes a name that is larger than a block', () => {
    const long = listOf([key('TNamed', '', 999_999)]).subarray(4);
    const head = long.subarray(0, long.length - 2);
    const name = Buffer.concat([Buffer.from([255, 0, 3, 0x0d, 0x40]), Buffer.alloc(200_000, 'x')]);
    const bytes = Buffer.concat([listOf([...many, ...many]), head, name, Buffer.from([0]), list.subarray(4)]);
    bytes.writeInt32BE(901, 0);
    const table = new KeyTable(bytes, 0);
    expect([table.count, table.endsExactly, table.columns.isIrregular]).toEqual([901, true, true]);
    expect([table.name(600).length, table.name(601), table.name(900), table.classNames]).toEqual([
      200_000,
      'name 0',
      'name 299',
      ['TH1F', 'TH2F', 'TNamed'],
    ]);
  });

  it('finds the key in which the list is cut', () => {
    const { imageAt } = new KeyTable(list, 0);
    for (const at of [imageAt[300] as number, (imageAt[299] as number) + 2, (imageAt[290] as number) + 30]) {
      const cutKey = imageAt.findLastIndex((start) => start < at);
      expect(() => new KeyTable(list.slice(0, at - 1), 5000)).toThrow(
        expect.objectContaining({ offset: 5000 + (imageAt[cutKey] as number), reason: `key list is cut in key ${cutKey + 1} of 300` }),
      );
    }
  });

  it.each([
    ['fKeylen', 15, 99],
    ['a negative fObjlen', 6, 0x80],
    ['a record shorter than its key', 2, 0],
  ])('sees %s that contradicts the image', (_, at, value) => {
    const bytes = Uint8Array.from(list);
    bytes[(new KeyTable(list, 0).imageAt[280] as number) + at] = value;
    if (at === 2) bytes[(new KeyTable(list, 0).imageAt[280] as number) + 3] = 20;
    expect([new KeyTable(list, 0).columns.isIrregular, new KeyTable(bytes, 0).columns.isIrregular]).toEqual([false, true]);
  });
});

it('a million keys take well under a second and no object each', () => {
  const count = 1_000_000;
  const one = listOf([key('TH1F', 'histogram_000000', 200)]).subarray(4);
  const payload = new Uint8Array(4 + count * one.length);
  new DataView(payload.buffer).setInt32(0, count);
  for (let i = 0, at = 4; i < count; i++, at += one.length) payload.set(one, at);
  const start = performance.now();
  const table = new KeyTable(payload, 0);
  const elapsed = performance.now() - start;
  expect([table.count, table.classNames, table.name(count - 1)]).toEqual([count, ['TH1F'], 'histogram_000000']);
  expect(elapsed).toBeLessThan(2000);
});
