/**
 * The memory all codec modules and kernels share. File bytes read into it are inflated, added and deflated
 * without a copy; addresses ("pointers") are byte offsets from its start.
 *
 * It grows only in `alloc`, never inside a codec or kernel call. Growth replaces `u8` and `view`, and an
 * array kept from before then reads as empty: use `memory.u8` afresh after every `alloc` or `prepareCompression`.
 */
import { invariant, UnsupportedError } from '../../errors.ts';
import type { WasmApi, WasmMemory } from './web-assembly.ts';

const PAGE_BYTES = 0x1_0000;
const MAX_PAGES = 0x1_0000;
/** Address space at the start. It costs no resident memory until it is touched. */
const INITIAL_BYTES = 0x240_0000;
/** Memory grows in steps of at least this many bytes. */
const GROWTH_BYTES = 0x40_0000;
const ALIGNMENT = 16;

/** A range of addresses in bytes, end excluded. */
export interface AddressRange {
  readonly start: number;
  readonly end: number;
}

/** Names of the addresses with a fixed purpose. */
export type FixedRange = 'deflateModule' | 'zstdLz4Module' | 'lzmaModule' | 'inflateContext' | 'zstdDecoder' | 'xzDecoder';

/**
 * Addresses with a fixed purpose: static data and stack of each module (as wasm/build.sh links them) and the
 * decoders' contexts, which therefore need no allocation. XZ's holds the dictionary of a largest block.
 */
export const FIXED_RANGES: Readonly<Record<FixedRange, AddressRange>> = {
  deflateModule: { start: 0x400, end: 0x3_0000 },
  zstdLz4Module: { start: 0x3_0000, end: 0xa_0000 },
  lzmaModule: { start: 0xa_0000, end: 0xd_0000 },
  inflateContext: { start: 0xd_0000, end: 0xd_4000 },
  zstdDecoder: { start: 0xd_4000, end: 0xf_0000 },
  xzDecoder: { start: 0xf_0000, end: 0x112_0000 },
};

/** Start of what `alloc` hands out. */
const ARENA_START = FIXED_RANGES.xzDecoder.end;

/** What holds the bytes: a WebAssembly memory, or an array that is replaced when it grows. */
interface Backing {
  buffer: ArrayBuffer;
  grow(bytes: number): void;
}

interface FreeRegion {
  start: number;
  bytes: number;
}

/** Hands out regions of the shared memory. */
export class CodecMemory {
  /** The whole memory. */
  u8: Uint8Array;
  /** The whole memory. */
  view: DataView;
  readonly #backing: Backing;
  /** By address; neighbours are joined. */
  readonly #free: FreeRegion[];
  readonly #used = new Map<number, number>();

  constructor(backing: Backing) {
    this.#backing = backing;
    this.u8 = new Uint8Array(backing.buffer);
    this.view = new DataView(backing.buffer);
    this.#free = [{ start: ARENA_START, bytes: this.u8.length - ARENA_START }];
  }

  /**
   * Address (a multiple of 16) of a region of `bytes` bytes with arbitrary content, valid until `free`.
   * Throws UnsupportedError when the memory cannot grow that far (4 GiB in all, or what the system gives).
   */
  alloc(bytes: number): number {
    invariant(Number.isSafeInteger(bytes) && bytes >= 0, `region of ${bytes} bytes`);
    const size = Math.max(ALIGNMENT, Math.ceil(bytes / ALIGNMENT) * ALIGNMENT);
    let at = this.#free.findIndex((region) => region.bytes >= size);
    if (at < 0) at = this.#grow(size);
    const region = this.#free[at] as FreeRegion;
    const start = region.start;
    if (region.bytes === size) this.#free.splice(at, 1);
    else {
      region.start += size;
      region.bytes -= size;
    }
    this.#used.set(start, size);
    return start;
  }

  /** Gives back a region that `alloc` returned. */
  free(start: number): void {
    const bytes = this.#used.get(start);
    invariant(bytes !== undefined, `region ${start} freed without being allocated`);
    this.#used.delete(start);
    const next = this.#free.findIndex((region) => region.start > start);
    this.#insert(next < 0 ? this.#free.length : next, { start, bytes });
  }

  /** Calls `fn` with a region that lives as long as the call. */
  withRegion<T>(bytes: number, fn: (start: number) => T): T {
    const start = this.alloc(bytes);
    try {
      return fn(start);
    } finally {
      this.free(start);
    }
  }

  /** Bytes in regions not yet freed. */
  get usedBytes(): number {
    let sum = 0;
    for (const bytes of this.#used.values()) sum += bytes;
    return sum;
  }

  /** Puts a free region before index `at` and joins it with its neighbours; returns its index. */
  #insert(at: number, region: FreeRegion): number {
    this.#free.splice(at, 0, region);
    const next = this.#free[at + 1];
    if (next !== undefined && region.start + region.bytes === next.start) {
      region.bytes += next.bytes;
      this.#free.splice(at + 1, 1);
    }
    const previous = this.#free[at - 1];
    if (previous === undefined || previous.start + previous.bytes !== region.start) return at;
    previous.bytes += region.bytes;
    this.#free.splice(at, 1);
    return at - 1;
  }

  /** Grows so that the last free region has at least `bytes` bytes; returns its index. */
  #grow(bytes: number): number {
    const end = this.u8.length;
    const last = this.#free.at(-1);
    const missing = bytes - (last !== undefined && last.start + last.bytes === end ? last.bytes : 0);
    const most = MAX_PAGES * PAGE_BYTES - end;
    if (missing > most) throw new UnsupportedError(`${bytes} bytes do not fit into the 4 GiB of codec memory`);
    const wanted = Math.ceil(Math.max(missing, GROWTH_BYTES) / PAGE_BYTES) * PAGE_BYTES;
    const added = Math.min(wanted, most);
    try {
      this.#backing.grow(added);
    } catch (cause) {
      throw new UnsupportedError(`the system has no memory left for a region of ${bytes} bytes`, { cause });
    }
    this.u8 = new Uint8Array(this.#backing.buffer);
    this.view = new DataView(this.#backing.buffer);
    return this.#insert(this.#free.length, { start: end, bytes: added });
  }
}

/** A WebAssembly memory and the arena in it. */
export function wasmArena(api: WasmApi): { memory: WasmMemory; arena: CodecMemory } {
  const memory = new api.Memory({ initial: INITIAL_BYTES / PAGE_BYTES, maximum: MAX_PAGES });
  const backing: Backing = {
    get buffer(): ArrayBuffer {
      return memory.buffer;
    },
    grow(bytes: number): void {
      memory.grow(bytes / PAGE_BYTES);
    },
  };
  return { memory, arena: new CodecMemory(backing) };
}

/** An arena in ordinary memory, where WebAssembly with SIMD is missing. */
export function plainArena(): CodecMemory {
  return new CodecMemory({
    buffer: new ArrayBuffer(INITIAL_BYTES),
    grow(bytes: number): void {
      const grown = new ArrayBuffer(this.buffer.byteLength + bytes);
      new Uint8Array(grown).set(new Uint8Array(this.buffer));
      this.buffer = grown;
    },
  });
}
