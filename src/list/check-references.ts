/** References of POOL files followed: all of them, or one. Files given together resolve among each other. */
import { UsageError, isPoolMergeError, withContext } from '../errors.ts';
import { pathsOfFid, readCatalog, type Catalog } from '../io/pool/catalog.ts';
import { contentsOf, openPoolFile, type PoolContents } from '../io/pool/pool-contents.ts';
import { isPoolFile } from '../io/pool/pool-file.ts';
import { checkFileReferences, type FileReferences, type ReferenceCounts } from '../io/pool/references.ts';
import { Resolver } from '../io/pool/resolve.ts';
import { openRootFile } from '../io/root/root-file.ts';
import { LOCAL_DB, parseToken, type Token } from '../io/pool/token.ts';
import { ZERO_GUID } from '../io/pool/guid.ts';

/** Where references may lead besides the files themselves. */
export interface ReferenceOptions {
  /** Path of a PoolFileCatalog.xml: files it names are opened when a reference leads there. */
  catalog?: string;
}

/** All references of some files. */
export interface ReferenceReport extends ReferenceCounts {
  files: FileReferences[];
  /** Files given that are no POOL files. */
  others: string[];
  /** Files of the catalog that references lead to but that could not be opened; those references count as foreign. */
  unreadable: { file: string; reason: string }[];
  seconds: number;
}

/** Where one token leads. */
export type TokenTarget =
  | { status: 'resolved'; file: string; container: string; row: number; rowCount: number }
  | { status: 'foreign' | 'dangling'; reason: string };

/**
 * Follows every reference of every DataHeader and TAG row of the files.
 * @throws CorruptFileError, UnreadableFileError, UnsupportedError where a file or its catalog cannot be read
 */
export async function checkReferences(paths: readonly string[], options: ReferenceOptions = {}): Promise<ReferenceReport> {
  const start = performance.now();
  using set = await FileSet.open(paths, options);
  const files = set.files.map((contents) => withContext({ file: contents.file.path }, () => checkFileReferences(contents, set.resolver)));
  const sum = (count: keyof ReferenceCounts): number => files.reduce((total, file) => total + file[count], 0);
  return {
    files,
    others: set.others,
    unreadable: set.unreadable,
    resolved: sum('resolved'),
    foreign: sum('foreign'),
    dangling: sum('dangling'),
    seconds: (performance.now() - start) / 1000,
  };
}

/**
 * Follows one token text. A token without file (zero GUID, `<localDB>`) belongs to the first file.
 * @throws UsageError when the text is no token, or without POOL files
 */
export async function followToken(text: string, paths: readonly string[], options: ReferenceOptions = {}): Promise<TokenTarget> {
  using set = await FileSet.open(paths, options);
  const [first] = set.files;
  if (first === undefined) throw new UsageError('no POOL file given in which the token could be followed');
  const token = givenToken(text);
  const isOwn = token.db === ZERO_GUID || token.db === LOCAL_DB;
  const found = set.resolver.resolve(isOwn ? { ...token, db: first.fid } : token);
  if (found.status === 'foreign') return { status: 'foreign', reason: `no file given has the FID ${token.db}` };
  if (found.status === 'dangling') return found;
  const { contents, container, row } = found;
  return { status: 'resolved', file: contents.file.path, container: container.name, row, rowCount: container.rowCount };
}

function givenToken(text: string): Token {
  try {
    return parseToken(text);
  } catch (err) {
    throw isPoolMergeError(err) ? new UsageError(err.reason) : err;
  }
}

/** Open POOL files and what resolves references among them. */
class FileSet {
  readonly files: PoolContents[] = [];
  readonly others: string[] = [];
  readonly unreadable: { file: string; reason: string }[] = [];
  readonly resolver: Resolver;
  readonly #opened: PoolContents[] = [];
  readonly #catalog: { path: string; catalog: Catalog } | undefined;
  readonly #missing = new Set<string>();

  private constructor(catalog: { path: string; catalog: Catalog } | undefined) {
    this.#catalog = catalog;
    this.resolver = new Resolver((fid) => this.#fromCatalog(fid));
  }

  static async open(paths: readonly string[], options: ReferenceOptions): Promise<FileSet> {
    const { catalog: path } = options;
    const set = new FileSet(path === undefined ? undefined : { path, catalog: await readCatalog(path) });
    try {
      for (const path of paths) set.#add(path);
    } catch (err) {
      set[Symbol.dispose]();
      throw err;
    }
    return set;
  }

  #add(path: string): void {
    const file = openRootFile(path);
    if (!isPoolFile(file)) {
      file.close();
      this.others.push(path);
      return;
    }
    const contents = contentsOf(file);
    this.#opened.push(contents);
    const same = this.files.find((other) => other.fid.toUpperCase() === contents.fid.toUpperCase());
    if (same !== undefined) throw new UsageError(`has the same FID as ${same.file.path}: ${contents.fid}`, { file: path });
    this.files.push(contents);
    this.resolver.add(contents);
  }

  /** The first readable path of a FID; paths that cannot be read are told once. */
  #fromCatalog(fid: string): PoolContents | undefined {
    if (this.#catalog === undefined || this.#missing.has(fid)) return undefined;
    for (const path of pathsOfFid(this.#catalog.catalog, this.#catalog.path, fid)) {
      try {
        const contents = openPoolFile(path);
        this.#opened.push(contents);
        if (contents.fid.toUpperCase() === fid || contents.bookkeeping.earlierFids.some((earlier) => earlier.toUpperCase() === fid)) {
          return contents;
        }
        this.unreadable.push({ file: path, reason: `has the FID ${contents.fid}, the catalog says ${fid}` });
      } catch (err) {
        if (!isPoolMergeError(err, 'CORRUPT_FILE', 'UNREADABLE_FILE', 'UNSUPPORTED')) throw err;
        this.unreadable.push({ file: path, reason: err.reason });
      }
    }
    this.#missing.add(fid);
    return undefined;
  }

  [Symbol.dispose](): void {
    for (const { file } of this.#opened) file.close();
  }
}
