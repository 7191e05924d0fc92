import { describe, expect, it } from 'vitest';
import { UnsupportedError } from '../../../src/errors.ts';
import { encodeGraph } from '../../../src/io/root/streamer/encode.ts';
import { isNull, member, numberOf, setNumber, setText, textOf } from '../../../src/io/root/streamer/member.ts';
import { listItems, setListItems } from '../../../src/io/root/streamer/member-list.ts';
import { bootstrapInfos } from '../../../src/io/root/streamer/parse-infos.ts';
import { frameNode, graphOfPart, pointerNode, rawNode } from '../../../src/io/root/streamer/span-graph.ts';
import type { ObjectNode, SpanGraph } from '../../../src/io/root/streamer/span-graph.ts';
import { walkObject } from '../../../src/io/root/streamer/walk.ts';
import { PayloadBuilder } from './payload-builder.ts';

/** A list of two TNameds, a TObjString, and the first TNamed again. */
function sampleList(keylen: number, names: readonly string[] = ['a', 'b']): PayloadBuilder {
  const b = new PayloadBuilder(keylen);
  let first = 0;
  b.list([
    () => (first = b.pointer('TNamed', () => b.named(names[0] as string, 'first'))),
    () => b.pointer('TNamed', () => b.named(names[1] as string, 'second')),
    () => b.pointer('TObjString', () => b.objString('text')),
    () => b.reference(first),
  ]);
  return b;
}

