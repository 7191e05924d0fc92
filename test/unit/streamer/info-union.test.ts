import { describe, expect, it } from 'vitest';
import { openRootFile } from '../../../src/io/root/root-file.ts';
import { encodeGraph } from '../../../src/io/root/streamer/encode.ts';
import { InfoUnion, encodeInfoList } from '../../../src/io/root/streamer/info-union.ts';
import { member } from '../../../src/io/root/streamer/member.ts';
import { setListItems } from '../../../src/io/root/streamer/member-list.ts';
import { bootstrapInfos, parseInfoRecord, walkInfoRecord } from '../../../src/io/root/streamer/parse-infos.ts';
import { pointerNode, type SpanNode } from '../../../src/io/root/streamer/span-graph.ts';
import { TypeCode, isReal } from '../../../src/io/root/streamer/type-codes.ts';
import { CorruptFileError } from '../../../src/errors.ts';
import { fixture } from '../../scratch.ts';
import { PayloadBuilder } from './payload-builder.ts';

function infosOf(name: string): { payload: Uint8Array; keylen: number } {
  const file = openRootFile(fixture(name));
  const record = file.readInfos();
  file.close();
  if (record === undefined) throw new Error(`${name} has no streamer infos`);
  return { payload: record.payload, keylen: record.key.keylen };
}

const names = (payload: Uint8Array, keylen: number): string[] =>
  parseInfoRecord(payload, keylen).infos.map((info) => `${info.className};${info.classVersion}`);

describe('parseInfoRecord', () => {
  it('reads classes, elements and rules that ROOT 6.40 wrote', () => {
    const { payload, keylen } = infosOf('hists_0.root');
    const { infos, rules } = parseInfoRecord(payload, keylen);
    const axis = infos.find((info) => info.className === 'TAxis');
    expect(axis?.classVersion).toBe(10);
    expect(axis?.elements.map((e) => `${e.name}:${e.type}`)).toEqual([
      'TNamed:67',
      'TAttAxis:0',
      'fNbins:3',
      'fXmin:8',
      'fXmax:8',
      'fXbins:62',
      'fFirst:3',
      'fLast:3',
      'fBits2:12',
      'fTimeDisplay:18',
      'fTimeFormat:65',
      'fLabels:64',
      'fModLabs:64',
    ]);
    expect(infos.find((info) => info.className === 'TH1')?.elements.find((e) => e.name === 'fBuffer')).toMatchObject({
      type: 48,
      countName: 'fBufferSize',
      storedSize: 8,
    });
    expect(rules.every((rule) => rule.startsWith('type=read'))).toBe(true);
  });

  it('takes zeros behind the list, and nothing else', () => {
    const { payload, keylen } = infosOf('hists_0.root');
    const longer = (last: number): Uint8Array => Uint8Array.from([...payload, 0, 0, last]);
    expect(parseInfoRecord(longer(0), keylen)).toEqual(parseInfoRecord(payload, keylen));
    expect(walkInfoRecord(longer(0), keylen).infos).toEqual(parseInfoRecord(payload, keylen).infos);
    expect(() => parseInfoRecord(longer(1), keylen)).toThrow('bytes left behind the TList');
  });

  it('refuses a list of something else', () => {
    const b = new PayloadBuilder(64);
    b.list([() => b.pointer('TNamed', () => b.named('n', ''))]);
    expect(() => parseInfoRecord(b.done(), 64)).toThrow(CorruptFileError);
  });
});

