/** The inputs of a merge seen as POOL files, and what makes it impossible to merge them as such. */
import { isPoolMergeError } from '../../errors.ts';
import { containerPlace } from '../../io/pool/bookkeeping.ts';
import { HEADER_CLASS_IDS } from '../../io/pool/data-header.ts';
import { PoolContents } from '../../io/pool/pool-contents.ts';
import { isPoolFile } from '../../io/pool/pool-file.ts';
import { TECHNOLOGY } from '../../io/pool/token.ts';
import type { InputFile } from '../inputs.ts';
import { readLedger, type Ancestor } from './ledger.ts';

/** One input with its bookkeeping and containers. */
export interface PoolInput {
  input: InputFile;
  contents: PoolContents;
  /** Files that it was merged from. */
  ancestors: readonly Ancestor[];
}

/** Something that does not fit; `input` undefined: all are concerned. */
export interface PoolProblem {
  code: string;
  reason: string;
  input: InputFile | undefined;
}

/** Inputs and problems; no inputs when none is a POOL file. */
export interface PoolInputs {
  inputs: PoolInput[];
  problems: PoolProblem[];
}

/** Reads the bookkeeping of all inputs if one of them is a POOL file. */
export function readPoolInputs(files: readonly InputFile[]): PoolInputs {
  const isPool = files.map(({ file }) => isPoolFile(file));
  if (!isPool.includes(true)) return { inputs: [], problems: [] };
  const problems: PoolProblem[] = [];
  files.forEach((input, i) => {
    if (isPool[i] === false) {
      problems.push({
        code: 'pool-mixed',
        reason: 'is no POOL file (it has no ##Params), others are: their references could not be kept',
        input,
      });
    }
  });
  const inputs = files.flatMap((input, i) =>
    isPool[i] === true ? [{ input, contents: new PoolContents(input.file, input.infos), ancestors: readLedger(input) }] : [],
  );
  problems.push(...sameFids(inputs), ...differingStorage(inputs), ...inputs.flatMap(unlinkedHeaders), ...sharedKeyContainers(inputs));
  return { inputs, problems };
}

/**
 * One FID in two inputs, be it that of a file joined or merged into one: references could not be told apart, or its
 * events were there twice.
 */
function sameFids(inputs: readonly PoolInput[]): PoolProblem[] {
  const owners = new Map<string, PoolInput>();
  const problems: PoolProblem[] = [];
  for (const owner of inputs) {
    const isMerged = (fid: string, { ancestors }: PoolInput): boolean => ancestors.some((ancestor) => ancestor.fid.toUpperCase() === fid);
    for (const name of new Set(fidsOf(owner))) {
      const other = owners.get(name);
      if (other === undefined) owners.set(name, owner);
      else {
        const isHeldByBoth = isMerged(name, owner) || isMerged(name, other);
        const reason = isHeldByBoth
          ? `holds the file with the FID ${name}, and ${other.input.path} does, too: its rows would be there twice`
          : `has the FID ${name} of ${other.input.path}`;
        problems.push({ code: 'pool-same-fid', reason, input: owner.input });
      }
    }
  }
  return problems;
}

/** Trees in which files keep DataHeaders. Source: ATLAS athena Database/APR/StorageSvc/APRDefaults.h; older names as measured. */
const HEADER_TREES = ['POOLContainer', 'POOLContainer_DataHeader', 'DataHeader', 'MetaDataHdr', 'MetaDataHdrDataHeader'] as const;

/** Trees of headers that no link of their file names: their references would be copied as they are, and lead elsewhere. */
function unlinkedHeaders({ input, contents }: PoolInput): PoolProblem[] {
  const linked = new Set(contents.headerContainers().map(({ container }) => containerPlace(container.name).tree));
  const trees = HEADER_TREES.filter(
    (name) => !linked.has(name) && ((contents.containers.tree(name)?.reader ?? contents.containers.tuple(name))?.entryCount ?? 0) > 0,
  );
  const problem = (what: string): PoolProblem => ({
    code: 'pool-reference',
    reason: `its ${what} holds DataHeaders, but no row of ##Links names it as a container of this file`,
    input,
  });
  return [
    ...trees.map((name) => problem(`tree ${name}`)),
    ...contents.unlinkedHeaders().map(({ store, column }) => problem(`column ${column} of ${store}`)),
  ];
}

/**
 * Containers of keys (technology 201) that several inputs have: row n of one is the key `_pool_valid_n`, in eight
 * digits, of a directory, so their rows have equal names. Source: ATLAS athena
 * Database/APR/RootStorageSvc/src/RootKeyContainer.cpp.
 */
