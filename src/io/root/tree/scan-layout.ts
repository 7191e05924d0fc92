/**
 * Scan layouts: a class plan reduced to what merging needs to know about a tree, so that the 1500
 * branches of a tree are found in 2 ms. Everything else is stepped over by its width or byte count.
 */
import { UnsupportedError } from '../../../errors.ts';
import type { ClassPlan, Step } from '../streamer/class-plan.ts';
import type { InfoSet } from '../streamer/info-set.ts';
import { TypeCode } from '../streamer/type-codes.ts';

function columnsOf<const Names extends readonly string[]>(names: Names): Readonly<Record<Names[number], number>> {
  return Object.fromEntries(names.map((name, i) => [name, i])) as Record<Names[number], number>;
}

const TREE_NAMES = [
  'fName',
  'fTitle',
  'fEntries',
  'fTotBytes',
  'fZipBytes',
  'fSavedBytes',
  'fFlushedBytes',
  'fAutoFlush',
  'fNClusterRange',
  'fClusterRangeEnd',
  'fClusterSize',
  'fAliases',
  'fIndexValues',
  'fIndex',
  'fTreeIndex',
  'fFriends',
  'fUserInfo',
  'fBranchRef',
  'fWeight',
  'fBits',
] as const;
const BRANCH_NAMES = [
  'fName',
  'fTitle',
  'fCompress',
  'fEntryOffsetLen',
  'fWriteBasket',
  'fEntryNumber',
  'fIOFeatures',
  'fMaxBaskets',
  'fSplitLevel',
  'fEntries',
  'fFirstEntry',
  'fTotBytes',
  'fZipBytes',
  'fBaskets',
  'fBasketsEnd',
  'fBasketBytes',
  'fBasketEntry',
  'fBasketSeek',
  'fFileName',
  'fClassName',
  'fClonesName',
  'fCheckSum',
  'fClassVersion',
  'fID',
  'fType',
  'fStreamerType',
  'fMaximum',
  'fRefTable',
  'fBits',
] as const;
const LEAF_NAMES = ['fName', 'fTitle', 'fLen', 'fLenType', 'fIsUnsigned', 'fMinimum', 'fMaximum', 'fID', 'fType'] as const;

/** Columns of a tree's member table. Pointers and objects: payload index of their first word; arrays: of their flag byte. */
export const TREE: Readonly<Record<(typeof TREE_NAMES)[number], number>> = columnsOf(TREE_NAMES);
/**
 * Columns of the branches' member table. Arrays: payload index of the flag byte. fBaskets: of the number of its slots,
 * which begin 8 bytes on and end at fBasketsEnd.
 */
export const BRANCH: Readonly<Record<(typeof BRANCH_NAMES)[number], number>> = columnsOf(BRANCH_NAMES);
/** Columns of the leaves' member table. */
export const LEAF: Readonly<Record<(typeof LEAF_NAMES)[number], number>> = columnsOf(LEAF_NAMES);
/** Number of columns of each table. */
export const COLUMN_COUNTS: { tree: number; branch: number; leaf: number } = {
  tree: TREE_NAMES.length,
  branch: BRANCH_NAMES.length,
  leaf: LEAF_NAMES.length,
};

/** What kind of object a layout describes. */
export type ScannedKind = 'tree' | 'branch' | 'leaf';
const COLUMNS: Readonly<Record<ScannedKind, Readonly<Record<string, number>>>> = { tree: TREE, branch: BRANCH, leaf: LEAF };

/** What an operation of a scan does at the cursor. */
export type ScanOpKind =
  /** Remember a member at `size` bytes from here; does not move. */
  | 'mark'
  | 'skip'
  | 'string'
  /** TObject: version, id, bits; the column is that of the bits. */
  | 'tobject'
  /** Step over a framed object by its byte count. */
  | 'framed'
  /** TArrayX: i32 count, then values of `size` bytes. */
  | 'counted'
  /** Base class with members of interest. */
  | 'base'
  | 'pointer'
  /** Flag byte, then as many values of `size` bytes as the member in column `counter` says. */
  | 'array'
  /** The same in old branches: the values are there whatever the flag; 2 means 8 bytes each. */
  | 'old-array'
  | 'branches'
  | 'leaves'
  | 'baskets'
  | 'leaf-pointer'
  | 'branch-pointer';

/** One operation. */
export interface ScanOp {
  kind: ScanOpKind;
  /** Column to fill; -1: none. */
  column: number;
  type: number;
  /** Bytes, see the kinds. */
  size: number;
  /** Column of the counter (array). */
  counter: number;
  /** Base class. */
  className: string;
}

/** Base classes whose members are of interest; the others are stepped over. */
const DESCENDED = new Set(['TNamed', 'TTree', 'TBranch', 'TLeaf', 'TBranchElement']);
/** Members that get an operation of their own. */
const SPECIAL: Readonly<Record<string, ScanOpKind>> = {
  fBranches: 'branches',
  fBaskets: 'baskets',
  fLeaves: 'leaves',
  fLeafCount: 'leaf-pointer',
  fBranchCount: 'branch-pointer',
  fBranchCount2: 'branch-pointer',
  fBranchRef: 'branch-pointer',
};
const ARRAY_WIDTHS: Readonly<Record<string, number>> = {
  TArrayC: 1,
  TArrayS: 2,
  TArrayI: 4,
  TArrayL: 8,
  TArrayL64: 8,
  TArrayF: 4,
  TArrayD: 8,
};

/** An operation with defaults. */
function scanOp(kind: ScanOpKind, parts: Partial<ScanOp> = {}): ScanOp {
  return { kind, column: -1, type: 0, size: 0, counter: -1, className: '', ...parts };
}

