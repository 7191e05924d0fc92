/** Compares an RNTuple with another one, or with several joined in order: column by column, whatever clusters and encodings are. */
import type { RNTuple } from '../../io/root/rntuple/rntuple.ts';
import { fieldPath, type Schema } from '../../io/root/rntuple/schema.ts';
import type { StreamChoice, StreamComparison, StreamOptions } from './compare-trees.ts';
import { AbsenceNotes, isAbsent, type AbsentEntries, type MadeRange } from './absent-parts.ts';
import type { DifferenceList } from '../object/difference.ts';
import type { EntryChunk } from './entry-streams.ts';
import { judgeEntry } from './judge-entry.ts';
import type { StreamSide } from './stream-pair.ts';
import { StreamSet, type SizedStream } from './stream-set.ts';
import { TupleColumns, columnsByName } from './tuple-elements.ts';
import { TupleBounds, TupleEntries } from './tuple-entries.ts';

/** An RNTuple, or the entries of a file that has no such RNTuple. */
export type TuplePart = RNTuple | AbsentEntries;

/** Adds all differences between `tuple` and `parts` one after another to a list. */
export async function compareTuples(
  tuple: RNTuple,
  parts: readonly TuplePart[],
  options: StreamOptions,
  differences: DifferenceList,
): Promise<StreamComparison> {
  const { tolerance, selection, accepts } = options;
  const right = parts.reduce((sum, part) => sum + part.entryCount, 0);
  const result: StreamComparison = { left: tuple.entryCount, right, notes: [], pairs: undefined };
  if (result.left !== right && selection.ranges === undefined) differences.add('entries', result.left, right);
  const present = parts.flatMap((part) => (isAbsent(part) ? [] : [part]));
  const typesOf = (each: RNTuple): Map<string, string> => fieldTypes(each.footer.schema, accepts);
  compareFields(typesOf(tuple), present.map(typesOf), differences);
  compareDescriptions(tuple, present, accepts, differences);
  const streams = new StreamSet(result, options, differences);
  const absences = new AbsenceNotes();
  for (const stream of columnStreams({ tuple, parts }, { tolerance, accepts, isKey: (name) => streams.isKey(name) }, absences)) {
    streams.add(stream, accepts(stream.name));
  }
  result.notes.push(...absences.notes());
  await streams.finish();
  return result;
}

/** The columns of the first side as streams. */
export function* columnStreams(
  { tuple, parts }: { tuple: RNTuple; parts: readonly TuplePart[] },
  { tolerance, accepts, isKey }: StreamChoice,
  absences: AbsenceNotes,
): Generator<SizedStream> {
  const columns = new ColumnSource(tuple);
  const sources = parts.map((part) => (isAbsent(part) ? part : new ColumnSource(part)));
  const judge: SizedStream['judge'] = (at, l, r, list) => judgeEntry(at, l, r, tolerance, list);
  for (const [name, id] of columnsByName(tuple)) {
    if (!accepts(name) && !isKey(name)) continue;
    const made = madeRanges(sources, name, absences);
    const left: StreamSide = {
      chunks: () => columns.columns.chunks(id),
      entries: (cache) => new TupleEntries(columns.columns.chunks(id), [columns.bounds.ofColumn(id)], cache),
    };
    const right = joinedSide(sources, name, (entry) => columns.bounds.ofColumn(id)[entry] ?? 0);
    const storedBytes: SizedStream['storedBytes'] = () => ({
      left: columns.columns.storedBytes(id),
      right: sources.reduce((sum, source) => sum + bytesOfColumn(source, name), 0),
    });
    yield { name, left, right, judge, made, isRight: (l, r) => l === r, counted: `elements of field ${name}`, storedBytes };
  }
}

function bytesOfColumn(source: ColumnSource | AbsentEntries, name: string): number {
  const id = isAbsent(source) ? undefined : source.ids.get(name);
  return isAbsent(source) || id === undefined ? 0 : source.columns.storedBytes(id);
}

/** The columns of one RNTuple, by name, by element and by entry. */
class ColumnSource {
  readonly entryCount: number;
  readonly path: string;
  readonly ids: ReadonlyMap<string, number>;
  readonly columns: TupleColumns;
  readonly bounds: TupleBounds;

