/** Source and sink in memory that keep only what is not zero: files of more than 100 GB in a few pages. */
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import type { Sink } from '../src/io/bytes/sink.ts';
import { CorruptFileError } from '../src/errors.ts';
import type { Source } from '../src/io/bytes/source.ts';

const PAGE_BYTES = 64 * 1024;

/** Bytes of a file by page; what was never written reads as zero. */
class SparseBytes {
  readonly #pages = new Map<number, Uint8Array>();
  sizeBytes = 0;

  write(position: number, bytes: Uint8Array): void {
    this.#eachPage(position, bytes.length, true, (page, at, done, n) => page?.set(bytes.subarray(done, done + n), at));
    this.sizeBytes = Math.max(this.sizeBytes, position + bytes.length);
  }

  read(position: number, target: Uint8Array): void {
    target.fill(0);
    this.#eachPage(
      position,
      target.length,
      false,
      (page, at, done, n) => page !== undefined && target.set(page.subarray(at, at + n), done),
    );
  }

  /** Writes a file on disk that takes as little room as this. */
  saveTo(path: string): void {
    const fd = openSync(path, 'w');
    for (const [index, page] of this.#pages) writeSync(fd, page, 0, page.length, index * PAGE_BYTES);
    ftruncateSync(fd, this.sizeBytes);
    closeSync(fd);
  }

  #eachPage(
    position: number,
    length: number,
    make: boolean,
    visit: (page: Uint8Array | undefined, at: number, done: number, n: number) => void,
  ): void {
    for (let done = 0; done < length;) {
      const index = Math.floor((position + done) / PAGE_BYTES);
      const at = (position + done) % PAGE_BYTES;
      const n = Math.min(length - done, PAGE_BYTES - at);
      if (make && !this.#pages.has(index)) this.#pages.set(index, new Uint8Array(PAGE_BYTES));
      visit(this.#pages.get(index), at, done, n);
      done += n;
    }
  }
}

/** A sink whose file exists only here. `skip` appends zeros that take no memory; `source` reads what was written. */
export class SparseSink implements Sink {
  readonly tempPath = 'memory.tmp';
  readonly targetPath = 'memory.root';
  readonly bytes: SparseBytes = new SparseBytes();
  position = 0;
  committed = false;

  append(bytes: Uint8Array, start = 0, length: number = bytes.length - start): void {
    this.bytes.write(this.position, bytes.subarray(start, start + length));
    this.position += length;
  }

  /** Leaves a hole up to `position`, as if zeros had been appended. */
  skipTo(position: number): void {
    if (position < this.position) throw new RangeError(`cannot skip back to ${position}`);
    this.position = position;
    this.bytes.sizeBytes = position;
  }

  patch(position: number, bytes: Uint8Array): void {
    if (position + bytes.length > this.position) throw new RangeError('patch outside of what was written');
    this.bytes.write(position, bytes);
  }

  expect(): void {}
  adopt(): void {}
  flush(): void {}
  sync(): void {}
  commit(): void {
    this.committed = true;
  }
  abandon(): void {}
  [Symbol.dispose](): void {}

  /** Everything written, as an array; for small files. */
  toBytes(): Uint8Array {
    const all = new Uint8Array(this.position);
    this.bytes.read(0, all);
    return all;
  }

  source(path = 'memory.root'): Source {
    return new SparseSource(path, this.bytes);
  }
}

/** A source over bytes in memory. */
export function memorySource(content: Uint8Array, path = 'memory.root'): Source {
  const bytes = new SparseBytes();
  bytes.write(0, content);
  return new SparseSource(path, bytes);
}

class SparseSource implements Source {
  readonly path: string;
  readonly #bytes: SparseBytes;

  constructor(path: string, bytes: SparseBytes) {
    this.path = path;
    this.#bytes = bytes;
  }

  get sizeBytes(): number {
    return this.#bytes.sizeBytes;
  }

  readInto(target: Uint8Array, targetStart: number, length: number, position: number): void {
    if (length < 0 || position < 0 || position + length > this.sizeBytes) {
      throw new CorruptFileError('data lies outside the file', { file: this.path, offset: position });
    }
    this.#bytes.read(position, target.subarray(targetStart, targetStart + length));
  }

  async readIntoAhead(target: Uint8Array, targetStart: number, length: number, position: number): Promise<void> {
    await Promise.resolve();
    this.readInto(target, targetStart, length, position);
  }

  read(position: number, length: number): Uint8Array {
    const out = new Uint8Array(Math.max(0, length));
    this.readInto(out, 0, length, position);
    return out;
  }

  close(): void {}
}
