/**
 * Key images of one output directory, collected in any order and listed by slot. Records are
 * written in the order that reads inputs best; the key list keeps the order of the plan.
 */
import { invariant } from '../../errors.ts';

/** Growable store of key images: two columns and one byte buffer, no object per key. */
export class KeyImages {
  #bytes: Uint8Array = new Uint8Array(256);
  #used = 0;
  #at: Uint32Array = new Uint32Array(16);
  /** 0: slot not set. */
  #length: Uint16Array = new Uint16Array(16);
  #slots = 0;

  /** Number of slots, one past the highest set. */
  get count(): number {
    return this.#slots;
  }

  /** Stores `length` bytes of a record's header as the image of `slot`. */
  set(slot: number, bytes: Uint8Array, start: number, length: number): void {
    this.#growSlots(slot + 1);
    invariant(this.#length[slot] === 0, `key slot ${slot} was written twice`);
    if (this.#used + length > this.#bytes.length) {
      const next = new Uint8Array(Math.max(this.#used + length, this.#bytes.length * 2));
      next.set(this.#bytes.subarray(0, this.#used));
      this.#bytes = next;
    }
    const target = this.#bytes;
    for (let k = 0; k < length; k++) target[this.#used + k] = bytes[start + k] as number;
    this.#at[slot] = this.#used;
    this.#length[slot] = length;
    this.#used += length;
  }

  #growSlots(count: number): void {
    if (count > this.#slots) this.#slots = count;
    if (count <= this.#at.length) return;
    const size = Math.max(count, this.#at.length * 2);
    const [at, length] = [new Uint32Array(size), new Uint16Array(size)];
    at.set(this.#at);
    length.set(this.#length);
    [this.#at, this.#length] = [at, length];
  }

  /** Payload of the key-list record: i32 count, then the images in slot order. */
  encodeList(): Uint8Array {
    const out = new Uint8Array(4 + this.#used);
    new DataView(out.buffer).setInt32(0, this.#slots);
    let pos = 4;
    for (let slot = 0; slot < this.#slots; slot++) {
      const [at, length] = [this.#at[slot] as number, this.#length[slot] as number];
      invariant(length > 0, `key slot ${slot} was never written`);
      out.set(this.#bytes.subarray(at, at + length), pos);
      pos += length;
    }
    return out;
  }
}
