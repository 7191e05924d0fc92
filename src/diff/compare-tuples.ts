/** Compares an RNTuple with another one, or with several joined in order: column by column, whatever clusters and encodings are. */
import type { RNTuple } from '../io/root/rntuple/rntuple.ts';
import type { Schema } from '../io/root/rntuple/schema.ts';
import type { StreamComparison, StreamOptions } from './compare-trees.ts';
import type { DifferenceList } from './difference.ts';
import { compareStreams, type EntryChunk } from './entry-streams.ts';
import { judgeEntry } from './judge-entry.ts';
import { TupleColumns, columnsByName } from './tuple-elements.ts';

/** Adds all differences between `tuple` and `parts` one after another to a list. */
export async function compareTuples(tuple: RNTuple, parts: readonly RNTuple[], { tolerance, accepts, step }: StreamOptions, differences: DifferenceList): Promise<StreamComparison> {
  const right = parts.reduce((sum, part) => sum + part.entryCount, 0);
  const result: StreamComparison = { left: tuple.entryCount, right, notes: [] };
  if (result.left !== right) differences.add('entries', result.left, right);
  compareFields(fieldTypes(tuple.footer.schema, accepts), parts.map((part) => fieldTypes(part.footer.schema, accepts)), differences);
  const ofTuple = columnsByName(tuple);
  const ofParts = parts.map(columnsByName);
  const [columns, columnsOfParts] = [new TupleColumns(tuple), parts.map((part) => new TupleColumns(part))];
  for (const [name, id] of ofTuple) {
    if (!accepts(name)) continue;
    const ids = ofParts.map((each) => each.get(name));
    parts.forEach((part, i) => {
      if (ids[i] === undefined && part.entryCount > 0) result.notes.push(`field ${name} is not in ${part.source.file.path}: it is not compared`);
    });
    if (ids.includes(undefined)) continue;
    const counts = compareStreams(columns.chunks(id), joinedChunks(columnsOfParts, ids as number[]), (element, l, r) => judgeEntry(`${name}[${element}]`, l, r, tolerance, differences));
    if (counts.left !== counts.right) differences.add(`elements of field ${name}`, counts.left, counts.right);
    await step();
  }
  return result;
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
