/**
 * Columns of a tree that hold objects of a declared class, split as ROOT splits them: a branch per member, and for a vector of
 * objects a branch with their number that has a branch per member of theirs. Source: ROOT tree/tree/src/TBranchElement.cxx (Init, Unroll).
 *
 *   Event.id                     member of a basic type, array, string, vector of those
 *   m_items                      vector of objects: i32 number
 *     m_items.x                  a member of all of them, one after the other
 *     m_items.guid.m_data1       the same of an object inside
 */
import { UsageError } from '../../../errors.ts';
import { checkColumns, isBasicType, vectorItem, type BasicColumnType, type ColumnSpec, type ColumnType } from '../column.ts';
import { classChecksum, type ClassLayout, type MemberLayout } from '../streamer/written-class.ts';
import { BASIC_LAYOUTS } from './leaf-layouts.ts';

/** A column of objects. */
export interface ObjectColumn {
  /** Name of the branch. When it ends with a dot, the branches of the members begin with it. */
  name: string;
  layout: ClassLayout;
  /** Further classes the objects consist of. */
  parts?: readonly ClassLayout[];
}

/** What a branch of an object column stores: a member, the number of objects in a vector, or a member of all of these. */
export interface ObjectPart {
  role: 'member' | 'count' | 'items';
  object: ObjectColumn;
  /** The class the member belongs to, and its checksum. */
  owner: ClassLayout;
  checksum: number;
  /** Class that the branch is listed under: of an object inside of an item, that of the item. */
  parentName: string;
  /** Number of the member in its class. */
  id: number;
  branchName: string;
  /** Members from the object down to the value. */
  path: readonly string[];
  /** `count`: class of the objects. */
  itemClass: string;
  /** `items`: branch with the number of objects. */
  countName: string;
}

/** A column as a branch writer sees it. Of type `object` are values the caller streams, such as vectors of vectors. */
export type BranchColumn = Omit<ColumnSpec, 'type'> & { type: ColumnType | 'object' };

/** A branch of an object column. */
export interface PartColumn {
  column: BranchColumn;
  part: ObjectPart;
}

/** The class whose members are columns. UsageError for columns a class cannot have: texts of leaves, arrays of varying length. */
export function classOfColumns(className: string, columns: readonly ColumnSpec[]): ClassLayout {
  checkColumns(columns);
  if (columns.length === 0) throw new UsageError(`class ${className} has no members`);
  if (!/^[A-Za-z_][\w:]*$/.test(className)) throw new UsageError(`${JSON.stringify(className)} is no name of a class`);
  const members = columns.map(({ name, type, shape, counter }) => {
    if (counter !== undefined) {
      throw new UsageError(`member ${name} of ${className}: an array of varying length cannot be a member, use a vector`);
    }
    if (type === 'text') throw new UsageError(`member ${name} of ${className}: text cannot be a member, use string`);
    if (!/^[A-Za-z_]\w*$/.test(name)) throw new UsageError(`${JSON.stringify(name)} cannot be a member of ${className}`);
    return { name, typeName: memberTypeName(type), ...(shape !== undefined && { shape }) };
  });
  return { className, classVersion: 1, members };
}

function memberTypeName(type: ColumnType): string {
  const item = vectorItem(type);
  if (item !== undefined) return `vector<${item === 'string' ? item : basicTypeName(item)}>`;
  return isBasicType(type) ? basicTypeName(type) : 'string';
}

/** The C++ type of a basic value, as ROOT spells it in streamer infos. */
export function basicTypeName(type: BasicColumnType): string {
  return BASIC_LAYOUTS[type].vector[0];
}

/** Column types by C++ type. */
const COLUMN_TYPES: ReadonlyMap<string, ColumnType> = new Map<string, ColumnType>([
  ...Object.keys(BASIC_LAYOUTS).flatMap((type): [string, ColumnType][] =>
    isBasicType(type)
      ? [
          [basicTypeName(type), type],
          [`vector<${basicTypeName(type)}>`, `vector<${type}>`],
        ]
      : [],
  ),
  ['string', 'string'],
  ['vector<string>', 'vector<string>'],
  ['long', 'int64'],
  ['unsigned long', 'uint64'],
]);

function columnOf({ name, typeName, shape }: MemberLayout): BranchColumn {
  return { name, type: COLUMN_TYPES.get(typeName) ?? 'object', ...(shape !== undefined && { shape }) };
}

/**
 * The branches of an object column with the columns they hold; those of the members of a vector's objects follow the
 * one with their number.
 */
export function partsOf(object: ObjectColumn): PartColumn[] {
  const { layout: owner, parts = [] } = object;
  const prefix = object.name.endsWith('.') ? object.name : '';
  const checksum = classChecksum(owner);
  return owner.members.flatMap((member, id): PartColumn[] => {
    const common = { object, owner, checksum, parentName: owner.className, id, path: [member.name], countName: '' };
    const branchName = `${prefix}${member.name}`;
    const item = parts.find(({ className }) => vectorOf(className) === member.typeName);
    if (item === undefined) {
      return [
        { column: columnOf(member), part: { ...common, role: 'member', branchName: `${branchName}${lengths(member)}`, itemClass: '' } },
      ];
    }
    const count: PartColumn = {
      column: { name: member.name, type: 'object' },
      part: { ...common, role: 'count', branchName, itemClass: item.className },
    };
    return [
      count,
      ...itemParts({ object, owner: item, parentName: item.className, path: [member.name], branchName, countName: branchName }),
    ];
  });
}

/** The members of the objects of a vector, those of objects inside of them in their place. */
function itemParts(at: Pick<ObjectPart, 'object' | 'owner' | 'parentName' | 'path' | 'branchName' | 'countName'>): PartColumn[] {
  const { object, owner } = at;
  const checksum = classChecksum(owner);
  return owner.members.flatMap((member, id): PartColumn[] => {
    const place = { ...at, path: [...at.path, member.name], branchName: `${at.branchName}.${member.name}` };
    const inner = object.parts?.find(({ className }) => className === member.typeName);
    if (inner !== undefined) return itemParts({ ...place, owner: inner, parentName: owner.className });
    return [
      {
        column: columnOf(member),
        part: { ...place, role: 'items', checksum, id, branchName: `${place.branchName}${lengths(member)}`, itemClass: '' },
      },
    ];
  });
}

function lengths({ shape = [] }: MemberLayout): string {
  return shape.map((length) => `[${length}]`).join('');
}

function vectorOf(className: string): string {
  return className.endsWith('>') ? `vector<${className} >` : `vector<${className}>`;
}
