/** Syncing what was written while more is being written. */
import { closeSync, fdatasync, openSync } from 'node:fs';
import { withDescriptor } from './source.ts';

/** Bytes after which the system is asked to write what it has. */
const WRITEBACK_BYTES = 16 * 1024 * 1024;

/**
 * Lets the disk work while more is being copied: the data written so far are synced in the
 * background, so that the fsync at the end finds little left. It has a descriptor of its own, so an
 * error that it meets is still reported to the descriptor that is synced at the end.
 */
export class Writeback {
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

  /** Ends it; a sync that is under way is let finish. */
  stop(): void {
    this.#stopped = true;
    if (!this.#busy) this.#close();
  }

  #close(): void {
    if (this.#fd >= 0) quietly(() => closeSync(this.#fd));
    this.#fd = -1;
  }
}

/** For what is given up anyway: there is nobody to tell, and nothing else to do. */
export function quietly(action: () => unknown): void {
  try {
    action();
  } catch {
    // the file is gone already, or closing it reported a late write error
  }
}
