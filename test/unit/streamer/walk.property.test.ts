/** Generated classes and objects: whatever is walked is encoded to the same bytes, at any key length; no wrong byte count passes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPoolMergeError } from '../../../src/errors.ts';
import { builtinInfos } from '../../../src/io/root/streamer/builtin-infos.ts';
import { encodeGraph } from '../../../src/io/root/streamer/encode.ts';
import { InfoSet } from '../../../src/io/root/streamer/info-set.ts';
import type { StreamerElement, StreamerInfo } from '../../../src/io/root/streamer/streamer-info.ts';
import { TypeCode, basicSize } from '../../../src/io/root/streamer/type-codes.ts';
import { walkObject } from '../../../src/io/root/streamer/walk.ts';
import { PayloadBuilder } from './payload-builder.ts';
import { element, info } from './sample-infos.ts';

/** What a class is made of and what an object of it holds. */
type Member =
  | { kind: 'basic'; type: number; bytes: number[] }
  | { kind: 'fixed'; type: number; length: number; seed: number }
  | { kind: 'counted'; type: number; length: number; present: boolean }
  | { kind: 'string'; text: string }
  | { kind: 'named'; text: string }
  | { kind: 'pointer'; to: 'null' | 'new' | 'again' | 'self'; text: string }
  | { kind: 'vector'; length: number; seed: number }
  | { kind: 'object'; members: Member[] };

const basicType = fc.constantFrom(1, 2, 3, 4, 5, 8, 11, 12, 13, 14, 16, 17, 18);
const small = fc.nat(5);
const flatMember: fc.Arbitrary<Member> = fc.oneof(
  fc.record({ kind: fc.constant('basic' as const), type: basicType, bytes: fc.array(fc.nat(255), { minLength: 8, maxLength: 8 }) }),
  fc.record({ kind: fc.constant('fixed' as const), type: basicType, length: fc.integer({ min: 1, max: 4 }), seed: fc.nat(255) }),
  fc.record({ kind: fc.constant('counted' as const), type: basicType, length: small, present: fc.boolean() }),
  fc.record({ kind: fc.constant('string' as const), text: fc.oneof(fc.string({ unit: 'grapheme' }), fc.constant('x'.repeat(300))) }),
  fc.record({ kind: fc.constant('named' as const), text: fc.string() }),
  fc.record({ kind: fc.constant('pointer' as const), to: fc.constantFrom('null', 'new', 'again', 'self'), text: fc.string() }),
  fc.record({ kind: fc.constant('vector' as const), length: small, seed: fc.nat(255) }),
);
const members: fc.Arbitrary<Member[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: flatMember },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('object' as const), members: fc.array(flatMember, { maxLength: 4 }) }) },
  ),
  { maxLength: 8 },
);

/** Writes an object and collects the infos that describe its classes. */
class Writer {
  readonly b: PayloadBuilder;
  readonly infos: StreamerInfo[] = [];
  #last = 0;

  constructor(keylen: number) {
    this.b = new PayloadBuilder(keylen);
  }

