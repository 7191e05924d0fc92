/**
 * THn of all element types: bins are added cell by cell, squared errors too once an object has them.
 * Source: ROOT hist/hist/inc/THn.h, TNDArray.h; an array that nothing was filled into is stored without its cells.
 */
import { CorruptFileError, UnsupportedError } from '../../errors.ts';
import { numberOf } from '../../io/root/streamer/member.ts';
import { arrayOf, setArray, type ArraySpan } from '../../io/root/streamer/member-list.ts';
import type { ObjectNode } from '../../io/root/streamer/span-graph.ts';
import { addBin, addDoubles, cellTypeOf, cellsAsDoubles, decodeCells, encodeCells, type Cells } from '../bins/cells.ts';
import { addStatistics, axesOf, hasErrors } from './dimensions.ts';
import type { RunningSum } from './running-sums.ts';

/** Begins a sum with what `first` holds. CorruptFileError when its arrays contradict its axes. */
export function beginDense(first: ObjectNode): RunningSum {
  return new DenseSum(first);
}

class DenseSum implements RunningSum {
  readonly #first: ObjectNode;
  /** Cells, under- and overflow included. */
  readonly #count: number;
  /** fSizes that belong to the axes. */
  readonly #sizes: number[];
  /** Undefined as long as nothing has cells. */
  #cells: Cells | undefined;
  #hasErrors: boolean;
  /** The same of squared errors. */
  #squares: Float64Array | undefined;

  constructor(first: ObjectNode) {
    this.#first = first;
    this.#sizes = axesOf(first).reduceRight((sizes, { nbins }) => [(nbins + 2) * (sizes[0] as number), ...sizes], [1]);
    this.#count = this.#sizes[0] as number;
    this.#cells = this.#cellsOf(first, 'fArray');
    this.#hasErrors = hasErrors(first);
    if (this.#hasErrors) this.#squares = this.#squaresOf(first);
  }

  add(next: ObjectNode): number {
    const cells = this.#cellsOf(next, 'fArray');
    if (hasErrors(next) && !this.#hasErrors) this.#keepErrors();
    if (this.#hasErrors) this.#addSquares(hasErrors(next) ? this.#squaresOf(next) : contentsOf(cells));
    addStatistics(this.#first, next);
    if (cells === undefined) return 0;
    if (this.#cells === undefined) {
      this.#cells = cells;
      return 0;
    }
    let inexact = 0;
    for (let i = 0; i < this.#count; i++) inexact += addBin(this.#cells, i, cells, i);
    return inexact;
  }

  isEmpty(): boolean {
    return numberOf(this.#first, 'fEntries') === 0 && (this.#cells ?? []).every((content: number | bigint) => Number(content) === 0);
  }

  store(): void {
    if (this.#cells !== undefined) setCells(this.#first, 'fArray', this.#cells);
    if (this.#squares !== undefined) setCells(this.#first, 'fSumw2', this.#squares);
  }

  /** Squared errors of the cells so far are their contents. */
  #keepErrors(): void {
    this.#hasErrors = true;
    this.#squares = contentsOf(this.#cells);
  }

  #addSquares(squares: Float64Array | undefined): void {
    if (this.#squares === undefined || squares === undefined) this.#squares ??= squares;
    else addDoubles(this.#squares, squares);
  }

  #squaresOf(node: ObjectNode): Float64Array | undefined {
    const squares = this.#cellsOf(node, 'fSumw2');
    if (squares === undefined || squares instanceof Float64Array) return squares;
    throw new UnsupportedError(`squared errors of a ${node.className} that are no doubles`);
  }

  /** Undefined where no cells are stored. */
  #cellsOf(node: ObjectNode, name: string): Cells | undefined {
    const span = spanOf(node, name);
    this.#checkSizes(node, name);
    if (span.count === 0) return undefined;
    if (span.count !== this.#count) {
      throw new CorruptFileError(`${name} does not fit the axes`, { expected: this.#count, found: span.count });
    }
    return decodeCells(cellTypeOf(span.type), span);
  }

  /** fSizes: cells below one step of each dimension, of all of them first; 1 at the end (TNDArray::Init). Absent before the first fill. */
  #checkSizes(node: ObjectNode, name: string): void {
    const span = arrayOf(node, `${name}.fSizes`);
    if (span === null || span.count === 0) return;
    const found = cellsAsDoubles(decodeCells(cellTypeOf(span.type), span)).join();
    const expected = this.#sizes.join();
    if (found !== expected) throw new CorruptFileError(`${name}.fSizes does not fit the axes`, { expected, found });
  }
}

function contentsOf(cells: Cells | undefined): Float64Array | undefined {
  return cells === undefined ? undefined : cellsAsDoubles(cells);
}

function spanOf(node: ObjectNode, name: string): ArraySpan {
  const span = arrayOf(node, `${name}.fData`);
  if (span === null) throw new UnsupportedError(`${node.className} has no ${name}`);
  return span;
}

/** Sets the cells of a TNDArray, and its sizes, which an array without cells may lack. */
function setCells(node: ObjectNode, name: string, cells: Cells): void {
  setArray(node, `${name}.fData`, encodeCells(cells));
  const [sizes, others] = [arrayOf(node, `${name}.fSizes`), arrayOf(node, 'fArray.fSizes')];
  if (others !== null && sizes?.count !== others.count) {
    setArray(node, `${name}.fSizes`, others.bytes.subarray(others.start, others.start + others.count * others.width));
  }
}
