/**
 * Positional reads from local files. A short read is an error, never a zero-filled buffer.
 *
 * Descriptors are pooled: merging 5000 inputs works under `ulimit -n 64`. A file that is opened
 * again must still be the file that was opened first (device, inode, size, modification time).
 * Reads are positional (pread), so a descriptor shared with another process never moves.
 */
import { closeSync, constants, fstatSync, openSync, read, readSync, readFileSync, statSync, type Stats } from 'node:fs';
import { CorruptFileError, PoolMergeError, UnreadableFileError } from '../../errors.ts';
import { descriptorLimit } from './descriptor-limit.ts';
import { WINDOW_BYTES, dropReadAhead, readAhead } from './read-ahead.ts';

/** Descriptors kept open at once, where no more are known to be there; lowered when the system refuses one more. */
const USUAL_OPEN_FILES = 200;
/**
 * Kept open at most, and no more than half of what the process may have: opening a thousand small files time after
 * time took a tenth of merging them.
 */
const MOST_OPEN_FILES = 2000;
/** A named pipe without a writer must be refused, not waited for; the flag means nothing for regular files (nor on Windows). */
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** Something with a known size that is read at positions. */
export interface Source {
  /** The path as the caller gave it; used in messages. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Reads `length` bytes at `position` into `target` at `targetStart`. */
  readInto(target: Uint8Array, targetStart: number, length: number, position: number): void;
  /**
   * `readInto` on a thread of the system's pool, so that the caller can work meanwhile; the bytes are not to be touched
   * before it has ended.
   */
  readIntoAhead(target: Uint8Array, targetStart: number, length: number, position: number): Promise<void>;
  /** Reads `length` bytes at `position` into a fresh array; small reads are served from a read-ahead window. */
  read(position: number, length: number): Uint8Array;
  close(): void;
}

function errnoOf(err: unknown): string {
  return (err as NodeJS.ErrnoException).code ?? 'unknown error';
}

const OPEN_REASONS: Record<string, string> = {
  ENOENT: 'no such file',
  EACCES: 'permission denied',
  EMFILE: 'cannot be opened: this process has too many open files (ulimit -n)',
  ENFILE: 'cannot be opened: the system has too many open files',
  EISDIR: 'is a directory, not a file',
  ENOTDIR: 'a part of the path is not a directory',
};

/** Open descriptors, least recently used first. */
class DescriptorPool {
  readonly #open = new Map<FileSource, number>();
  #limit = USUAL_OPEN_FILES;
  #isLimitKnown = false;

