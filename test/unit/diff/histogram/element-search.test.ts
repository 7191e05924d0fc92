import { describe, expect, it } from 'vitest';
import { ElementSearch } from '../../../../src/diff/histogram/element-search.ts';
import { listItems } from '../../../../src/io/root/streamer/member-list.ts';
import { bootstrapInfos } from '../../../../src/io/root/streamer/parse-infos.ts';
import type { PointerNode, SpanNode } from '../../../../src/io/root/streamer/span-graph.ts';
import { walkObject } from '../../../../src/io/root/streamer/walk.ts';
import { PayloadBuilder } from '../../streamer/payload-builder.ts';

/** Elements of a list of TNameds. */
function named(...texts: [name: string, title: string][]): PointerNode[] {
  const b = new PayloadBuilder(50);
  b.list(
    texts.map(
      ([name, title]) =>
        () =>
          b.pointer('TNamed', () => b.named(name, title)),
    ),
  );
  return listItems(walkObject(b.done(), b.keylen, 'TList', bootstrapInfos()).root);
}

/** Changes bits of the TObject inside of an element. */
function setBits({ target }: PointerNode, bits: number): void {
  const find = (node: SpanNode): SpanNode | undefined =>
    node.className === 'TObject' && node.kind === 'raw' ? node : node.kind === 'object' ? node.children.map(find).find(Boolean) : undefined;
  const part = target === null ? undefined : find(target);
  if (part?.kind !== 'raw') throw new Error('no TObject');
  part.source.view.setUint32(part.start + 6, part.source.view.getUint32(part.start + 6) ^ bits);
}

describe('the equal of an element', () => {
  it('is found wherever it stands', () => {
    const search = new ElementSearch(named(['a', 'x'], ['b', 'y'], ['b', 'z']));
    expect(named(['b', 'z'], ['b', 'y'], ['a', 'x']).map((slot) => search.has(slot))).toEqual([true, true, true]);
    expect(named(['b', 'x'], ['a', 'y'], ['c', 'z'], ['', '']).map((slot) => search.has(slot))).toEqual([false, false, false, false]);
  });

  it('may have other bits that say something of memory only', () => {
    const search = new ElementSearch(named(['a', 'x'], ['b', 'y']));
    const [inMemory, other] = named(['a', 'x'], ['b', 'y']) as [PointerNode, PointerNode];
    setBits(inMemory, 0x0100_0000);
    setBits(other, 1 << 14);
    expect([inMemory, other].map((slot) => search.has(slot))).toEqual([true, false]);
  });
});
