/** What is in a ROOT file: keys of all directories, and of trees, RNTuples, histograms and POOL files what they hold. */
import { isPoolMergeError } from '../errors.ts';
import { PoolContents } from '../io/pool/pool-contents.ts';
import { readInfoSet } from '../io/root/root-file-infos.ts';
import { isPoolFile } from '../io/pool/pool-file.ts';
import { checkFileReferences, type ForeignFile } from '../io/pool/references.ts';
import { Resolver } from '../io/pool/resolve.ts';
import { algorithmOfTag } from '../io/codec/registry.ts';
import { formatDatime } from '../io/root/container/datime.ts';
import { joinPath, openRootFile, type DirectoryNode, type RootFile } from '../io/root/root-file.ts';
import type { InfoSet } from '../io/root/streamer/info-set.ts';
import { isHistogramClass, listHistogram, type HistogramListing } from './list-histogram.ts';
import { listPool, type PoolListing } from './list-pool.ts';
import { isTreeClass, isTupleClass, listTree, listTuple, type TreeListing, type TupleListing } from './list-tree.ts';

/** One key. */
export interface KeyListing {
  /** Full path, without cycle. */
  path: string;
  name: string;
  cycle: number;
  className: string;
  title: string;
  /** `YYYY-MM-DD hh:mm:ss`, local time of the writer. */
  date: string;
  /** Bytes of the object: uncompressed, and as stored (without its key header). */
  bytes: number;
  storedBytes: number;
  /** Subdirectory levels above it: 0 in the root directory. */
  depth: number;
  /**
   * `none`, `zlib`, `zlib (old)`, `lzma`, `lz4`, `zstd`: of its record; branches and pages have settings of their own.
   * Only with contents.
   */
  compression?: string;
  tree?: TreeListing;
  tuple?: TupleListing;
  histogram?: HistogramListing;
  /** Why its contents could not be listed. */
  problem?: string;
}

/** One file. */
export interface FileListing {
  file: string;
  sizeBytes: number;
  /** Of the ROOT that wrote the header, e.g. 6.34.04 as 63404. */
  rootVersion: number;
  /** Setting of the file: 100 × algorithm + level. */
  compression: number;
  /** In the order of the directories and their key lists; of several cycles each. */
  keys: KeyListing[];
  pool?: PoolListing;
  /** Other files the references of a POOL file lead to: its provenance. Only with contents. */
  provenance?: ForeignFile[];
  /** Why the provenance could not be listed. */
  problem?: string;
}

/** How much is listed. */
export interface ListOptions {
  /** Go into subdirectories; default false. */
  recursive?: boolean;
  /** Open trees, RNTuples and histograms; default false. */
  contents?: boolean;
}

/** Version numbers at and above this belong to files with 64-bit pointers in their header. */
const BIG_FILE_VERSION = 1_000_000;

/**
 * Lists a file. Objects that cannot be opened carry a `problem` instead of their contents.
 * @throws CorruptFileError, UnreadableFileError, UnsupportedError where the file itself cannot be listed
 */
export function listFile(path: string, options: ListOptions = {}): FileListing {
  using file = openRootFile(path);
  const infos = readInfoSet(file);
  const directories = options.recursive === true ? file.directories : [file.root];
  const listing: FileListing = {
    file: path,
    sizeBytes: file.source.sizeBytes,
    rootVersion: file.header.version % BIG_FILE_VERSION,
    compression: file.header.compress,
    keys: directories.flatMap((directory) => listDirectory(file, directory, infos, options.contents === true)),
  };
  if (!isPoolFile(file)) return listing;
  const contents = new PoolContents(file, infos);
  listing.pool = listPool(contents);
  if (options.contents === true) Object.assign(listing, provenanceOf(contents));
  return listing;
}

function provenanceOf(contents: PoolContents): Pick<FileListing, 'provenance' | 'problem'> {
  const resolver = new Resolver();
  resolver.add(contents);
  try {
    return { provenance: checkFileReferences(contents, resolver).foreignFiles };
  } catch (err) {
    if (!isPoolMergeError(err, 'CORRUPT_FILE', 'UNSUPPORTED')) throw err;
    return { problem: `references cannot be read: ${err.message}` };
  }
}

function listDirectory(file: RootFile, directory: DirectoryNode, infos: InfoSet, withContents: boolean): KeyListing[] {
  const { keys } = directory;
  const depth = directory.path === '/' ? 0 : directory.path.split('/').length - 1;
  return Array.from({ length: keys.count }, (_, i): KeyListing => ({
    path: joinPath(directory.path, keys.name(i)),
    name: keys.name(i),
    cycle: keys.cycle(i),
    className: keys.className(i),
    title: keys.title(i),
    date: formatDatime(keys.datime(i)),
    bytes: keys.objlen(i),
    storedBytes: keys.nbytes(i) - keys.keylen(i),
    depth,
    ...(withContents ? contentsOf(file, directory, i, infos) : {}),
  }));
}

const ALGORITHM_NAMES: Readonly<Record<string, string>> = { ZL: 'zlib', CS: 'zlib (old)', XZ: 'lzma', L4: 'lz4', ZS: 'zstd' };

function compressionOf(file: RootFile, { keys }: DirectoryNode, key: number): string {
  if (keys.nbytes(key) - keys.keylen(key) >= keys.objlen(key)) return 'none';
  const [first, second] = file.source.read(keys.seekKey(key) + keys.keylen(key), 2) as unknown as [number, number];
  return ALGORITHM_NAMES[algorithmOfTag(first, second)?.tag ?? ''] ?? 'unknown';
}

function contentsOf(file: RootFile, directory: DirectoryNode, key: number, infos: InfoSet): Partial<KeyListing> {
  const compression = compressionOf(file, directory, key);
  return { compression, ...objectOf(file, directory, key, infos) };
}

function objectOf(file: RootFile, directory: DirectoryNode, key: number, infos: InfoSet): Partial<KeyListing> {
  const className = directory.keys.className(key);
  try {
    if (isTreeClass(className)) return { tree: listTree(file, directory, key, infos) };
    if (isTupleClass(className)) return { tuple: listTuple(file, directory, key) };
    const histogram = isHistogramClass(className) ? listHistogram(file, directory, key, infos) : undefined;
    return histogram === undefined ? {} : { histogram };
  } catch (err) {
    if (!isPoolMergeError(err)) throw err;
    return { problem: err.reason };
  }
}
