/** THn and THnSparse: sums are judged bin by bin, and bins of a sparse one by their coordinates. */
import { describe, expect, it } from 'vitest';
import { diffFiles } from '../../../../src/diff/diff-files.ts';
import { diffMerged } from '../../../../src/diff/diff-merged.ts';
import { compareDimensions } from '../../../../src/diff/histogram/expected-dimensions.ts';
import { compareNodes } from '../../../../src/diff/object/compare-graphs.ts';
import { DifferenceList } from '../../../../src/diff/object/difference.ts';
import { member, setNumber } from '../../../../src/io/root/streamer/member.ts';
import { arrayOf, listItems, setArray } from '../../../../src/io/root/streamer/member-list.ts';
import type { ObjectNode, SpanNode } from '../../../../src/io/root/streamer/span-graph.ts';
import { merge } from '../../../../src/merge/merge.ts';
import { nodeOf } from '../../../objects.ts';
import { Scratch, fixture } from '../../../scratch.ts';

const [FIRST, SECOND, THIRD] = ['dimensions_0.root', 'dimensions_1.root', 'dimensions_2.root'].map(fixture) as [string, string, string];
const include = ['/types/*', '/empty/*', '/limit/*', '/list'];

describe('sums', () => {
  it('are right, and wrong where an input is missing', async () => {
    using scratch = new Scratch();
    const output = scratch.path('out.root');
    await merge([FIRST, SECOND], { output, include });
    const right = await diffMerged(output, [FIRST, SECOND], { include });
    expect(right.objects.filter(({ verdict }) => verdict !== 'right')).toEqual([]);
    const wrong = await diffMerged(output, [FIRST, SECOND, THIRD], { include });
    const inList = wrong.objects.find(({ path }) => path === '/list');
    expect(inList?.differences.map(({ at }) => at)).toContain('sparse.fEntries');
    const saturated = ['/limit/sparse', '/limit/dense']; // 127 in the sum of two already
    expect(
      wrong.objects
        .filter(({ verdict }) => verdict === 'altered')
        .map(({ path }) => path)
        .sort(),
    ).toEqual(
      right.objects
        .map(({ path }) => path)
        .filter((path) => path !== '/limit/dense')
        .sort(),
    );
    expect(saturated.map((path) => wrong.objects.find((each) => each.path === path)?.differences.map(({ at }) => at))).toEqual([
      ['fEntries'],
      [],
    ]);
  });

  it.each(['sparse_F', 'dense_F'])('of %s name the bin that is wrong, and axes that are not those of an input', (name) => {
    const [a, b] = [nodeOf(FIRST, `/types/${name}`), nodeOf(FIRST, `/types/${name}`)];
    const found = new DifferenceList(10);
    compareDimensions(a, [b], found);
    expect(found.count).toBe(0);
    setNumber(listItems(member(b, 'fAxes') as SpanNode)[0]?.target as ObjectNode, 'fXmax', 8);
    compareDimensions(a, [b], found);
    expect(found.first).toEqual([{ at: 'fAxes[0]', left: '"5 0 5"', right: '"5 0 8"' }]);
  });
});

describe('two files', () => {
  it('are the same whatever the order in which bins were filled', async () => {
    using scratch = new Scratch();
    const [a, b] = [scratch.path('a.root'), scratch.path('b.root')];
    await merge([FIRST, SECOND, THIRD], { output: a, include: ['/types/sparse_*'] });
    await merge([FIRST, THIRD, SECOND], { output: b, include: ['/types/sparse_*'] });
    const { objects } = await diffFiles(a, b);
    expect(objects.filter(({ verdict }) => verdict !== 'same')).toEqual([]);
  });

  it('differ in the bin whose content or squared error does', () => {
    const [a, b] = [nodeOf(FIRST, '/types/sparse_F'), nodeOf(FIRST, '/types/sparse_F')];
    const chunk = listItems(member(b, 'fBinContent') as SpanNode)[0]?.target as ObjectNode;
    const coordinates = arrayOf(chunk, 'fCoordinates');
    if (coordinates === null) throw new Error('no coordinates');
    const bytes = coordinates.bytes.slice(coordinates.start, coordinates.start + coordinates.count);
    // two bins change places
    setArray(chunk, 'fCoordinates', Uint8Array.from([...bytes.subarray(2, 4), ...bytes.subarray(0, 2), ...bytes.subarray(4)]));
    const found = new DifferenceList(10);
    compareNodes(a, b, '', { tolerance: {} }, found);
    expect(found.first.map(({ at }) => at.replace(/\[.*\]/, '[…]'))).toEqual([]);
  });
});
