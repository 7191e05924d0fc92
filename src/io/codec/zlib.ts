/** zlib streams (RFC 1950, ROOT's ZL) and raw deflate (RFC 1951, ROOT's old CS) with libdeflate. */
import { invariant } from '../../errors.ts';
import { FIXED_RANGES } from './arena.ts';
import type { Codec } from './codec.ts';
import { codecMemory, type DeflateExports, deflateModule } from './wasm.ts';

/**
 * libdeflate's level for each level of ROOT: the fastest whose output is no larger than zlib's
 * (measured on histograms and baskets of real files). Index 0 is not used.
 */
const LIBDEFLATE_LEVELS: readonly number[] = [0, 1, 2, 3, 4, 6, 7, 7, 9, 10];

/** Level argument of `deflateContextInit` for a decompressor. */
const DECOMPRESSOR = -1;

class Libdeflate implements Codec {
  readonly #wasm: DeflateExports = deflateModule();
  readonly #inflate: DeflateExports['inflateZlib'];
  readonly #decompressor: number;
  /** Address of the compressor per level of libdeflate; absent until prepared. */
  readonly #compressors: number[] = [];

  constructor(inflate: 'inflateZlib' | 'inflateRaw') {
    const { start, end } = FIXED_RANGES.inflateContext;
    this.#inflate = this.#wasm[inflate];
    this.#decompressor = this.#wasm.deflateContextInit(DECOMPRESSOR, start, end - start);
    invariant(this.#decompressor !== 0, 'the inflate context is too small');
  }

  decompress(at: number, bytes: number, out: number, outBytes: number): number {
    return this.#inflate(this.#decompressor, at, bytes, out, outBytes);
  }

  compress(level: number, at: number, bytes: number, out: number, capacity: number): number {
    const own = LIBDEFLATE_LEVELS[Math.min(level, 9)] as number;
    const context = this.#compressors[own];
    invariant(context !== undefined, 'compression was not prepared');
    return this.#wasm.deflateZlib(context, own, at, bytes, out, capacity);
  }

  prepare(level: number): void {
    const own = LIBDEFLATE_LEVELS[Math.min(level, 9)] as number;
    this.#compressors[own] ??= this.#newCompressor(own);
  }

  #newCompressor(own: number): number {
    const bytes = this.#wasm.deflateContextBytes(own);
    const context = this.#wasm.deflateContextInit(own, codecMemory().alloc(bytes), bytes);
    invariant(context !== 0, `no deflate context for level ${own}`);
    return context;
  }
}

/** Codec of ZL blocks. */
export function zlibCodec(): Codec {
  return new Libdeflate('inflateZlib');
}

/** Codec of CS blocks; they are read only. */
export function rawDeflateCodec(): Codec {
  return new Libdeflate('inflateRaw');
}
