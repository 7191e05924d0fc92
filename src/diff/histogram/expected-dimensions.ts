/**
 * What a THn or THnSparse must hold that was summed: contents and squared weights bin by bin, entries and statistics; all else is the first
 * input's. Bins of a sparse one are told apart by their coordinates: in which order they stand, and in chunks of how many, is no content.
 * Members: ROOT hist/hist/inc/THnBase.h, THnSparse.h, THnSparse_Internal.h, THn.h, TNDArray.h.
 */
import { isNull, member, numberOf } from '../../io/root/streamer/member.ts';
import { listItems } from '../../io/root/streamer/member-list.ts';
import type { ObjectNode, SpanNode } from '../../io/root/streamer/span-graph.ts';
import { basicSize, isReal, isUnsigned, TypeCode } from '../../io/root/streamer/type-codes.ts';
import { compareNodes } from '../object/compare-graphs.ts';
import { DifferenceList } from '../object/difference.ts';
import { axisSizes, coordinatesText, sparseChunks, type SparseChunk } from '../object/sparse-bins.ts';
import { cellsOf, isSameAxis, labelsOf, type Cells } from './histogram-cells.ts';
import { DOUBLE_STEP, FLOAT_STEP, compareMemberSums, compareSum, isNear } from './rounding.ts';

const DIMENSIONS = /^THn(Sparse)?T<.*>$/;
const SUMS = ['fEntries', 'fTsumw'];
const SUMS_BY_DIMENSION = ['fTsumwx', 'fTsumwx2'];
/** Members of a TAxis that say where its bins are, or what they are called. */
const OF_BINS: ReadonlySet<string> = new Set(['fNbins', 'fXmin', 'fXmax', 'fXbins', 'fLabels']);
/** Members that add, and how bins are stored. */
const ADDED: ReadonlySet<string> = new Set([
  ...SUMS,
  'fTsumw2',
  ...SUMS_BY_DIMENSION,
  'fChunkSize',
  'fFilledBins',
  'fBinContent',
  'fArray',
  'fSumw2',
  'fAxes',
]);

/** True for the classes `compareDimensions` knows. */
export function hasDimensions(className: string): boolean {
  return DIMENSIONS.test(className);
}

/** Holds a sum against the inputs it was made of. */
export function compareDimensions(out: ObjectNode, inputs: readonly ObjectNode[], differences: DifferenceList): void {
  const [first] = inputs;
  if (first === undefined) return;
  compareNodes(out, first, '', { tolerance: {}, skip: ADDED }, differences);
  const before = differences.count;
  compareAxisMembers(out, first, differences);
  for (const input of inputs) compareAxes(out, input, differences);
  if (differences.count > before && inputs.some((input) => !hasSameBins(out, input))) return;
  compareStatistics(out, inputs, differences);
  compareBins(out, inputs, differences);
}

/** What axes have beside bins and labels: titles, attributes, a range. */
function compareAxisMembers(out: ObjectNode, first: ObjectNode, differences: DifferenceList): void {
  const others = axesOf(first);
  axesOf(out).forEach((axis, k) => {
    const [found, other] = [new DifferenceList(differences.max), others[k]];
    if (other !== undefined) compareNodes(axis, other, '', { tolerance: {}, skip: OF_BINS }, found);
    differences.addAll(found, `fAxes[${k}]`);
  });
}

function hasSameBins(a: ObjectNode, b: ObjectNode): boolean {
  const [mine, theirs] = [axesOf(a), axesOf(b)];
  return mine.length === theirs.length && mine.every((axis, k) => isSameAxis(axis, theirs[k] as SpanNode, ''));
}

/** ROOT adds bins by number, whatever their limits are. Labels of an input without contents do not matter. */
function compareAxes(out: ObjectNode, input: ObjectNode, differences: DifferenceList): void {
  const [mine, theirs] = [axesOf(out), axesOf(input)];
  if (mine.length !== theirs.length) return differences.add('fAxes.length', mine.length, theirs.length);
  mine.forEach((axis, k) => {
    const other = theirs[k] as SpanNode;
    if (!isSameAxis(axis, other, '')) differences.add(`fAxes[${k}]`, limitsText(axis), limitsText(other));
    else if (labelsOf(axis, '') !== labelsOf(other, '') && hasContents(input)) {
      differences.add(`fAxes[${k}].fLabels`, labelsOf(axis, ''), labelsOf(other, ''));
    }
  });
}

function axesOf(node: ObjectNode): SpanNode[] {
  return listItems(member(node, 'fAxes') ?? node).flatMap(({ target }) => target ?? []);
}

function limitsText(axis: SpanNode): string {
  return (
    ['fNbins', 'fXmin', 'fXmax'].map((name) => numberOf(axis, name)).join(' ') +
    (cellsOf(axis, 'fXbins') === undefined ? '' : ', with edges')
  );
}

function hasContents(node: ObjectNode): boolean {
  return numberOf(node, 'fEntries') !== 0 || blocksOf(node).some(({ content }) => content.values.some((value) => value !== 0));
}

function compareStatistics(out: ObjectNode, inputs: readonly ObjectNode[], differences: DifferenceList): void {
  compareMemberSums(SUMS, out, inputs, differences);
  const squares = inputs.filter(hasErrors).map((input) => numberOf(input, 'fTsumw2'));
  if (squares.length > 0 && hasErrors(out)) compareSum('fTsumw2', numberOf(out, 'fTsumw2'), squares, differences);
  for (const name of SUMS_BY_DIMENSION) {
    const all = inputs.map((input) => cellsOf(input, name)?.values);
    cellsOf(out, name)?.values.forEach((value, k) => {
      const parts = all.map((values) => values?.[k] ?? 0);
      compareSum(`${name}[${k}]`, value, parts, differences);
    });
  }
}

