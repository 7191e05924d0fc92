/** The leaves of a written tree, and what leaf and branch both say of the values they hold. */
import type { RootList, RootObject } from '../streamer/root-object.ts';
import { OFFSET_L, TypeCode, basicTypeOf } from '../streamer/type-codes.ts';
import type { BranchWriter } from './branch-writer.ts';
import { STRING_CLASS, STRING_VECTOR, type BasicLayout } from './leaf-layouts.ts';
import type { ObjectPart } from './object-column.ts';

/** Members of leaves that hold what is most frequent. */
export const LEAF_MEMBERS: Readonly<Record<string, number | null>> = {
  fUniqueID: 0,
  fBits: 0,
  fLen: 1,
  fLenType: 0,
  fOffset: 0,
  fIsRange: 0,
  fIsUnsigned: 0,
  fLeafCount: null,
};

/** What the branch of an object says of its class. */
export interface StoredClass {
  className: string;
  checksum: number;
  version: number;
  /** fType. */
  type: number;
  splitLevel: number;
}

/** What a branch of objects says of their class; undefined for a branch of leaves. */
export function storedClass({ column, layout }: BranchWriter): StoredClass | undefined {
  if (column.type === 'string') return { className: STRING_CLASS[0], checksum: STRING_CLASS[1], version: 2, type: -1, splitLevel: 0 };
  if (!column.type.startsWith('vector')) return undefined;
  const [className, checksum] = layout === undefined ? STRING_VECTOR : [`vector<${layout.vector[0]}>`, layout.vector[1]];
  return { className, checksum, version: 6, type: 0, splitLevel: 99 };
}

/** fStreamerType of a member. */
export function streamerType({ owner, id }: ObjectPart): number {
  const { typeName = '', shape } = owner.members[id] ?? {};
  const basic = basicTypeOf(typeName);
  return basic === 0 ? TypeCode.stl : basic + (shape === undefined ? 0 : OFFSET_L);
}

/** The leaf of a branch of values; `leaves`: those of the counters so far, by name. */
export function leafObject(branch: BranchWriter, isCounter: boolean, leaves: ReadonlyMap<string, RootObject>): RootObject {
  const { column, layout } = branch;
  const common = { ...LEAF_MEMBERS, fName: column.name, fTitle: column.name };
  const stored = storedClass(branch);
  if (stored !== undefined) return { _typename: 'TLeafElement', ...common, fLenType: 0, fID: -1, fType: -1 };
  if (layout === undefined) {
    return { _typename: 'TLeafC', ...common, fLen: Math.max(1, branch.maximum), fLenType: 1, fMinimum: 0, fMaximum: branch.maximum };
  }
  return basicLeaf(branch, layout, {
    ...common,
    fIsRange: Number(isCounter),
    fLeafCount: leaves.get(column.counter ?? '') ?? null,
    fMaximum: isCounter ? branch.maximum : 0,
  });
}

/** The leaf of a branch of an object column. `count` for a member of a vector's objects: the branch with their number. */
export function partLeaf(branch: BranchWriter, part: ObjectPart, count: RootObject | undefined): RootObject {
  const { role, id, countName } = part;
  const { layout, name, valueCount, column } = branch;
  const leaf = {
    _typename: 'TLeafElement',
    ...LEAF_MEMBERS,
    fName: name.replace(/\[.*$/, ''),
    fTitle: name,
    fID: id,
    fType: streamerType(part),
  };
  if (role === 'count') return { ...leaf, fName: `${name}_`, fTitle: `${name}_`, fIsRange: 1 };
  const [counter] = count === undefined ? [] : (count['fLeaves'] as RootList).arr;
  const counted = role === 'items' ? { fTitle: `${column.name}[${countName}_]`, fLeafCount: counter ?? null } : {};
  if (layout === undefined || column.type.startsWith('vector')) return { ...leaf, ...counted };
  return { ...leaf, ...counted, fLen: valueCount, fLenType: layout.width, fIsUnsigned: Number(layout.unsigned) };
}

function basicLeaf({ column, valueCount }: BranchWriter, layout: BasicLayout, members: object): RootObject {
  const lengths = [...(column.counter === undefined ? [] : [column.counter]), ...(column.shape ?? [])];
  const fTitle = column.name + lengths.map((length) => `[${length}]`).join('');
  return {
    _typename: layout.leafClass,
    ...members,
    fTitle,
    fLen: valueCount,
    fLenType: layout.width,
    fIsUnsigned: Number(layout.unsigned),
    fMinimum: 0,
  };
}
