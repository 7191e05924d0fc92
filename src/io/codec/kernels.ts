/**
 * Arithmetic in place on big-endian arrays in `codecMemory()`, and comparison. Pointers need no alignment.
 * The additions are those of TH1::AddBinContent (ROOT hist/hist/src/TH1.cxx): integers saturate.
 */
import { addF32, addF64, addI16, addI32, addI64, addI8, compareBytes } from './kernels-plain.ts';
import { type AddKernel, codecMemory, deflateModule, type Kernels, wasmAvailable } from './wasm.ts';

export type { AddKernel, Kernels } from './wasm.ts';

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
  chosen ??= wasmAvailable() ? deflateModule() : plainKernels();
  return chosen;
}
