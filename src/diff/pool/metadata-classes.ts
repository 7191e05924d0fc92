/**
 * Metadata that add up, as values: what a row says, and what one row for several must say. Lists of texts are sets,
 * in any order; numbers are sums, place by place.
 * Source: ATLAS athena OutputStreamAthenaPool (EventStreamInfo), xAODLuminosity, xAODCutFlow; layouts measured.
 */
import {
  countOf,
  locateNumberVector,
  locateNumbers,
  locateTextVector,
  locateTexts,
  numberOf,
  textOf,
  type NumberPlaces,
} from '../../io/pool/places.ts';
import { memberOf, type RowColumns } from '../../io/pool/row-columns.ts';

/** A text of a set, or a number that is added. */
export type RowValue = string | number | bigint;

/** What a row says, by member. */
export type RowContents = ReadonlyMap<string, readonly RowValue[]>;

/** One class of metadata. */
export interface SummedClass {
  /** Members that follow from the sum; all others are those of the row that is left. */
  summed: readonly string[];
  /** Those of them that have a byte count and a version. */
  framed: readonly string[];
  /** True where all other members must be equal in all rows, or nothing is summed. */
  needsEqualRest: boolean;
  read: (row: RowColumns) => RowContents;
  /** What one row in place of all must say; a text where nothing is summed: the reason. */
  sum: (rows: readonly RowColumns[]) => RowContents | string;
}

const LIST = 'm_itemList';
const NUMBER_SETS = ['m_runNumbers', 'm_lumiBlockNumbers'] as const;

function longs(places: NumberPlaces): bigint[] {
  return Array.from({ length: places.count }, (_, i) => BigInt.asUintN(64, BigInt(numberOf(places, i))));
}

function words(row: RowColumns, member: string): number[] {
  const places = locateNumberVector(memberOf(row, member), 4);
  return Array.from({ length: places.count }, (_, i) => Number(numberOf(places, i)));
}

/** Reals of 8 bytes in a framed vector. */
function reals(column: Parameters<typeof locateNumberVector>[0]): number[] {
  const {
    column: { data },
    at,
    count,
  } = locateNumberVector(column, 8);
  const view = new DataView(data.buffer, data.byteOffset + at, 8 * count);
  return Array.from({ length: count }, (_, i) => view.getFloat64(8 * i));
}

/** One row for several: of sets every element once, numbers place by place. */
function sumOf(read: SummedClass['read'], rows: readonly RowColumns[]): RowContents {
  const [own, ...others] = rows.map(read);
  return new Map(
    Array.from(own ?? [], ([member, values]) => {
      const lists = others.map((each) => each.get(member) ?? []);
      const isSet = [values, ...lists].every((list) => list.every((value) => typeof value === 'string'));
      return [member, isSet ? united(values, lists) : values.map((value, i) => lists.reduce((sum, list) => plus(sum, list[i]), value))];
    }),
  );
}

/** The first list's elements, and those of the others that are new, each once. */
function united(own: readonly RowValue[], others: readonly (readonly RowValue[])[]): RowValue[] {
  const known = new Set(own);
  return [...own, ...new Set(others.flat().filter((value) => !known.has(value)))];
}

function plus(a: RowValue, b: RowValue | undefined): RowValue {
  if (typeof a === 'bigint' && typeof b === 'bigint') return BigInt.asUintN(64, a + b);
  return typeof a === 'number' && typeof b === 'number' ? a + b : a;
}

function readStreamInfo(row: RowColumns): RowContents {
  const count = countOf(memberOf(row, LIST));
  const ids = locateNumbers(memberOf(row, `${LIST}.first`), count, 4);
  const items = locateTexts(memberOf(row, `${LIST}.second`), count).map((place, i) => `${numberOf(ids, i)} ${textOf(place)}`);
  return new Map<string, RowValue[]>([
    ['m_numberOfEvents', [Number(numberOf(locateNumbers(memberOf(row, 'm_numberOfEvents'), 1, 4), 0))]],
    ...NUMBER_SETS.map((member): [string, string[]] => [member, words(row, member).map(String)]),
    ['m_processingTags', locateTextVector(memberOf(row, 'm_processingTags')).map(textOf)],
    [LIST, items],
  ]);
}

const STREAM_INFO: SummedClass = {
  summed: ['m_numberOfEvents', ...NUMBER_SETS, 'm_processingTags', LIST, `${LIST}.first`, `${LIST}.second`],
  framed: [...NUMBER_SETS, 'm_processingTags', `${LIST}.second`],
  needsEqualRest: false,
  read: readStreamInfo,
  sum(rows) {
    const sum = sumOf(readStreamInfo, rows);
    return Number(sum.get('m_numberOfEvents')?.[0]) > 0xffff_ffff ? 'its number of events would not fit' : sum;
  },
};

const OLD_LIST = 'vector<LumiBlockRange_p1>';
const OLD_BOUNDS = [`${OLD_LIST}.m_start`, `${OLD_LIST}.m_stop`] as const;

/** Run and lumi block of a bound of the older class. */
function boundText(bound: bigint | undefined): string {
  return bound === undefined ? '' : `${bound >> 32n}:${BigInt.asUintN(32, bound)}`;
}

