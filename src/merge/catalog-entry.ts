/** The output's entry in a catalog: on disk before the output gets its name, in its place right after. */
import { OutputError, isPoolMergeError } from '../errors.ts';
import { type Sink } from '../io/bytes/sink.ts';
import { targetExists } from '../io/bytes/target.ts';
import { catalogName, readCatalog, registerFile, stageCatalog, type Catalog } from '../io/pool/catalog.ts';

/** The catalog at a path; an empty one when there is none yet. */
export async function openCatalog(path: string): Promise<Catalog> {
  return targetExists(path) ? readCatalog(path) : { metadataTypes: [], files: [] };
}

/** Writes the catalog with the output registered beside the old one; what is left to do is `commitEntry`. Throws OutputError, CorruptFileError. */
export async function stageEntry(catalogPath: string, fid: string, output: string): Promise<Sink> {
  return stageCatalog(catalogPath, registerFile(await openCatalog(catalogPath), fid, catalogName(catalogPath, output)));
}

/** Puts the catalog in its place. Should that fail, the error says that the output is there. */
export function commitEntry(entry: Sink, output: string): void {
  try {
    entry.commit();
  } catch (err) {
    if (!isPoolMergeError(err, 'OUTPUT')) throw err;
    throw new OutputError(`the merged file ${output} is complete, but this catalog does not name it: ${err.reason}`, { file: entry.targetPath, cause: err });
  }
}
