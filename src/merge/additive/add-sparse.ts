/**
 * THnSparse of all element types: bins of equal coordinates are added, all others follow those of the first in the
 * order in which they are met. They are written in chunks as long as those of the first, all but the last one full,
 * since ROOT finds a bin's chunk by its number. Source: ROOT hist/hist/src/THnSparse.cxx,
 * hist/hist/inc/THnSparse_Internal.h (THnSparseArrayChunk).
 */
import { CorruptFileError, UnsupportedError } from '../../errors.ts';
import { BigEndianWriter } from '../../io/bytes/big-endian.ts';
import { NEW_TOBJECT } from '../../io/root/streamer/root-object.ts';
import { isNull, member, numberOf, setNumber } from '../../io/root/streamer/member.ts';
import { arrayOf, listItems, setListItems } from '../../io/root/streamer/member-list.ts';
import {
  frameNode,
  pointerNode,
  rawNode,
  type ObjectNode,
  type PointerNode,
  type RawNode,
  type SpanNode,
} from '../../io/root/streamer/span-graph.ts';
import { doublesOf } from '../bins/axis.ts';
import { cellTypeOf, decodeCells, emptyCells, encodeCells, type Cells, type BinType } from '../bins/cells.ts';
import { addStatistics, axesOf, hasErrors } from './dimensions.ts';
import type { RunningSum } from './running-sums.ts';
import { SparseBins, type BinBlock } from './sparse-bins.ts';

/** Class version of THnSparseArrayChunk in all of ROOT. */
const CHUNK_VERSION = 1;
const CHUNK = 'THnSparseArrayChunk';
/** Bins that are believed of a chunk that is not there yet: 256 times as many as ROOT makes room for. */
const MAX_CHUNK_SIZE = 2 ** 22;
const BY_CLASS = /^THnSparseT<TArray(C|S|I|L|F|D)(64)?>$/;

/** Begins a sum with what `first` holds. CorruptFileError when its chunks contradict its axes. */
export function beginSparse(first: ObjectNode): RunningSum {
  return new SparseSum(first);
}

class SparseSum implements RunningSum {
  readonly #first: ObjectNode;
  readonly #chunkSize: number;
  readonly #type: BinType;
  readonly #bins: SparseBins;