/** True when squared weights are stored; -1 says that they are not. */
function hasErrors(node: ObjectNode): boolean {
  return !(numberOf(node, 'fTsumw2') < 0);
}

/** Bins that stand together: a chunk, or all cells of a dense object. Squares: undefined where they are the contents. */
interface Block {
  content: Cells;
  squares: Float64Array | undefined;
  /** Of as many bins as there are coordinates; undefined: bins are told by their number. */
  coordinates: readonly string[] | undefined;
}

function blocksOf(node: ObjectNode): Block[] {
  const withErrors = hasErrors(node);
  if (member(node, 'fBinContent') !== null) return sparseChunks(node).map((chunk) => chunkBlock(chunk, withErrors));
  const cells = cellsOf(node, 'fArray.fData');
  const squares = withErrors ? cellsOf(node, 'fSumw2.fData')?.values : undefined;
  return cells === undefined ? [] : [{ content: cells, squares, coordinates: undefined }];
}

function chunkBlock({ chunk, coordinates }: SparseChunk, withErrors: boolean): Block {
  const content = cellsOf(chunk, 'fContent.fArray') ?? { type: TypeCode.double, values: new Float64Array(0) };
  const hasSquares = withErrors && !isNull(member(chunk, 'fSumw2'));
  return { content, squares: hasSquares ? cellsOf(chunk, 'fSumw2.fArray')?.values : undefined, coordinates };
}

/** A bin over the inputs: sums, and of absolute values, which bound the rounding. */
interface Bin {
  sum: number;
  size: number;
  exact: bigint;
  square: number;
  squareSize: number;
}

const EMPTY: Bin = { sum: 0, size: 0, exact: 0n, square: 0, squareSize: 0 };

function sumOf(nodes: readonly ObjectNode[]): Map<string | number, Bin> {
  const bins = new Map<string | number, Bin>();
  for (const node of nodes) {
    for (const { content, squares, coordinates } of blocksOf(node)) {
      const count = coordinates?.length ?? content.values.length;
      for (let i = 0; i < count; i++) addTo(bins, coordinates?.[i] ?? i, content, squares, i);
    }
  }
  return bins;
}

/** Bins of 0 are as good as absent. */
function addTo(bins: Map<string | number, Bin>, key: string | number, content: Cells, squares: Float64Array | undefined, i: number): void {
  const value = content.values[i] ?? 0;
  const square = squares?.[i] ?? value;
  if (value === 0 && square === 0) return;
  let bin = bins.get(key);
  if (bin === undefined) bins.set(key, (bin = { ...EMPTY }));
  bin.sum += value;
  bin.size += Math.abs(value);
  if (content.exact !== undefined) bin.exact += content.exact[i] ?? 0n;
  bin.square += square;
  bin.squareSize += Math.abs(square);
}

function compareBins(out: ObjectNode, inputs: readonly ObjectNode[], differences: DifferenceList): void {
  const [found, expected] = [sumOf([out]), sumOf(inputs)];
  const type = blocksOf(out)[0]?.content.type ?? blocksOf(inputs[0] as ObjectNode)[0]?.content.type ?? TypeCode.double;
  const withErrors = hasErrors(out);
  if (withErrors !== inputs.some(hasErrors)) {
    differences.add('fSumw2', withErrors ? 'present' : 'absent', withErrors ? 'absent' : 'present');
  }
  const place = placeOf(out);
  const judge = (key: string | number, mine: Bin, theirs: Bin): void => {
    const isRight = isReal(type)
      ? isNear(mine.sum, real(type, theirs.sum), theirs.size * stepOf(type) * (inputs.length + 1))
      : isSameWhole(type, mine, theirs);
    if (!isRight) differences.add(`bin${place(key)}`, mine.sum, theirs.sum);
    if (withErrors && !isNear(mine.square, theirs.square, theirs.squareSize * DOUBLE_STEP * (inputs.length + 1))) {
      differences.add(`fSumw2${place(key)}`, mine.square, theirs.square);
    }
  };
  for (const [key, theirs] of expected) judge(key, found.get(key) ?? EMPTY, theirs);
  for (const [key, mine] of found) if (!expected.has(key)) judge(key, mine, EMPTY);
}

function stepOf(type: number): number {
  return type === TypeCode.float ? FLOAT_STEP : DOUBLE_STEP;
}

function real(type: number, value: number): number {
  return type === TypeCode.float ? Math.fround(value) : value;
}

/** Integers are exact, and end where their type does. */
function isSameWhole(type: number, mine: Bin, theirs: Bin): boolean {
  const bits = 8 * basicSize(type);
  const [low, high] = isUnsigned(type) ? [0n, 2n ** BigInt(bits) - 1n] : [-(2n ** BigInt(bits - 1)), 2n ** BigInt(bits - 1) - 1n];
  const [found, expected] = bits === 64 ? [mine.exact, theirs.exact] : [BigInt(mine.sum), BigInt(theirs.sum)];
  if (expected > high) return found === high;
  return found === (expected < low ? low : expected);
}

/** Coordinates of a bin as text, 0 for the underflow of an axis. */
function placeOf(node: ObjectNode): (key: string | number) => string {
  const sizes = axisSizes(node);
  return (key) => (typeof key === 'string' ? coordinatesText(key, sizes) : `[${unfolded(key, sizes).join(', ')}]`);
}

/** The last axis runs fastest. */
function unfolded(key: number, sizes: readonly number[]): number[] {
  let rest = key;
  const coordinates: number[] = [];
  for (const size of sizes.toReversed()) {
    coordinates.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return coordinates;
}
