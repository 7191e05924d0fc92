/** The output's entry in a catalog: on disk before the output gets its name, in its place right after. */
import { resolve } from 'node:path';
import { OutputError, UsageError, isPoolMergeError } from '../errors.ts';
import { type Sink } from '../io/bytes/sink.ts';
import { targetExists } from '../io/bytes/target.ts';
import { catalogName, pathsOfFid, readCatalog, registerFile, stageCatalog, type Catalog } from '../io/pool/catalog.ts';

/** The catalog at a path; an empty one when there is none yet. */
async function openCatalog(path: string): Promise<Catalog> {
  return targetExists(path) ? readCatalog(path) : { metadataTypes: [], files: [] };
}

/**
 * What of a catalog stands in the way is known before the work: one that cannot be read, or one that has the FID which
 * is asked for for other files only. (A FID that follows from the inputs is that of a merge with the same contents:
 * there, the output is one more path.) UsageError, CorruptFileError.
 */
export async function checkEntry({ catalog, fid, output }: { catalog?: string; fid?: string; output?: string }): Promise<void> {
  if (catalog === undefined) return;
  const known = await openCatalog(catalog);
  const paths = fid === undefined ? [] : pathsOfFid(known, catalog, fid);
  if (output === undefined || paths.length === 0 || paths.includes(resolve(output))) return;
  throw new UsageError(`the catalog names another file with the FID ${fid}: ${paths[0]}`, { file: catalog });
}

/**
 * Writes the catalog with the output registered beside the old one; what is left to do is `commitEntry`. Throws
 * OutputError, CorruptFileError.
 */
export async function stageEntry(catalogPath: string, fid: string, output: string): Promise<Sink> {
  return stageCatalog(catalogPath, registerFile(await openCatalog(catalogPath), fid, catalogName(catalogPath, output)));
}

/** Puts the catalog in its place. Should that fail, the error says that the output is there. */
export function commitEntry(entry: Sink, output: string): void {
  try {
    entry.commit();
  } catch (err) {
    if (!isPoolMergeError(err, 'OUTPUT')) throw err;
    throw new OutputError(`the merged file ${output} is complete, but this catalog does not name it: ${err.reason}`, {
      file: entry.targetPath,
      cause: err,
    });
  }
}
