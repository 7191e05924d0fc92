/** The objects a written tree consists of: TTree, TBranch or TBranchElement, and leaves, with all members. */
import { OBJECT_LIST_OWNER, type RootList, type RootObject } from '../streamer/root-object.ts';
import { ENTRY_OFFSET_LENGTH, type BranchWriter } from './branch-writer.ts';
import { STRING_CLASS, STRING_VECTOR, type BasicLayout } from './leaf-layouts.ts';

/** What a tree object says of its tree. */
interface TreeState {
  name: string;
  title: string;
  basketBytes: number;
  branches: readonly BranchWriter[];
  autoFlush: number;
  flushedBytes: number;
  entryCount: number;
}

/** fMaxBaskets is at least this. */
const MIN_BASKETS = 10;
/** TBranch::kDoNotUseBufferMap, as ROOT 6 stores it. */
const BRANCH_BITS = 0x40_0000;

const NO_FEATURES = { _typename: 'ROOT::TIOFeatures', fIOBits: 0 };
const FILL = { fFillColor: 0, fFillStyle: 1001 };
const TREE_MEMBERS = {
  fUniqueID: 0, fBits: 8, fLineColor: 602, fLineStyle: 1, fLineWidth: 1, ...FILL, fMarkerColor: 1, fMarkerStyle: 1, fMarkerSize: 1, fSavedBytes: 0,
  fWeight: 1, fTimerInterval: 0, fScanField: 25, fUpdate: 0, fDefaultEntryOffsetLen: ENTRY_OFFSET_LENGTH, fNClusterRange: 0, fMaxEntries: 1e12,
  fMaxEntryLoop: 1e12, fMaxVirtualSize: 0, fAutoSave: -300_000_000, fEstimate: 1_000_000, fClusterRangeEnd: [], fClusterSize: [],
  fIOFeatures: NO_FEATURES, fAliases: null, fIndexValues: [], fIndex: [], fTreeIndex: null, fFriends: null, fUserInfo: null, fBranchRef: null,
};
const ELEMENT_MEMBERS = { fParentName: '', fClonesName: '', fID: -1, fStreamerType: -1, fMaximum: 0, fBranchCount: null, fBranchCount2: null };

/** The TTree object of a tree whose baskets are written. */
export function treeObject(tree: TreeState, compression = 0): RootObject {
  const leaves = new Map<string, RootObject>();
  const counters = new Set(tree.branches.map(({ column }) => column.counter));
  const branches = tree.branches.map((branch) => {
    const leaf = leafObject(branch, counters.has(branch.column.name), leaves);
    leaves.set(branch.column.name, leaf);
    return branchObject(branch, leaf, { fCompress: compression, fBasketSize: tree.basketBytes });
  });
  const sum = (of: (branch: BranchWriter) => number): number => tree.branches.reduce((total, branch) => total + of(branch), 0);
  return {
    _typename: 'TTree', ...TREE_MEMBERS, fName: tree.name, fTitle: tree.title, fEntries: tree.entryCount, fTotBytes: sum((b) => b.totBytes),
    fZipBytes: sum((b) => b.zipBytes), fFlushedBytes: tree.flushedBytes, fAutoFlush: tree.autoFlush,
    fBranches: { ...objArray(branches), fBits: OBJECT_LIST_OWNER }, fLeaves: objArray([...leaves.values()]),
  };
}

function objArray(arr: RootObject[]): RootList {
  return { _typename: 'TObjArray', fUniqueID: 0, fBits: 0, name: '', arr };
}

