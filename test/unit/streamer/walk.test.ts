import { describe, expect, it } from 'vitest';
import { CorruptFileError } from '../../../src/errors.ts';
import { builtinInfos } from '../../../src/io/root/streamer/builtin-infos.ts';
import { encodeGraph } from '../../../src/io/root/streamer/encode.ts';
import { InfoSet } from '../../../src/io/root/streamer/info-set.ts';
import { member, numberOf, textOf } from '../../../src/io/root/streamer/member.ts';
import { arrayOf, listItems } from '../../../src/io/root/streamer/member-list.ts';
import { bootstrapInfos } from '../../../src/io/root/streamer/parse-infos.ts';
import type { SpanGraph } from '../../../src/io/root/streamer/span-graph.ts';
import type { StreamerInfo } from '../../../src/io/root/streamer/streamer-info.ts';
import { TypeCode } from '../../../src/io/root/streamer/type-codes.ts';
import { walkObject } from '../../../src/io/root/streamer/walk.ts';
import { PayloadBuilder } from './payload-builder.ts';
import { base, element, info } from './sample-infos.ts';
import { thrownBy } from '../../thrown.ts';

function walk(builder: PayloadBuilder, className: string, infos: readonly StreamerInfo[] = []): SpanGraph {
  const graph = walkObject(builder.done(), builder.keylen, className, new InfoSet(infos, builtinInfos));
  expect(Buffer.from(encodeGraph(graph, { keylen: builder.keylen }))).toEqual(Buffer.from(builder.done()));
  return graph;
}

