/**
 * Ranges of lumi blocks of several jobs as one row of metadata.
 *
 *   LumiBlockCollection_p1              its base vector<LumiBlockRange_p1> {m_start u64, m_stop u64}: ranges united
 *   xAOD::LumiBlockRangeAuxContainer_v1 vectors of u32, one value per range: startRunNumber, startLumiBlockNumber,
 *                                       stopRunNumber, stopLumiBlockNumber, eventsExpected, eventsSeen: ranges united,
 *                                       events seen in the same range added
 *
 * Jobs that saw more events of a range than it has are a sign of events processed twice, and none of adding: then nothing is.
 * Source: members as in the streamer infos of the classes; ATLAS athena Event/xAOD/xAODLuminosity.
 */
import { countOf, locateNumberVector, locateNumbers, numberOf, smallNumbersOf } from '../../io/pool/places.ts';
import { memberOf, type RowColumns } from '../../io/pool/row-columns.ts';
import { appendElements, appendToVector, type RowInsert, type RowSum } from './grow-row.ts';
import { patchNumber } from './patch-places.ts';

/** Class of ranges of lumi blocks, 2008 to 2012. */
export const LUMI_COLLECTION = 'LumiBlockCollection_p1';
/** Its successor. */
export const LUMI_RANGES = 'xAOD::LumiBlockRangeAuxContainer_v1';

const BOUNDS = ['startRunNumber', 'startLumiBlockNumber', 'stopRunNumber', 'stopLumiBlockNumber'] as const;
const EXPECTED = 'eventsExpected';
const SEEN = 'eventsSeen';

/** A range with its events. */
interface Range {
  /** By BOUNDS. */
  bounds: number[];
  expected: number;
  seen: number;
}

function rangesOf(columns: RowColumns): Range[] {
  const numbers = (member: string): number[] => smallNumbersOf(locateNumberVector(memberOf(columns, member), 4));
  const bounds = BOUNDS.map(numbers);
  const [expected, seen] = [numbers(EXPECTED), numbers(SEEN)];
  return expected.map((events, i) => ({ bounds: bounds.map((values) => values[i] as number), expected: events, seen: seen[i] as number }));
}

/** Unites ranges of xAOD; undefined when jobs disagree on the events of a range, or saw more than there are. */
export function sumLumiRanges(own: RowColumns, others: readonly RowColumns[]): RowSum | undefined {
  const first = rangesOf(own);
  const united = new Map(first.map((range) => [range.bounds.join(), { ...range }]));
  if (united.size !== first.length) return undefined;
  for (const range of others.flatMap(rangesOf)) {
    const known = united.get(range.bounds.join());
    if (known === undefined) united.set(range.bounds.join(), { ...range });
    else if (known.expected !== range.expected) return undefined;
    else known.seen += range.seen;
  }
  const all = [...united.values()];
  if (all.some(({ expected, seen }) => seen > expected)) return undefined;
  return { grown: undefined, patch: (columns) => patchRanges(columns, all, first.length) };
}

function patchRanges(columns: RowColumns, all: readonly Range[], ownCount: number): RowInsert[] {
  const seen = locateNumberVector(memberOf(columns, SEEN), 4);
  for (let i = 0; i < ownCount; i++) patchNumber(seen, i, BigInt((all[i] as Range).seen));
  const added = all.slice(ownCount);
  const members: (readonly [string, readonly number[]])[] = [
    ...BOUNDS.map((member, k) => [member, added.map(({ bounds }) => bounds[k] as number)] as const),
    [EXPECTED, added.map(({ expected }) => expected)],
    [SEEN, added.map((range) => range.seen)],
  ];
  return members
    .flatMap(([member, values]) => appendToVector(memberOf(columns, member), values, (w, value) => w.u32(value)))
    .sort((a, b) => a.at - b.at);
}

const LIST = 'vector<LumiBlockRange_p1>';
const MEMBERS = ['m_start', 'm_stop'] as const;

/** Ranges of the older class. */
function oldRangesOf(columns: RowColumns): [bigint, bigint][] {
  const count = countOf(memberOf(columns, LIST));
  const [start, stop] = MEMBERS.map((name) => {
    const places = locateNumbers(memberOf(columns, `${LIST}.${name}`), count, 8);
    return Array.from({ length: count }, (_, i) => BigInt(numberOf(places, i)));
  }) as [bigint[], bigint[]];
  return start.map((value, i) => [value, stop[i] as bigint]);
}

/** Unites the ranges of the older class. */
export function sumLumiCollections(own: RowColumns, others: readonly RowColumns[]): RowSum {
  const first = oldRangesOf(own);
  const known = new Set(first.map((range) => range.join()));
  const added = others.flatMap(oldRangesOf).filter((range) => known.size !== known.add(range.join()).size);
  const list = memberOf(own, LIST);
  const isSplit = memberOf(own, `${LIST}.m_start`).branch !== list.branch;
  const grown = isSplit && added.length > 0 ? { branch: list.branch, count: first.length + added.length } : undefined;
  return { patch: (columns) => (added.length === 0 ? [] : appendRanges(columns, added)), grown };
}

function appendRanges(columns: RowColumns, added: readonly [bigint, bigint][]): RowInsert[] {
  return appendElements(
    columns,
    LIST,
    MEMBERS.map((name, k) => ({ name, width: 8, values: added.map((range) => range[k] as bigint) })),
  );
}