function readOldRanges(row: RowColumns): RowContents {
  const count = countOf(memberOf(row, OLD_LIST));
  const [start = [], stop = []] = OLD_BOUNDS.map((member) => longs(locateNumbers(memberOf(row, member), count, 8)));
  return new Map([['ranges', start.map((first, i) => `${boundText(first)} to ${boundText(stop[i])}`)]]);
}

const LUMI_COLLECTION: SummedClass = {
  summed: [OLD_LIST, ...OLD_BOUNDS],
  framed: [],
  needsEqualRest: false,
  read: readOldRanges,
  sum: (rows) => sumOf(readOldRanges, rows),
};

const RANGE_MEMBERS = [
  'startRunNumber',
  'startLumiBlockNumber',
  'stopRunNumber',
  'stopLumiBlockNumber',
  'eventsExpected',
  'eventsSeen',
] as const;

/** Ranges with the events that were seen of them, and that they have. */
function rangesOf(row: RowColumns): { range: string; expected: number; seen: number }[] {
  const [startRun = [], startBlock = [], stopRun = [], stopBlock = [], expected = [], seen = []] = RANGE_MEMBERS.map((member) =>
    words(row, member),
  );
  return startRun.map((run, i) => ({
    range: `${run}:${startBlock[i]} to ${stopRun[i]}:${stopBlock[i]}`,
    expected: expected[i] ?? 0,
    seen: seen[i] ?? 0,
  }));
}

function rangeTexts(ranges: Iterable<{ range: string; expected: number; seen: number }>): RowContents {
  return new Map([['ranges', Array.from(ranges, ({ range, expected, seen }) => `${range}: ${seen} of ${expected} events`)]]);
}

const LUMI_RANGES: SummedClass = {
  summed: RANGE_MEMBERS,
  framed: RANGE_MEMBERS,
  needsEqualRest: false,
  read: (row) => rangeTexts(rangesOf(row)),
  sum([own, ...others]) {
    const first = own === undefined ? [] : rangesOf(own);
    const all = new Map(first.map((each) => [each.range, each]));
    let isSound = all.size === first.length;
    for (const each of others.flatMap(rangesOf)) {
      const known = all.get(each.range);
      isSound &&= known === undefined || known.expected === each.expected;
      all.set(each.range, { ...each, seen: each.seen + (known?.seen ?? 0) });
    }
    isSound &&= [...all.values()].every(({ expected, seen }) => seen <= expected);
    return isSound ? rangeTexts(all.values()) : 'inputs disagree on the events of a range, or saw more than there are';
  },
};

const ACCEPTED = 'nAcceptedEvents';
const WEIGHTS = ['sumOfEventWeights', 'sumOfEventWeightsSquared'] as const;

function readCuts(row: RowColumns): RowContents {
  const contents = new Map<string, RowValue[]>();
  const accepted = row.get(ACCEPTED);
  if (accepted !== undefined) contents.set(ACCEPTED, longs(locateNumberVector(accepted, 8)));
  for (const member of WEIGHTS) if (row.has(member)) contents.set(member, reals(memberOf(row, member)));
  return contents;
}

const CUT_BOOKKEEPERS: SummedClass = {
  summed: [ACCEPTED, ...WEIGHTS],
  framed: [ACCEPTED, ...WEIGHTS],
  needsEqualRest: true,
  read: readCuts,
  sum(rows) {
    const lengths = new Set(rows.map((row) => [...readCuts(row).values()].map(({ length }) => length).join()));
    return lengths.size > 1 ? 'inputs differ in it' : sumOf(readCuts, rows);
  },
};

/** Name under which a row that is one vector has its numbers. */
export const VECTOR_VALUES = 'values';

function readVector(row: RowColumns): RowContents {
  return new Map([[VECTOR_VALUES, reals(memberOf(row, VECTOR_VALUES))]]);
}

const WEIGHT_VECTOR: SummedClass = {
  summed: [VECTOR_VALUES],
  framed: [VECTOR_VALUES],
  needsEqualRest: true,
  read: readVector,
  sum: (rows) =>
    new Set(rows.map((row) => reals(memberOf(row, VECTOR_VALUES)).length)).size > 1 ? 'inputs differ in it' : sumOf(readVector, rows),
};

/** True for a branch of decorations that holds sums of weights, and is one vector. */
export function isWeightVector(name: string, className: string): boolean {
  return className === 'vector<double>' && /AuxDyn\.sumOf/.test(name);
}

/** What adds up in a container of metadata; undefined for one that does not. */
export function summedClass(name: string, className: string): SummedClass | undefined {
  if (isWeightVector(name, className)) return WEIGHT_VECTOR;
  if (/^EventStreamInfo_p[123]$/.test(className)) return STREAM_INFO;
  if (className === 'LumiBlockCollection_p1') return LUMI_COLLECTION;
  if (className === 'xAOD::LumiBlockRangeAuxContainer_v1') return LUMI_RANGES;
  return className === 'xAOD::CutBookkeeperAuxContainer_v1' ? CUT_BOOKKEEPERS : undefined;
}
