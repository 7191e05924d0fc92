/** ROOT's XZ: one xz stream with LZMA2 and a CRC32. */
import { invariant } from '../../errors.ts';
import { FIXED_RANGES } from './arena.ts';
import { type Codec, DecodeStatus } from './codec.ts';
import { codecMemory, type LzmaExports, lzmaModule } from './wasm.ts';

const { start: DECODER, end: DECODER_END } = FIXED_RANGES.xzDecoder;

class Xz implements Codec {
  readonly #wasm: LzmaExports = lzmaModule();
  /** Address and size of the encoder's region; 0 until prepared. */
  #encoder = 0;
  #encoderBytes = 0;

  decompress(at: number, bytes: number, out: number, outBytes: number): number {
    const needed = this.#wasm.xzDecoderBytes(outBytes);
    if (needed > DECODER_END - DECODER) return DecodeStatus.unsupported;
    return this.#wasm.xzDecompress(DECODER, needed, at, bytes, out, outBytes);
  }

  compress(level: number, at: number, bytes: number, out: number, capacity: number): number {
    const preset = Math.min(level, 9);
    const size = this.#wasm.xzCompress(this.#encoder, this.#encoderBytes, preset, at, bytes, out, capacity);
    invariant(size >= 0, 'compression was not prepared');
    return size;
  }

  prepare(level: number, maxBytes: number): void {
    const bytes = this.#wasm.xzEncoderBytes(Math.min(level, 9), maxBytes);
    if (bytes <= this.#encoderBytes) return;
    const memory = codecMemory();
    if (this.#encoder !== 0) memory.free(this.#encoder);
    this.#encoder = 0;
    this.#encoderBytes = 0;
    this.#encoder = memory.alloc(bytes);
    this.#encoderBytes = bytes;
  }
}

/** Codec of XZ blocks. */
export function lzmaCodec(): Codec {
  return new Xz();
}