describe('walkObject', () => {
  it('gives nodes over the bytes of a TNamed', () => {
    const graph = walk(new PayloadBuilder().named('name', 'a title'), 'TNamed');
    expect(textOf(graph.root, 'fName')).toBe('name');
    expect(textOf(graph.root, 'fTitle')).toBe('a title');
    expect(numberOf(graph.root, 'fBits')).toBe(0x0300_0000);
    const name = member(graph.root, 'fName');
    expect([name?.start, name?.end]).toEqual([16, 21]);
  });

  it('passes the process-id index of a referenced TObject', () => {
    const b = new PayloadBuilder();
    b.frame(1, () => b.object(0x10).text('s'));
    expect(textOf(walk(b, 'TObjString').root, 'fString')).toBe('s');
  });

  it('joins members of fixed width to runs and finds them through base classes', () => {
    const infos = [
      info('Base', [element('fA', TypeCode.int), element('fB', TypeCode.double)]),
      info('Derived', [base('Base', 1), element('fC', TypeCode.short), element('fD', 20 + TypeCode.float, { arrayLength: 2 })]),
    ];
    const b = new PayloadBuilder();
    b.frame(1, () =>
      b
        .frame(1, () => b.u32(7).f64(1.5))
        .u16(0xffff)
        .f32(2.5)
        .f32(-1),
    );
    const { root } = walk(b, 'Derived', infos);
    expect(numberOf(root, 'fA')).toBe(7);
    expect(numberOf(root, 'fB')).toBe(1.5);
    expect(numberOf(root, 'fC')).toBe(-1);
    expect(numberOf(root, 'fD', 1)).toBe(-1);
    expect(arrayOf(root, 'fD')).toMatchObject({ start: 26, count: 2, type: TypeCode.float, width: 4 });
  });

  it('reads counted arrays with a counter in the object or in a base class', () => {
    const infos = [
      info('Base', [element('fN', TypeCode.counter)]),
      info('Derived', [
        base('Base', 1),
        element('fX', 40 + TypeCode.double, { elementClass: 'TStreamerBasicPointer', countName: 'fN' }),
        element('fNone', 40 + TypeCode.int, { elementClass: 'TStreamerBasicPointer', countName: 'fN' }),
      ]),
    ];
    const b = new PayloadBuilder();
    b.frame(1, () =>
      b
        .frame(1, () => b.u32(2))
        .u8(1)
        .f64(1)
        .f64(2)
        .u8(0),
    );
    const { root } = walk(b, 'Derived', infos);
    expect(arrayOf(root, 'fX')).toMatchObject({ start: 17, count: 2, type: TypeCode.double, width: 8 });
    expect(arrayOf(root, 'fNone')).toMatchObject({ count: 0, type: TypeCode.int });
  });

  it('resolves references to objects, to itself, and class tags', () => {
    const b = new PayloadBuilder();
    let tag = 0;
    b.list([
      () => (tag = b.pointer('TNamed', () => b.named('a', ''))),
      () => b.pointer('TNamed', () => b.named('b', '')),
      () => b.reference(tag),
      () => b.reference(1),
      () => b.u32(0),
    ]);
    const { root } = walk(b, 'TList');
    const items = listItems(root);
    expect(items.map((item) => item.form)).toEqual(['object', 'object', 'reference', 'reference', 'null']);
    expect(items.map((item) => item.className)).toEqual(['TNamed', 'TNamed', 'TNamed', 'TList', '']);
    expect(items[2]?.target).toBe(items[0]?.target);
    expect(items[3]?.target).toBe(root);
  });

  it('reads framed and frameless collections', () => {
    const infos = [
      info('Holder', [
        element('v', TypeCode.streamer, { elementClass: 'TStreamerSTL', typeName: 'map<string,vector<int> >', storedSize: 0 }),
      ]),
    ];
    const b = new PayloadBuilder();
    b.frame(1, () => b.frame(9, () => b.u32(1).text('key').u32(2).u32(5).u32(6)));
    const { root } = walk(b, 'Holder', infos);
    const map = member(root, 'v');
    expect(map?.kind === 'object' && map.children.map((child) => child.className || child.name)).toEqual([
      'size',
      'TString',
      'vector<int>',
    ]);
    const top = new PayloadBuilder().u32(2).f32(1).f32(2);
    expect(arrayOf(walk(top, 'vector<float>').root, 'values')).toMatchObject({ start: 4, count: 2, type: TypeCode.float });
  });

  it('reads member-wise collections, base classes without frames', () => {
    const infos = [
      info('Part', [element('fId', TypeCode.int)]),
      info(
        'Value',
        [base('Part', 1), element('fE', TypeCode.float), element('fName', TypeCode.tstring, { typeName: 'TString', storedSize: 0 })],
        3,
      ),
      info('Holder', [element('v', TypeCode.streamer, { elementClass: 'TStreamerSTL', typeName: 'vector<Value>', storedSize: 0 })]),
    ];
    const b = new PayloadBuilder();
    b.frame(1, () => b.frame(0x4009, () => b.u16(3).u32(2).u32(10).u32(11).f32(1).f32(2).text('x').text('yy')));
    expect(walk(b, 'Holder', infos).opaque).toEqual([]);
  });

  it('finds the layout of a class without version by its checksum', () => {
    const b = new PayloadBuilder();
    b.frame(0, () => b.u32(0xcafe_f00d).u32(3));
    const { root } = walk(b, 'Foreign', [info('Foreign', [element('fX', TypeCode.int)], 1, 0xcafe_f00d)]);
    expect(numberOf(root, 'fX')).toBe(3);
  });

  it('keeps the triangle of a symmetric matrix that stands behind its byte count', () => {
    const members = ['fNrows', 'fNcols', 'fRowLwb', 'fColLwb', 'fNelems', 'fNrowIndex'].map((name) => element(name, TypeCode.int));
    const infos = [info('TMatrixTBase<double>', [base('TObject', 1), ...members, element('fTol', TypeCode.double)], 5)];
    const b = new PayloadBuilder();
    b.frame(5, () => b.object().u32(2).u32(2).u32(0).u32(0).u32(4).u32(2).f64(0))
      .f64(1)
      .f64(2)
      .f64(3);
    expect(arrayOf(walk(b, 'TMatrixTSym<double>', infos).root, 'fElements')).toMatchObject({ count: 3, start: 48 });
  });
});

describe('opaque parts', () => {
  it('are what has no streamer info, bounded by the byte count', () => {
    const b = new PayloadBuilder();
    b.list([() => b.pointer('Mystery', () => b.frame(4, () => b.u32(1).u32(2))), () => b.pointer('TNamed', () => b.named('n', ''))]);
    const graph = walk(b, 'TList');
    expect(graph.opaque).toEqual([{ className: 'Mystery', start: 37, length: 14, reason: 'no streamer info for Mystery version 4' }]);
    expect(textOf(listItems(graph.root)[1] as never, 'fName')).toBe('n');
  });

  it('may hold the class name that a later tag refers to', () => {
    const b = new PayloadBuilder();
    b.list([
      () => b.pointer('Mystery', () => b.frame(4, () => b.pointer('TNamed', () => b.named('inner', '')))),
      () => b.pointer('TNamed', () => b.named('outer', '')),
    ]);
    const graph = walk(b, 'TList');
    expect(listItems(graph.root)[1]).toMatchObject({ className: 'TNamed', externalClass: true });
    expect(() => encodeGraph(graph, { keylen: b.keylen + 8 })).toThrow('Mystery was not understood');
  });

  it('are made of a class that does not fit its streamer info, but never of a core class', () => {
    const b = new PayloadBuilder();
    b.frame(1, () => b.u32(1).u32(2));
    const { opaque } = walk(b, 'Odd', [info('Odd', [element('fX', TypeCode.int)])]);
    expect(opaque[0]?.reason).toMatch(/byte count of Odd does not match its members: expected 6, found 10/);
  });
});

