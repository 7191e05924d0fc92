/** Writes payloads the way ROOT does, for tests: frames, strings, pointers with class and object tags. Shares no code with src/. */

/** Bytes of one payload under construction; tags count from a key header of `keylen` bytes. */
export class PayloadBuilder {
  readonly keylen: number;
  /** Positions of all byte counts. */
  readonly counts: number[] = [];
  readonly #bytes: number[] = [];
  readonly #classes = new Map<string, number>();

  constructor(keylen = 40) {
    this.keylen = keylen;
  }

  get position(): number {
    return this.#bytes.length;
  }

  u8(...values: number[]): this {
    this.#bytes.push(...values.map((value) => value & 0xff));
    return this;
  }

  u16(value: number): this {
    return this.u8(value >> 8, value);
  }

  u32(value: number): this {
    return this.u8(value >>> 24, value >>> 16, value >>> 8, value);
  }

  f64(value: number): this {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(value);
    return this.u8(...bytes);
  }

  f32(value: number): this {
    const bytes = Buffer.alloc(4);
    bytes.writeFloatBE(value);
    return this.u8(...bytes);
  }

  text(value: string): this {
    const bytes = Buffer.from(value, 'utf8');
    if (bytes.length < 255) this.u8(bytes.length);
    else this.u8(255).u32(bytes.length);
    return this.u8(...bytes);
  }

  /** TObject; with kIsReferenced set a process-id index follows. */
  object(bits = 0x0300_0000): this {
    this.u16(1).u32(0).u32(bits);
    return (bits & 0x10) === 0 ? this : this.u16(0);
  }

  /** Byte count, version, content. */
  frame(version: number, content: () => void): this {
    return this.counted(() => {
      this.u16(version);
      content();
    });
  }

  counted(content: () => void): this {
    const at = this.position;
    this.counts.push(at);
    this.u32(0);
    content();
    const count = 0x4000_0000 | (this.position - at - 4);
    for (let i = 0; i < 4; i++) this.#bytes[at + i] = (count >>> (24 - 8 * i)) & 0xff;
    return this;
  }

  /** A pointer slot with an object; returns the object's tag. */
  pointer(className: string, content: () => void): number {
    const tag = this.position + this.keylen + 2;
    this.counted(() => {
      const known = this.#classes.get(className);
      if (known !== undefined) this.u32(0x8000_0000 | known);
      else {
        this.#classes.set(className, this.position + this.keylen + 2);
        this.u32(0xffff_ffff).u8(...Buffer.from(className, 'latin1'), 0);
      }
      content();
    });
    return tag;
  }

  /** A pointer slot that refers to an object written before. */
  reference(tag: number): this {
    return this.u32(tag);
  }

  named(name: string, title: string): this {
    return this.frame(1, () => this.object().text(name).text(title));
  }

  objString(text: string): this {
    return this.frame(1, () => this.object().text(text));
  }

  /** TList version 5; every item writes one pointer slot. */
  list(items: readonly (() => void)[], name = ''): this {
    return this.frame(5, () => {
      this.object().text(name).u32(items.length);
      for (const item of items) {
        item();
        this.u8(0);
      }
    });
  }

  done(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}
