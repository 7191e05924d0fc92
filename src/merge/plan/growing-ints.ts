/** A growing column of unsigned 32-bit integers. */
export class GrowingInts {
  #values: Uint32Array = new Uint32Array(16);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) this.reserve(this.#length + 1);
    this.#values[this.#length++] = value;
  }

  /** Makes room for `count` values in all; at least twice as many as there was room for, so that making room often costs little. */
  reserve(count: number): void {
    const room = this.#values.length;
    if (count <= room) return;
    const next = new Uint32Array(Math.max(count, 2 * room));
    next.set(this.#values);
    this.#values = next;
  }

  /** Value at an index below `length`. */
  at(index: number): number {
    return this.#values[index] as number;
  }

  set(index: number, value: number): void {
    this.#values[index] = value;
  }
}