  acquire(source: FileSource): number {
    const known = this.#open.get(source);
    if (known !== undefined) {
      this.#open.delete(source);
      this.#open.set(source, known);
      return known;
    }
    if (this.#open.size >= this.#limit) this.#raiseLimit();
    while (this.#open.size >= this.#limit && this.#evictOldest());
    const fd = this.#openFile(source);
    this.#open.set(source, fd);
    source.checkReopened(fd);
    return fd;
  }

  /** Asked once, and only by those who have many files. */
  #raiseLimit(): void {
    if (this.#isLimitKnown) return;
    this.#isLimitKnown = true;
    const most = Math.min(MOST_OPEN_FILES, Math.floor((descriptorLimit() ?? 0) / 2));
    this.#limit = Math.max(this.#limit, most);
  }

  #openFile(source: FileSource): number {
    try {
      return this.makeRoom(() => openSync(source.path, OPEN_FLAGS));
    } catch (err) {
      const errno = errnoOf(err);
      throw new UnreadableFileError(OPEN_REASONS[errno] ?? `cannot be opened (${errno})`, { file: source.path, cause: err });
    }
  }

  /** Does what needs a descriptor; when the system has no more, some of the pool are given up, and it has fewer from then on. */
  makeRoom<T>(action: () => T): T {
    for (;;) {
      try {
        return action();
      } catch (err) {
        const errno = errnoOf(err);
        if ((errno !== 'EMFILE' && errno !== 'ENFILE') || !this.#evictOldest()) throw err;
        this.#limit = Math.max(1, this.#open.size - 8);
        this.#isLimitKnown = true;
        while (this.#open.size > this.#limit && this.#evictOldest());
      }
    }
  }

  /** False when all descriptors are in use: reads are under way on them. */
  #evictOldest(): boolean {
    for (const source of this.#open.keys()) {
      if (source.isBusy) continue;
      this.release(source);
      return true;
    }
    return false;
  }

  release(source: FileSource): void {
    const fd = this.#open.get(source);
    if (fd === undefined) return;
    this.#open.delete(source);
    closeSync(fd);
  }
}

const pool = new DescriptorPool();

/** Does what needs a descriptor: inputs give up theirs for it where the system has no more. Throws what `action` throws. */
export function withDescriptor<T>(action: () => T): T {
  return pool.makeRoom(action);
}

class FileSource implements Source {
  readonly path: string;
  readonly sizeBytes: number;
  readonly #identity: FileIdentity | undefined;
  #readsUnderWay = 0;

  constructor(path: string) {
    this.path = path;
    const fd = pool.acquire(this);
    const stats = fstatSync(fd);
    if (!stats.isFile()) {
      pool.release(this);
      throw new UnreadableFileError(stats.isDirectory() ? 'is a directory, not a file' : 'is not a regular file', { file: path });
    }
    this.sizeBytes = stats.size;
    this.#identity = identityOf(stats);
  }

  /** Refuses a descriptor that was opened anew for a file that is another one by now. */
  checkReopened(fd: number): void {
    if (this.#identity === undefined || isSameIdentity(identityOf(fstatSync(fd)), this.#identity)) return;
    throw new UnreadableFileError('changed while it was being read', { file: this.path });
  }

  /** True while a read is under way on another thread: the descriptor must stay. */
  get isBusy(): boolean {
    return this.#readsUnderWay > 0;
  }

  readInto(target: Uint8Array, targetStart: number, length: number, position: number): void {
    this.#checkRange(length, position);
    this.#readRest(target, targetStart, length, position, 0);
  }

  async readIntoAhead(target: Uint8Array, targetStart: number, length: number, position: number): Promise<void> {
    this.#checkRange(length, position);
    const fd = pool.acquire(this);
    this.#readsUnderWay++;
    try {
      const done = await readOnce(fd, target, targetStart, length, position);
      this.#readRest(target, targetStart, length, position, done);
    } catch (err) {
      throw this.#readError(err, position);
    } finally {
      this.#readsUnderWay--;
    }
  }

  #checkRange(length: number, position: number): void {
    if (length < 0 || position < 0 || position + length > this.sizeBytes) {
      throw new CorruptFileError('data lies outside the file', {
        file: this.path,
        offset: position,
        expected: `${length} bytes`,
        found: `file of ${this.sizeBytes} bytes`,
      });
    }
  }

  /** Reads what is missing after the first `done` bytes. */
  #readRest(target: Uint8Array, targetStart: number, length: number, position: number, from: number): void {
    let done = from;
    while (done < length) {
      const n = this.#readSome(target, targetStart + done, length - done, position + done);
      if (n === 0) {
        throw new CorruptFileError('short read', { file: this.path, offset: position, expected: length, found: done });
      }
      done += n;
    }
  }

  #readSome(target: Uint8Array, start: number, length: number, position: number): number {
    const fd = pool.acquire(this);
    try {
      return readSync(fd, target, start, length, position);
    } catch (err) {
      throw this.#readError(err, position);
    }
  }

  #readError(err: unknown, position: number): unknown {
    if (err instanceof PoolMergeError) return err;
    return new UnreadableFileError(`read failed (${errnoOf(err)})`, { file: this.path, offset: position, cause: err });
  }

  read(position: number, length: number): Uint8Array {
    if (length > 0 && length <= WINDOW_BYTES / 2 && position >= 0 && position + length <= this.sizeBytes) {
      return readAhead(this, position, length);
    }
    this.#checkRange(length, position); // a length from a damaged file must not be allocated
    const out = new Uint8Array(length);
    this.readInto(out, 0, length, position);
    return out;
  }

  close(): void {
    dropReadAhead(this);
    pool.release(this);
  }
}

/** One read on a thread of the system's pool; resolves to the bytes read, as few as none at the end of the file. */
function readOnce(fd: number, target: Uint8Array, start: number, length: number, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(fd, target, start, length, position, (err, bytes) => (err === null ? resolve(bytes) : reject(err)));
  });
}

/** Which file a path leads to (device and inode), and its state (size, time of change). */
interface FileIdentity {
  file: string;
  state: string;
}

/** Device and inode of a file: a name for it whatever path leads to it; the path where there is none. */
export function fileNumber(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? path : identityOf(stats).file;
}

function identityOf({ dev, ino, size, mtimeMs }: Stats): FileIdentity {
  return { file: `${dev}:${ino}`, state: `${size}:${mtimeMs}` };
}

function isSameIdentity(a: FileIdentity, b: FileIdentity): boolean {
  return a.file === b.file && a.state === b.state;
}

/** Opens a local file for positional reads; UnreadableFileError when it is missing, a directory or not readable. */
export function openSource(path: string): Source {
  return new FileSource(path);
}

/** A small text file as a whole (input lists); UnreadableFileError when it cannot be read. */
export function readTextFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (err) {
    const errno = errnoOf(err);
    throw new UnreadableFileError(OPEN_REASONS[errno] ?? `cannot be read (${errno})`, { file: path, cause: err });
  }
}
