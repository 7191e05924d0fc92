/** Two versions of a class: what only one of them has says nothing as long as it holds what it begins with. */
import { describe, expect, it } from 'vitest';
import { compareNodes } from '../../../../src/diff/object/compare-graphs.ts';
import { DifferenceList } from '../../../../src/diff/object/difference.ts';
import {
  ObjectNode,
  PointerNode,
  RawNode,
  spanSource,
  type SpanNode,
  type SpanSource,
} from '../../../../src/io/root/streamer/span-graph.ts';
import { spanShape } from '../../../../src/io/root/streamer/span-shape.ts';
import { TypeCode } from '../../../../src/io/root/streamer/type-codes.ts';

/** 0, then 5, then 2 as integers of 32 bits. */
const SOURCE: SpanSource = spanSource(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 2), 0);
const number = (name: string, at: number): RawNode =>
  new RawNode(spanShape({ kind: 'raw', name, type: TypeCode.int, width: 4 }), SOURCE, at, at + 4);
const run = (at: number, ...names: string[]): RawNode => {
  const fields = names.map((name, i) => ({ name, type: TypeCode.int, offset: 4 * i, width: 4, count: 1 }));
  return new RawNode(spanShape({ kind: 'raw', name: '', fields }), SOURCE, at, at + 4 * names.length);
};

function named(name: string, ...children: SpanNode[]): ObjectNode {
  const node = new ObjectNode(name, 'Thing', SOURCE, 0);
  node.children.push(...children);
  return node;
}

const object = (...children: SpanNode[]): ObjectNode => named('', ...children);

function differences(left: ObjectNode, right: ObjectNode): string[] {
  const list = new DifferenceList(10);
  compareNodes(left, right, '', { tolerance: {} }, list);
  return list.first.map(({ at, left: a, right: b }) => `${at}: ${a}, ${b}`);
}

describe('a member that one version lacks', () => {
  it('is no difference while it holds what it begins with', () => {
    for (const member of [
      number('fNew', 0),
      new PointerNode('fNew', SOURCE, 0),
      run(0, 'fNew'),
      number('fStatOverflows', 8),
      named('fPart', number('fInner', 0)),
    ]) {
      expect(differences(object(member), object())).toEqual([]);
      expect(differences(object(), object(member))).toEqual([]);
    }
    expect(differences(object(run(4, 'fOld')), object(run(4, 'fOld', 'fStatOverflows')))).toEqual([]);
  });

  it('is one when it holds anything else', () => {
    expect(differences(object(number('fNew', 4)), object())).toEqual(['fNew: "fNew", "absent"']);
    expect(differences(object(), object(number('fStatOverflows', 4)))).toEqual(['fStatOverflows: "absent", "fStatOverflows"']);
    expect(differences(object(run(4, 'fOld', 'fNew')), object(run(4, 'fOld')))).toEqual(['fNew: "present", "absent"']);
    expect(differences(object(run(4, 'fOld')), object(run(4, 'fOld', 'fNew')))).toEqual(['fNew: "absent", "present"']);
  });

  it('is one of a list whatever it holds', () => {
    expect(differences(object(number('', 0)), object())).toEqual(['[0]: "value", "absent"']);
  });
});
