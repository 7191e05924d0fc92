/** The objects a written tree consists of: TTree, TBranch or TBranchElement, with all members; leaves: leaf-members.ts. */
import { OBJECT_LIST_OWNER, type RootList, type RootObject } from '../streamer/root-object.ts';
import { TypeCode } from '../streamer/type-codes.ts';
import { ENTRY_OFFSET_LENGTH } from './basket.ts';
import type { BranchWriter } from './branch-writer.ts';
import { LEAF_MEMBERS, leafObject, partLeaf, storedClass, streamerType } from './leaf-members.ts';
import type { ObjectColumn, ObjectPart } from './object-column.ts';
import { classChecksum } from '../streamer/written-class.ts';

/** A column of a tree with its branches: several where it holds objects. */
export interface TreeColumn {
  branches: readonly BranchWriter[];
  object: ObjectColumn | undefined;
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
  fUniqueID: 0,
  fBits: 8,
  fLineColor: 602,
  fLineStyle: 1,
  fLineWidth: 1,
  ...FILL,
  fMarkerColor: 1,
  fMarkerStyle: 1,
  fMarkerSize: 1,
  fSavedBytes: 0,
  fWeight: 1,
  fTimerInterval: 0,
  fScanField: 25,
  fUpdate: 0,
  fDefaultEntryOffsetLen: ENTRY_OFFSET_LENGTH,
  fNClusterRange: 0,
  fMaxEntries: 1e12,
  fMaxEntryLoop: 1e12,
  fMaxVirtualSize: 0,
  fAutoSave: -300_000_000,
  fEstimate: 1_000_000,
  fClusterRangeEnd: [],
  fClusterSize: [],
  fIOFeatures: NO_FEATURES,
  fAliases: null,
  fIndexValues: [],
  fIndex: [],
  fTreeIndex: null,
  fFriends: null,
  fUserInfo: null,
  fBranchRef: null,
};
/** Members of branches that are the same in all of them. */
const BRANCH_MEMBERS = {
  fUniqueID: 0,
  ...FILL,
  fIOFeatures: NO_FEATURES,
  fOffset: 0,
  fFirstEntry: 0,
  fBaskets: objArray([]),
  fFileName: '',
};
const ELEMENT_MEMBERS = {
  fParentName: '',
  fClonesName: '',
  fID: -1,
  fStreamerType: -1,
  fMaximum: 0,
  fBranchCount: null,
  fBranchCount2: null,
};

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

  of({ branches, object }: TreeColumn): RootObject[] {
    return object === undefined ? branches.map((branch) => this.#branch(branch, undefined)) : [this.#splitObject(object, branches)];
  }

  /** @param count for a member of a vector's objects: the branch with their number */
  #branch(branch: BranchWriter, count: RootObject | undefined): RootObject {
    const { name } = branch.column;
    const isCounter = branch.part === undefined && this.#counters.has(name);
    const leaf = branch.part === undefined ? leafObject(branch, isCounter, this.#counterLeaves) : partLeaf(branch, branch.part, count);
    if (isCounter) this.#counterLeaves.set(name, leaf);
    this.leaves.push(leaf);
    return branchObject(branch, leaf, { ...this.#settings, ...(count !== undefined && { fBranchCount: count }) });
  }

  /** The branches of an object, those of the members of a vector's objects inside of the one with their number. */
  #members(branches: readonly BranchWriter[]): RootObject[] {
    const made: RootObject[] = [];
    let [count, items]: [RootObject | undefined, RootObject[]] = [undefined, []];
    for (const branch of branches) {
      if (branch.part?.role === 'items') {
        items.push(this.#branch(branch, count));
        continue;
      }
      const object = this.#branch(branch, undefined);
      if (branch.part?.role === 'count') {
        [count, items] = [object, []];
        object['fBranches'] = objArray(items);
      }
      made.push(object);
    }
    return made;
  }

  #splitObject({ name, layout }: ObjectColumn, branches: readonly BranchWriter[]): RootObject {
    const leaf = { _typename: 'TLeafElement', ...LEAF_MEMBERS, fName: name, fTitle: name, fID: SPLIT_OBJECT, fType: -1 };
    this.leaves.push(leaf);
    return {
      _typename: 'TBranchElement',
      ...BRANCH_MEMBERS,
      ...ELEMENT_MEMBERS,
      ...this.#settings,
      fBits: BRANCH_BITS | OBJECT_BITS,
      fName: name,
      fTitle: name,
      fEntryOffsetLen: ENTRY_OFFSET_LENGTH,
      fWriteBasket: 0,
      fEntryNumber: this.#entryCount,
      fMaxBaskets: MIN_BASKETS,
      fSplitLevel: SPLIT_LEVEL,
      fEntries: this.#entryCount,
      fTotBytes: 0,
      fZipBytes: 0,
      fBranches: objArray(this.#members(branches)),
      fLeaves: objArray([leaf]),
      fBasketBytes: new Float64Array(MIN_BASKETS),
      fBasketEntry: new Float64Array(MIN_BASKETS),
      fBasketSeek: new Float64Array(MIN_BASKETS),
      fClassName: layout.className,
      fCheckSum: classChecksum(layout),
      fClassVersion: layout.classVersion,
      fType: 0,
      fID: SPLIT_OBJECT,
    };
  }
}

/** The TTree object of a tree whose baskets are written. */
export function treeObject(tree: TreeState, compression = 0): RootObject {
  const objects = new BranchObjects(tree, compression);
  const branches = tree.columns.flatMap((column) => objects.of(column));
  const sum = (of: (branch: BranchWriter) => number): number => tree.branches.reduce((total, branch) => total + of(branch), 0);
  return {
    _typename: 'TTree',
    ...TREE_MEMBERS,
    fName: tree.name,
    fTitle: tree.title,
    fEntries: tree.entryCount,
    fTotBytes: sum((b) => b.totBytes),
    fZipBytes: sum((b) => b.zipBytes),
    fFlushedBytes: tree.flushedBytes,
    fAutoFlush: tree.autoFlush,
    fBranches: { ...objArray(branches), fBits: OBJECT_LIST_OWNER },
    fLeaves: objArray(objects.leaves),
  };
}

function objArray(arr: RootObject[]): RootList {
  return { _typename: 'TObjArray', fUniqueID: 0, fBits: 0, name: '', arr };
}

function branchObject(branch: BranchWriter, leaf: RootObject, settings: object): RootObject {
  const { part } = branch;
  const object = {
    ...BRANCH_MEMBERS,
    fBits: BRANCH_BITS,
    fName: branch.name,
    fTitle: branchTitle(branch, String(leaf['fTitle'])),
    fEntryOffsetLen: branch.isVariable ? ENTRY_OFFSET_LENGTH : 0,
    fSplitLevel: 0,
    fBranches: objArray([]),
    fLeaves: objArray([leaf]),
    ...basketMembers(branch),
  };
  if (part !== undefined) return { _typename: 'TBranchElement', ...object, ...ELEMENT_MEMBERS, ...partMembers(branch, part), ...settings };
  const stored = storedClass(branch);
  if (stored === undefined) return { _typename: 'TBranch', ...object, ...settings };
  const { className, checksum, version, type, splitLevel } = stored;
  return {
    _typename: 'TBranchElement',
    ...object,
    ...ELEMENT_MEMBERS,
    ...settings,
    fSplitLevel: splitLevel,
    fClassName: className,
    fCheckSum: checksum,
    fClassVersion: version,
    fType: type,
  };
}

/** What a branch says of its entries and baskets. */
function basketMembers({ seeks, nbytes, firstEntries, entryCount, totBytes, zipBytes }: BranchWriter): object {
  const fMaxBaskets = Math.max(MIN_BASKETS, seeks.length + 1);
  const padded = (values: readonly number[]): Float64Array => {
    const all = new Float64Array(fMaxBaskets);
    all.set(values);
    return all;
  };
  return {
    fWriteBasket: seeks.length,
    fEntryNumber: entryCount,
    fMaxBaskets,
    fEntries: entryCount,
    fTotBytes: totBytes,
    fZipBytes: zipBytes,
    fBasketBytes: padded(nbytes),
    // The entry behind the last one ends the table: without it the last basket cannot be read.
    fBasketEntry: padded([...firstEntries, entryCount]),
    fBasketSeek: padded(seeks),
  };
}

/** fType of the branch of a vector of objects, and of those of their members. */
const PART_TYPES = { member: 0, count: 4, items: 41 } as const;

/** What the branch of a member says of its class. */
function partMembers(branch: BranchWriter, part: ObjectPart): object {
  const { role, owner, checksum, parentName, itemClass, id } = part;
  const fStreamerType = streamerType(part);
  const canSplit = role === 'count' || (role === 'member' && fStreamerType !== TypeCode.stl);
  return {
    fClassName: owner.className,
    fCheckSum: checksum,
    fClassVersion: owner.classVersion,
    fType: PART_TYPES[role],
    fID: id,
    fParentName: parentName,
    fClonesName: itemClass,
    fStreamerType,
    fSplitLevel: canSplit ? SPLIT_LEVEL - 1 : 0,
    fMaximum: role === 'member' ? 0 : branch.maximum,
  };
}

/** The title of a branch is its leaf list; that of an object is its name. */
function branchTitle({ column, layout, part, name }: BranchWriter, leafTitle: string): string {
  if (part !== undefined) return part.role === 'member' ? name : leafTitle;
  if (column.title !== undefined) return column.title;
  if (column.type === 'text') return `${leafTitle}/C`;
  return layout !== undefined && !column.type.startsWith('vector') ? `${leafTitle}/${layout.letter}` : column.name;
}
