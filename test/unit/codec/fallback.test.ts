import { beforeAll, expect, it, vi } from 'vitest';
import type * as Hash from '../../../src/io/codec/hash.ts';
import type * as Payload from '../../../src/io/codec/payload.ts';
import type * as Kernels from '../../../src/io/codec/kernels.ts';
import type * as Wasm from '../../../src/io/codec/wasm.ts';
import { contents, noise } from './sample-data.ts';

let payloads: typeof Payload;
let wasm: typeof Wasm;
let kernels: typeof Kernels;
let hash: typeof Hash;

beforeAll(async () => {
  vi.stubEnv('POOL_MERGE_NO_WASM', '1');
  wasm = await import('../../../src/io/codec/wasm.ts');
  payloads = await import('../../../src/io/codec/payload.ts');
  kernels = await import('../../../src/io/codec/kernels.ts');
  hash = await import('../../../src/io/codec/hash.ts');
});

it('is in use', () => {
  expect(wasm.wasmAvailable()).toBe(false);
});

it.each([1, 5, 9])('packs and unpacks ZL level %i', (level) => {
  const payload = contents(20_000);
  const stored = payloads.compress(100 + level, payload);
  expect(stored.length).toBeLessThan(10_000);
  expect(payloads.decompress(stored, payload.length)).toEqual(payload);
  expect(payloads.compress(100 + level, noise(1000)).length).toBe(1000);
});

it('finds damage as the modules do', () => {
  const payload = contents(1000);
  const stored = payloads.compress(101, payload);
  const wrong = stored.slice();
  wrong[wrong.length - 1] = (wrong[wrong.length - 1] as number) ^ 1;
  const size = (bytes: Uint8Array, objectBytes: number): Uint8Array => {
    const copy = bytes.slice();
    copy[6] = objectBytes & 0xff;
    copy[7] = objectBytes >> 8;
    return copy;
  };
  expect(() => payloads.decompress(wrong, 1000)).toThrow('ZL block: checksum does not match the data');
  expect(() => payloads.decompress(size(stored, 999), 999)).toThrow('does not hold exactly the announced 999 bytes');
  expect(() => payloads.decompress(size(stored, 1001), 1001)).toThrow('does not hold exactly the announced 1001 bytes');
  expect(() => payloads.decompress(stored.subarray(0, 40), 1000)).toThrow(expect.objectContaining({ code: 'CORRUPT_FILE' }));
  const longer = new Uint8Array(stored.length + 1);
  longer.set(stored);
  longer[3] = (stored[3] as number) + 1;
  expect(() => payloads.decompress(longer, 1000)).toThrow('does not hold exactly the announced 1000 bytes');
});

it.each([201, 404, 505])('refuses setting %i by name', (setting) => {
  expect(() => payloads.compress(setting, contents(1000))).toThrow(
    expect.objectContaining({ code: 'UNSUPPORTED', message: expect.stringContaining('needs WebAssembly with SIMD') as unknown }),
  );
});

it('refuses hashes by name', () => {
  expect(() => hash.xxh3(new Uint8Array(1))).toThrow('needs WebAssembly with SIMD');
});

it('adds with DataView', () => {
  const memory = wasm.codecMemory();
  const at = memory.alloc(8);
  memory.view.setInt32(at, 5);
  memory.view.setInt32(at + 4, 6);
  expect(kernels.kernels().addI32(at, at + 4, 1)).toBe(0);
  expect(memory.view.getInt32(at)).toBe(11);
});