  constructor(tuple: RNTuple) {
    this.entryCount = tuple.entryCount;
    this.path = tuple.source.file.path;
    this.ids = columnsByName(tuple);
    this.columns = new TupleColumns(tuple);
    this.bounds = new TupleBounds(this.columns);
  }
}

/** Entries of the sources that lack a column, counted over all. */
function madeRanges(sources: readonly (ColumnSource | AbsentEntries)[], name: string, absences: AbsenceNotes): MadeRange[] {
  let first = 0;
  return sources.flatMap((source) => {
    const range = { first, end: first + source.entryCount };
    first = range.end;
    if (range.end === range.first || (!isAbsent(source) && source.ids.has(name))) return [];
    absences.add(isAbsent(source) ? source.absentIn : source.path, source.entryCount, name);
    return [range];
  });
}

/**
 * A column over all sources. `firstElement`: of an entry on the other side, where entries have the same numbers: as
 * many elements are unknown where a source lacks the column.
 */
function joinedSide(sources: readonly (ColumnSource | AbsentEntries)[], name: string, firstElement: (entry: number) => number): StreamSide {
  const unknown = (count: number): EntryChunk => ({ count, stored: undefined, open: undefined });
  const joined = function* (byEntry: boolean): Generator<EntryChunk> {
    let first = 0;
    for (const source of sources) {
      const id = isAbsent(source) ? undefined : source.ids.get(name);
      const end = first + source.entryCount;
      if (!isAbsent(source) && id !== undefined) yield* source.columns.chunks(id);
      else if (end > first) yield unknown(byEntry ? source.entryCount : firstElement(end) - firstElement(first));
      first = end;
    }
  };
  const boundsOf = (source: ColumnSource | AbsentEntries): Float64Array => {
    const id = isAbsent(source) ? undefined : source.ids.get(name);
    return isAbsent(source) || id === undefined
      ? Float64Array.from({ length: source.entryCount + 1 }, (_, entry) => entry)
      : source.bounds.ofColumn(id);
  };
  return { chunks: () => joined(false), entries: (cache) => new TupleEntries(joined(true), sources.map(boundsOf), cache) };
}

/** Type of each field by its path; projected ones have no elements to compare, so it matters what they show. */
function fieldTypes({ fields }: Schema, accepts: (name: string) => boolean): Map<string, string> {
  const paths = fields.map((_, id) => fieldPath(fields, id));
  const types = new Map<string, string>();
  fields.forEach(({ typeName, sourceId }, id) => {
    const path = paths[id] as string;
    if (accepts(path)) types.set(path, sourceId === undefined ? typeName : `${typeName}, shows ${paths[sourceId]}`);
  });
  return types;
}

/** Descriptions of the RNTuple and its fields must be those of one of the parts. */
function compareDescriptions(
  tuple: RNTuple,
  parts: readonly RNTuple[],
  accepts: (name: string) => boolean,
  differences: DifferenceList,
): void {
  const wanted = parts.map((part) => descriptions(part, accepts));
  for (const [at, text] of descriptions(tuple, accepts)) {
    const [first, ...others] = wanted.flatMap((each) => each.get(at) ?? []);
    if (first !== undefined && first !== text && !others.includes(text)) differences.add(at, text, first);
  }
}

function descriptions({ header, footer }: RNTuple, accepts: (name: string) => boolean): Map<string, string> {
  const { fields } = footer.schema;
  const found = new Map([['description', header.description]]);
  fields.forEach(({ description }, id) => {
    const path = fieldPath(fields, id);
    if (accepts(path)) found.set(`description of field ${path}`, description);
  });
  return found;
}

/** Every field must be in one of the parts at least, and of one type in all that have it. */
function compareFields(a: ReadonlyMap<string, string>, parts: readonly ReadonlyMap<string, string>[], differences: DifferenceList): void {
  for (const [path, type] of a) {
    const others = parts.flatMap((part) => part.get(path) ?? []);
    if (others.length === 0) differences.add(`field ${path}`, type, 'absent');
    const other = others.find((each) => each !== type);
    if (other !== undefined) differences.add(`field ${path}`, type, other);
  }
  const absent = new Map(parts.flatMap((part) => [...part]).filter(([path]) => !a.has(path)));
  for (const [path, type] of absent) differences.add(`field ${path}`, 'absent', type);
}
