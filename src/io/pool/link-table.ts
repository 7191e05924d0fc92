/** The containers of a file that is written: their link ids, and the rows of ##Links and ##Shapes that follow from them. */
import { createHash } from 'node:crypto';
import type { BasicColumnType } from '../root/column.ts';
import { basicTypeName } from '../root/tree/object-column.ts';
import { BOOKKEEPING, FIRST_STORED_LINK, linkToken } from './bookkeeping.ts';
import { ZERO_GUID, guidFromDigest } from './guid.ts';
import { TECHNOLOGY, formatToken, tokenOfReference, type Reference } from './token.ts';

/** A container as links and shapes describe it. */
export interface LinkedContainer {
  /** As tokens name it. */
  container: string;
  classId: string;
  className: string;
  technology: number;
  /** Type of its column in ##Shapes (DbColumn.h). */
  columnType: number;
}

/** Types of columns in ##Shapes. Source: ATLAS athena Database/APR/StorageSvc/StorageSvc/DbColumn.h. */
export const COLUMN_TYPE = { token: 18, object: 21 } as const;
/** The same of basic types, with the class GUIDs measured in files of ATLAS; the others get one from their name. */
const BASIC_COLUMNS: Readonly<Record<BasicColumnType, readonly [columnType: number, className: string, classId?: string]>> = {
  bool: [9, 'bool', '13FF06C5-AB4B-6EDD-68AB-3E6350E95305'],
  int8: [5, 'char'],
  uint8: [1, 'unsigned char'],
  int16: [6, 'short'],
  uint16: [2, 'unsigned short'],
  int32: [7, 'int'],
  uint32: [3, 'unsigned int', 'BBACA313-D7B0-3A4C-9161-089CACF4B1CC'],
  int64: [22, 'long long'],
  uint64: [23, 'unsigned long long', '388BE2E0-4452-7BB9-2563-DA3365C64623'],
  float32: [10, 'float', '64DE6A54-6E0B-BCDF-8A08-6EF31347E768'],
  float64: [11, 'double'],
};
/** Class GUID of the texts of the bookkeeping trees (pool::DbString), and their storage type. */
const DB_STRING_CLASS_ID = 'DA8F479C-09BC-49D4-94BC-99D025A23A3B';
const BOOKKEEPING_TECHNOLOGY = 0x200;

/** A GUID that depends on a text alone. */
export function guidOfText(text: string): string {
  return guidFromDigest(createHash('sha256').update(text).digest());
}

/** A column of basic values, of event tags. */
export function basicContainer(container: string, type: BasicColumnType): LinkedContainer {
  const [columnType, className, classId = guidOfText(basicTypeName(type))] = BASIC_COLUMNS[type];
  return { container, classId, className, technology: TECHNOLOGY.tree, columnType };
}

/** The first link of every file. */
const PARAMS_CONTAINER: LinkedContainer = {
  container: BOOKKEEPING.params,
  classId: DB_STRING_CLASS_ID,
  className: 'pool::DbString',
  technology: BOOKKEEPING_TECHNOLOGY,
  columnType: COLUMN_TYPE.object,
};

/** The links of one file, in the order they are made. */
export class LinkTable {
  readonly #links: LinkedContainer[] = [PARAMS_CONTAINER];
  readonly #ids: Map<string, bigint> = new Map();

  /** Adds a container; its link is the next one. */
  add(container: LinkedContainer): void {
    this.#ids.set(container.container, BigInt(this.#links.length) + FIRST_STORED_LINK);
    this.#links.push(container);
  }

  /** The container of that name. */
  find(name: string): LinkedContainer | undefined {
    return this.#ids.has(name) ? this.#links.find(({ container }) => container === name) : undefined;
  }

  /** A reference to a row of a container. `base`: the writer's number in the upper 32 bits. */
  reference({ container, classId, technology }: LinkedContainer, db: string, base: bigint, oid2: bigint): Reference {
    return { db, container, classId, technology, oid1: base + (this.#ids.get(container) ?? FIRST_STORED_LINK), oid2 };
  }

  /** Rows of ##Links. */
  linkRows(base: bigint): string[] {
    return this.#links.map((link, row) =>
      formatToken(linkToken(tokenOfReference(this.reference(link, ZERO_GUID, base, -1n)), base + BigInt(row) + FIRST_STORED_LINK)),
    );
  }

  /** Rows of ##Shapes: one per class, that of the bookkeeping texts is implied. */
  shapeRows(): string[] {
    const shapes = new Map(
      this.#links
        .slice(1)
        .map(({ classId, className, columnType }) => [
          classId,
          `{ID=${classId}}{CL=${className}}{NCOL=1}{CNT=0}{COL={{NAME=${className}}{CLASS=${className}}{TYP=${columnType}}{OPT=0}{OFF=0}{SIZ=0}{CNT=1}}}`,
        ]),
    );
    return [...shapes.values()];
  }
}
