/** Whether an object can be read to its end: an object that cannot, but could where it comes from, is different. */
import { isPoolMergeError } from '../errors.ts';
import { branchesByPath } from '../io/root/tree/branch-paths.ts';
import type { EntryChunk } from './entries/entry-streams.ts';
import { contentKind, graphOf, type FileObject } from './object/file-objects.ts';
import { branchChunks } from './entries/tree-entries.ts';
import { TupleColumns, columnsByName } from './entries/tuple-elements.ts';
import { treeOf, tupleOf } from './stream-objects.ts';

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
  const kind = contentKind(object.className);
  if (kind === 'tree') {
    const tree = treeOf(object);
    for (const row of branchesByPath(tree).values()) openAll(branchChunks(tree, row));
  } else if (kind === 'rntuple') {
    const tuple = tupleOf(object);
    const columns = new TupleColumns(tuple);
    for (const id of columnsByName(tuple).values()) openAll(columns.chunks(id));
  } else graphOf(object);
}

function openAll(chunks: Iterable<EntryChunk>): void {
  for (const { open } of chunks) open?.();
}
