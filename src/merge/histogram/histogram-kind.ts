/**
 * The histogram classes that are summed, and which of their members add.
 * Source: ROOT hist/hist/inc/TH1.h, TH2.h, TH3.h, TProfile.h, TProfile2D.h, TProfile3D.h.
 */
import type { CellType } from '../bins/cells.ts';

/** What the class name of a histogram says. */
export interface HistogramKind {
  className: string;
  dimension: 1 | 2 | 3;
  cellType: CellType;
  /** Base class that holds the bins. */
  arrayClass: string;
  /** Profiles hold sums of w*y in the bins, of w*y*y in fSumw2, of w in fBinEntries. */
  isProfile: boolean;
  /** Members that TH1::GetStats fills, in its order. */
  statistics: readonly string[];
  /** Limits of the profiled quantity; empty for other classes. */
  profileLimits: readonly string[];
}

const ARRAY_CLASSES: Readonly<Record<CellType, string>> = {
  C: 'TArrayC',
  S: 'TArrayS',
  I: 'TArrayI',
  L: 'TArrayL64',
  F: 'TArrayF',
  D: 'TArrayD',
};

const BY_DIMENSION: Readonly<Record<1 | 2 | 3, readonly string[]>> = {
  1: ['fTsumw', 'fTsumw2', 'fTsumwx', 'fTsumwx2'],
  2: ['fTsumw', 'fTsumw2', 'fTsumwx', 'fTsumwx2', 'fTsumwy', 'fTsumwy2', 'fTsumwxy'],
  3: ['fTsumw', 'fTsumw2', 'fTsumwx', 'fTsumwx2', 'fTsumwy', 'fTsumwy2', 'fTsumwxy', 'fTsumwz', 'fTsumwz2', 'fTsumwxz', 'fTsumwyz'],
};

/** The profiled quantity is called y, z or t, after the axes. */
const PROFILED: Readonly<Record<1 | 2 | 3, string>> = { 1: 'y', 2: 'z', 3: 't' };

function plainKind(className: string, dimension: 1 | 2 | 3, cellType: CellType): HistogramKind {
  return {
    className,
    dimension,
    cellType,
    arrayClass: ARRAY_CLASSES[cellType],
    isProfile: false,
    statistics: BY_DIMENSION[dimension],
    profileLimits: [],
  };
}

function profileKind(className: string, dimension: 1 | 2 | 3): HistogramKind {
  const q = PROFILED[dimension];
  return {
    ...plainKind(className, dimension, 'D'),
    isProfile: true,
    statistics: [...BY_DIMENSION[dimension], `fTsumw${q}`, `fTsumw${q}2`],
    profileLimits: [`f${q.toUpperCase()}min`, `f${q.toUpperCase()}max`],
  };
}

function allKinds(): Map<string, HistogramKind> {
  const kinds = new Map<string, HistogramKind>();
  for (const dimension of [1, 2, 3] as const) {
    for (const cellType of Object.keys(ARRAY_CLASSES) as CellType[]) {
      const className = `TH${dimension}${cellType}`;
      kinds.set(className, plainKind(className, dimension, cellType));
    }
    const className = dimension === 1 ? 'TProfile' : `TProfile${dimension}D`;
    kinds.set(className, profileKind(className, dimension));
  }
  return kinds;
}

const KINDS = allKinds();

/** The kind of a class: TH1, TH2, TH3 in all storage types, and the profiles; undefined for any other class. */
export function histogramKind(className: string): HistogramKind | undefined {
  return KINDS.get(className);
}
