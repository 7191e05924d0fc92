/** ZL and CS with node:zlib, for hosts without WebAssembly SIMD; also the oracle of the codec tests. */
import { deflateSync, inflateRawSync, inflateSync } from 'node:zlib';
import { type Codec, DecodeStatus } from './codec.ts';
import { codecMemory } from './wasm.ts';

/** What `inflateSync` returns with the option `info`. */
interface Inflated {
  buffer: Uint8Array;
  engine: { bytesWritten: number };
}

function statusOf(err: unknown): number {
  const code = (err as { code?: unknown }).code;
  const message = err instanceof Error ? err.message : '';
  if (code === 'ERR_BUFFER_TOO_LARGE' || code === 'Z_BUF_ERROR') return DecodeStatus.badSize;
  return message === 'incorrect data check' ? DecodeStatus.badChecksum : DecodeStatus.badData;
}

class NodeZlib implements Codec {
  readonly #inflate: typeof inflateSync;

  constructor(inflate: typeof inflateSync) {
    this.#inflate = inflate;
  }

  decompress(at: number, bytes: number, out: number, outBytes: number): number {
    const { u8 } = codecMemory();
    const options = { chunkSize: Math.max(64, outBytes), maxOutputLength: Math.max(1, outBytes), info: true };
    try {
      const { buffer, engine } = this.#inflate(u8.subarray(at, at + bytes), options) as unknown as Inflated;
      if (buffer.length !== outBytes || engine.bytesWritten !== bytes) return DecodeStatus.badSize;
      u8.set(buffer, out);
      return DecodeStatus.ok;
    } catch (err) {
      return statusOf(err);
    }
  }

  compress(level: number, at: number, bytes: number, out: number, capacity: number): number {
    const { u8 } = codecMemory();
    const deflated = deflateSync(u8.subarray(at, at + bytes), { level: Math.min(level, 9) });
    if (deflated.length > capacity) return 0;
    u8.set(deflated, out);
    return deflated.length;
  }

  /** zlib keeps its state outside the shared memory. */
  prepare(): void {}
}

/** Codec of ZL blocks. */
export function nodeZlibCodec(): Codec {
  return new NodeZlib(inflateSync);
}

/** Codec of CS blocks; they are read only. */
export function nodeRawDeflateCodec(): Codec {
  return new NodeZlib(inflateRawSync);
}
