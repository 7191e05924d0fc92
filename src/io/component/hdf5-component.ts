/** Tables of a job in one HDF5 file. */
import { loadHdf5, type Hdf5Library } from '../hdf5/hdf5-library.ts';
import type { IoComponentMgr } from './io-component-mgr.ts';
import { Hdf5Output, type Hdf5Options, type Hdf5Table } from './hdf5-output.ts';
import { OutputComponent } from './output-component.ts';
import type { TableColumn } from './row-buffer.ts';

/** Books and fills tables; they stay valid when the file moves to a worker's directory. */
export class Hdf5Component extends OutputComponent<Hdf5Output> {
  private constructor(library: Hdf5Library, manager: IoComponentMgr, name: string, fileName: string, options: Hdf5Options) {
    super(manager, name, fileName, (path) => new Hdf5Output(library, path, options));
  }

  /**
   * Opens the file and registers it for WRITE.
   * @param fileName logical name and, before any worker is made, path
   * @throws UnsupportedError when h5wasm is not installed
   */
  static async create(manager: IoComponentMgr, name: string, fileName: string, options: Hdf5Options = {}): Promise<Hdf5Component> {
    return new Hdf5Component(await loadHdf5(), manager, name, fileName, options);
  }

  /** Begins a table at a path: a group with one dataset per column, all of equal length. */
  book(path: string, columns: readonly TableColumn[]): Hdf5Table {
    return this.output.book(path, columns);
  }

  /** The tables by path. */
  get tables(): ReadonlyMap<string, Hdf5Table> {
    return this.output.tables;
  }
}
