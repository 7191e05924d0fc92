/**
 * Arithmetic in place on big-endian arrays in `codecMemory()`, and comparison. Pointers need no alignment.
 * The additions are those of TH1::AddBinContent (ROOT hist/hist/src/TH1.cxx): C, S and I saturate.
 */
import { addF32, addF64, addI16, addI32, addI64, addI8, compareBytes } from './kernels-plain.ts';
import { codecMemory, deflateModule, wasmAvailable } from './wasm.ts';

/**
 * Adds `count` elements at `from` to those at `to`; the ranges must not overlap partly. Returns the number of
 * elements whose result is not the exact sum (saturated or overflowed); always 0 for floating point.
 */
export type AddKernel = (to: number, from: number, count: number) => number;

/** The kernels, one set per thread. */
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
  /** TH1L, i64: two's complement, overflow wraps. */
  readonly addI64: AddKernel;
  /** 0 if `bytes` bytes at `a` and at `b` are equal, else 1 + index of the first difference. */
  readonly compareBytes: (a: number, b: number, bytes: number) => number;
}

function wasmKernels(): Kernels {
  const wasm = deflateModule();
  return {
    addF32: wasm.add_f32BigEndian,
    addF64: wasm.add_f64BigEndian,
    addI8: wasm.add_i8BigEndian,
    addI16: wasm.add_i16BigEndian,
    addI32: wasm.add_i32BigEndian,
    addI64: wasm.add_i64BigEndian,
    compareBytes: wasm.compareBytes,
  };
}

type PlainKernel = (view: DataView, to: number, from: number, count: number) => number;

function onMemory(kernel: PlainKernel): AddKernel {
  return (to, from, count) => kernel(codecMemory().view, to, from, count);
}

/** The DataView kernels on `codecMemory()`. */
export function plainKernels(): Kernels {
  return {
    addF32: onMemory(addF32),
    addF64: onMemory(addF64),
    addI8: onMemory(addI8),
    addI16: onMemory(addI16),
    addI32: onMemory(addI32),
    addI64: onMemory(addI64),
    compareBytes: (a, b, bytes) => compareBytes(codecMemory().u8, a, b, bytes),
  };
}

let chosen: Kernels | undefined;

/** The fastest kernels that run here. */
export function kernels(): Kernels {
  chosen ??= wasmAvailable() ? wasmKernels() : plainKernels();
  return chosen;
}
