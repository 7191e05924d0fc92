/**
 * Where members of histograms that merging looks at or adds stand in memory. A layout program gives the spans of a payload as
 * (position, number of values) pairs, `at[2 * span]` and `at[2 * span + 1]`; which member is in which span is the same for all
 * objects of a class version.
 */
import type { ObjectLayout } from '../../io/root/streamer/layout.ts';
import { AXIS_NAMES } from '../bins/axis.ts';
import type { HistogramKind } from './histogram-kind.ts';

/** Members that add, but for those of `HistogramKind.statistics`. */
const ADDED = ['fArray', 'fSumw2', 'fBinEntries', 'fBinSumw2', 'fEntries'];
/** Members that are looked at. */
const INSPECTED = ['fNcells', 'fBarOffset', 'fBuffer', 'fStatOverflows'];
const INSPECTED_OF_AXIS = ['fNbins', 'fXmin', 'fXmax', 'fXbins', 'fBits2'];

/** A member: its span, and its index in it; span -1: the class has no such member. */
export interface Place {
  span: number;
  index: number;
}

/** Members of one axis. */
export interface AxisPlaces {
  nbins: Place;
  xmin: Place;
  xmax: Place;
  edges: Place;
  bits2: Place;
}

/** Spans of arrays and of single members, -1 for none; places of members that share a span with others. */
export interface MemberPlaces {
  cells: number;
  sumw2: number;
  binEntries: number;
  binSumw2: number;
  ncells: number;
  barOffset: number;
  buffer: number;
  statOverflows: number;
  entries: Place;
  /** In the order of `HistogramKind.statistics`. */
  statistics: readonly Place[];
  axes: readonly AxisPlaces[];
}

/** Members whose values add. */
export function addedMembers(kind: HistogramKind): string[] {
  return [...ADDED, ...kind.statistics];
}

/** Paths a layout program is asked for. */
export function wantedMembers(kind: HistogramKind): string[] {
  const ofAxes = AXIS_NAMES.slice(0, kind.dimension).flatMap((axis) => INSPECTED_OF_AXIS.map((name) => `${axis}.${name}`));
  return [...addedMembers(kind), ...INSPECTED, ...ofAxes];
}

/** Finds them in the layout of a class version. */
export function memberPlaces(kind: HistogramKind, { spans }: ObjectLayout): MemberPlaces {
  const place = (member: string): Place => {
    const span = spans.findIndex(({ members }) => members.includes(member));
    return { span, index: Math.max(0, spans[span]?.members.indexOf(member) ?? 0) };
  };
  const spanOf = (member: string): number => place(member).span;
  return {
    cells: spanOf('fArray'),
    sumw2: spanOf('fSumw2'),
    binEntries: spanOf('fBinEntries'),
    binSumw2: spanOf('fBinSumw2'),
    ncells: spanOf('fNcells'),
    barOffset: spanOf('fBarOffset'),
    buffer: spanOf('fBuffer'),
    statOverflows: spanOf('fStatOverflows'),
    entries: place('fEntries'),
    statistics: kind.statistics.map(place),
    axes: AXIS_NAMES.slice(0, kind.dimension).map((axis) => ({
      nbins: place(`${axis}.fNbins`),
      xmin: place(`${axis}.fXmin`),
      xmax: place(`${axis}.fXmax`),
      edges: place(`${axis}.fXbins`),
      bits2: place(`${axis}.fBits2`),
    })),
  };
}

/** The value of a member that is a double. */
export function doubleAt(view: DataView, at: Int32Array, { span, index }: Place): number {
  return view.getFloat64((at[2 * span] as number) + 8 * index);
}

/** Number of values in a span. */
export function valueCount(at: Int32Array, span: number): number {
  return at[2 * span + 1] as number;
}