function branchObject(branch: BranchWriter, leaf: RootObject, settings: object): RootObject {
  const { column, seeks, nbytes, firstEntries, entryCount } = branch;
  const fMaxBaskets = Math.max(MIN_BASKETS, seeks.length + 1);
  const padded = (values: readonly number[]): Float64Array => {
    const all = new Float64Array(fMaxBaskets);
    all.set(values);
    return all;
  };
  const object = {
    fUniqueID: 0, fBits: BRANCH_BITS, fName: column.name, fTitle: branchTitle(branch, String(leaf['fTitle'])), ...FILL, ...settings,
    fEntryOffsetLen: branch.isVariable ? ENTRY_OFFSET_LENGTH : 0, fWriteBasket: seeks.length, fEntryNumber: entryCount, fIOFeatures: NO_FEATURES,
    fOffset: 0, fMaxBaskets, fSplitLevel: 0, fEntries: entryCount, fFirstEntry: 0, fTotBytes: branch.totBytes, fZipBytes: branch.zipBytes,
    fBranches: objArray([]), fLeaves: objArray([leaf]), fBaskets: objArray([]), fBasketBytes: padded(nbytes),
    // The entry behind the last one ends the table: without it the last basket cannot be read.
    fBasketEntry: padded([...firstEntries, entryCount]), fBasketSeek: padded(seeks), fFileName: '',
  };
  const stored = storedClass(branch);
  if (stored === undefined) return { _typename: 'TBranch', ...object };
  const { className, checksum, version, type, splitLevel } = stored;
  return {
    _typename: 'TBranchElement', ...object, ...ELEMENT_MEMBERS, fSplitLevel: splitLevel,
    fClassName: className, fCheckSum: checksum, fClassVersion: version, fType: type,
  };
}

/** The title of a branch is its leaf list; that of an object is its name. */
function branchTitle({ column, layout }: BranchWriter, leafTitle: string): string {
  if (column.title !== undefined) return column.title;
  if (column.type === 'text') return `${leafTitle}/C`;
  return layout !== undefined && !column.type.startsWith('vector') ? `${leafTitle}/${layout.letter}` : column.name;
}

/** What a branch of objects says of their class; undefined for a branch of leaves. */
function storedClass({ column, layout }: BranchWriter): { className: string; checksum: number; version: number; type: number; splitLevel: number } | undefined {
  if (column.type === 'string') return { className: STRING_CLASS[0], checksum: STRING_CLASS[1], version: 2, type: -1, splitLevel: 0 };
  if (!column.type.startsWith('vector')) return undefined;
  const [className, checksum] = layout === undefined ? STRING_VECTOR : [`vector<${layout.vector[0]}>`, layout.vector[1]];
  return { className, checksum, version: 6, type: 0, splitLevel: 99 };
}

function leafObject(branch: BranchWriter, isCounter: boolean, leaves: ReadonlyMap<string, RootObject>): RootObject {
  const { column, layout } = branch;
  const common = { fUniqueID: 0, fBits: 0, fName: column.name, fTitle: column.name, fLen: 1, fOffset: 0, fIsRange: 0, fIsUnsigned: 0, fLeafCount: null };
  const stored = storedClass(branch);
  if (stored !== undefined) return { _typename: 'TLeafElement', ...common, fLenType: 0, fID: -1, fType: -1 };
  if (layout === undefined) return { _typename: 'TLeafC', ...common, fLen: Math.max(1, branch.maximum), fLenType: 1, fMinimum: 0, fMaximum: branch.maximum };
  return basicLeaf(branch, layout, { ...common, fIsRange: Number(isCounter), fLeafCount: leaves.get(column.counter ?? '') ?? null, fMaximum: isCounter ? branch.maximum : 0 });
}

function basicLeaf({ column, valueCount }: BranchWriter, layout: BasicLayout, members: object): RootObject {
  const lengths = [...(column.counter === undefined ? [] : [column.counter]), ...(column.shape ?? [])];
  const fTitle = column.name + lengths.map((length) => `[${length}]`).join('');
  return { _typename: layout.leafClass, ...members, fTitle, fLen: valueCount, fLenType: layout.width, fIsUnsigned: Number(layout.unsigned), fMinimum: 0 };
}
