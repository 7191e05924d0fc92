/** A growing column of unsigned 32-bit integers. */
export class GrowingInts {
  #values: Uint32Array = new Uint32Array(16);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** All values, a view: for loops over many. What is appended later may not show in it. */
  get values(): Uint32Array {
    return this.#values.subarray(0, this.#length);
  }

  push(value: number): void {
    if (this.#length === this.#values.length) this.reserve(this.#length + 1);
    this.#values[this.#length++] = value;
  }

  /** Appends `count` values: the first, and each further one larger by `step`. */
  pushSequence(first: number, count: number, step: number): void {
    const from = this.#length;
    this.reserve(from + count);
    this.#length += count;
    if (step === 0) this.#values.fill(first, from, this.#length);
    else for (let i = 0; i < count; i++) this.#values[from + i] = first + i * step;
  }

  /** Appends values that may be another column's. */
  pushAll(values: Uint32Array): void {
    this.reserve(this.#length + values.length);
    this.#values.set(values, this.#length);
    this.#length += values.length;
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
