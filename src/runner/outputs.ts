/** What workers wrote: files of equal name in their directories belong together. */
import { readdirSync, statSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import { OutputError, PoolMergeError } from '../errors.ts';
import { fileFormatOf } from '../io/bytes/file-format.ts';
import { compareNaturally } from '../io/bytes/input-files.ts';
import { isTemporaryName } from '../io/bytes/temporary-file.ts';
import { isHdf5Available } from '../io/hdf5/hdf5-library.ts';
import { planMerge } from '../merge/merge.ts';
import { EVENT_LOG, MEMORY_LOG, WORKER_LOG } from './workers/worker-share.ts';

/** What the runner itself writes into a worker's directory. */
export const OWN_FILES: readonly string[] = [EVENT_LOG, MEMORY_LOG, WORKER_LOG];

/** Files of one name. */
export interface OutputFiles {
  /** Path below the worker's directory. */
  name: string;
  /** Paths, in the order of the workers. */
  files: string[];
}

/** What a worker left in its directory, as paths below it. */
export interface WorkerFiles {
  /** ROOT, HDF5 and Arrow files. */
  mergeable: string[];
  /** Everything that is neither of these nor the runner's own, nor a temporary file of an output that was never finished. */
  other: string[];
}

/** Looks through a worker's directory; symbolic links are not followed into folders. */
export function listWorkerFiles(directory: string): WorkerFiles {
  const found: WorkerFiles = { mergeable: [], other: [] };
  const visit = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      const name = relative(directory, path);
      if (entry.isDirectory()) visit(path);
      else if (!OWN_FILES.includes(name) && !isTemporaryName(entry.name)) found[isMergeable(path) ? 'mergeable' : 'other'].push(name);
    }
  };
  visit(directory);
  found.mergeable.sort(compareNaturally);
  found.other.sort(compareNaturally);
  return found;
}

/** Endings under which a worker means a file to be merged, even if it was never closed. */
const ROOT_ENDINGS = ['.root'];
const HDF5_ENDINGS = ['.h5', '.hdf5'];
const ARROW_ENDINGS = ['.arrow', '.arrows', '.feather'];

/** True for a file that begins as ROOT, HDF5 or Arrow files do, or is named like one; HDF5 files stay where they are without h5wasm. */
function isMergeable(path: string): boolean {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return false;
  const ending = extname(path).toLowerCase();
  if ([...ROOT_ENDINGS, ...ARROW_ENDINGS].includes(ending)) return true;
  const format = fileFormatOf(path);
  return format === 'root' || format === 'arrow' || ((format === 'hdf5' || HDF5_ENDINGS.includes(ending)) && isHdf5Available());
}

/** What is wrong with a file that a worker left (never closed, damaged); undefined when it is whole. */
export async function findIncompleteOutput(directory: string): Promise<string | undefined> {
  for (const name of listWorkerFiles(directory).mergeable) {
    try {
      await planMerge([join(directory, name)]);
    } catch (err) {
      if (err instanceof PoolMergeError) return `left ${name} incomplete: ${err.reason}`;
      throw err;
    }
  }
  return undefined;
}

/** True when an output names a folder: it ends with a slash, or is one. */
export function isFolder(output: string): boolean {
  return output.endsWith('/') || statSync(output, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Groups the files of worker directories that are merged by name. */
export function groupOutputs(directories: readonly string[]): OutputFiles[] {
  const groups = new Map<string, string[]>();
  for (const directory of directories) {
    for (const name of listWorkerFiles(directory).mergeable) {
      const files = groups.get(name);
      if (files === undefined) groups.set(name, [join(directory, name)]);
      else files.push(join(directory, name));
    }
  }
  return [...groups].map(([name, files]) => ({ name, files })).sort((a, b) => compareNaturally(a.name, b.name));
}

/** Worker directories of a job directory, in the order of their numbers. */
export function workerDirectories(job: string): string[] {
  const names = readdirSync(job, { withFileTypes: true }).filter((entry) => entry.isDirectory() && /^worker_\d+$/.test(entry.name));
  return names.map((entry) => join(job, entry.name)).sort(compareNaturally);
}

/**
 * Where merged files go: into a folder under their names, or, when there is one name only, under the name of the output.
 * @throws OutputError when several names would go into one file
 */
export function targetsOf(groups: readonly OutputFiles[], output: string): string[] {
  if (isFolder(output)) return groups.map(({ name }) => join(output, name));
  if (groups.length > 1) {
    throw new OutputError(
      `the workers wrote ${groups.length} different files (${groups.map(({ name }) => name).join(', ')}): -o must name a folder, ending with /`,
      { file: output },
    );
  }
  return groups.map(() => output);
}
