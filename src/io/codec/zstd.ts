/** ROOT's ZS: one Zstandard frame (RFC 8878). */
import { invariant } from '../../errors.ts';
import { FIXED_RANGES } from './arena.ts';
import type { Codec } from './codec.ts';
import { codecMemory, zstdLz4Module, type ZstdLz4Exports } from './wasm.ts';

/** ROOT (core/zstd/src/ZipZSTD.cxx) passes twice its own level. */
function zstdLevel(level: number): number {
  return 2 * Math.min(level, 9);
}

class Zstd implements Codec {
  readonly #wasm: ZstdLz4Exports = zstdLz4Module();
  readonly #decoder: number;
  /** Address and size of the encoder; 0 until prepared. One serves all levels, if it is large enough. */
  #encoder = 0;
  #encoderBytes = 0;

  constructor() {
    const { start, end } = FIXED_RANGES.zstdDecoder;
    this.#decoder = this.#wasm.zstdDecoderInit(start, end - start);
    invariant(this.#decoder !== 0, 'the zstd decoder is too small');
  }

  decompress(at: number, bytes: number, out: number, outBytes: number): number {
    return this.#wasm.zstdDecompress(this.#decoder, at, bytes, out, outBytes);
  }

  compress(level: number, at: number, bytes: number, out: number, capacity: number): number {
    const size = this.#encoder === 0 ? -1 : this.#wasm.zstdCompress(this.#encoder, zstdLevel(level), at, bytes, out, capacity);
    invariant(size >= 0, 'compression was not prepared');
    return size;
  }

  prepare(level: number, maxBytes: number): void {
    const bytes = this.#wasm.zstdEncoderBytes(zstdLevel(level), maxBytes);
    if (bytes <= this.#encoderBytes) return;
    const memory = codecMemory();
    if (this.#encoder !== 0) memory.free(this.#encoder);
    this.#encoder = 0;
    this.#encoderBytes = 0;
    const at = memory.alloc(bytes);
    this.#encoder = this.#wasm.zstdEncoderInit(at, bytes);
    this.#encoderBytes = bytes;
    invariant(this.#encoder >>> 0 === at, 'the zstd encoder does not start its region');
  }
}

/** Codec of ZS blocks. */
export function zstdCodec(): Codec {
  return new Zstd();
}
