import { describe, expect, it } from 'vitest';
import { builtinInfos } from '../../../src/io/root/streamer/builtin-infos.ts';
import { encodeGraph } from '../../../src/io/root/streamer/encode.ts';
import { InfoSet } from '../../../src/io/root/streamer/info-set.ts';
import { numberOf } from '../../../src/io/root/streamer/member.ts';
import { arrayOf, listItems, setArray, setListItems } from '../../../src/io/root/streamer/member-list.ts';
import type { SpanGraph } from '../../../src/io/root/streamer/span-graph.ts';
import { TypeCode } from '../../../src/io/root/streamer/type-codes.ts';
import { walkObject } from '../../../src/io/root/streamer/walk.ts';
import { PayloadBuilder } from './payload-builder.ts';
import { base, element, info } from './sample-infos.ts';

const infos = new InfoSet(
  [
    info('Holder', [
      base('TArrayF', 1),
      element('fMax', TypeCode.counter),
      element('fBytes', 40 + TypeCode.int, { elementClass: 'TStreamerBasicPointer', countName: 'fMax' }),
      element('fSeek', 40 + TypeCode.long64, { elementClass: 'TStreamerBasicPointer', countName: 'fMax' }),
      element('fSumw2', TypeCode.any, { elementClass: 'TStreamerObjectAny', typeName: 'TArrayD' }),
    ]),
  ],
  builtinInfos,
);

/** A Holder with two base values, `max` ints 7 and `max` longs 9, and `weights` doubles 0.5. */
function holder(max: number, weights: number): PayloadBuilder {
  const b = new PayloadBuilder();
  const present = max > 0 ? 1 : 0;
  return b.frame(1, () => {
    b.u32(2).f32(1).f32(2).u32(max).u8(present);
    for (let i = 0; i < max; i++) b.u32(7);
    b.u8(present);
    for (let i = 0; i < max; i++) b.u32(0).u32(9);
    b.u32(weights);
    for (let i = 0; i < weights; i++) b.f64(0.5);
  });
}

function walk(b: PayloadBuilder): SpanGraph {
  return walkObject(b.done(), b.keylen, 'Holder', infos);
}

function bytes(write: (b: PayloadBuilder) => void): Uint8Array {
  const b = new PayloadBuilder();
  write(b);
  return b.done();
}

const encoded = (graph: SpanGraph): string => Buffer.from(encodeGraph(graph, { keylen: 40 })).toString('hex');
const written = (b: PayloadBuilder): string => Buffer.from(b.done()).toString('hex');

describe('arrayOf', () => {
  it('finds counted arrays, TArray members and a TArray base class', () => {
    const { root } = walk(holder(2, 1));
    expect(arrayOf(root, 'fArray')).toMatchObject({ start: 10, count: 2, type: TypeCode.float, width: 4 });
    expect(arrayOf(root, 'fBytes')).toMatchObject({ start: 23, count: 2, type: TypeCode.int, width: 4 });
    expect(arrayOf(root, 'fSeek')).toMatchObject({ start: 32, count: 2, type: TypeCode.long64, width: 8 });
    expect(arrayOf(root, 'fSumw2')).toMatchObject({ start: 52, count: 1, type: TypeCode.double, width: 8 });
    expect(arrayOf(root, 'fNothing')).toBeNull();
  });
});

describe('setArray', () => {
  it('replaces values and sets counters and flags: the bytes ROOT would write', () => {
    const graph = walk(holder(0, 0));
    setArray(
      graph.root,
      'fBytes',
      bytes((b) => b.u32(7).u32(7).u32(7)),
    );
    setArray(
      graph.root,
      'fSeek',
      bytes((b) => b.u32(0).u32(9).u32(0).u32(9).u32(0).u32(9)),
    );
    setArray(
      graph.root,
      'fSumw2',
      bytes((b) => b.f64(0.5).f64(0.5)),
    );
    expect(numberOf(graph.root, 'fMax')).toBe(3);
    expect(arrayOf(graph.root, 'fBytes')).toMatchObject({ start: 1, count: 3 });
    expect(encoded(graph)).toBe(written(holder(3, 2)));
  });

  it('of no values clears the flag', () => {
    const graph = walk(holder(3, 2));
    setArray(graph.root, 'fBytes', new Uint8Array(0));
    setArray(graph.root, 'fSeek', new Uint8Array(0));
    setArray(graph.root, 'fSumw2', new Uint8Array(0));
    expect(encoded(graph)).toBe(written(holder(0, 0)));
  });

  it('refuses half values and members that are no arrays', () => {
    const { root } = walk(holder(1, 1));
    expect(() => setArray(root, 'fSumw2', new Uint8Array(12))).toThrow('12 bytes are no array of 8-byte values');
    expect(() => setArray(root, 'fMax', new Uint8Array(4))).toThrow('Holder has no array fMax');
  });
});

describe('setListItems', () => {
  it('fills a TObjArray, with its count', () => {
    const array = (names: readonly string[]): PayloadBuilder => {
      const b = new PayloadBuilder();
      return b.frame(3, () => {
        b.object().text('').u32(names.length).u32(0);
        for (const name of names) b.pointer('TNamed', () => b.named(name, ''));
      });
    };
    const [one, two] = [array(['a', 'b']), array(['c'])].map((b) => walkObject(b.done(), 40, 'TObjArray', infos));
    if (one === undefined || two === undefined) throw new Error('two graphs');
    setListItems(one.root, [...listItems(two.root), ...listItems(one.root)]);
    expect(encoded(one)).toBe(written(array(['c', 'a', 'b'])));
    setListItems(one.root, []);
    expect(encoded(one)).toBe(written(array([])));
  });
});