function sharedKeyContainers(inputs: readonly PoolInput[]): PoolProblem[] {
  const owners = new Map<string, PoolInput>();
  return inputs.flatMap((pool) =>
    keyContainers(pool).flatMap((name): PoolProblem[] => {
      const other = owners.get(name);
      if (other === undefined) owners.set(name, pool);
      const reason = `has the container ${name} of keys (technology 201), as ${other?.input.path} has: its rows are not moved`;
      return other === undefined ? [] : [{ code: 'unsupported', reason, input: pool.input }];
    }),
  );
}

function keyContainers({ contents }: PoolInput): string[] {
  const { keys } = contents.file.root;
  const directories = new Set(
    Array.from({ length: keys.count }, (_, i) => (keys.className(i).startsWith('TDirectory') ? keys.name(i) : '')),
  );
  const names = contents
    .localLinks()
    .flatMap(({ token: { technology, container } }) => (technology === TECHNOLOGY.keys ? [container.replace(/^\//, '')] : []));
  return [...new Set(names)].filter((name) => directories.has(name.split('/')[0] as string));
}

/** How a file stores events, in words. */
interface Storage {
  headers: string;
  technology: string;
}

const VERSIONS: readonly (readonly [string, string])[] = [
  [HEADER_CLASS_IDS.headerP3, 'p3'],
  [HEADER_CLASS_IDS.headerP4, 'p4'],
  [HEADER_CLASS_IDS.headerP5, 'p5'],
  [HEADER_CLASS_IDS.headerP6, 'p6'],
];
const TECHNOLOGIES: Readonly<Record<number, string>> = {
  [TECHNOLOGY.tree]: 'trees',
  [TECHNOLOGY.treeIndex]: 'trees with index_ref',
  [TECHNOLOGY.rntuple]: 'RNTuples',
};

function storageOf({ contents }: PoolInput): Storage {
  const links = contents.localLinks();
  const versions = VERSIONS.filter(([id]) => links.some(({ token }) => token.classId.toUpperCase() === id)).map(([, name]) => name);
  const technologies = Object.entries(TECHNOLOGIES).filter(([technology]) =>
    contents.headerContainers().some(({ container, kind }) => {
      if (kind === 'metadata') return false;
      return links.some(({ token }) => token.container === container.name && token.technology === Number(technology));
    }),
  );
  return { headers: versions.join(' and '), technology: technologies.map(([, name]) => name).join(' and ') };
}

/** References of one storage cannot be written in another. A file without headers fits any. */
function differingStorage(inputs: readonly PoolInput[]): PoolProblem[] {
  const problems: PoolProblem[] = [];
  let first: { storage: Storage; path: string } | undefined;
  for (const pool of inputs) {
    const storage = storageOf(pool);
    if (storage.technology === '') continue;
    if (first === undefined) first = { storage, path: pool.input.path };
    else if (storage.headers !== first.storage.headers || storage.technology !== first.storage.technology) {
      const [mine, theirs] = [storage, first.storage].map(({ headers, technology }) => `DataHeaders ${headers} in ${technology}`);
      problems.push({ code: 'pool-storage', reason: `stores ${mine}, ${first.path} ${theirs}`, input: pool.input });
    }
  }
  return problems;
}

/** FIDs under which references may name an input: its own, and those of the files it was joined or merged from. */
export function fidsOf({ contents, ancestors }: PoolInput): string[] {
  return [contents.fid, ...contents.bookkeeping.earlierFids, ...ancestors.map(({ fid }) => fid)].map((fid) => fid.toUpperCase());
}

/** A file that was merged into an input. */
export interface MergedAncestor {
  /** The input. */
  contents: PoolContents;
  ancestor: Ancestor;
}

/** Files that were merged into inputs, by FID in capitals; a file that is an input itself, or was joined into one, stands for itself. */
export function mergedAncestors(inputs: readonly PoolInput[]): Map<string, MergedAncestor> {
  const merged = new Map<string, MergedAncestor>();
  for (const { contents, ancestors } of inputs) for (const ancestor of ancestors) merged.set(ancestor.fid, { contents, ancestor });
  for (const {
    contents: { fid, bookkeeping },
  } of inputs) {
    for (const own of [fid, ...bookkeeping.earlierFids]) merged.delete(own.toUpperCase());
  }
  return merged;
}

/** Runs `read`; damage and missing features become a problem of the input. */
export function asProblem(pool: PoolInput, problems: PoolProblem[], read: () => void): void {
  try {
    read();
  } catch (err) {
    if (!isPoolMergeError(err, 'CORRUPT_FILE', 'UNSUPPORTED')) throw err;
    const where = err.objectPath === undefined ? '' : `${err.objectPath}: `;
    const problem: PoolProblem = { code: 'pool-reference', reason: `${where}${err.reason}`, input: pool.input };
    problems.push(err.code === 'UNSUPPORTED' ? { ...problem, code: 'unsupported' } : problem);
  }
}
