/** Whether an object can be read to its end: an object that cannot, but could where it comes from, is different. */
import { isPoolMergeError } from '../errors.ts';
import { openRNTuple } from '../io/root/rntuple/rntuple.ts';
import { TreeReader } from '../io/root/tree/tree-reader.ts';
import type { EntryChunk } from './entries/entry-streams.ts';
import { contentKind, graphOf, type FileObject } from './object/file-objects.ts';
import { branchChunks, branchesByPath } from './entries/tree-entries.ts';
import { TupleColumns, columnsByName } from './entries/tuple-elements.ts';

/** True when all of the objects can be read, every basket and page. */
export function areReadable(objects: readonly FileObject[]): boolean {
  return objects.every((object) => {
    try {
      readAll(object);
      return true;
    } catch (err) {
      if (!isPoolMergeError(err, 'CORRUPT_FILE', 'UNSUPPORTED')) throw err;
      return false;
    }
  });
}

function readAll(object: FileObject): void {
  const { file, directory, index, className } = object;
  const kind = contentKind(className);
  if (kind === 'tree') {
    const tree = new TreeReader(file.file, directory, index, file.infos);
    for (const row of branchesByPath(tree).values()) openAll(branchChunks(tree, row));
  } else if (kind === 'rntuple') {
    const tuple = openRNTuple(file.file, directory, index);
    const columns = new TupleColumns(tuple);
    for (const id of columnsByName(tuple).values()) openAll(columns.chunks(id));
  } else graphOf(object);
}

function openAll(chunks: Iterable<EntryChunk>): void {
  for (const { open } of chunks) open?.();
}
