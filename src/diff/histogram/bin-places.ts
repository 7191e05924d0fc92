/**
 * Where the bins of an input are in a sum with other axes: ROOT's TH1::Merge widens axes and matches labels. A bin has a place when it
 * lies within one bin of the sum, or when its label is there.
 */
import type { SpanNode } from '../../io/root/streamer/span-graph.ts';
import { numberOf } from '../../io/root/streamer/member.ts';
import { AXES, binLabels, cellsOf, isSameAxis, labelsOf } from './histogram-cells.ts';
import { dimensionOf } from './histogram-numbers.ts';

/** Share of a bin's width that edges which belong together may be apart. */
const EDGE_TOLERANCE = 1e-8;

/** A bin with contents that has no place: `at` says where, `found` and `expected` what there is. */
export interface Displaced {
  at: string;
  found: string;
  expected: string;
}

/** Bins of one axis of an input, underflow and overflow included: the bin of the sum, or why there is none. */
type AxisPlaces = readonly (number | Displaced)[];

/** Moves the bins of one input to those of the sum. */
export class BinPlaces {
  readonly #axes: readonly AxisPlaces[];
  readonly #counts: readonly number[];
  readonly #outCounts: readonly number[];

  constructor(out: SpanNode, input: SpanNode) {
    const axes = axesOf(input);
    this.#axes = axes.map((axis) => placesOn(out, input, axis));
    [this.#counts, this.#outCounts] = [input, out].map((root) => axes.map((axis) => numberOf(root, `${axis}.fNbins`) + 2)) as [
      number[],
      number[],
    ];
  }

  /** The values of all cells where they are in the sum; the first bin that has contents and no place in it instead. */
  move(values: Float64Array): Float64Array | Displaced {
    const moved = new Float64Array(this.#outCounts.reduce((product, n) => product * n, 1));
    for (const [cell, value] of values.entries()) {
      if (value === 0) continue;
      const place = this.#placeOf(cell);
      if (typeof place !== 'number') return place;
      moved[place] = (moved[place] as number) + value;
    }
    return moved;
  }

  #placeOf(cell: number): number | Displaced {
    let [rest, place, stride] = [cell, 0, 1];
    for (const [k, places] of this.#axes.entries()) {
      const count = this.#counts[k] as number;
      const bin = places[rest % count] as number | Displaced;
      if (typeof bin !== 'number') return bin;
      place += bin * stride;
      rest = Math.trunc(rest / count);
      stride *= this.#outCounts[k] as number;
    }
    return place;
  }
}

function axesOf({ className }: SpanNode): readonly string[] {
  return AXES.slice(0, dimensionOf(className));
}

/** True when both histograms have the same bins with the same labels. */
export function haveSameBins(a: SpanNode, b: SpanNode): boolean {
  return AXES.every((axis) => isSameAxis(a, b, axis) && labelsOf(a, axis) === labelsOf(b, axis));
}

/** True when only one of both has labels on an axis: bins with labels and bins without do not correspond. */
export function lackLabels(out: SpanNode, input: SpanNode): string | undefined {
  return axesOf(input).find((axis) => labelsOf(input, axis) === '' && labelsOf(out, axis) !== '');
}

function placesOn(out: SpanNode, input: SpanNode, axis: string): AxisPlaces {
  const labels = binLabels(input, axis);
  const [count, outCount] = [input, out].map((root) => numberOf(root, `${axis}.fNbins`)) as [number, number];
  const bins = Array.from({ length: count + 2 }, (_, bin) => bin);
  if (isSameAxis(out, input, axis) && labelsOf(out, axis) === labelsOf(input, axis)) return bins;
  if (labels.length === 0) return placesByEdges(out, input, axis);
  const [there, here] = [new Map(binLabels(out, axis).map(([bin, label]) => [label, bin])), new Map(labels)];
  return bins.map((bin): number | Displaced => {
    if (bin === 0) return 0;
    if (bin > count) return outCount + 1;
    const label = here.get(bin);
    const at = label === undefined ? `${axis}.fLabels of bin ${bin}` : `${axis}.fLabels`;
    return (label === undefined ? undefined : there.get(label)) ?? { at, found: 'absent', expected: label ?? 'a label' };
  });
}

function edgesOf(root: SpanNode, axis: string): Float64Array {
  const [bins, low, high] = [numberOf(root, `${axis}.fNbins`), numberOf(root, `${axis}.fXmin`), numberOf(root, `${axis}.fXmax`)];
  return cellsOf(root, `${axis}.fXbins`)?.values ?? Float64Array.from({ length: bins + 1 }, (_, i) => low + (i * (high - low)) / bins);
}

function placesByEdges(out: SpanNode, input: SpanNode, axis: string): AxisPlaces {
  const [edges, outEdges] = [edgesOf(input, axis), edgesOf(out, axis)];
  const slack =
    EDGE_TOLERANCE * edges.reduce((least, edge, i) => Math.min(least, i === 0 ? Infinity : edge - (edges[i - 1] as number)), Infinity);
  const at = (i: number): number => edges[i] ?? (i < 0 ? -Infinity : Infinity);
  let above = 0; // the first edge of the sum above the lower one of a bin; both ascend
  const place = (low: number, high: number): number | Displaced => {
    while ((outEdges[above] as number) <= low + slack) above++;
    const inside = outEdges[above] as number;
    if (inside < high - slack) return { at: `${axis}.fXbins`, found: `an edge at ${inside}`, expected: `none between ${low} and ${high}` };
    return above;
  };
  return Array.from({ length: edges.length + 1 }, (_, bin) => place(at(bin - 1), at(bin)));
}
