/**
 * The WebAssembly modules of wasm/: found, compiled and instantiated on first use, all on one memory.
 * Signatures mirror wasm/shim/*.c: pointers, sizes and levels are 32-bit integers.
 */
import { existsSync, readFileSync } from 'node:fs';
import { invariant, InternalError, UnsupportedError } from '../../errors.ts';
import { type AddressRange, type CodecMemory, FIXED_RANGES, plainArena, wasmArena } from './arena.ts';
import { type WasmApi, type WasmInstance, type WasmMemory, webAssembly } from './web-assembly.ts';

/** Exports of wasm/deflate.wasm: libdeflate, Adler-32, xxHash and the kernels. */
export interface DeflateExports {
  adler32(at: number, bytes: number): number;
  deflateContextBytes(level: number): number;
  deflateContextInit(level: number, at: number, bytes: number): number;
  inflateRaw(context: number, at: number, bytes: number, out: number, outBytes: number): number;
  inflateZlib(context: number, at: number, bytes: number, out: number, outBytes: number): number;
  deflateZlib(context: number, level: number, at: number, bytes: number, out: number, capacity: number): number;
  add_f32BigEndian(to: number, from: number, count: number): number;
  add_f64BigEndian(to: number, from: number, count: number): number;
  add_i8BigEndian(to: number, from: number, count: number): number;
  add_i16BigEndian(to: number, from: number, count: number): number;
  add_i32BigEndian(to: number, from: number, count: number): number;
  add_i64BigEndian(to: number, from: number, count: number): number;
  compareBytes(a: number, b: number, bytes: number): number;
  xxh64(at: number, bytes: number): bigint;
  xxh3(at: number, bytes: number): bigint;
}

/** Exports of wasm/zstd-lz4.wasm. */
export interface ZstdLz4Exports {
  zstdDecoderBytes(): number;
  zstdDecoderInit(at: number, bytes: number): number;
  zstdDecompress(context: number, at: number, bytes: number, out: number, outBytes: number): number;
  zstdEncoderBytes(level: number, maxBytes: number): number;
  zstdEncoderInit(at: number, bytes: number): number;
  zstdCompress(context: number, level: number, at: number, bytes: number, out: number, capacity: number): number;
  lz4Decompress(at: number, bytes: number, out: number, outBytes: number): number;
  lz4EncoderBytes(level: number): number;
  lz4Compress(state: number, level: number, at: number, bytes: number, out: number, capacity: number): number;
}

/** Exports of wasm/lzma.wasm. */
export interface LzmaExports {
  xzDecoderBytes(outBytes: number): number;
  xzDecompress(region: number, regionBytes: number, at: number, bytes: number, out: number, outBytes: number): number;
  xzEncoderBytes(level: number, bytes: number): number;
  xzCompress(
    region: number,
    regionBytes: number,
    level: number,
    at: number,
    bytes: number,
    out: number,
    capacity: number,
  ): number;
}

/** Smallest module that uses a SIMD type: it validates exactly where SIMD is available. */
const SIMD_PROBE = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
);

interface Host {
  arena: CodecMemory;
  /** Absent where WebAssembly with SIMD is missing. */
  wasm?: { api: WasmApi; memory: WasmMemory };
}

let host: Host | undefined;

function theHost(): Host {
  host ??= newHost();
  return host;
}

function newHost(): Host {
  const api = webAssembly;
  if (api === undefined || process.env['POOL_MERGE_NO_WASM'] === '1' || !api.validate(SIMD_PROBE)) {
    return { arena: plainArena() };
  }
  const { memory, arena } = wasmArena(api);
  return { arena, wasm: { api, memory } };
}

/** The memory that codecs and kernels work in, one per thread. */
export function codecMemory(): CodecMemory {
  return theHost().arena;
}

/**
 * True where the modules can be used. False without WebAssembly SIMD, or with POOL_MERGE_NO_WASM=1 in the
 * environment: then node:zlib and the DataView kernels step in, and LZ4, ZSTD, XZ and xxHash are UnsupportedErrors.
 */
export function wasmAvailable(): boolean {
  return theHost().wasm !== undefined;
}

/** wasm/ lies beside src/ in the repository, and beside dist/ in the installed package. */
function moduleUrl(name: string): URL {
  for (let folder = new URL('.', import.meta.url); ; ) {
    const candidate = new URL(`wasm/${name}`, folder);
    if (existsSync(candidate)) return candidate;
    const parent = new URL('..', folder);
    if (parent.href === folder.href) throw new InternalError(`wasm/${name} is missing from the installation`);
    folder = parent;
  }
}

function instantiate(name: string, range: AddressRange): WasmInstance['exports'] {
  const { wasm } = theHost();
  if (wasm === undefined) throw new UnsupportedError(`${name} needs WebAssembly with SIMD, which is missing here`);
  const module = new wasm.api.Module(readFileSync(moduleUrl(name)));
  const { exports } = new wasm.api.Instance(module, { env: { memory: wasm.memory } });
  const end = (exports['__heap_base'] as { value: number }).value;
  invariant(end <= range.end, `${name} exceeds its address range`);
  return exports;
}

let deflate: DeflateExports | undefined;
let zstdLz4: ZstdLz4Exports | undefined;
let lzma: LzmaExports | undefined;

/** wasm/deflate.wasm. Throws UnsupportedError where WebAssembly SIMD is missing. */
export function deflateModule(): DeflateExports {
  deflate ??= instantiate('deflate.wasm', FIXED_RANGES.deflateModule) as unknown as DeflateExports;
  return deflate;
}

/** wasm/zstd-lz4.wasm. Throws UnsupportedError where WebAssembly SIMD is missing. */
export function zstdLz4Module(): ZstdLz4Exports {
  zstdLz4 ??= instantiate('zstd-lz4.wasm', FIXED_RANGES.zstdLz4Module) as unknown as ZstdLz4Exports;
  return zstdLz4;
}

/** wasm/lzma.wasm. Throws UnsupportedError where WebAssembly SIMD is missing. */
export function lzmaModule(): LzmaExports {
  lzma ??= instantiate('lzma.wasm', FIXED_RANGES.lzmaModule) as unknown as LzmaExports;
  return lzma;
}