/** Operations for one version of a class; UnsupportedError for members that cannot be stepped over. */
function compileScan(plan: ClassPlan, kind: ScannedKind): ScanOp[] {
  return plan.steps.flatMap((step) => compileStep(plan, step, kind));
}

function compileStep(plan: ClassPlan, step: Step, kind: ScannedKind): ScanOp[] {
  const column = COLUMNS[kind][step.name] ?? -1;
  if (step.kind === 'run') return runOps(step, kind);
  const special = SPECIAL[step.name];
  if (special !== undefined) return [scanOp(special, { column })];
  switch (step.kind) {
    case 'tstring':
      return [scanOp('string', { column })];
    case 'base':
      return [baseOp(step, kind)];
    case 'class': {
      const width = ARRAY_WIDTHS[step.className];
      return [width === undefined ? scanOp('framed', { column }) : scanOp('counted', { column, size: width })];
    }
    case 'stl':
      return [scanOp('framed', { column })];
    case 'pointer':
      return [scanOp('pointer', { column })];
    case 'array':
      return [scanOp('array', { column, type: step.type, size: step.width * step.count, counter: COLUMNS[kind][step.countName] ?? -1 })];
    default:
      throw new UnsupportedError(`member ${step.name} of ${plan.className} version ${plan.version} cannot be read`);
  }
}

function runOps(step: Step, kind: ScannedKind): ScanOp[] {
  const marks = step.fields
    .filter((field) => COLUMNS[kind][field.name] !== undefined)
    .map((field) => scanOp('mark', { column: COLUMNS[kind][field.name] as number, type: field.type, size: field.offset }));
  return [...marks, scanOp('skip', { size: step.size })];
}

function baseOp(step: Step, kind: ScannedKind): ScanOp {
  if (step.className === 'TObject') return scanOp('tobject', { column: COLUMNS[kind]['fBits'] ?? -1, type: TypeCode.int });
  return DESCENDED.has(step.className) ? scanOp('base', { className: step.className }) : scanOp('framed');
}

/** Layouts of one set of infos: by kind, class and version. */
export type LayoutCache = Record<ScannedKind, Map<string, (readonly ScanOp[])[]>>;
const LAYOUTS = new WeakMap<InfoSet, LayoutCache>();

/** The layouts compiled so far with these infos; to be passed to `scanLayout`. */
export function layoutCache(infos: InfoSet): LayoutCache {
  let cache = LAYOUTS.get(infos);
  if (cache === undefined) {
    cache = { tree: new Map(), branch: new Map(), leaf: new Map() };
    LAYOUTS.set(infos, cache);
  }
  return cache;
}

/** Operations for a class in a version, compiled once per set of infos; UnsupportedError when no info is known. */
export function scanLayout(cache: LayoutCache, infos: InfoSet, kind: ScannedKind, className: string, version: number): readonly ScanOp[] {
  let versions = cache[kind].get(className);
  if (versions === undefined) {
    versions = [];
    cache[kind].set(className, versions);
  }
  return (versions[version] ??= oldLayout(kind, className, version) ?? newLayout(infos, kind, className, version));
}

function newLayout(infos: InfoSet, kind: ScannedKind, className: string, version: number): ScanOp[] {
  const plan = infos.plan(className, version);
  if (plan === null) throw new UnsupportedError(`no streamer info for ${className} version ${version}`);
  return compileScan(plan, kind);
}

const mark = (column: number, size: number, type: number): ScanOp => scanOp('mark', { column, size, type });
const named: ScanOp[] = [scanOp('base', { className: 'TNamed' })];

/** TBranch up to version 9 and TTree up to version 4, whose members were streamed by hand; see streamer/walk-old-tree.ts. */
function oldLayout(kind: ScannedKind, className: string, version: number): ScanOp[] | undefined {
  if (className === 'TBranch' && version >= 6 && version <= 9) return oldBranch(version);
  if (className === 'TTree' && version <= 4) return oldTree(version);
  return undefined;
}

function oldBranch(version: number): ScanOp[] {
  const { int, double } = TypeCode;
  const counts = [BRANCH.fCompress, -1, BRANCH.fEntryOffsetLen, BRANCH.fWriteBasket, BRANCH.fEntryNumber, -1, BRANCH.fMaxBaskets];
  if (version > 6) counts.push(BRANCH.fSplitLevel);
  const array = (column: number): ScanOp => scanOp('old-array', { column, type: int, size: 4, counter: BRANCH.fMaxBaskets });
  return [
    ...named,
    ...(version > 7 ? [scanOp('framed')] : []),
    ...counts.flatMap((column, i) => (column < 0 ? [] : [mark(column, 4 * i, int)])),
    scanOp('skip', { size: 4 * counts.length }),
    mark(BRANCH.fEntries, 0, double),
    mark(BRANCH.fTotBytes, 8, double),
    mark(BRANCH.fZipBytes, 16, double),
    scanOp('skip', { size: 24 }),
    scanOp('branches'),
    scanOp('leaves'),
    scanOp('baskets'),
    array(BRANCH.fBasketBytes),
    array(BRANCH.fBasketEntry),
    array(BRANCH.fBasketSeek),
    scanOp('string', { column: BRANCH.fFileName }),
  ];
}

function oldTree(version: number): ScanOp[] {
  const { double } = TypeCode;
  return [
    ...named,
    ...Array.from({ length: 3 }, () => scanOp('framed')),
    mark(TREE.fEntries, 12, double),
    mark(TREE.fTotBytes, 20, double),
    mark(TREE.fZipBytes, 28, double),
    scanOp('skip', { size: 44 }),
    ...(version > 1 ? [scanOp('counted', { column: TREE.fIndexValues, size: 8 })] : []),
    scanOp('branches'),
    scanOp('leaves'),
  ];
}