describe('InfoUnion', () => {
  it('of one list is that list, byte for byte', () => {
    const { payload, keylen } = infosOf('hists_0.root');
    const union = new InfoUnion();
    union.add(payload, keylen);
    union.add(payload.slice(), keylen);
    expect(Buffer.from(encodeInfoList(union, keylen))).toEqual(Buffer.from(payload));
    expect(union.count).toBe(parseInfoRecord(payload, keylen).infos.length);
  });

  it('holds the infos of all lists once, in order of appearance, and one list of rules at the end', () => {
    const lists = ['hists_0.root', 'objects_0.root', 'flat_0.root', 'refs_0.root'].map(infosOf);
    const union = new InfoUnion();
    for (const { payload, keylen } of lists) union.add(payload, keylen);
    const expected = [...new Set(lists.flatMap(({ payload, keylen }) => names(payload, keylen)))];
    for (const keylen of [64, 72]) {
      const encoded = encodeInfoList(union, keylen);
      expect(names(encoded, keylen)).toEqual(expected);
      const record = parseInfoRecord(encoded, keylen);
      expect(record.rules).toEqual(union.rules());
      expect(walkInfoRecord(encoded, keylen)).toMatchObject({ infos: record.infos, rules: record.rules, graph: { opaque: [] } });
    }
  });

  it('does not change what it was given', () => {
    const { payload, keylen } = infosOf('flat_0.root');
    const copy = payload.slice();
    const union = new InfoUnion();
    union.add(payload, keylen);
    const other = infosOf('objects_0.root');
    union.add(other.payload, other.keylen);
    encodeInfoList(union, 72);
    expect(Buffer.from(payload)).toEqual(Buffer.from(copy));
    expect(names(payload, keylen).length).toBeLessThan(union.count);
  });

  it('holds an info once that a list holds twice', () => {
    const { payload, keylen } = infosOf('flat_0.root');
    const { graph, slots } = walkInfoRecord(payload, keylen);
    setListItems(graph.root, [...slots, walkInfoRecord(payload, keylen).slots[0] as never]);
    const union = new InfoUnion();
    union.add(encodeGraph(graph, { keylen }), keylen);
    expect(union.count).toBe(slots.length);
    for (const at of [keylen, 72]) expect(names(encodeInfoList(union, at), at)).toEqual(names(payload, keylen));
  });

  it('without any list is an empty list', () => {
    const empty = encodeInfoList(new InfoUnion(), 64);
    expect(parseInfoRecord(empty, 64)).toMatchObject({ infos: [], rules: [] });
    expect(Buffer.from(empty).toString('hex')).toBe('400000110005000100000000020000000000000000');
  });
});

describe('built-in infos', () => {
  it('give the layout of trees where a file describes none', () => {
    const plan = bootstrapInfos().plan('TLeafD', 1);
    expect(plan?.steps.map((step) => step.kind)).toEqual(['base', 'run']);
    expect(bootstrapInfos().plan('TTree', 20)?.members.get('fEntries')?.field).toMatchObject({ offset: 0, width: 8 });
    expect(bootstrapInfos().plan('UserClass', 1)).toBeNull();
  });
});

describe('a list of streamer infos', () => {
  const refusal = (write: (b: PayloadBuilder) => unknown) => {
    const b = new PayloadBuilder(64);
    write(b);
    expect(() => parseInfoRecord(b.done(), 64)).toThrow(CorruptFileError);
    return expect(() => parseInfoRecord(b.done(), 64));
  };
  const named = (b: PayloadBuilder) => () => b.pointer('TNamed', () => b.named('n', 't'));

  it('holds infos and lists of rules, and those hold texts', () => {
    refusal((b) => b.list([named(b)])).toThrow('unexpected TNamed in the list of streamer infos');
    refusal((b) => b.list([() => b.u32(0)])).toThrow('unexpected null in the list of streamer infos');
    const rules = (b: PayloadBuilder, item: () => unknown) => b.list([() => b.pointer('TList', () => b.list([item as () => void]))]);
    refusal((b) => rules(b, named(b))).toThrow('unexpected TNamed in the list of schema rules');
    refusal((b) => rules(b, () => b.u32(0))).toThrow('unexpected null in the list of schema rules');
    const b = new PayloadBuilder(64);
    rules(b, () => b.pointer('TObjString', () => b.objString('type=read')));
    expect(parseInfoRecord(b.done(), 64)).toMatchObject({ infos: [], rules: ['type=read'] });
  });

  it('has elements in all places', () => {
    const { payload, keylen } = infosOf('flat_0.root');
    const { graph, slots } = walkInfoRecord(payload, keylen);
    const elements = member(slots[0]?.target as SpanNode, 'fElements');
    if (elements?.kind !== 'pointer' || elements.target === null) throw new Error('no elements');
    setListItems(elements.target, [pointerNode('', null)]);
    expect(() => walkInfoRecord(encodeGraph(graph, { keylen }), keylen)).toThrow('streamer element is missing');
  });
});

it('types of reals are known, packed ones included', () => {
  const types = [TypeCode.float, TypeCode.double, TypeCode.double32, TypeCode.float16];
  expect(Object.values(TypeCode).filter((type) => isReal(type))).toEqual(expect.arrayContaining(types));
  expect(Object.values(TypeCode).filter((type) => isReal(type))).toHaveLength(types.length);
});
