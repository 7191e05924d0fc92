/**
 * xxHash with seed 0: XXH3-64 guards RNTuple pages and envelopes (there little-endian), XXH64 guards L4 blocks.
 * All throw UnsupportedError where WebAssembly SIMD is missing.
 */
import { codecMemory, deflateModule } from './wasm.ts';

function ofArray(bytes: Uint8Array, hash: (at: number, bytes: number) => bigint): bigint {
  const memory = codecMemory();
  return memory.withRegion(bytes.length, (at) => {
    memory.u8.set(bytes, at);
    return hash(at, bytes.length);
  });
}

/** XXH3-64 of `bytes` bytes at an address of `codecMemory()`. */
export function xxh3At(at: number, bytes: number): bigint {
  return BigInt.asUintN(64, deflateModule().xxh3(at, bytes));
}

/** XXH64 of `bytes` bytes at an address of `codecMemory()`. */
function xxh64At(at: number, bytes: number): bigint {
  return BigInt.asUintN(64, deflateModule().xxh64(at, bytes));
}

/** XXH3-64 of an array, which must fit into the shared memory. */
export function xxh3(bytes: Uint8Array): bigint {
  return ofArray(bytes, xxh3At);
}

/** XXH64 of an array, which must fit into the shared memory. */
export function xxh64(bytes: Uint8Array): bigint {
  return ofArray(bytes, xxh64At);
}
