/** TH2Poly: bins of equal polygons, the regions around them, squared weights and statistics add; other polygons are refused. */
import { describe, expect, it } from 'vitest';
import { diffMerged } from '../../../src/diff/diff-merged.ts';
import { comparePolygons } from '../../../src/diff/histogram/expected-polygons.ts';
import { DifferenceList } from '../../../src/diff/object/difference.ts';
import { openRootFile } from '../../../src/io/root/root-file.ts';
import { readInfoSet } from '../../../src/io/root/root-file-infos.ts';
import { encodeGraph } from '../../../src/io/root/streamer/encode.ts';
import { member, numberOf, readValue, setNumber } from '../../../src/io/root/streamer/member.ts';
import { arrayOf, listItems, setArray, setListItems } from '../../../src/io/root/streamer/member-list.ts';
import { graphOfPart, type ObjectNode, type SpanNode } from '../../../src/io/root/streamer/span-graph.ts';
import { walkObject } from '../../../src/io/root/streamer/walk.ts';
import { addPolygons, polygonDifferences } from '../../../src/merge/additive/add-polygons.ts';
import { merge } from '../../../src/merge/merge.ts';
import { nodeOf } from '../../objects.ts';
import { Scratch, fixture } from '../../scratch.ts';

const INPUTS = ['dimensions_0.root', 'dimensions_1.root', 'dimensions_2.root'].map(fixture);
const include = ['/polygons/*'];

const binsOf = (node: ObjectNode): ObjectNode[] => listItems(member(node, 'fBins') as SpanNode).map(({ target }) => target as ObjectNode);
const contentsOf = (node: ObjectNode): number[] => [
  ...Array.from({ length: 9 }, (_, k) => numberOf(node, 'fOverflow', k)),
  ...binsOf(node).map((bin) => numberOf(bin, 'fContent')),
];

function squaresOf(node: ObjectNode): number[] {
  const array = arrayOf(node, 'fSumw2');
  if (array === null) return [];
  const view = new DataView(array.bytes.buffer, array.bytes.byteOffset);
  return Array.from({ length: array.count }, (_, i) => readValue(view, array.start + 8 * i, array.type, 8));
}

/** The object as it would be read back. */
function walkedAgain(node: ObjectNode): ObjectNode {
  const file = openRootFile(INPUTS[0] as string);
  const { root } = walkObject(encodeGraph(graphOfPart(node), { keylen: 60 }), 60, node.className, readInfoSet(file));
  file.close();
  return root as ObjectNode;
}

function totals(all: readonly number[][]): number[] {
  return (all[0] ?? []).map((_, i) => all.reduce((sum, values) => sum + (values[i] as number), 0));
}

describe('merged files', () => {
  it('hold the sums, with squared weights where any input has them, and pool-diff finds them right', async () => {
    using scratch = new Scratch();
    const output = scratch.path('out.root');
    await merge(INPUTS, { output, include });
    for (const path of ['/polygons/poly', '/polygons/weighted']) {
      const [out, ...inputs] = [output, ...INPUTS].map((file) => nodeOf(file, path)) as [ObjectNode, ...ObjectNode[]];
      expect(contentsOf(out)).toEqual(totals(inputs.map(contentsOf)));
      for (const name of ['fEntries', 'fTsumw', 'fTsumw2']) {
        expect(numberOf(out, name)).toBe(inputs.reduce((sum, node) => sum + numberOf(node, name), 0));
      }
      const stored = inputs.map(squaresOf);
      const isWeighted = path.endsWith('weighted');
      expect(stored.map(({ length }) => length)).toEqual(isWeighted ? [0, 14, 14] : [0, 0, 0]);
      expect(squaresOf(out)).toEqual(
        isWeighted ? totals(stored.map((squares, k) => (squares.length > 0 ? squares : contentsOf(inputs[k] as ObjectNode)))) : [],
      );
    }
    expect((await diffMerged(output, INPUTS, { include })).objects.map(({ verdict }) => verdict)).toEqual(['right', 'right']);
    const lacking = await diffMerged(output, INPUTS.slice(0, 2), { include });
    expect(lacking.objects.map(({ verdict, differences }) => [verdict, differences[0]?.at])).toEqual([
      ['altered', 'fEntries'],
      ['altered', 'fEntries'],
    ]);
  });
});

describe('other polygons', () => {
  const pair = (): [ObjectNode, ObjectNode] => [
    nodeOf(INPUTS[0] as string, '/polygons/poly'),
    nodeOf(INPUTS[1] as string, '/polygons/poly'),
  ];
  const polygonOf = (node: ObjectNode, k: number): SpanNode => member(binsOf(node)[k] as ObjectNode, 'fPoly') as SpanNode;

  it('are told from equal ones by every vertex', () => {
    const [a, b] = pair();
    expect(polygonDifferences(a, b)).toEqual([]);
    const moved = Buffer.alloc(24);
    [1, 3, 2.5].forEach((value, i) => moved.writeDoubleBE(value, 8 * i));
    setArray(polygonOf(b, 4), 'fX', moved);
    expect(polygonDifferences(a, b)).toEqual(['bin 5 is another polygon']);
    setNumber(b, 'fYaxis.fXmax', 5);
    setArray(polygonOf(b, 3), 'fY', moved);
    expect(polygonDifferences(a, b)).toEqual(['y axis: limits 0 to 5 instead of 0 to 4', '2 bins are other polygons, the first is bin 4']);
  });

  it('are told by their number', () => {
    const [a, b] = pair();
    const bins = member(b, 'fBins') as SpanNode;
    const count = binsOf(b).length;
    setListItems(bins, listItems(bins).slice(1));
    expect(polygonDifferences(a, b)).toEqual([`${count - 1} polygons instead of ${count}`]);
    setNumber(b, 'fXaxis.fNbins', 7);
    expect(polygonDifferences(a, b)).toHaveLength(2);
  });

  it('have other squared weights', () => {
    const [a, b] = [0, 1].map((k) => nodeOf(INPUTS[k] as string, '/polygons/weighted')) as [ObjectNode, ObjectNode];
    const count = 9 + binsOf(a).length;
    setArray(b, 'fSumw2', new Uint8Array(8 * (count - 1)));
    expect(() => addPolygons(a, b)).toThrow(`squared weights of ${count - 1} bins, but of ${count} in the first`);
  });

  it('leave what is added untouched by what is not', () => {
    const [a, b] = pair();
    const before = contentsOf(b);
    addPolygons(a, b);
    expect(contentsOf(b)).toEqual(before);
  });
});

it('contents without their sign are the squared weights of a first input that stores none, here and for pool-diff', () => {
  const [a, b, sum] = [
    nodeOf(INPUTS[0] as string, '/polygons/weighted'),
    nodeOf(INPUTS[1] as string, '/polygons/weighted'),
    nodeOf(INPUTS[0] as string, '/polygons/weighted'),
  ];
  for (const node of [a, sum]) setNumber(binsOf(node)[0] as ObjectNode, 'fContent', -3);
  addPolygons(sum, b);
  expect(squaresOf(sum)[9]).toBe(3 + (squaresOf(b)[9] as number));
  const found = new DifferenceList(5);
  comparePolygons(walkedAgain(sum), [a, b].map(walkedAgain), found);
  expect(found.first).toEqual([]);
});
