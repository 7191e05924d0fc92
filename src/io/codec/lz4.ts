/** ROOT's L4: 8 bytes big-endian XXH64 of the LZ4 block (verified when read), then the block. */
import { invariant } from '../../errors.ts';
import type { Codec } from './codec.ts';
import { codecMemory, zstdLz4Module, type ZstdLz4Exports } from './wasm.ts';

/** ROOT (core/lz4/src/ZipLZ4.cxx): from level 4 on LZ4-HC with that level, below it the fast compressor. */
const FIRST_HC_LEVEL = 4;

class Lz4 implements Codec {
  readonly #wasm: ZstdLz4Exports = zstdLz4Module();
  /** Addresses of the two compressors' states; 0 until prepared. */
  #fastState = 0;
  #hcState = 0;

  decompress(at: number, bytes: number, out: number, outBytes: number): number {
    return this.#wasm.lz4Decompress(at, bytes, out, outBytes);
  }

  compress(level: number, at: number, bytes: number, out: number, capacity: number): number {
    const state = level < FIRST_HC_LEVEL ? this.#fastState : this.#hcState;
    invariant(state !== 0, 'compression was not prepared');
    return this.#wasm.lz4Compress(state, Math.min(level, 9), at, bytes, out, capacity);
  }

  prepare(level: number): void {
    const bytes = this.#wasm.lz4EncoderBytes(level);
    if (level < FIRST_HC_LEVEL) this.#fastState ||= codecMemory().alloc(bytes);
    else this.#hcState ||= codecMemory().alloc(bytes);
  }
}

/** Codec of L4 blocks. */
export function lz4Codec(): Codec {
  return new Lz4();
}
