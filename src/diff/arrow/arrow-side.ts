/** An Arrow file or stream that is compared: its table by columns. */
import { openArrowFile, type ArrowFile } from '../../io/arrow/arrow-file.ts';
import type { ArrowField } from '../../io/arrow/schema.ts';
import { TableColumns } from '../../io/arrow/table-columns.ts';
import { inflateZstd } from './inflate-zstd.ts';

/** A column. */
export interface ColumnIn {
  side: ArrowSide;
  /** Number in the schema. */
  index: number;
  field: ArrowField;
}

/** An open file. */
export class ArrowSide implements Disposable {
  readonly path: string;
  readonly file: ArrowFile;
  readonly columns: TableColumns;
  /** By path: `/name`; of several with one name the second is `/name (2)`. */
  readonly byPath: ReadonlyMap<string, ColumnIn>;

  /** @throws CorruptFileError, UnreadableFileError, UnsupportedError */
  constructor(path: string) {
    this.path = path;
    this.file = openArrowFile(path);
    this.columns = new TableColumns(this.file, inflateZstd);
    const byPath = new Map<string, ColumnIn>();
    for (const [index, field] of this.file.schema.fields.entries()) {
      let columnPath = `/${field.name}`;
      for (let i = 2; byPath.has(columnPath); i++) columnPath = `/${field.name} (${i})`;
      byPath.set(columnPath, { side: this, index, field });
    }
    this.byPath = byPath;
  }

  /** Rows of the table. */
  get rowCount(): number {
    return this.columns.rowCount;
  }

  [Symbol.dispose](): void {
    this.file.close();
  }
}
