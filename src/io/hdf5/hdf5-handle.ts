/** An HDF5 file that the library has open: calls with their errors, and memory of the library. */
import { CorruptFileError, UnreadableFileError, UnsupportedError, addContext, isPoolMergeError } from '../../errors.ts';
import { countOpen, hdf5Reason, isBroken, noteFailure, requireWorking, type Hdf5Extent, type Hdf5Library } from './hdf5-library.ts';
import { hasPointers } from './hdf5-types.ts';
import { CALL_LIMIT_MS, TimeLimitError, withTimeLimit } from './time-limit.ts';

/** What the library says when h5wasm asks it for an enum in little-endian order. */
const BIG_ENDIAN_ENUM = 'operation not allowed after enum members are defined';
/** Calls that share a time limit last about so long together. */
const BATCH_MS = 200;
/** Slowest disk that is waited for, and the longest time that is given for that: a size may be wrong, too. */
const LEAST_BYTES_PER_MS = 1000;
const MOST_MORE_MS = 3_600_000;
/** What the memory of the library can grow to. */
const MEMORY_BYTES = 2 ** 31;

/** A call of the library, and where it is at work. */
interface Call {
  handle: Hdf5Handle;
  objectPath: string;
}

/** The call under way that no other is inside of. */
let innermost: Call | undefined;

/** An open file. */
export class Hdf5Handle {
  readonly path: string;
  readonly library: Hdf5Library;
  /** Number by which the library knows the file. */
  readonly id: bigint;
  #isOpen = true;

  constructor(path: string, library: Hdf5Library, id: bigint) {
    this.path = path;
    this.library = library;
    this.id = id;
    countOpen(library, 1);
  }

  /**
   * Runs something of the library; what it throws becomes a CorruptFileError with file and path. It must come to an end, see withTimeLimit.
   * @param bytes what it reads or writes, for which it has more time
   */
  call<T>(objectPath: string, run: () => T, bytes = 0): T {
    requireWorking(this.library, this.path);
    const [outer, own] = [innermost, { handle: this, objectPath }];
    innermost = own;
    try {
      const result = withTimeLimit(run, CALL_LIMIT_MS + Math.min(Math.ceil(bytes / LEAST_BYTES_PER_MS), MOST_MORE_MS));
      innermost = outer;
      return result;
    } catch (err) {
      const { handle, objectPath: at } = (err instanceof TimeLimitError ? innermost : undefined) ?? own; // what was stopped has not come to its own end
      innermost = outer;
      if (isPoolMergeError(err)) throw addContext(err, { file: this.path, objectPath });
      noteFailure(err, this.library, handle.path);
      throw handle.#errorFor(err, at);
    }
  }

  /** Calls `next` until it is false. Short calls of the library share a time limit, which costs as much as one of them. */
  inBatches(next: () => boolean): void {
    let goesOn = true;
    const batch = (): void => {
      const end = Date.now() + BATCH_MS;
      while (goesOn && Date.now() < end) goesOn = next();
    };
    while (goesOn) this.call('/', batch);
  }

  /** Calls `use` for each item, as inBatches does. */
  each<T>(items: Iterable<T>, use: (item: T) => void): void {
    const waiting = items[Symbol.iterator]();
    this.inBatches(() => {
      const next = waiting.next();
      if (next.done === true) return false;
      use(next.value);
      return true;
    });
  }

  #errorFor(err: unknown, objectPath: string): Error {
    const context = { file: this.path, objectPath, cause: err };
    if (hdf5Reason(err) === BIG_ENDIAN_ENUM) {
      return new UnsupportedError('holds an enum in big-endian order, which h5wasm cannot read', context);
    }
    return err instanceof TimeLimitError && err.code === 'ETIMEDOUT'
      ? new UnreadableFileError(`cannot be read: ${err.message}`, context)
      : new CorruptFileError(hdf5Reason(err), context);
  }

  /** Gives zeroed memory of the library, as long as `use` runs. */
  withMemory<T>(bytes: number, use: (at: number) => T): T {
    const at = bytes > MEMORY_BYTES ? 0 : this.library._malloc(Math.max(bytes, 16));
    if (at === 0) throw new UnsupportedError(`${bytes} bytes do not fit into the memory of the HDF5 library`, { file: this.path });
    this.library.HEAPU8.fill(0, at, at + bytes);
    try {
      return use(at);
    } finally {
      if (!isBroken(this.library)) this.library._free(at);
    }
  }

  /** Gives the value of an attribute, as long as `use` runs. */
  withAttribute<T>(path: string, name: string, extent: Hdf5Extent, use: (at: number) => T): T {
    const { library, id } = this;
    return this.withMemory(extent.size * extent.total_size, (at) => {
      if (extent.total_size > 0) this.call(path, () => library.get_attribute_data(id, path, name, BigInt(at)));
      try {
        return use(at);
      } finally {
        if (hasPointers(extent) && extent.total_size > 0 && !isBroken(library)) {
          this.call(path, () => library.reclaim_vlen_memory(id, path, name, BigInt(at)));
        }
      }
    });
  }

  /** Closes the file; what was written is in it from then on. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    countOpen(this.library, -1);
    if (!isBroken(this.library)) this.call('/', () => this.library.close_file(this.id));
  }
}