function walkList(b: PayloadBuilder): SpanGraph {
  return walkObject(b.done(), b.keylen, 'TList', bootstrapInfos());
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

describe('encodeGraph', () => {
  it('relocates all tags to another key length: the bytes ROOT would write there', () => {
    const graph = walkList(sampleList(40));
    expect(hex(encodeGraph(graph, { keylen: 40 }))).toBe(hex(sampleList(40).done()));
    expect(hex(encodeGraph(graph, { keylen: 300 }))).toBe(hex(sampleList(300).done()));
  });

  it('takes as much memory for a part of an object as the part needs, not the whole', () => {
    const names = Array.from({ length: 500 }, (_, i) => `n${i}`);
    const b = new PayloadBuilder(50);
    b.list(names.map((name) => () => b.pointer('TNamed', () => b.named(name, 'title'))));
    const parts = listItems(walkList(b).root).map(({ target }) => encodeGraph(graphOfPart(target as ObjectNode), { keylen: 0 }));
    expect(parts.map((bytes) => Buffer.from(bytes).includes('title'))).toEqual(names.map(() => true));
    expect(Math.max(...parts.map((bytes) => bytes.buffer.byteLength))).toBeLessThanOrEqual(256);
  });

  it('recomputes byte counts and tags around replaced strings', () => {
    const graph = walkList(sampleList(40));
    setText(listItems(graph.root)[0] as never, 'fName', 'a much longer name');
    expect(hex(encodeGraph(graph, { keylen: 40 }))).toBe(hex(sampleList(40, ['a much longer name', 'b']).done()));
  });

  it('moves an object to the first slot left when its own slot goes', () => {
    const graph = walkList(sampleList(40));
    const items = listItems(graph.root);
    setListItems(graph.root, [items[3] as never, items[1] as never]);
    const b = new PayloadBuilder(40);
    b.list([() => b.pointer('TNamed', () => b.named('a', 'first')), () => b.pointer('TNamed', () => b.named('b', 'second'))]);
    expect(hex(encodeGraph(graph, { keylen: 40 }))).toBe(hex(b.done()));
  });

  it('takes items from other graphs, with one class tag for all', () => {
    const one = walkList(sampleList(40));
    const two = walkList(sampleList(64, ['c', 'd']));
    setListItems(one.root, [...listItems(one.root).slice(0, 2), ...listItems(two.root).slice(0, 2)]);
    const b = new PayloadBuilder(72);
    b.list(['a', 'b', 'c', 'd'].map((name, i) => () => b.pointer('TNamed', () => b.named(name, i % 2 === 0 ? 'first' : 'second'))));
    expect(hex(encodeGraph(one, { keylen: 72 }))).toBe(hex(b.done()));
  });

  it('writes new objects made of nodes', () => {
    const graph = walkList(sampleList(40));
    const object = new PayloadBuilder().object().done();
    const fresh = frameNode('', 'TObjString', 1, [
      rawNode('TObject', object, 'TObject'),
      rawNode('fString', Buffer.from('\u0003new'), 'TString'),
    ]);
    setListItems(graph.root, [pointerNode('', fresh), pointerNode('', null), pointerNode('', fresh), pointerNode('', graph.root)]);
    const b = new PayloadBuilder(40);
    let tag = 0;
    b.list([() => (tag = b.pointer('TObjString', () => b.objString('new'))), () => b.u32(0), () => b.reference(tag), () => b.reference(1)]);
    expect(hex(encodeGraph(graph, { keylen: 40 }))).toBe(hex(b.done()));
  });

  it('keeps a class name that its writer spelled out again', () => {
    const b = new PayloadBuilder(40);
    const spelled = (name: string) => () =>
      b.counted(() =>
        b
          .u32(0xffff_ffff)
          .u8(...Buffer.from('TNamed\0'))
          .named(name, ''),
      );
    b.list([spelled('a'), spelled('b')]);
    expect(hex(encodeGraph(walkList(b), { keylen: 40 }))).toBe(hex(b.done()));
  });

  it('keeps a reference behind a byte count, as groot writes it, and relocates it', () => {
    const make = (keylen: number): PayloadBuilder => {
      const b = new PayloadBuilder(keylen);
      let tag = 0;
      return b.list([() => (tag = b.pointer('TNamed', () => b.named('a', ''))), () => b.counted(() => b.u32(tag))]);
    };
    const graph = walkList(make(40));
    expect(listItems(graph.root)[1]?.target).toBe(listItems(graph.root)[0]?.target);
    expect(hex(encodeGraph(graph, { keylen: 40 }))).toBe(hex(make(40).done()));
    expect(hex(encodeGraph(graph, { keylen: 60 }))).toBe(hex(make(60).done()));
  });

  it('copies opaque parts where they stand and refuses to move them', () => {
    const b = new PayloadBuilder(40);
    b.list([() => b.pointer('TNamed', () => b.named('a', '')), () => b.pointer('Mystery', () => b.frame(4, () => b.u32(1)))]);
    const graph = walkList(b);
    setNumber(listItems(graph.root)[0] as never, 'fUniqueID', 5);
    const same = encodeGraph(graph, { keylen: 40 });
    expect(same.length).toBe(b.done().length);
    expect(() => encodeGraph(graph, { keylen: 48 })).toThrow(UnsupportedError);
    setText(listItems(graph.root)[0] as never, 'fTitle', 'longer');
    expect(() => encodeGraph(graph, { keylen: 40 })).toThrow('Mystery was not understood and cannot be moved');
  });
});

describe('what refers into a part that is not understood', () => {
  /** A part with an object in it; then a string, and what `last` writes, which refers to that object or to its class. */
  const sample = (last: (b: PayloadBuilder, tag: number) => void, text = 'text'): PayloadBuilder => {
    const b = new PayloadBuilder(40);
    let tag = 0;
    const hidden = (): unknown => b.frame(4, () => (tag = b.pointer('TNamed', () => b.named('hidden', ''))));
    return b.list([() => b.pointer('Mystery', hidden), () => b.pointer('TObjString', () => b.objString(text)), () => last(b, tag)]);
  };

  it.each<[string, string, (b: PayloadBuilder, tag: number) => void]>([
    ['an object', 'reference into a part that was not understood cannot be moved', (b, tag) => b.reference(tag)],
    ['a class', 'class tag of TNamed cannot be moved', (b) => b.pointer('TNamed', () => b.named('x', ''))],
  ])('stays right as long as nothing moves, and is not moved: %s', (_, message, last) => {
    const graph = walkList(sample(last));
    expect(graph.opaque.map(({ className }) => className)).toEqual(['Mystery']);
    setText(listItems(graph.root)[1] as never, 'fString', 'TEXT');
    expect(hex(encodeGraph(graph, { keylen: 40 }))).toBe(hex(sample(last, 'TEXT').done()));
    setText(listItems(graph.root)[1] as never, 'fString', 'longer');
    expect(() => encodeGraph(graph, { keylen: 40 })).toThrow(message);
  });
});

describe('member access', () => {
  it('of what is missing needs a number in its place', () => {
    const { root } = walkList(sampleList(40));
    expect([numberOf(root, 'size'), numberOf(root, 'size', 0, 7), numberOf(root, 'fNothing', 0, 7)]).toEqual([4, 4, 7]);
    expect(() => numberOf(root, 'fNothing')).toThrow(UnsupportedError);
    expect(() => numberOf(root, 'fNothing')).toThrow('TList has no member fNothing');
  });

  it('reads what was replaced', () => {
    const graph = walkList(sampleList(40));
    const item = listItems(graph.root)[0] as never;
    setText(item, 'fTitle', 'x'.repeat(300));
    expect(textOf(item, 'fTitle')).toBe('x'.repeat(300));
    const again = walkObject(encodeGraph(graph, { keylen: 40 }), 40, 'TList', bootstrapInfos());
    expect(textOf(listItems(again.root)[0] as never, 'fTitle')).toBe('x'.repeat(300));
  });

  it('refuses a number its member cannot hold', () => {
    const graph = walkList(sampleList(40));
    expect(() => setNumber(graph.root, 'size', 2 ** 31)).toThrow('does not fit a member of 4 bytes');
    expect(() => setNumber(graph.root, 'size', 0.5)).toThrow('does not fit');
    expect(() => setNumber(graph.root, 'fNothing', 1)).toThrow('TList has no member fNothing');
  });

  it('gives null for what is not there', () => {
    const { root } = walkList(sampleList(40));
    expect(member(root, 'fNothing.fMore')).toBeNull();
    expect(isNull(member(root, 'fNothing'))).toBe(true);
    expect(isNull(pointerNode('p', null))).toBe(true);
    expect(listItems(root).map(isNull)).toEqual([false, false, false, false]);
  });
});
