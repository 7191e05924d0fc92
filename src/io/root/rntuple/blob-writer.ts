/** Writes RBlob records: pages and envelopes of an RNTuple, none of them spread over several keys. */
import { UnsupportedError } from '../../../errors.ts';
import { compress } from '../../codec/payload.ts';
import type { EnvelopePlace } from './anchor.ts';
import { BLOB_KEY_BYTES, encodeBlobKey } from './blob.ts';
import type { RootFileWriter } from '../root-file-writer.ts';

/** Largest blob, bytes: what ROOT's anchors say (fMaxKeySize), and well within the i32 of a key's fNbytes. */
export const MAX_BLOB_BYTES: number = 2 ** 30;

/** Blob writer of one RNTuple. */
export class BlobWriter {
  /** Largest payload of one blob, bytes. */
  readonly maxBytes: number;
  readonly #writer: RootFileWriter;

  constructor(writer: RootFileWriter, maxBytes: number = MAX_BLOB_BYTES) {
    this.#writer = writer;
    this.maxBytes = maxBytes;
  }

  /** How many of the pieces [from, count) go into one blob, and their bytes: at least one piece. */
  fit(bytes: Float64Array, from: number, count: number): { to: number; bytes: number } {
    let [to, sum] = [from, 0];
    while (to < count && (to === from || sum + (bytes[to] as number) <= this.maxBytes)) sum += bytes[to++] as number;
    this.#checkSize(sum);
    return { to, bytes: sum };
  }

  #checkSize(bytes: number): void {
    if (bytes > this.maxBytes) {
      throw new UnsupportedError(`a page or envelope of ${bytes} bytes exceeds the largest key (${this.maxBytes} bytes)`);
    }
  }

  /** Writes the key of a blob whose `bytes` bytes the caller appends next. */
  append(bytes: number): void {
    this.#writer.sink.append(this.#key(this.#writer.position, bytes));
  }

  /** Writes a key to be completed by `finish`; returns its position. */
  begin(): number {
    const at = this.#writer.position;
    this.append(0);
    return at;
  }

  /** Bytes appended to the blob begun at `at`. */
  sizeSince(at: number): number {
    return this.#writer.position - at - BLOB_KEY_BYTES;
  }

  /** Gives the blob begun at `at` its length. */
  finish(at: number): void {
    this.#writer.sink.patch(at, this.#key(at, this.sizeSince(at)));
  }

  #key(seekKey: number, bytes: number): Uint8Array {
    const { options, root } = this.#writer;
    return encodeBlobKey({ seekKey, storedBytes: bytes, objlen: bytes, datime: options.datime, seekPdir: root.seekDir });
  }

  /** Writes a whole blob; returns the file offset of its payload. */
  write(payload: Uint8Array): number {
    this.#checkSize(payload.length);
    this.append(payload.length);
    const at = this.#writer.position;
    this.#writer.sink.append(payload);
    return at;
  }

  /** Compresses and writes an envelope. */
  writeEnvelope(envelope: Uint8Array): EnvelopePlace {
    const stored = compress(this.#writer.options.compression, envelope);
    return { offset: this.write(stored), storedBytes: stored.length, bytes: envelope.length };
  }
}
