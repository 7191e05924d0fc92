/** Containers a program books: a class of columns under a key, split into a branch per member. */
import { UsageError } from '../../errors.ts';
import { isBasicType, valuesPerElement, type ColumnSpec, type ColumnValue, type Row } from '../root/column.ts';
import { classInfos } from '../root/streamer/written-class.ts';
import type { StreamerElement } from '../root/streamer/streamer-info.ts';
import { classOfColumns, type ObjectColumn } from '../root/tree/object-column.ts';
import { isGuid } from './guid.ts';
import { COLUMN_TYPE, guidOfText, type LinkedContainer } from './link-table.ts';
import { TECHNOLOGY } from './token.ts';

/** What the rows of a container hold. */
export interface ContainerSpec {
  /** The members of the class: all types of columns but `text` and arrays with a counter. */
  columns: readonly ColumnSpec[];
  /** Name of the persistent class; default: the key with `_p1`. */
  className?: string;
  /** GUID of the class; default: one that follows from name and members. */
  classId?: string;
  /** Class number (CLID) in headers; default: one that follows from the name of the class. */
  clid?: number;
}

/** A container that is booked. */
export interface BookedContainer {
  key: string;
  clid: number;
  link: LinkedContainer;
  object: ObjectColumn;
  /** The members as readers see them. */
  elements: readonly StreamerElement[];
  /** What an event gets that writes nothing. */
  defaults: Row;
}

const MAX_CLID = 0x0fff_ffff;

/** Checks a container of a tree. UsageError for a key, a class or columns that cannot be. */
export function bookContainer(
  tree: string,
  key: string,
  { columns, className = `${key.replace(/\.$/, '')}_p1`, classId, clid }: ContainerSpec,
): BookedContainer {
  if (!/^[A-Za-z_]\w*\.?$/.test(key)) {
    throw new UsageError(`${JSON.stringify(key)} cannot be the key of a container: letters, digits and underscores, and a dot at the end`);
  }
  const layout = classOfColumns(className, columns);
  if (classId !== undefined && !isGuid(classId)) throw new UsageError(`${JSON.stringify(classId)} is no GUID`);
  if (clid !== undefined && !(Number.isInteger(clid) && clid >= 0 && clid < 2 ** 32)) {
    throw new UsageError(`class number ${clid} is no number of 32 bits`);
  }
  const branch = key.endsWith('.') ? key : `${key}.`;
  const text = [className, ...layout.members.map(({ name, typeName, shape = [] }) => `${typeName} ${name} ${shape.join()}`)].join('\n');
  return {
    key,
    clid: clid ?? Number.parseInt(guidOfText(className).slice(0, 8), 16) & MAX_CLID,
    link: {
      container: `${tree}(${branch})`,
      classId: classId?.toUpperCase() ?? guidOfText(text),
      className,
      technology: TECHNOLOGY.treeIndex,
      columnType: COLUMN_TYPE.object,
    },
    object: { name: branch, layout },
    elements: classInfos([layout]).all(className)[0]?.elements ?? [],
    defaults: Object.fromEntries(columns.map((column) => [column.name, defaultValue(column)])),
  };
}

/** 0, an empty text, an empty vector. */
function defaultValue(column: ColumnSpec): ColumnValue {
  if (!isBasicType(column.type)) return column.type === 'string' ? '' : [];
  return column.shape === undefined ? 0 : new Array<number>(valuesPerElement(column)).fill(0);
}
