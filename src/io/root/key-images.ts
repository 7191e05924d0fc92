/**
 * Key images of one output directory, collected in any order and listed by slot. Records are
 * written in the order that reads inputs best; the key list keeps the order of the plan.
 */
import { invariant } from '../../errors.ts';
import { copyRun } from '../bytes/byte-runs.ts';
import { roomFor } from '../bytes/small-arrays.ts';

/** Bytes of the first chunk; each further one is twice as large, up to the limit. */
const FIRST_CHUNK_BYTES = 256;
const MAX_CHUNK_BYTES = 256 * 1024;
/** Slots there is room for at least. */
const MIN_SLOTS = 4;
/** Bytes of the count in front of the images. */
const COUNT_BYTES = 4;

const NO_CHUNK = new DataView(new ArrayBuffer(0));

/** Growable store of key images: columns by slot and chunks of bytes, nothing is copied when it grows. */
export class KeyImages {
  readonly #chunks: Uint8Array[] = [];
  /** Chunk, position in it, and length of each slot's image; length 0: slot not set. */
  #chunk: Uint16Array = new Uint16Array(0);
  #at: Uint32Array = new Uint32Array(0);
  #length: Uint16Array = new Uint16Array(0);
  #slots = 0;
  #used = 0;
  #bytes = COUNT_BYTES;
  /** The chunk that was written last, to patch an image in place. */
  view: DataView = NO_CHUNK;

  /** Number of slots, one past the highest set. */
  get count(): number {
    return this.#slots;
  }

  /** Bytes of the key-list payload so far. */
  get listBytes(): number {
    return this.#bytes;
  }

  /** Stores `length` bytes of a record's header as the image of `slot`; returns its index in `view`. */
  set(slot: number, from: DataView, start: number, length: number): number {
    if (slot >= this.#slots) this.#growSlots(slot + 1);
    invariant(this.#length[slot] === 0, 'a key slot was written twice');
    if (this.#used + length > this.view.byteLength) this.#addChunk(length);
    const at = this.#used;
    copyRun(this.view, at, from, start, length);
    this.#chunk[slot] = this.#chunks.length - 1;
    this.#at[slot] = at;
    this.#length[slot] = length;
    this.#used = at + length;
    this.#bytes += length;
    return at;
  }

  /** Stores the images of `slots`, which lie in `bytes` one after the other; `at`: where each starts, and where the last one ends. */
  setRun(slots: Uint32Array, bytes: Uint8Array, at: Uint32Array): void {
    if (slots.length === 0) return;
    const [start, end] = [at[0] as number, at[slots.length] as number];
    if (this.#used + end - start > this.view.byteLength) this.#addChunk(end - start);
    const chunk = this.#chunks.length - 1;
    (this.#chunks[chunk] as Uint8Array).set(bytes.subarray(start, end), this.#used);
    this.#growSlots(slots.reduce((most, slot) => Math.max(most, slot + 1), this.#slots));
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i] as number;
      invariant(this.#length[slot] === 0, 'a key slot was written twice');
      this.#chunk[slot] = chunk;
      this.#at[slot] = this.#used + (at[i] as number) - start;
      this.#length[slot] = (at[i + 1] as number) - (at[i] as number);
    }
    this.#used += end - start;
    this.#bytes += end - start;
  }

  #addChunk(length: number): void {
    const size = Math.min(MAX_CHUNK_BYTES, FIRST_CHUNK_BYTES * 2 ** Math.min(16, this.#chunks.length));
    const bytes = Math.max(size, length);
    const { buffer, start } = roomFor(bytes);
    this.#chunks.push(new Uint8Array(buffer, start, bytes));
    this.view = new DataView(buffer, start, bytes);
    this.#used = 0;
  }

  #growSlots(count: number): void {
    this.#slots = count;
    if (count <= this.#at.length) return;
    const size = Math.max(count, this.#at.length * 2, MIN_SLOTS);
    const { buffer, start } = roomFor(size * (4 + 2 + 2));
    const at = new Uint32Array(buffer, start, size);
    const chunk = new Uint16Array(buffer, start + 4 * size, size);
    const length = new Uint16Array(buffer, start + 6 * size, size);
    chunk.set(this.#chunk);
    at.set(this.#at);
    length.set(this.#length);
    [this.#chunk, this.#at, this.#length] = [chunk, at, length];
  }

  /** Hands out the payload of the key-list record in pieces: i32 count, then the images in slot order. */
  writeList(append: (bytes: Uint8Array, start: number, length: number) => void): void {
    const count = new Uint8Array(COUNT_BYTES);
    new DataView(count.buffer).setInt32(0, this.#slots);
    append(count, 0, COUNT_BYTES);
    for (let slot = 0; slot < this.#slots;) {
      const [chunk, from] = [this.#chunk[slot] as number, this.#at[slot] as number];
      let end = from;
      // Images that were set in the order of their slots lie behind each other.
      for (; slot < this.#slots && this.#chunk[slot] === chunk && this.#at[slot] === end && this.#length[slot] !== 0; slot++) {
        end += this.#length[slot] as number;
      }
      invariant(end > from, `key slot ${slot} was never written`);
      append(this.#chunks[chunk] as Uint8Array, from, end - from);
    }
  }
}
