/** THn and THnSparse: bins, errors and statistics of the output are the sums over the inputs, wherever a bin stands in which of them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isNull, member, numberOf, readValue, setNumber } from '../../../src/io/root/streamer/member.ts';
import { arrayOf, listItems, setArray } from '../../../src/io/root/streamer/member-list.ts';
import type { ObjectNode, SpanNode } from '../../../src/io/root/streamer/span-graph.ts';
import { Addition } from '../../../src/merge/additive/add-objects.ts';
import { RunningSums } from '../../../src/merge/additive/running-sums.ts';
import { SparseBins } from '../../../src/merge/additive/sparse-bins.ts';
import { histogramRules } from '../../../src/merge/histogram/pair-rules.ts';
import { merge } from '../../../src/merge/merge.ts';
import { nodeOf } from '../../objects.ts';
import { Scratch, fixture } from '../../scratch.ts';

const INPUTS = ['dimensions_0.root', 'dimensions_1.root', 'dimensions_2.root'].map(fixture);
const TYPES = ['C', 'S', 'I', 'L', 'F', 'D'];
const STATISTICS = ['fEntries', 'fTsumw'];

function valuesOf(node: SpanNode, path: string): number[] {
  const array = arrayOf(node, path);
  if (array === null) throw new Error(`no ${path}`);
  const view = new DataView(array.bytes.buffer, array.bytes.byteOffset);
  return Array.from({ length: array.count }, (_, i) => readValue(view, array.start + i * array.width, array.type, array.width));
}

/** Content and squared error of each bin, by its coordinates. Bins of 0 are left out: a dense one has all, a sparse one may have. */
type Bins = Map<string, [number, number]>;

const axisBins = (node: ObjectNode): number[] =>
  listItems(member(node, 'fAxes') as SpanNode).map(({ target }) => numberOf(target as ObjectNode, 'fNbins'));

function sparseBins(node: ObjectNode): Bins {
  const bits = axisBins(node).map((n) => (n + 2).toString(2).length);
  const bins: Bins = new Map();
  const chunks = listItems(member(node, 'fBinContent') as SpanNode).map(({ target }) => target as ObjectNode);
  chunks.forEach((chunk, c) => {
    const width = numberOf(chunk, 'fSingleCoordinateSize');
    const bytes = valuesOf(chunk, 'fCoordinates').map((b) => b & 0xff);
    const content = valuesOf(chunk, 'fContent');
    const squares = isNull(member(chunk, 'fSumw2')) ? content : valuesOf(chunk, 'fSumw2');
    const count = bytes.length / width;
    expect(content).toHaveLength(numberOf(node, 'fChunkSize'));
    if (c < chunks.length - 1) expect(count).toBe(numberOf(node, 'fChunkSize'));
    for (let i = 0; i < count; i++) {
      let packed = bytes.slice(i * width, (i + 1) * width).reduceRight((sum, b) => (sum << 8n) | BigInt(b), 0n);
      const coordinates = bits.map((n) => {
        const coordinate = Number(BigInt.asUintN(n, packed));
        packed >>= BigInt(n);
        return coordinate;
      });
      expect(bins.has(coordinates.join())).toBe(false);
      bins.set(coordinates.join(), [content[i] as number, squares[i] as number]);
    }
  });
  expect(bins.size).toBe(numberOf(node, 'fFilledBins'));
  return bins;
}

function denseBins(node: ObjectNode): Bins {
  const bins: Bins = new Map();
  const sizes = axisBins(node).map((n) => n + 2);
  const content = valuesOf(node, 'fArray.fData');
  const squares = numberOf(node, 'fTsumw2') < 0 ? content : valuesOf(node, 'fSumw2.fData');
  content.forEach((value, i) => {
    let rest = i;
    const coordinates = sizes
      .toReversed()
      .map((n) => [rest % n, (rest = Math.floor(rest / n))][0])
      .toReversed();
    bins.set(coordinates.join(), [value, squares[i] as number]);
  });
  return bins;
}

const binsOf = (node: ObjectNode): Bins => (node.className.startsWith('THnSparse') ? sparseBins(node) : denseBins(node));

function sorted(bins: Bins): [string, [number, number]][] {
  return [...bins].filter(([, [content]]) => content !== 0).sort(([a], [b]) => (a < b ? -1 : 1));
}

function summed(nodes: readonly ObjectNode[]): Bins {
  const sum: Bins = new Map();
  for (const node of nodes) {
    for (const [at, [content, square]] of binsOf(node)) sum.set(at, [(sum.get(at)?.[0] ?? 0) + content, (sum.get(at)?.[1] ?? 0) + square]);
  }
  return sum;
}

