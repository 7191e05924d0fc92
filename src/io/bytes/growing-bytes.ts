/** A growing byte buffer: what the big- and little-endian writers write into. */
export class GrowingBytes {
  bytes: Uint8Array;
  view: DataView;
  /** Bytes written so far. */
  pos = 0;

  constructor(capacity = 256) {
    this.bytes = new Uint8Array(capacity);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Makes room for `n` more bytes and returns the index of the first. */
  grow(n: number): number {
    const at = this.pos;
    this.pos = at + n;
    if (this.pos > this.bytes.length) {
      const next = new Uint8Array(Math.max(this.pos, this.bytes.length * 2));
      next.set(this.bytes.subarray(0, at));
      this.bytes = next;
      this.view = new DataView(next.buffer);
    }
    return at;
  }

  raw(bytes: Uint8Array): void {
    const at = this.grow(bytes.length);
    this.bytes.set(bytes, at);
  }

  /** What was written so far, as a view. */
  done(): Uint8Array {
    return this.bytes.subarray(0, this.pos);
  }
}
