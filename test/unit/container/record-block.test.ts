/** The kernel that places many records, held against what is done to one record at a time. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { codecMemory } from '../../../src/io/codec/wasm.ts';
import { checkKeyImage } from '../../../src/io/root/container/key-image.ts';
import { encodeKeyInto, keyLength, needsBigKey, patchSeeks, type NewKey } from '../../../src/io/root/container/key.ts';
import { KeyTable } from '../../../src/io/root/container/key-table.ts';
import { RecordBlock } from '../../../src/io/root/container/record-block.ts';

const SEEK_DIR = 5_000_000_123;
const START = 1000;

interface Run {
  keys: KeyTable;
  bytes: Uint8Array;
  /** File offsets of the records. */
  position: Float64Array;
}

const text = fc.string({ maxLength: 300 }).map((s) => Buffer.from(s));
const record = fc.record({
  key: fc.record({ className: text, name: text, title: text, pidOffset: fc.constantFrom(0, 0, 7), objlen: fc.nat(), datime: fc.nat() }),
  payload: fc.uint8Array({ maxLength: 60 }),
  gap: fc.constantFrom(0, 0, 9),
});

/** Records with gaps between them, as they lie in a file from START on, and the list of their keys. */
function runOf(records: readonly { key: Omit<NewKey, 'cycle' | 'storedBytes' | 'seekPdir'>; payload: Uint8Array; gap: number }[]): Run {
  const parts: Uint8Array[] = [];
  const images: Uint8Array[] = [Buffer.from([0, 0, records.length >> 8, records.length & 255])];
  const position: number[] = [];
  let at = START;
  for (const { key, payload, gap } of records) {
    const full = { ...key, cycle: 2, storedBytes: payload.length, seekPdir: 100 };
    const image = new Uint8Array(keyLength(full, needsBigKey(at, 100, key.pidOffset)));
    encodeKeyInto(image, 0, full, at);
    parts.push(image, payload, new Uint8Array(gap));
    images.push(image);
    position.push(at);
    at += image.length + payload.length + gap;
  }
  return { keys: new KeyTable(Buffer.concat(images), 0), bytes: Buffer.concat(parts), position: Float64Array.from(position) };
}

/** What the block makes of a run whose records go to two directories, at `newPosition`. */
function place(run: Run, newPosition: number): { placed: Buffer; images: Buffer } | undefined {
  const { keys, bytes, position } = run;
  const all = Uint32Array.from(position, (_, i) => i);
  using block = new RecordBlock(Math.max(bytes.length, 1));
  block.begin(bytes, newPosition);
  const middle = all.length >> 1;
  for (const [from, to, seekDir] of [
    [0, middle, 100],
    [middle, all.length, SEEK_DIR],
  ] as const) {
    block.list(from, keys, all.subarray(from, to), new Uint32Array(to - from).fill(5));
    block.setRecords(from, position.subarray(from, to), START, keys.records().nbytes.subarray(from, to));
    if (!block.place(from, to, seekDir, 3)) return undefined;
  }
  const { bytes: images, at } = block.images;
  return { placed: Buffer.from(block.placed), images: Buffer.from(images.subarray(0, at[all.length])) };
}

/** The same, record by record. */
function placeOneByOne({ keys, bytes, position }: Run, newPosition: number): { placed: Buffer; images: Buffer } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [placed, images]: [Uint8Array[], Uint8Array[]] = [[], []];
  let next = newPosition;
  position.forEach((at, i) => {
    checkKeyImage(keys, i, view, at - START);
    const copy = Uint8Array.from(bytes.subarray(at - START, at - START + keys.nbytes(i)));
    const header = new DataView(copy.buffer);
    patchSeeks(
      header,
      0,
      keys.isBig(i),
      next,
      i < position.length >> 1 ? 100 : SEEK_DIR % (keys.isBig(i) ? Infinity : 2 ** 32),
      3 + keys.pidOffset(i),
    );
    header.setInt16(16, 5);
    placed.push(copy);
    images.push(copy.subarray(0, keys.image(i).length));
    next += copy.length;
  });
  return { placed: Buffer.concat(placed), images: Buffer.concat(images) };
}

it('records and images get the bytes that patching one after the other gives', () => {
  const positions = fc.constantFrom(100, 1_999_000_000, 7_000_000_000);
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 40 }), positions, (records, newPosition) => {
      const isFar = newPosition > 2 ** 32; // only big keys go there
      const run = runOf(isFar ? records.map((r) => ({ ...r, key: { ...r.key, pidOffset: 1 } })) : records);
      expect(place(run, newPosition)).toEqual(placeOneByOne(run, newPosition));
    }),
  );
});

it('a byte of a header that is not that of the image stops it, but where the directory lies', () => {
  const named = (name: string, pidOffset: number): Parameters<typeof runOf>[0][0] => ({
    key: { className: Buffer.from('TH1F'), name: Buffer.from(name), title: Buffer.from('title'), pidOffset, objlen: 3, datime: 4 },
    payload: new Uint8Array(9),
    gap: 0,
  });
  const run = runOf([named('small', 0), named('big', 2), named('last', 0)]);
  const seen = run.bytes.map((_, at) => {
    const bytes = Uint8Array.from(run.bytes);
    bytes[at]! ^= 1;
    return place({ ...run, bytes }, 100) === undefined ? 1 : 0;
  });
  const header = (isBig: boolean, end: number): number[] =>
    Array.from({ length: end }, (_, k) => (k < (isBig ? 28 : 22) || k >= (isBig ? 34 : 26) ? 1 : 0));
  const expected = [0, 1, 2].flatMap((i) => [...header(run.keys.isBig(i), run.keys.image(i).length), ...new Array<number>(9).fill(0)]);
  expect([...seen]).toEqual(expected);
});

it('a memory that grows between two runs changes nothing', () => {
  const run = runOf([
    {
      key: { className: Buffer.from('A'), name: Buffer.from('n'), title: Buffer.from(''), objlen: 2, datime: 1 },
      payload: Uint8Array.of(1, 2),
      gap: 0,
    },
  ]);
  using block = new RecordBlock(1000);
  const once = (): number[] => {
    block.begin(run.bytes, 500);
    block.list(0, run.keys, Uint32Array.of(0), Uint32Array.of(9));
    block.setRecords(0, run.position, START, run.keys.records().nbytes);
    expect(block.place(0, 1, 100, 0)).toBe(true);
    return [...block.placed];
  };
  const before = once();
  codecMemory().free(codecMemory().alloc(codecMemory().u8.length));
  expect(once()).toEqual(before);
});