  constructor(first: ObjectNode) {
    this.#first = first;
    this.#chunkSize = numberOf(first, 'fChunkSize');
    checkChunkSize(first, this.#chunkSize);
    this.#type = typeOf(first);
    this.#bins = new SparseBins(this.#type, coordinateBytesOf(first));
    if (hasErrors(first)) this.#bins.keepErrors();
    for (const block of blocksOf(first, this.#type)) this.#bins.add(block);
  }

  add(next: ObjectNode): number {
    if (hasErrors(next)) this.#bins.keepErrors();
    let inexact = 0;
    for (const block of blocksOf(next, this.#type)) inexact += this.#bins.add(block);
    addStatistics(this.#first, next);
    return inexact;
  }

  isEmpty(): boolean {
    return this.#bins.count === 0 && numberOf(this.#first, 'fEntries') === 0;
  }

  store(): void {
    const all = this.#bins.block();
    const slots: PointerNode[] = [];
    for (let from = 0; from < all.count; from += this.#chunkSize) {
      slots.push(pointerNode('', this.#chunk(all, from, Math.min(all.count - from, this.#chunkSize))));
    }
    setListItems(memberOf(this.#first, 'fBinContent'), slots);
    setNumber(this.#first, 'fFilledBins', all.count);
  }

  /** A chunk of `count` bins, with the room for all that ROOT keeps. */
  #chunk({ coordinates, cells, sumw2 }: BinBlock, from: number, count: number): ObjectNode {
    const width = this.#bins.coordinateBytes;
    const lengths = new BigEndianWriter();
    lengths.i32(width);
    lengths.i32(count * width);
    lengths.u8(1);
    const room = emptyCells(this.#type, this.#chunkSize);
    room.set(cells.subarray(from, from + count) as never);
    return frameNode('', CHUNK, CHUNK_VERSION, [
      rawNode('TObject', NEW_TOBJECT, 'TObject'),
      rawNode('', lengths.done()),
      rawNode('fCoordinates', coordinates.subarray(from * width, (from + count) * width)),
      pointerNode('fContent', rawNode('', tarray(room), this.#arrayClass())),
      pointerNode('fSumw2', sumw2 === undefined ? null : this.#errors(sumw2.subarray(from, from + count))),
    ]);
  }

  #errors(squares: Float64Array): RawNode {
    const room = new Float64Array(this.#chunkSize);
    room.set(squares);
    return rawNode('', tarray(room), 'TArrayD');
  }

  #arrayClass(): string {
    return this.#first.className.slice('THnSparseT<'.length, -1);
  }
}

function tarray(values: Cells): Uint8Array {
  const writer = new BigEndianWriter();
  writer.i32(values.length);
  return Buffer.concat([writer.done(), encodeCells(values)]);
}

function typeOf({ className }: ObjectNode): BinType {
  const type = BY_CLASS.exec(className)?.[1];
  if (type === undefined) throw new UnsupportedError(`bins of a ${className}`);
  return type as BinType;
}

/** ROOT makes room for all bins of a chunk at once, and stores it. */
function checkChunkSize(node: ObjectNode, size: number): void {
  const [first] = listItems(memberOf(node, 'fBinContent'));
  const room = first?.target == null ? undefined : arrayOf(first.target, 'fContent')?.count;
  if (room !== undefined && room !== size) {
    throw new CorruptFileError(`chunks of a ${node.className} are not of its size`, { expected: size, found: room });
  }
  if (size < 1 || (room === undefined && size > MAX_CHUNK_SIZE)) throw new UnsupportedError(`chunks of ${size} bins`);
}

function memberOf(node: ObjectNode, name: string): SpanNode {
  const found = member(node, name);
  if (found === null) throw new UnsupportedError(`${node.className} has no ${name}`);
  return found;
}

/** The bins of an object, chunk by chunk. */
function* blocksOf(node: ObjectNode, type: BinType): Generator<BinBlock> {
  const width = coordinateBytesOf(node);
  let count = 0;
  for (const { target } of listItems(memberOf(node, 'fBinContent'))) {
    if (target?.kind !== 'object' || target.version !== CHUNK_VERSION) {
      throw new UnsupportedError(`chunks of a ${node.className} that are not of class version ${CHUNK_VERSION}`);
    }
    const block = blockOf(target, type, width, hasErrors(node));
    count += block.count;
    yield block;
  }
  const filled = numberOf(node, 'fFilledBins');
  if (count !== filled) {
    throw new CorruptFileError(`chunks of a ${node.className} do not have all of its bins`, { expected: filled, found: count });
  }
}

function blockOf(chunk: ObjectNode, type: BinType, width: number, withErrors: boolean): BinBlock {
  const [coordinates, content] = [arrayOf(chunk, 'fCoordinates'), arrayOf(chunk, 'fContent')];
  if (coordinates === null || content === null || cellTypeOf(content.type) !== type) {
    throw new UnsupportedError(`a ${CHUNK} without bins of its class`);
  }
  if (numberOf(chunk, 'fSingleCoordinateSize') !== width || coordinates.count % width !== 0) {
    throw new CorruptFileError('coordinates of bins do not fit the axes', {
      expected: width,
      found: numberOf(chunk, 'fSingleCoordinateSize'),
    });
  }
  const count = coordinates.count / width;
  const hasSquares = withErrors && !isNull(member(chunk, 'fSumw2'));
  const sumw2 = hasSquares ? doublesOf(chunk, 'fSumw2') : undefined;
  if (content.count < count || (sumw2 !== undefined && sumw2.length < count)) {
    throw new CorruptFileError('fewer bins than coordinates', { expected: count, found: content.count });
  }
  return {
    count,
    coordinates: coordinates.bytes.subarray(coordinates.start, coordinates.start + coordinates.count),
    cells: decodeCells(type, { ...content, count }),
    sumw2,
  };
}

/** Bytes of a bin's coordinates: as many bits per axis as its number of bins, two more for under- and overflow, takes. */
function coordinateBytesOf(node: ObjectNode): number {
  const bits = axesOf(node).reduce((sum, { nbins }) => sum + 32 - Math.clz32(nbins + 2), 0);
  return Math.ceil(bits / 8);
}
