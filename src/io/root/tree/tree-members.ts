/** The objects a written tree consists of: TTree, TBranch or TBranchElement, and leaves, with all members. */
import { OBJECT_LIST_OWNER, type RootList, type RootObject } from '../streamer/root-object.ts';
import { OFFSET_L, TypeCode, basicTypeOf } from '../streamer/type-codes.ts';
import { ENTRY_OFFSET_LENGTH, type BranchWriter } from './branch-writer.ts';
import { STRING_CLASS, STRING_VECTOR, type BasicLayout } from './leaf-layouts.ts';
import { WHOLE_OBJECT, type ObjectColumn, type ObjectPart } from './object-column.ts';

/** A column of a tree with its branches: several where objects are split. */
export interface TreeColumn {
  branches: readonly BranchWriter[];
  /** The column, where it holds objects that are split into their members. */
  split: { object: ObjectColumn; checksum: number } | undefined;
}

/** What a tree object says of its tree. */
interface TreeState {
  name: string;
  title: string;
  basketBytes: number;
  columns: readonly TreeColumn[];
  branches: readonly BranchWriter[];
  autoFlush: number;
  flushedBytes: number;
  entryCount: number;
}

/** fMaxBaskets is at least this. */
const MIN_BASKETS = 10;
/** TBranch::kDoNotUseBufferMap, as ROOT 6 stores it. */
const BRANCH_BITS = 0x40_0000;
/** TBranchElement::kBranchObject: the branch of an object, not of a member. */
const OBJECT_BITS = 0x02_0000;
/** fID of a branch whose members have branches of their own. */
const SPLIT_OBJECT = -2;
/** fSplitLevel of the branch of an object that is split; of branches that could be split further it is one less. */
const SPLIT_LEVEL = 99;

const NO_FEATURES = { _typename: 'ROOT::TIOFeatures', fIOBits: 0 };
const FILL = { fFillColor: 0, fFillStyle: 1001 };
const TREE_MEMBERS = {
  fUniqueID: 0, fBits: 8, fLineColor: 602, fLineStyle: 1, fLineWidth: 1, ...FILL, fMarkerColor: 1, fMarkerStyle: 1, fMarkerSize: 1, fSavedBytes: 0,
  fWeight: 1, fTimerInterval: 0, fScanField: 25, fUpdate: 0, fDefaultEntryOffsetLen: ENTRY_OFFSET_LENGTH, fNClusterRange: 0, fMaxEntries: 1e12,
  fMaxEntryLoop: 1e12, fMaxVirtualSize: 0, fAutoSave: -300_000_000, fEstimate: 1_000_000, fClusterRangeEnd: [], fClusterSize: [],
  fIOFeatures: NO_FEATURES, fAliases: null, fIndexValues: [], fIndex: [], fTreeIndex: null, fFriends: null, fUserInfo: null, fBranchRef: null,
};
/** Members of branches that are the same in all of them. */
const BRANCH_MEMBERS = { fUniqueID: 0, ...FILL, fIOFeatures: NO_FEATURES, fOffset: 0, fFirstEntry: 0, fBaskets: objArray([]), fFileName: '' };
const LEAF_MEMBERS = { fUniqueID: 0, fBits: 0, fLen: 1, fLenType: 0, fOffset: 0, fIsRange: 0, fIsUnsigned: 0, fLeafCount: null };
const ELEMENT_MEMBERS = { fParentName: '', fClonesName: '', fID: -1, fStreamerType: -1, fMaximum: 0, fBranchCount: null, fBranchCount2: null };

/** Makes the branches of a tree; all leaves come together in the order of their branches. */
class BranchObjects {
  readonly leaves: RootObject[] = [];
  readonly #counters: ReadonlySet<string | undefined>;
  readonly #counterLeaves: Map<string, RootObject> = new Map();
  readonly #settings: { fCompress: number; fBasketSize: number };
  readonly #entryCount: number;