  write(given: readonly Member[]): string {
    const className = `Class${this.infos.length}`;
    const elements: StreamerElement[] = [];
    this.infos.push(info(className, elements, 2, this.infos.length));
    this.b.frame(2, () => given.forEach((member, i) => this.#member(elements, `f${i}`, member)));
    return className;
  }

  #fill(n: number, seed: number): void {
    for (let i = 0; i < n; i++) this.b.u8(seed + 7 * i);
  }

  #member(elements: StreamerElement[], name: string, m: Member): void {
    const { b } = this;
    switch (m.kind) {
      case 'basic':
        elements.push(element(name, m.type));
        b.u8(...m.bytes.slice(0, basicSize(m.type)));
        break;
      case 'fixed':
        elements.push(element(name, 20 + m.type, { arrayLength: m.length }));
        this.#fill(m.length * basicSize(m.type), m.seed);
        break;
      case 'counted':
        elements.push(element(`${name}N`, TypeCode.counter));
        elements.push(element(name, 40 + m.type, { elementClass: 'TStreamerBasicPointer', countName: `${name}N` }));
        b.u32(m.length).u8(m.present ? 1 : 0);
        if (m.present) this.#fill(m.length * basicSize(m.type), 3);
        break;
      case 'string':
        elements.push(element(name, TypeCode.tstring, { typeName: 'TString' }));
        b.text(m.text);
        break;
      case 'named':
        elements.push(element(name, TypeCode.tnamed, { elementClass: 'TStreamerObject', typeName: 'TNamed' }));
        b.named(m.text, '');
        break;
      case 'pointer':
        elements.push(element(name, TypeCode.objectP, { elementClass: 'TStreamerObjectPointer', typeName: 'TObject*' }));
        if (m.to === 'null' || (m.to === 'again' && this.#last === 0)) b.u32(0);
        else if (m.to === 'self') b.reference(1);
        else if (m.to === 'again') b.reference(this.#last);
        else {
          this.#last = b.pointer(m.text.length % 2 === 0 ? 'TNamed' : 'TObjString', () =>
            m.text.length % 2 === 0 ? b.named(m.text, 't') : b.objString(m.text),
          );
        }
        break;
      case 'vector':
        elements.push(element(name, TypeCode.streamer, { elementClass: 'TStreamerSTL', typeName: 'vector<double>', stlType: 1, cType: 8 }));
        b.frame(9, () => {
          b.u32(m.length);
          this.#fill(8 * m.length, m.seed);
        });
        break;
      case 'object':
        elements.push(element(name, TypeCode.any, { elementClass: 'TStreamerObjectAny', typeName: this.write(m.members) }));
        break;
    }
  }
}

function written(given: readonly Member[], keylen: number): { bytes: Uint8Array; counts: number[]; infos: InfoSet } {
  const writer = new Writer(keylen);
  writer.write(given);
  return { bytes: writer.b.done(), counts: writer.b.counts, infos: new InfoSet(writer.infos, builtinInfos) };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('generated objects', () => {
  it('are understood and encode to the bytes that stand for them at every key length', () => {
    fc.assert(
      fc.property(members, fc.integer({ min: 26, max: 400 }), fc.integer({ min: 26, max: 400 }), (given, keylen, other) => {
        const { bytes, infos } = written(given, keylen);
        const graph = walkObject(bytes, keylen, 'Class0', infos);
        expect(graph.opaque).toEqual([]);
        expect(hex(encodeGraph(graph, { keylen }))).toBe(hex(bytes));
        expect(hex(encodeGraph(graph, { keylen: other }))).toBe(hex(written(given, other).bytes));
      }),
      { numRuns: 300 },
    );
  });

  it('with one wrong byte count are refused, or kept opaque as a whole part and copied as they are', () => {
    fc.assert(
      fc.property(members, fc.nat(), fc.integer({ min: 1, max: 40 }), fc.boolean(), (given, which, by, less) => {
        const { bytes, counts, infos } = written(given, 40);
        const at = (counts[which % counts.length] as number) + 3;
        bytes[at] = (bytes[at] as number) + (less ? -by : by);
        try {
          const graph = walkObject(bytes, 40, 'Class0', infos);
          expect(graph.opaque.length).toBeGreaterThan(0);
          expect(hex(encodeGraph(graph, { keylen: 40 }))).toBe(hex(bytes));
        } catch (err) {
          if (!isPoolMergeError(err, 'CORRUPT_FILE')) throw err;
        }
      }),
      { numRuns: 300 },
    );
  });

  it('with any bytes changed give a graph or an error of this package', () => {
    fc.assert(
      fc.property(members, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }), (given, changes) => {
        const { bytes, infos } = written(given, 40);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        try {
          const graph = walkObject(bytes, 40, 'Class0', infos);
          expect(hex(encodeGraph(graph, { keylen: 40 }))).toBe(hex(bytes));
        } catch (err) {
          if (!isPoolMergeError(err, 'CORRUPT_FILE', 'UNSUPPORTED')) throw err;
        }
      }),
      { numRuns: 500 },
    );
  });
});
