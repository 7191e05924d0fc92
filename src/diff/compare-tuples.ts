/** Compares an RNTuple with another one, or with several joined in order: column by column, whatever clusters and encodings are. */
import type { RNTuple } from '../io/root/rntuple/rntuple.ts';
import type { Schema } from '../io/root/rntuple/schema.ts';
import type { StreamComparison, StreamOptions } from './compare-trees.ts';
import type { DifferenceList } from './difference.ts';
import type { EntryChunk } from './entry-streams.ts';
import { judgeEntry } from './judge-entry.ts';
import type { StreamSide } from './paired-entries.ts';
import { StreamSet, type SizedStream } from './stream-set.ts';
import { TupleColumns, columnsByName } from './tuple-elements.ts';
import { TupleBounds, TupleEntries } from './tuple-entries.ts';

/** Adds all differences between `tuple` and `parts` one after another to a list. */
export async function compareTuples(tuple: RNTuple, parts: readonly RNTuple[], options: StreamOptions, differences: DifferenceList): Promise<StreamComparison> {
  const { tolerance, selection, accepts } = options;
  const right = parts.reduce((sum, part) => sum + part.entryCount, 0);
  const result: StreamComparison = { left: tuple.entryCount, right, notes: [], pairs: undefined };
  if (result.left !== right && selection.ranges === undefined) differences.add('entries', result.left, right);
  compareFields(fieldTypes(tuple.footer.schema, accepts), parts.map((part) => fieldTypes(part.footer.schema, accepts)), differences);
  const streams = new StreamSet(result, options, differences);
  const ofParts = parts.map(columnsByName);
  const [columns, columnsOfParts] = [new ColumnSource(tuple), parts.map((part) => new ColumnSource(part))];
  for (const [name, id] of columnsByName(tuple)) {
    const isWanted = accepts(name);
    if (!isWanted && !streams.isKey(name)) continue;
    const ids = ofParts.map((each) => each.get(name));
    parts.forEach((part, i) => {
      if (ids[i] === undefined && part.entryCount > 0) result.notes.push(`field ${name} is not in ${part.source.file.path}: it is not compared`);
    });
    const known = ids.filter((each) => each !== undefined);
    if (known.length < ids.length) continue;
    const judge: SizedStream['judge'] = (at, l, r, list) => judgeEntry(at, l, r, tolerance, list);
    await streams.add({ name, left: sideOf([columns], [id]), right: sideOf(columnsOfParts, known), judge, isRight: (l, r) => l === r, counted: `elements of field ${name}` }, isWanted);
  }
  await streams.finish();
  return result;
}

/** The columns of one RNTuple, by element and by entry. */
class ColumnSource {
  readonly columns: TupleColumns;
  readonly bounds: TupleBounds;

  constructor(tuple: RNTuple) {
    this.columns = new TupleColumns(tuple);
    this.bounds = new TupleBounds(this.columns);
  }
}

function sideOf(sources: readonly ColumnSource[], ids: readonly number[]): StreamSide {
  const chunks = (): Iterable<EntryChunk> => joinedChunks(sources.map(({ columns }) => columns), ids);
  return { chunks, entries: (cache) => new TupleEntries(chunks(), sources.map(({ bounds }, i) => bounds.ofColumn(ids[i] as number)), cache) };
}

function* joinedChunks(parts: readonly TupleColumns[], ids: readonly number[]): Generator<EntryChunk> {
  for (const [i, part] of parts.entries()) yield* part.chunks(ids[i] as number);
}

/** Type of each field by its path. */
function fieldTypes({ fields }: Schema, accepts: (name: string) => boolean): Map<string, string> {
  const paths: string[] = [];
  const types = new Map<string, string>();
  fields.forEach(({ name, parentId, typeName }, id) => {
    const path = parentId === id ? name : `${paths[parentId]}.${name}`;
    paths.push(path);
    if (accepts(path)) types.set(path, typeName);
  });
  return types;
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