  constructor(tree: TreeState, compression: number) {
    this.#counters = new Set(tree.branches.map(({ column }) => column.counter));
    this.#settings = { fCompress: compression, fBasketSize: tree.basketBytes };
    this.#entryCount = tree.entryCount;
  }

  of({ branches, split }: TreeColumn): RootObject[] {
    return split === undefined ? branches.map((branch) => this.#branch(branch)) : [this.#splitObject(split, branches)];
  }

  #branch(branch: BranchWriter): RootObject {
    const { name } = branch.column;
    const isCounter = branch.part === undefined && this.#counters.has(name);
    const leaf = leafObject(branch, isCounter, this.#counterLeaves);
    if (isCounter) this.#counterLeaves.set(name, leaf);
    this.leaves.push(leaf);
    return branchObject(branch, leaf, this.#settings);
  }

  #splitObject({ object, checksum }: { object: ObjectColumn; checksum: number }, branches: readonly BranchWriter[]): RootObject {
    const { name, layout } = object;
    const leaf = { _typename: 'TLeafElement', ...LEAF_MEMBERS, fName: name, fTitle: name, fID: SPLIT_OBJECT, fType: -1 };
    this.leaves.push(leaf);
    return {
      _typename: 'TBranchElement', ...BRANCH_MEMBERS, ...ELEMENT_MEMBERS, ...this.#settings, fBits: BRANCH_BITS | OBJECT_BITS, fName: name, fTitle: name,
      fEntryOffsetLen: ENTRY_OFFSET_LENGTH, fWriteBasket: 0, fEntryNumber: this.#entryCount, fMaxBaskets: MIN_BASKETS, fSplitLevel: SPLIT_LEVEL,
      fEntries: this.#entryCount, fTotBytes: 0, fZipBytes: 0, fBranches: objArray(branches.map((branch) => this.#branch(branch))), fLeaves: objArray([leaf]),
      fBasketBytes: new Float64Array(MIN_BASKETS), fBasketEntry: new Float64Array(MIN_BASKETS), fBasketSeek: new Float64Array(MIN_BASKETS),
      fClassName: layout.className, fCheckSum: checksum, fClassVersion: layout.classVersion, fType: 0, fID: SPLIT_OBJECT,
    };
  }
}

/** The TTree object of a tree whose baskets are written. */
export function treeObject(tree: TreeState, compression = 0): RootObject {
  const objects = new BranchObjects(tree, compression);
  const branches = tree.columns.flatMap((column) => objects.of(column));
  const sum = (of: (branch: BranchWriter) => number): number => tree.branches.reduce((total, branch) => total + of(branch), 0);
  return {
    _typename: 'TTree', ...TREE_MEMBERS, fName: tree.name, fTitle: tree.title, fEntries: tree.entryCount, fTotBytes: sum((b) => b.totBytes),
    fZipBytes: sum((b) => b.zipBytes), fFlushedBytes: tree.flushedBytes, fAutoFlush: tree.autoFlush,
    fBranches: { ...objArray(branches), fBits: OBJECT_LIST_OWNER }, fLeaves: objArray(objects.leaves),
  };
}

function objArray(arr: RootObject[]): RootList {
  return { _typename: 'TObjArray', fUniqueID: 0, fBits: 0, name: '', arr };
}

function branchObject(branch: BranchWriter, leaf: RootObject, settings: object): RootObject {
  const { seeks, nbytes, firstEntries, entryCount, part } = branch;
  const fMaxBaskets = Math.max(MIN_BASKETS, seeks.length + 1);
  const padded = (values: readonly number[]): Float64Array => {
    const all = new Float64Array(fMaxBaskets);
    all.set(values);
    return all;
  };
  const object = {
    ...BRANCH_MEMBERS, fBits: part?.id === WHOLE_OBJECT ? OBJECT_BITS : BRANCH_BITS, fName: branch.name, fTitle: branchTitle(branch, String(leaf['fTitle'])), ...settings,
    fEntryOffsetLen: branch.isVariable ? ENTRY_OFFSET_LENGTH : 0, fWriteBasket: seeks.length, fEntryNumber: entryCount, fMaxBaskets, fSplitLevel: 0,
    fEntries: entryCount, fTotBytes: branch.totBytes, fZipBytes: branch.zipBytes, fBranches: objArray([]), fLeaves: objArray([leaf]), fBasketBytes: padded(nbytes),
    // The entry behind the last one ends the table: without it the last basket cannot be read.
    fBasketEntry: padded([...firstEntries, entryCount]), fBasketSeek: padded(seeks),
  };
  if (part !== undefined) return { _typename: 'TBranchElement', ...object, ...ELEMENT_MEMBERS, ...partMembers(branch, part) };
  const stored = storedClass(branch);
  if (stored === undefined) return { _typename: 'TBranch', ...object };
  const { className, checksum, version, type, splitLevel } = stored;
  return {
    _typename: 'TBranchElement', ...object, ...ELEMENT_MEMBERS, fSplitLevel: splitLevel,
    fClassName: className, fCheckSum: checksum, fClassVersion: version, fType: type,
  };
}

/** What the branch of a member, or of a whole object, says of its class. */
function partMembers(branch: BranchWriter, { object: { layout }, checksum, id }: ObjectPart): object {
  const owner = { fClassName: layout.className, fCheckSum: checksum, fClassVersion: layout.classVersion, fType: 0, fID: id };
  if (id === WHOLE_OBJECT) return owner;
  const fStreamerType = streamerType(branch);
  return { ...owner, fParentName: layout.className, fStreamerType, fSplitLevel: fStreamerType === TypeCode.stl ? 0 : SPLIT_LEVEL - 1 };
}

/** fStreamerType of a member. */
function streamerType({ column, layout }: BranchWriter): number {
  if (layout === undefined || column.type.startsWith('vector')) return TypeCode.stl;
  return basicTypeOf(layout.vector[0]) + (column.shape === undefined ? 0 : OFFSET_L);
}

/** The title of a branch is its leaf list; that of an object is its name. */
function branchTitle({ column, layout, part, name }: BranchWriter, leafTitle: string): string {
  if (part !== undefined) return name;
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
  const common = { ...LEAF_MEMBERS, fName: column.name, fTitle: column.name };
  if (branch.part !== undefined) return partLeaf(branch, branch.part);
  const stored = storedClass(branch);
  if (stored !== undefined) return { _typename: 'TLeafElement', ...common, fLenType: 0, fID: -1, fType: -1 };
  if (layout === undefined) return { _typename: 'TLeafC', ...common, fLen: Math.max(1, branch.maximum), fLenType: 1, fMinimum: 0, fMaximum: branch.maximum };
  return basicLeaf(branch, layout, { ...common, fIsRange: Number(isCounter), fLeafCount: leaves.get(column.counter ?? '') ?? null, fMaximum: isCounter ? branch.maximum : 0 });
}

function partLeaf(branch: BranchWriter, { id }: ObjectPart): RootObject {
  const { layout, name, valueCount, column } = branch;
  const leaf = { _typename: 'TLeafElement', ...LEAF_MEMBERS, fName: name.replace(/\[.*$/, ''), fTitle: name, fID: id };
  if (id === WHOLE_OBJECT) return { ...leaf, fType: -1 };
  const fType = streamerType(branch);
  if (layout === undefined || column.type.startsWith('vector')) return { ...leaf, fType };
  return { ...leaf, fType, fLen: valueCount, fLenType: layout.width, fIsUnsigned: Number(layout.unsigned) };
}

function basicLeaf({ column, valueCount }: BranchWriter, layout: BasicLayout, members: object): RootObject {
  const lengths = [...(column.counter === undefined ? [] : [column.counter]), ...(column.shape ?? [])];
  const fTitle = column.name + lengths.map((length) => `[${length}]`).join('');
  return { _typename: layout.leafClass, ...members, fTitle, fLen: valueCount, fLenType: layout.width, fIsUnsigned: Number(layout.unsigned), fMinimum: 0 };
}
