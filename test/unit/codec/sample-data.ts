/** Payloads for codec tests: reproducible, compressible but not trivial. */

/** Numbers from 0 to 2^32-1 that depend on the seed alone (xorshift32). */
function randomNumbers(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** `bytes` bytes that no algorithm makes smaller. */
export function noise(bytes: number, seed = 1): Uint8Array {
  const next = randomNumbers(seed);
  const words = new Uint32Array(Math.ceil(bytes / 4));
  for (let i = 0; i < words.length; i++) words[i] = next();
  return new Uint8Array(words.buffer, 0, bytes);
}

/** `bytes` bytes like histogram contents: slowly changing big-endian numbers with stretches of zeros. */
export function contents(bytes: number, seed = 1): Uint8Array {
  const next = randomNumbers(seed);
  const out = new Uint8Array(bytes);
  const view = new DataView(out.buffer);
  for (let i = 0; i + 4 <= bytes; i += 4) {
    if ((i & 0x1000) === 0) view.setFloat32(i, 100 + (next() & 15));
  }
  return out;
}
