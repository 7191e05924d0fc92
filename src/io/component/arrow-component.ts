/** A table of a job in one Arrow file. */
import type { Row } from '../root/column.ts';
import type { ArrowOptions } from './arrow-options.ts';
import { ArrowOutput, loadArrowEncoder, type ArrowEncoder } from './arrow-output.ts';
import type { IoComponentMgr } from './io-component-mgr.ts';
import { OutputComponent } from './output-component.ts';
import type { TableColumn } from './row-buffer.ts';

/** Fills the rows of a table, or takes whole record batches; what was written moves along to a worker's directory. */
export class ArrowComponent extends OutputComponent<ArrowOutput> {
  private constructor(encode: ArrowEncoder, manager: IoComponentMgr, name: string, fileName: string, options: ArrowOptions) {
    super(manager, name, fileName, (path) => new ArrowOutput(encode, path, options));
  }

  /**
   * Opens the file and registers it for WRITE.
   * @param fileName logical name and, before any worker is made, path; ending in `.arrows` it becomes a stream
   * @throws UnsupportedError when apache-arrow is not installed
   */
  static async create(manager: IoComponentMgr, name: string, fileName: string, options: ArrowOptions = {}): Promise<ArrowComponent> {
    return new ArrowComponent(await loadArrowEncoder(), manager, name, fileName, options);
  }

  /** Says what columns the rows have; see ArrowOutput.book. */
  book(columns: readonly TableColumn[]): void {
    this.output.book(columns);
  }

  /** Adds a row; a UsageError for a value that does not fit. */
  fill(row: Row): void {
    this.output.fill(row);
  }

  /** Adds the record batches of an IPC stream; see ArrowOutput.write. */
  write(stream: Uint8Array): void {
    this.output.write(stream);
  }

  /** Rows so far. */
  get entryCount(): number {
    return this.output.entryCount;
  }
}
