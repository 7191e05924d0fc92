/**
 * The WebAssembly modules of wasm/: found, compiled and instantiated on first use, all on one memory.
 * Signatures mirror wasm/shim/*.c: pointers, sizes and levels are 32-bit integers.
 */
import { invariant, UnsupportedError } from '../../errors.ts';
import { readPackageFile } from '../bytes/package-file.ts';
import { type AddressRange, type CodecMemory, FIXED_RANGES, plainArena, wasmArena } from './arena.ts';
import { type WasmApi, type WasmInstance, type WasmMemory, webAssembly } from './web-assembly.ts';

/**
 * Adds `count` elements at `from` to those at `to`; the ranges must not overlap partly. Returns the number of
 * elements whose result is not the exact sum (saturated, or left unchanged by TH1I's rule); always 0 for floating point.
 */
export type AddKernel = (to: number, from: number, count: number) => number;

/** Arithmetic in place on big-endian arrays, see kernels.ts. */
export interface Kernels {
  /** TH1F, f32: added in single precision. */
  readonly addF32: AddKernel;
  /** TH1D, Sumw2, profile sums, f64. */
  readonly addF64: AddKernel;
  /** TH1C, i8: saturates at -127 and 127. */
  readonly addI8: AddKernel;
  /** TH1S, i16: saturates at -32767 and 32767. */
  readonly addI16: AddKernel;
  /** TH1I, i32: saturates at -2147483647 and 2147483647; a sum that equals a limit leaves the element unchanged. */
  readonly addI32: AddKernel;
  /** TH1L, i64: exact, saturates at -(2^63 - 1) and 2^63 - 1 (ROOT wraps there, and rounds above 2^53). */
  readonly addI64: AddKernel;
  /** 0 if `bytes` bytes at `a` and at `b` are equal, else 1 + index of the first difference. */
  readonly compareBytes: (a: number, b: number, bytes: number) => number;
}

/** Exports of wasm/deflate.wasm: libdeflate, Adler-32, xxHash, and the kernels for numbers and keys. */
export interface DeflateExports extends Kernels {
  readonly adler32: (at: number, bytes: number) => number;
  readonly deflateContextBytes: (level: number) => number;
  readonly deflateContextInit: (level: number, at: number, bytes: number) => number;
  readonly inflateRaw: (context: number, at: number, bytes: number, out: number, outBytes: number) => number;
  readonly inflateZlib: (context: number, at: number, bytes: number, out: number, outBytes: number) => number;
  readonly deflateZlib: (context: number, level: number, at: number, bytes: number, out: number, capacity: number) => number;
  readonly xxh64: (at: number, bytes: number) => bigint;
  readonly xxh3: (at: number, bytes: number) => bigint;
  readonly scanKeys: (list: number, bytes: number, base: number, count: number, columns: number, found: number) => void;
  readonly placeRecords: (places: number) => number;
}

/** Exports of wasm/zstd-lz4.wasm. */
export interface ZstdLz4Exports {
  readonly zstdDecoderBytes: () => number;
  readonly zstdDecoderInit: (at: number, bytes: number) => number;
  readonly zstdDecompress: (context: number, at: number, bytes: number, out: number, outBytes: number) => number;
  readonly zstdEncoderBytes: (level: number, maxBytes: number) => number;
  readonly zstdEncoderInit: (at: number, bytes: number) => number;
  readonly zstdCompress: (context: number, level: number, at: number, bytes: number, out: number, capacity: number) => number;
  readonly lz4Decompress: (at: number, bytes: number, out: number, outBytes: number) => number;
  readonly lz4EncoderBytes: (level: number) => number;
  readonly lz4Compress: (state: number, level: number, at: number, bytes: number, out: number, capacity: number) => number;
}

/** Exports of wasm/lzma.wasm. */
export interface LzmaExports {
  readonly xzDecoderBytes: (outBytes: number) => number;
  readonly xzDecompress: (region: number, regionBytes: number, at: number, bytes: number, out: number, outBytes: number) => number;
  readonly xzEncoderBytes: (level: number, bytes: number) => number;
  readonly xzCompress: (
    region: number,
    regionBytes: number,
    level: number,
    at: number,
    bytes: number,
    out: number,
    capacity: number,
  ) => number;
}

/** Smallest module that uses a SIMD type: it validates exactly where SIMD is available. */
const SIMD_PROBE: Uint8Array = Buffer.from('0061736d010000000105016000017b030201000a0a0108004100fd0ffd620b', 'hex');

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

function instantiate(name: string, range: AddressRange): WasmInstance['exports'] {
  const { wasm } = theHost();
  if (wasm === undefined) throw new UnsupportedError(`${name} needs WebAssembly with SIMD, which is missing here`);
  const module = new wasm.api.Module(readPackageFile(`wasm/${name}`));
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
