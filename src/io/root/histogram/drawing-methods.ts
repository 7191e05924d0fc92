/**
 * What JSROOT calls on the histograms it draws. It adds these functions itself to what it reads or makes; here they are added to what
 * is booked, as properties that are not enumerable, so that they are no members: neither written, compared nor copied.
 */
import type { RootList, RootObject } from '../streamer/root-object.ts';
import { binCentre, type AxisObject } from './axis.ts';
import type { ClassParts, HistogramObject } from './histogram-object.ts';

/** Adds to a complete object, its axes and its list of functions what they do not have. */
export function addDrawingMethods(object: HistogramObject, parts: ClassParts): void {
  define(object, { ...bitMethods(object), ...cellMethods(object, parts) });
  for (const axis of [object.fXaxis, object.fYaxis, object.fZaxis]) define(axis, { ...bitMethods(axis), ...axisMethods(axis) });
  const functions = object['fFunctions'] as RootList;
  define(functions, { ...bitMethods(functions), ...listMethods(functions) });
}

function define(object: RootObject, methods: object): void {
  for (const [name, value] of Object.entries(methods)) {
    if (!(name in object)) Object.defineProperty(object, name, { value, writable: true, configurable: true });
  }
}

function bitMethods(object: RootObject): object {
  const bits = (): number => Number(object['fBits'] ?? 0);
  return {
    TestBit: (bit: number) => (bits() & bit) !== 0,
    SetBit: (bit: number, on: boolean = true) => void (object['fBits'] = on ? bits() | bit : bits() & ~bit),
    InvertBit: (bit: number) => void (object['fBits'] = bits() ^ (bit & 0xff_ffff)),
  };
}

function listMethods(list: RootList): object {
  const options = (): string[] => (list.opt ??= list.arr.map(() => ''));
  return {
    Clear: () => void ([list.arr, list.opt] = [[], []]),
    Add: (item: RootObject, option: string = '') => void (options().push(option), list.arr.push(item)),
    AddFirst: (item: RootObject, option: string = '') => void (options().unshift(option), list.arr.unshift(item)),
    RemoveAt: (index: number) => void (options().splice(index, 1), list.arr.splice(index, 1)),
  };
}

/** Edges and centres; bins outside are as wide as their neighbours. */
function axisMethods(axis: AxisObject): object {
  const lowEdge = (bin: number): number => {
    const { fNbins, fXmin, fXmax, fXbins } = axis;
    if (fXbins.length === 0) return fXmin + ((bin - 1) * (fXmax - fXmin)) / fNbins;
    const edge = (i: number): number => fXbins[i] ?? NaN;
    if (bin < 1) return 2 * edge(0) - edge(1);
    return bin > fNbins + 1 ? 2 * edge(fNbins) - edge(fNbins - 1) : edge(bin - 1);
  };
  const isInside = (bin: number): boolean => axis.fXbins.length === 0 || (bin >= 1 && bin <= axis.fNbins);
  return {
    GetBinLowEdge: lowEdge,
    GetBinCenter: (bin: number) => (isInside(bin) ? binCentre(axis, bin) : (lowEdge(bin) + lowEdge(bin + 1)) / 2),
  };
}

/** Contents by bins of the axes, errors by cell. */
function cellMethods(object: HistogramObject, { value }: ClassParts): object {
  const cellOf = (x: number, y: number = 0, z: number = 0): number => x + (object.fXaxis.fNbins + 2) * (y + (object.fYaxis.fNbins + 2) * z);
  const content = (cell: number): number => object.fArray[cell] ?? 0;
  const squares = (cell: number): number => object.fSumw2[cell] ?? Math.abs(content(cell));
  if (value === undefined) {
    return {
      getBin: cellOf,
      getBinContent: (...bins: [number]) => content(cellOf(...bins)),
      getBinError: (cell: number) => Math.sqrt(squares(cell)),
    };
  }
  const weights = (cell: number): number => (object['fBinEntries'] as ArrayLike<number>)[cell] ?? 0;
  const mean = (cell: number): number => (weights(cell) === 0 ? 0 : content(cell) / weights(cell));
  const effective = (cell: number): number => weights(cell) ** 2 / ((object['fBinSumw2'] as ArrayLike<number>)[cell] ?? weights(cell));
  return {
    getBin: cellOf,
    getBinContent: (...bins: [number]) => mean(cellOf(...bins)),
    getBinEntries: (...bins: [number]) => weights(cellOf(...bins)),
    getBinEffectiveEntries: (cell: number) => (weights(cell) === 0 ? 0 : effective(cell)),
    getBinError: (cell: number) =>
      weights(cell) === 0
        ? 0
        : meanError(Number(object['fErrorMode']), squares(cell) / weights(cell) - mean(cell) ** 2, effective(cell), weights(cell)),
  };
}

/**
 * Error of a profile's mean by its mode: of the mean, spread, spread with that of whole numbers, of values with errors
 * (TProfile::GetBinError).
 */
function meanError(mode: number, variance: number, effective: number, weights: number): number {
  const spread = Math.sqrt(Math.abs(variance));
  if (mode === 3) return 1 / Math.sqrt(weights);
  if (mode === 1) return spread;
  return mode === 2 && spread === 0 ? 1 / Math.sqrt(12 * effective) : spread / Math.sqrt(effective);
}