function expectSum(out: ObjectNode, inputs: readonly ObjectNode[]): void {
  expect(sorted(binsOf(out))).toEqual(sorted(summed(inputs)));
  for (const name of STATISTICS) expect(numberOf(out, name), name).toBe(inputs.reduce((sum, node) => sum + numberOf(node, name), 0));
  const squares = inputs.map((node) => numberOf(node, 'fTsumw2')).filter((value) => value >= 0);
  expect(numberOf(out, 'fTsumw2')).toBe(squares.length === 0 ? -1 : squares.reduce((a, b) => a + b));
  for (const name of ['fTsumwx', 'fTsumwx2']) {
    const all = inputs.map((node) => valuesOf(node, name));
    expect(valuesOf(out, name)).toEqual((all[0] as number[]).map((_, d) => all.reduce((sum, values) => sum + (values[d] as number), 0)));
  }
}

/** Adds the second to the first, whose graph holds the sum afterwards. */
function add(a: ObjectNode, b: ObjectNode): Addition {
  const sums = new RunningSums();
  const addition = new Addition(histogramRules, sums);
  addition.add(a, b, '');
  sums.store();
  return addition;
}

describe('merged files', () => {
  it('hold the sums of all types, whether none, some or all inputs store squared weights', async () => {
    using scratch = new Scratch();
    const output = scratch.path('out.root');
    const { diagnostics } = await merge(INPUTS, { output, include: ['/types/*', '/empty/*', '/list'] });
    expect(diagnostics).toEqual([]);
    for (const path of [...TYPES.flatMap((type) => [`/types/sparse_${type}`, `/types/dense_${type}`]), '/empty/sparse', '/empty/dense']) {
      expectSum(
        nodeOf(output, path),
        INPUTS.map((file) => nodeOf(file, path)),
      );
    }
    const elements = (file: string): ObjectNode[] => listItems(nodeOf(file, '/list')).map(({ target }) => target as ObjectNode);
    const [list, first] = [elements(output), elements(INPUTS[0] as string)];
    expect(list.map(({ className }) => className)).toEqual(first.map(({ className }) => className));
    for (const node of list.slice(0, 2)) {
      expectSum(
        node,
        INPUTS.flatMap((file) => elements(file).filter(({ className }) => className === node.className)),
      );
    }
  });

  it('say where bins reach the largest value of their type, which hadd wraps', async () => {
    using scratch = new Scratch();
    const output = scratch.path('out.root');
    const { diagnostics } = await merge(INPUTS, { output, include: ['/limit/*'] });
    expect(diagnostics.map(({ code, path }) => [code, path])).toEqual([
      ['saturated', '/limit/sparse'],
      ['saturated', '/limit/dense'],
    ]);
    for (const path of ['/limit/sparse', '/limit/dense']) expect(sorted(binsOf(nodeOf(output, path)))[0]?.[1][0], path).toBe(127);
  });
});

describe('axes', () => {
  it.each(['/types/sparse_D', '/types/dense_D'])('of %s that differ are named, all of them', (path) => {
    const [a, b] = INPUTS.map((file) => nodeOf(file, path)) as [ObjectNode, ObjectNode];
    const axes = listItems(member(b, 'fAxes') as SpanNode).map(({ target }) => target as ObjectNode);
    setNumber(axes[0] as ObjectNode, 'fXmax', 6);
    setNumber(axes[2] as ObjectNode, 'fNbins', 7);
    const reasons = add(a, b).misfits.map(({ code, reason }) => [code, reason]);
    expect(reasons).toEqual([
      ['axes-differ', 'axis 0: limits 0 to 6 instead of 0 to 5'],
      ['axes-differ', expect.stringMatching(/^axis 2: 7 bins instead of (300|1)$/)],
    ]);
  });
});

