/**
 * The output: a temporary file beside the target that gets the target's name only when it is
 * complete. Until `commit` nothing exists under that name, or the old file is untouched.
 */
import { closeSync, fchmodSync, fstatSync, fsyncSync, ftruncateSync, linkSync, openSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { UsageError, invariant } from '../../errors.ts';
import { withDescriptor } from './source.ts';
import { checkTarget, existsAlready, outputError, resolveTarget, statsIfAny, type OutputRole } from './target.ts';
import { claimTemporary, releaseTemporary, removeStaleTemporaries, temporaryPath } from './temporary-file.ts';
import { Writeback, quietly } from './writeback.ts';

/** Bytes collected before a write; larger buffers are slower (page allocation in the kernel). */
const STAGING_BYTES = 256 * 1024;
/** Appends of at least this size skip the staging buffer: one copy less. */
const DIRECT_BYTES = 64 * 1024;
/**
 * Bytes of one write at most. The kernel takes memory for its page cache in pieces as large as the write; pieces of
 * 2 MB are what a virtual machine gives back to its host, and getting them again took longer than the write itself.
 */
const MAX_WRITE_BYTES = 512 * 1024;

/** Bits of a file's mode that say who may do what. */
const PERMISSIONS = 0o777;

/** How a sink treats what is there already. */
export interface SinkOptions {
  /** Replace an existing target. */
  force?: boolean;
  /** A target that is replaced gives the new file its permissions, as if it had been changed in place; default: those of a new file. */
  keepMode?: boolean;
  /** Default: `output`. */
  role?: OutputRole;
}

/** Append-mostly byte sink over the temporary file. */
export interface Sink {
  /** Path of the temporary file, for verification before commit. */
  readonly tempPath: string;
  readonly targetPath: string;
  /** File offset of the next appended byte. */
  readonly position: number;
  /** Appends `length` bytes of `bytes` from `start`. */
  append(bytes: Uint8Array, start?: number, length?: number): void;
  /** Overwrites bytes that were appended before. */
  patch(position: number, bytes: Uint8Array): void;
  /** Grows the file to the expected size at once (a smaller one changes nothing); `flush` cuts it to what was written. */
  expect(sizeBytes: number): void;
  /** Takes for written what another writer put into the temporary file under its path; nothing may be appended before. */
  adopt(): void;
  /** Hands everything to the system. */
  flush(): void;
  /** Makes what was written durable, so that `commit` has little left that could fail. */
  sync(): void;
  /** Makes the file durable and gives it the target's name. */
  commit(): void;
  /** Removes the temporary file; nothing to do after `commit`. */
  abandon(): void;
  [Symbol.dispose](): void;
}

class FileSink implements Sink {
  readonly tempPath: string;
  readonly targetPath: string;
  readonly #force: boolean;
  readonly #role: OutputRole;
  /** The target as the caller wrote it, for messages. */
  readonly #name: string;
  /** Permission bits of the target that is replaced; undefined: those of a new file. */
  readonly #mode: number | undefined;
  readonly #staging: Uint8Array = new Uint8Array(STAGING_BYTES);
  readonly #writeback: Writeback;
  #staged = 0;
  #written = 0;
  #fd: number;

  constructor(target: string, options: SinkOptions) {
    this.#force = options.force === true;
    this.#role = options.role ?? 'output';
    checkTarget(target, this.#force, this.#role);
    this.#name = target;
    this.targetPath = resolveTarget(target);
    this.tempPath = temporaryPath(this.targetPath);
    this.#mode = options.keepMode === true ? statsIfAny(this.targetPath)?.mode : undefined;
    this.#fd = this.#attempt(`create the ${this.#role}`, () => {
      withDescriptor(() => removeStaleTemporaries(this.targetPath));
      return withDescriptor(() => openSync(this.tempPath, 'wx', this.#mode === undefined ? 0o666 : 0o600));
    });
    claimTemporary(this.tempPath);
    this.#writeback = new Writeback(this.tempPath);
  }

  /** Does what the file system may refuse; then an OutputError says that we cannot `what`. */
  #attempt<T>(what: string, action: () => T): T {
    try {
      return action();
    } catch (err) {
      if (err instanceof UsageError) throw err; // the target has appeared meanwhile: for the caller to decide
      throw outputError(err, `cannot ${what}`, this.#name);
    }
  }

  get position(): number {
    return this.#written + this.#staged;
  }

  append(bytes: Uint8Array, start = 0, length: number = bytes.length - start): void {
    if (length >= DIRECT_BYTES || length > STAGING_BYTES - this.#staged) this.#writeStaged();
    if (length >= DIRECT_BYTES) {
      this.#writeNext(bytes, start, length);
      return;
    }
    this.#staging.set(bytes.subarray(start, start + length), this.#staged);
    this.#staged += length;
  }

  patch(position: number, bytes: Uint8Array): void {
    invariant(position >= 0 && position + bytes.length <= this.position, 'patch outside of what was written');
    if (position + bytes.length > this.#written) this.#writeStaged();
    this.#writeFully(bytes, 0, bytes.length, position);
  }

  expect(sizeBytes: number): void {
    if (sizeBytes <= this.#written) return; // never cut what is there
    this.#attempt(`reserve ${sizeBytes} bytes`, () => ftruncateSync(this.#fd, sizeBytes));
  }

  adopt(): void {
    invariant(this.#staged === 0, 'bytes are waiting to be written');
    this.#written = fstatSync(this.#fd).size;
  }

  #writeStaged(): void {
    if (this.#staged === 0) return;
    const bytes = this.#staged;
    this.#staged = 0;
    this.#writeNext(this.#staging, 0, bytes);
  }

  #writeNext(bytes: Uint8Array, start: number, length: number): void {
    this.#writeFully(bytes, start, length, this.#written);
    this.#written += length;
    this.#writeback.add(length);
  }

  #writeFully(bytes: Uint8Array, start: number, length: number, position: number): void {
    let done = 0;
    this.#attempt(`write the ${this.#role}`, () => {
      while (done < length) done += writeSync(this.#fd, bytes, start + done, Math.min(length - done, MAX_WRITE_BYTES), position + done);
    });
  }

  flush(): void {
    this.#writeStaged();
    this.#attempt(`write the ${this.#role}`, () => {
      if (fstatSync(this.#fd).size !== this.#written) ftruncateSync(this.#fd, this.#written);
    });
  }

  sync(): void {
    this.flush();
    this.#attempt(`complete the ${this.#role}`, () => fsyncSync(this.#fd));
  }

  commit(): void {
    this.sync();
    this.#attempt(`complete the ${this.#role}`, () => {
      this.#takeMode();
      this.#close();
      this.#rename();
    });
    releaseTemporary(this.tempPath);
    syncDirectory(dirname(this.targetPath));
  }

  /** A file system that knows no permissions may refuse; the file is its owner's alone then. */
  #takeMode(): void {
    const mode = this.#mode;
    if (mode !== undefined) quietly(() => fchmodSync(this.#fd, mode & PERMISSIONS));
  }

  /** Without force a hard link is made, which fails when somebody created the target meanwhile. */
  #rename(): void {
    if (this.#force) {
      renameSync(this.tempPath, this.targetPath);
      return;
    }
    try {
      linkSync(this.tempPath, this.targetPath);
    } catch (err) {
      if ((err as NodeJS.ErrnoException).code === 'EEXIST') throw existsAlready(this.#name, this.#role);
      checkTarget(this.targetPath, false, this.#role); // a file system without hard links: the check and the rename are two steps
      renameSync(this.tempPath, this.targetPath);
      return;
    }
    unlinkSync(this.tempPath);
  }

  /** The descriptor is gone even when closing reports an error (a network file system writes only now). */
  #close(): void {
    this.#writeback.stop();
    const fd = this.#fd;
    this.#fd = -1;
    closeSync(fd);
  }

  abandon(): void {
    if (!releaseTemporary(this.tempPath)) return;
    quietly(() => this.#fd >= 0 && this.#close());
    quietly(() => unlinkSync(this.tempPath));
  }

  [Symbol.dispose](): void {
    this.abandon();
  }
}

/** A directory entry is durable only when the directory itself is synced; some file systems refuse that. */
function syncDirectory(directory: string): void {
  try {
    const fd = openSync(directory, 'r');
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch {
    // not supported here: the rename itself is done
  }
}

/** Creates the temporary file for `target`. */
export function createSink(target: string, options: SinkOptions = {}): Sink {
  return new FileSink(target, options);
}
