/**
 * Columns of a tree that hold objects of a class: split into a branch per member, or whole, one branch with the object as its
 * class streams it. Source of the forms: ROOT tree/tree/src/TBranchElement.cxx (Init, Unroll).
 */
import { UsageError } from '../../../errors.ts';
import { checkColumns, isBasicType, vectorItem, type BasicColumnType, type ColumnSpec, type ColumnType } from '../column.ts';
import { classChecksum, type ClassLayout } from '../streamer/written-class.ts';
import { BASIC_LAYOUTS } from './leaf-layouts.ts';

/** A column of objects. */
export interface ObjectColumn {
  /** Name of the branch. When it ends with a dot, the branches of the members begin with it. */
  name: string;
  layout: ClassLayout;
  /** The members as columns: a branch each. Left out: one branch, whose entries are streamed objects, given as bytes. */
  members?: readonly ColumnSpec[];
  /** Further classes the objects consist of, for the streamer infos of the file. */
  parts?: readonly ClassLayout[];
}

/** What a branch of an object column stores. */
export interface ObjectPart {
  object: ObjectColumn;
  checksum: number;
  /** Number of the member; WHOLE_OBJECT for the object itself. */
  id: number;
}

/** fID of a branch that stores whole objects. */
export const WHOLE_OBJECT = -1;

/** A column as a branch writer sees it: of values, or of streamed objects. */
export type BranchColumn = Omit<ColumnSpec, 'type'> & { type: ColumnType | 'object' };

/** The class whose members are columns. UsageError for columns a class cannot have: texts of leaves, arrays of varying length. */
export function classOfColumns(className: string, columns: readonly ColumnSpec[]): ClassLayout {
  checkColumns(columns);
  if (columns.length === 0) throw new UsageError(`class ${className} has no members`);
  if (!/^[A-Za-z_][\w:]*$/.test(className)) throw new UsageError(`${JSON.stringify(className)} is no name of a class`);
  const members = columns.map(({ name, type, shape, counter }) => {
    if (type === 'text' || counter !== undefined) throw new UsageError(`member ${name} of ${className}: ${counter === undefined ? 'text' : 'an array of varying length'} cannot be a member, use ${counter === undefined ? 'string' : 'a vector'}`);
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

/** The branches of an object column with the columns they hold. */
export function partsOf(object: ObjectColumn): { column: BranchColumn; part: ObjectPart }[] {
  const checksum = classChecksum(object.layout);
  if (object.members === undefined) return [{ column: { name: object.name, type: 'object' }, part: { object, checksum, id: WHOLE_OBJECT } }];
  return object.members.map((column, id) => ({ column, part: { object, checksum, id } }));
}

/** Name of the branch of a member: behind the column's name if that ends with a dot; with the lengths of a fixed array. */
export function memberBranchName({ name, shape = [] }: BranchColumn, { object }: ObjectPart): string {
  return `${object.name.endsWith('.') ? object.name : ''}${name}${shape.map((length) => `[${length}]`).join('')}`;
}