describe('bins that contradict the object they are of', () => {
  const pair = (path: string) => INPUTS.slice(0, 2).map((file) => nodeOf(file, path)) as [ObjectNode, ObjectNode];
  const chunkOf = (node: ObjectNode): ObjectNode => listItems(member(node, 'fBinContent') as SpanNode)[0]?.target as ObjectNode;
  /** Leaves out the last value of an array. */
  const shorten = (node: ObjectNode, name: string): void => {
    const array = arrayOf(node, name);
    if (array === null) throw new Error(`no ${name}`);
    const { bytes, start, count, width } = array;
    setArray(node, name, bytes.slice(start, start + (count - 1) * width));
  };

  it.each<[string, RegExp, (node: ObjectNode) => void]>([
    ['a number of its own', /do not have all of its bins: expected \d+, found \d+$/, (node) => setNumber(node, 'fFilledBins', 1000)],
    [
      'coordinates of another width',
      /coordinates of bins do not fit the axes/,
      (node) => setNumber(chunkOf(node), 'fSingleCoordinateSize', 9),
    ],
    ['part of a coordinate', /coordinates of bins do not fit the axes/, (node) => shorten(chunkOf(node), 'fCoordinates')],
    ['no contents', /a THnSparseArrayChunk without bins of its class/, (node) => clear(member(chunkOf(node), 'fContent'))],
    ['chunks of a later version', /not of class version 1$/, (node) => Object.assign(chunkOf(node), { version: 2 })],
    ['fewer squares than bins', /fewer bins than coordinates/, (node) => setArray(chunkOf(node), 'fSumw2', new Uint8Array(0))],
    ['fewer contents than bins', /fewer bins than coordinates/, (node) => setArray(chunkOf(node), 'fContent', new Uint8Array(0))],
  ])('are refused: sparse with %s', (_, message, change) => {
    const [a, b] = pair('/types/sparse_D');
    expect(isNull(member(chunkOf(b), 'fSumw2'))).toBe(false);
    change(b);
    expect(() => add(a, b)).toThrow(message);
  });

  const clear = (slot: SpanNode | null): void => {
    if (slot?.kind !== 'pointer') throw new Error('no pointer');
    slot.target = null;
  };

  it('are refused: sparse with chunks of another size, or of a size that cannot be', () => {
    const [a, b] = pair('/types/sparse_D');
    const size = numberOf(a, 'fChunkSize');
    setNumber(a, 'fChunkSize', size + 1);
    expect(() => add(a, b)).toThrow(`chunks of a THnSparseT<TArrayD> are not of its size: expected ${size + 1}, found ${size}`);
    for (const [bins, isRefused] of [
      [0, true],
      [-1, true],
      [2 ** 22, false],
      [2 ** 22 + 1, true],
    ] as const) {
      const empty = nodeOf(INPUTS[0] as string, '/empty/sparse');
      setNumber(empty, 'fChunkSize', bins);
      const adding = () => add(empty, nodeOf(INPUTS[0] as string, '/empty/sparse'));
      if (isRefused) expect(adding).toThrow(`chunks of ${bins} bins`);
      else expect(adding().misfits).toEqual([]);
    }
  });

  it.each(['fArray', 'fSumw2'])('are refused: dense with %s of another size', (name) => {
    for (const changed of name === 'fArray' ? [0, 1] : [1]) {
      const nodes = pair('/types/dense_D');
      const node = nodes[changed] as ObjectNode;
      const count = valuesOf(node, `${name}.fData`).length;
      expect(count).toBeGreaterThan(1);
      shorten(node, `${name}.fData`);
      expect(() => add(...nodes)).toThrow(`${name} does not fit the axes: expected ${count}, found ${count - 1}`);
    }
  });
});

describe('labels', () => {
  it.each(['/types/sparse_D', '/types/dense_D'])('of %s come from the first that has contents', (path) => {
    const [a, b] = INPUTS.map((file) => nodeOf(file, path)) as [ObjectNode, ObjectNode];
    const labelsOf = (node: ObjectNode): SpanNode =>
      member(listItems(member(node, 'fAxes') as SpanNode)[0]?.target as ObjectNode, 'fLabels') as SpanNode;
    const labels = labelsOf(a);
    if (labels.kind !== 'pointer') throw new Error('no slot of labels');
    labels.target = null;
    expect(add(a, b).misfits).toEqual([{ code: 'axes-differ', reason: "axis 0: bin 1 is labelled 'one' instead of ''" }]);
    const empty = nodeOf(INPUTS[0] as string, path.replace('/types', '/empty').slice(0, -2));
    const slot = labelsOf(empty);
    if (slot.kind === 'pointer') slot.target = null;
    expect(add(empty, b).misfits).toEqual([]);
    expect(labelsOf(empty)).toMatchObject({ target: { className: 'THashList' } });
    expect(numberOf(empty, 'fEntries')).toBe(numberOf(b, 'fEntries'));
  });
});

describe('sparse bins', () => {
  const block = fc.array(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: -9, max: 9 }), fc.integer({ min: 0, max: 9 })), {
    maxLength: 200,
  });

  it('are those of a map from coordinates to sums, in the order in which they were met', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(block, fc.boolean()), { maxLength: 4 }), (blocks) => {
        const bins = new SparseBins('D', 3);
        const expected = new Map<number, [number, number]>();
        let keeps = false;
        for (const [values, hasErrors] of blocks) {
          if (hasErrors) bins.keepErrors();
          keeps ||= hasErrors;
          bins.add({
            count: values.length,
            coordinates: Uint8Array.from(values.flatMap(([at]) => [at & 1, at >> 1, 7])),
            cells: Float64Array.from(values, ([, content]) => content),
            sumw2: hasErrors ? Float64Array.from(values, ([, , square]) => square) : undefined,
          });
          for (const [at, content, square] of values) {
            const [c, s] = expected.get(at) ?? [0, 0];
            expected.set(at, [c + content, s + (hasErrors ? square : content)]);
          }
        }
        const { coordinates, cells, sumw2 } = bins.block();
        expect(Array.from(cells, Number)).toEqual([...expected.values()].map(([content]) => content));
        expect(sumw2 === undefined ? undefined : [...sumw2]).toEqual(
          keeps ? [...expected.values()].map(([, square]) => square) : undefined,
        );
        expect([...coordinates]).toEqual([...expected.keys()].flatMap((at) => [at & 1, at >> 1, 7]));
      }),
    );
  });
});
