/** Histogram objects: their classes and members, as ROOT 6 books them. */
import { UnsupportedError } from '../../../errors.ts';
import type { RootObject } from '../streamer/root-object.ts';
import { completeAxis, type AxisObject } from './axis.ts';

/** Classes that can be booked. */
export type HistogramClass = `TH${1 | 2 | 3}${'C' | 'S' | 'I' | 'L' | 'F' | 'D'}` | ProfileClass;
/** Classes of means. */
type ProfileClass = 'TProfile' | 'TProfile2D' | 'TProfile3D';

/** Coordinates a fill may have: those of the axes, then the value of a profile. */
export type Coordinate = 'x' | 'y' | 'z' | 't';
/** Sums a fill adds to. */
export type SumName = `fTsumw${'' | '2' | Coordinate | `${Coordinate}2` | 'xy' | 'xz' | 'yz'}`;

/** A histogram object, see root-object.ts. */
export interface HistogramObject extends RootObject, Partial<Record<SumName, number>> {
  fName: string;
  fTitle: string;
  fNcells: number;
  fEntries: number;
  fXaxis: AxisObject;
  fYaxis: AxisObject;
  fZaxis: AxisObject;
  fArray: ArrayLike<number>;
  fSumw2: ArrayLike<number>;
}

/** What a class name says. */
export interface ClassParts {
  dimension: number;
  /** Type of the cells: the letter of TH1C, … */
  cellType: string;
  /** Name of the value whose mean is kept: the coordinate after those of the axes; undefined but for profiles. */
  value: Coordinate | undefined;
}

/** Reads a class name. UnsupportedError for a class that is not filled. */
export function classParts(className: string): ClassParts {
  const [, dimension, cellType] = /^TH([123])([CSILFD])$/.exec(className) ?? [];
  if (dimension !== undefined && cellType !== undefined) return { dimension: Number(dimension), cellType, value: undefined };
  const profile = /^TProfile(?:([23])D)?$/.exec(className);
  if (profile === null) throw new UnsupportedError(`objects of class ${className} are not filled`);
  const axes = Number(profile[1] ?? 1);
  return { dimension: axes, cellType: 'D', value: (['y', 'z', 't'] as const)[axes - 1] };
}

const BASE_MEMBERS = {
  fUniqueID: 0,
  fBits: 8,
  fLineColor: 602,
  fLineStyle: 1,
  fLineWidth: 1,
  fFillColor: 0,
  fFillStyle: 1001,
  fMarkerColor: 1,
  fMarkerStyle: 1,
  fMarkerSize: 1,
  fBarOffset: 0,
  fBarWidth: 1000,
  fEntries: 0,
  fTsumw: 0,
  fTsumw2: 0,
  fTsumwx: 0,
  fTsumwx2: 0,
  fMaximum: -1111,
  fMinimum: -1111,
  fNormFactor: 0,
  fOption: '',
  fBufferSize: 0,
  fBinStatErrOpt: 0,
  fStatOverflows: 2,
};
const MEMBERS: Readonly<Record<number, object>> = {
  1: {},
  2: { fScalefactor: 1, fTsumwy: 0, fTsumwy2: 0, fTsumwxy: 0 },
  3: { fTsumwy: 0, fTsumwy2: 0, fTsumwxy: 0, fTsumwz: 0, fTsumwz2: 0, fTsumwxz: 0, fTsumwyz: 0 },
};

/** Names of the members that hold the range of a profile's values. */
export function rangeMembers(value: Coordinate): readonly [min: string, max: string] {
  const letter = value.toUpperCase();
  return [`f${letter}min`, `f${letter}max`];
}

function profileMembers(value: Coordinate): object {
  const [min, max] = rangeMembers(value);
  return { fErrorMode: 0, [min]: 0, [max]: 0, [`fTsumw${value}`]: 0, [`fTsumw${value}2`]: 0 };
}

/** Gives an object the members it lacks, in place; arrays and lists are new ones for each object. */
export function completeObject(object: RootObject, { dimension, value }: ClassParts): HistogramObject {
  const given = { ...object };
  Object.assign(object, {
    fName: '',
    fTitle: '',
    ...BASE_MEMBERS,
    ...MEMBERS[dimension],
    ...(value === undefined ? {} : profileMembers(value)),
  });
  Object.assign(object, { fSumw2: [], fContour: [], fBuffer: [], fFunctions: emptyFunctions() }, given);
  const histogram = object as HistogramObject;
  for (const name of ['x', 'y', 'z'] as const) {
    const member = `f${name.toUpperCase() as 'X' | 'Y' | 'Z'}axis` as const;
    histogram[member] = completeAxis(`${name}axis`, given[member] as AxisObject | undefined);
  }
  const functions = histogram['fFunctions'] as { name?: string } | null;
  // JSROOT gives a list the name of its class.
  if (functions === null) histogram['fFunctions'] = emptyFunctions();
  else if (functions.name === 'TList' || functions.name === undefined) functions.name = '';
  return histogram;
}

/** The list of functions; ROOT guards it by a lock (TCollection::kUseRWLock), and stores that. */
function emptyFunctions(): RootObject {
  return { _typename: 'TList', fUniqueID: 0, fBits: 0x1_0000, name: '', arr: [], opt: [] };
}
