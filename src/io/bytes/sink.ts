/**
 * The output: a temporary file beside the target that gets the target's name only when it is
 * complete. Until `commit` nothing exists under that name, or the old file is untouched.
 */
import {
  closeSync,
  fdatasync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  openSync,
  readdirSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { UsageError, invariant } from '../../errors.ts';
import { withDescriptor } from './source.ts';
import { checkTarget, existsAlready, outputError, resolveTarget, type OutputRole } from './target.ts';

/** Bytes collected before a write; larger buffers are slower (page allocation in the kernel). */
const STAGING_BYTES = 256 * 1024;
/** Appends of at least this size skip the staging buffer: one copy less. */
const DIRECT_BYTES = 64 * 1024;
/**
 * Bytes of one write at most. The kernel takes memory for its page cache in pieces as large as the write; pieces of
 * 2 MB are what a virtual machine gives back to its host, and getting them again took longer than the write itself.
 */
const MAX_WRITE_BYTES = 512 * 1024;
/** Bytes after which the system is asked to write what it has. */
const WRITEBACK_BYTES = 16 * 1024 * 1024;
const TEMP_MARK = '.pool-merge-';
/** Longest file name of common file systems, bytes. */
const NAME_MAX_BYTES = 255;

/** How a sink treats what is there already. */
export interface SinkOptions {
  /** Replace an existing target. */
  force?: boolean;
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

/** True for the name of a sink's temporary file: what a writer leaves that was ended. */
export function isTemporaryName(name: string): boolean {
  return name.startsWith('.') && name.includes(TEMP_MARK) && name.endsWith('.tmp');
}

function tempPrefix(targetName: string): string {
  let name = targetName;
  while (Buffer.byteLength(`.${name}`) > NAME_MAX_BYTES - 60) name = name.slice(0, -1);
  return `.${name}${TEMP_MARK}`;
}

function hostTag(): string {
  return (
    hostname()
      .replaceAll(/[^A-Za-z0-9]/g, '')
      .slice(0, 20) || 'host'
  );
}

/** What tells the temporary files of this thread from those of others: the process id, in a worker thread its number, too. */
const writerTag = threadId === 0 ? String(process.pid) : `${process.pid}.${threadId}`;

/** Temporary files this thread is writing. A file with our process id that is not among them is stale too: ids are used again. */
const ownTemps = new Set<string>();

/** Removes temporary files of the same target whose process is gone (killed, machine restarted). */
function removeStaleTemps(directory: string, targetName: string): void {
  const prefix = tempPrefix(targetName);
  const own = `${prefix}${hostTag()}-`;
  for (const name of readdirSync(directory)) {
    if (!name.startsWith(own) || !name.endsWith('.tmp')) continue;
    const path = join(directory, name);
    const [pid, thread = 0] = name.slice(own.length, -'.tmp'.length).split('.').map(Number);
    const isOurs = pid === process.pid && thread === threadId;
    if (isOurs ? !ownTemps.has(path) : Number.isInteger(pid) && !isProcessAlive(Number(pid))) unlinkSync(path);
  }
}

function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (err) {
    return (err as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Lets the disk work while more is being copied: the data written so far are synced in the
 * background, so that the fsync of `commit` finds little left. It has a descriptor of its own, so an
 * error that it meets is still reported to the descriptor that `commit` syncs.
 */
class Writeback {
  readonly #path: string;
  #fd = -1;
  #busy = false;
  #stopped = false;
  #waitingBytes = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** Counts bytes handed to the system; starts a sync when they are many and none is under way. */
  add(bytes: number): void {
    this.#waitingBytes += bytes;
    if (this.#waitingBytes >= WRITEBACK_BYTES && !this.#busy) this.#start();
  }

  #start(): void {
    this.#waitingBytes = 0;
    if (this.#fd < 0) this.#fd = withDescriptor(() => openSync(this.#path, 'r'));
    this.#busy = true;
    fdatasync(this.#fd, () => {
      this.#busy = false;
      if (this.#stopped) this.#close();
    });
  }

  stop(): void {
    this.#stopped = true;
    if (!this.#busy) this.#close();
  }

  #close(): void {
    if (this.#fd >= 0) quietly(() => closeSync(this.#fd));
    this.#fd = -1;
  }
}

class FileSink implements Sink {
  readonly tempPath: string;
  readonly targetPath: string;
  readonly #force: boolean;
  readonly #role: OutputRole;
  /** The target as the caller wrote it, for messages. */
  readonly #name: string;
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
    const directory = dirname(this.targetPath);
    const name = basename(this.targetPath);
    this.tempPath = join(directory, `${tempPrefix(name)}${hostTag()}-${writerTag}.tmp`);
    try {
      withDescriptor(() => removeStaleTemps(directory, name));
      this.#fd = withDescriptor(() => openSync(this.tempPath, 'wx', 0o666));
    } catch (err) {
      throw outputError(err, `cannot create the ${this.#role}`, target);
    }
    ownTemps.add(this.tempPath);
    this.#writeback = new Writeback(this.tempPath);
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
    try {
      ftruncateSync(this.#fd, sizeBytes);
    } catch (err) {
      throw outputError(err, `cannot reserve ${sizeBytes} bytes`, this.#name);
    }
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
    try {
      while (done < length) done += writeSync(this.#fd, bytes, start + done, Math.min(length - done, MAX_WRITE_BYTES), position + done);
    } catch (err) {
      throw outputError(err, `cannot write the ${this.#role}`, this.#name);
    }
  }

  flush(): void {
    this.#writeStaged();
    try {
      if (fstatSync(this.#fd).size !== this.#written) ftruncateSync(this.#fd, this.#written);
    } catch (err) {
      throw outputError(err, `cannot write the ${this.#role}`, this.#name);
    }
  }

  sync(): void {
    this.flush();
    try {
      fsyncSync(this.#fd);
    } catch (err) {
      throw outputError(err, `cannot complete the ${this.#role}`, this.#name);
    }
  }

  commit(): void {
    this.sync();
    try {
      this.#close();
      this.#rename();
      ownTemps.delete(this.tempPath);
      syncDirectory(dirname(this.targetPath));
    } catch (err) {
      if (err instanceof UsageError) throw err;
      throw outputError(err, `cannot complete the ${this.#role}`, this.#name);
    }
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
      const errno = (err as NodeJS.ErrnoException).code;
      if (errno === 'EEXIST') throw existsAlready(this.#name, this.#role);
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
    if (!ownTemps.delete(this.tempPath)) return;
    quietly(() => this.#fd >= 0 && this.#close());
    quietly(() => unlinkSync(this.tempPath));
  }

  [Symbol.dispose](): void {
    this.abandon();
  }
}

/** For what is given up anyway: there is nobody to tell, and nothing else to do. */
function quietly(action: () => unknown): void {
  try {
    action();
  } catch {
    // the file is gone already, or closing it reported a late write error
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