describe('damage', () => {
  const named = new PayloadBuilder().named('name', 'title').done();
  const walkNamed = (bytes: Uint8Array) => walkObject(bytes, 40, 'TNamed', bootstrapInfos());

  it('in a byte count is a CorruptFileError with offset, expected and found', () => {
    const bytes = named.slice();
    bytes[3] = (bytes[3] as number) - 1;
    expect(thrownBy(CorruptFileError, () => walkNamed(bytes))).toMatchObject({ offset: 0, expected: 23, found: 22 });
    bytes[3] = 200;
    expect(thrownBy(CorruptFileError, () => walkNamed(bytes))).toMatchObject({ offset: 0, expected: '2..23', found: 200 });
  });

  it('that cuts the payload is found wherever the cut is', () => {
    for (let length = 0; length < named.length; length++) {
      expect(thrownBy(CorruptFileError, () => walkNamed(named.subarray(0, length))).reason).toMatch(/ends too early|past the data/);
    }
  });

  it('behind the object is found', () => {
    expect(thrownBy(CorruptFileError, () => walkNamed(Uint8Array.from([...named, 0])))).toMatchObject({
      offset: 27,
      expected: 28,
      found: 27,
    });
  });

  it('in a tag is found', () => {
    const b = new PayloadBuilder();
    b.list([() => b.reference(999)]);
    expect(thrownBy(CorruptFileError, () => walkObject(b.done(), 40, 'TList', bootstrapInfos()))).toMatchObject({ offset: 21, found: 999 });
    const c = new PayloadBuilder();
    c.list([() => c.counted(() => c.u32(0x8000_0333).named('n', ''))]);
    expect(thrownBy(CorruptFileError, () => walkObject(c.done(), 40, 'TList', bootstrapInfos())).reason).toMatch(
      'class tag refers to no class',
    );
  });

  it('in place of a class is found', () => {
    const reasonOf = (item: (b: PayloadBuilder) => unknown) => {
      const b = new PayloadBuilder();
      b.frame(5, () => {
        b.object().text('').u32(1);
        item(b);
      });
      return thrownBy(CorruptFileError, () => walkObject(b.done(), 40, 'TList', bootstrapInfos())).reason;
    };
    expect(reasonOf((b) => b.counted(() => b.u32(0x333).named('n', '')))).toMatch('no class tag behind the byte count of a pointer');
    expect(reasonOf((b) => b.counted(() => b.u32(0xffff_ffff).u8(65, 66, 67)))).toMatch('class name without end');
  });

  it('that nests objects without end is found, not run into', () => {
    const nested = (depth: number): SpanGraph => {
      const b = new PayloadBuilder();
      const inside = (left: number): unknown => b.list(left === 0 ? [] : [() => b.pointer('TList', () => inside(left - 1))]);
      inside(depth);
      return walkObject(b.done(), 40, 'TList', bootstrapInfos());
    };
    expect(nested(100).opaque).toEqual([]);
    expect(thrownBy(CorruptFileError, () => nested(450)).reason).toMatch('objects are nested too deep');
  });

  it('in a count of list items is found before anything is reserved for them', () => {
    const b = new PayloadBuilder();
    b.frame(5, () => b.object().text('').u32(0x7fff_ffff));
    expect(thrownBy(CorruptFileError, () => walkObject(b.done(), 40, 'TList', bootstrapInfos())).reason).toMatch('ends too early');
  });
});

describe('several layouts of one version', () => {
  const infos = [info('Twice', [element('fOld', TypeCode.int)], 3, 1), info('Twice', [element('fNew', TypeCode.double)], 3, 2)];

  it('are tried until one fits the byte count', () => {
    const b = new PayloadBuilder();
    b.list([
      () => b.pointer('Twice', () => b.frame(3, () => b.f64(2.5))),
      () => b.pointer('Twice', () => b.frame(3, () => b.u32(4))),
      () => b.pointer('Twice', () => b.frame(3, () => b.u16(4))),
    ]);
    const { root, opaque } = walk(b, 'TList', infos);
    const items = listItems(root);
    expect(numberOf(items[0] as never, 'fNew')).toBe(2.5);
    expect(numberOf(items[1] as never, 'fOld')).toBe(4);
    expect(opaque.map((part) => part.className)).toEqual(['Twice']);
  });
});
