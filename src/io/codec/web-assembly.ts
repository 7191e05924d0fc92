/**
 * The part of the WebAssembly API that is used here, typed locally: the `dom` library that declares it would
 * bring the rest of the browser with it, also for users of the published types.
 */

/** WebAssembly.Memory. */
export interface WasmMemory {
  /** Replaced when the memory grows; the old one is then detached. */
  readonly buffer: ArrayBuffer;
  /** Grows by pages of 64 KiB; throws RangeError where that is not possible. */
  grow(pages: number): number;
}

/** WebAssembly.Instance. */
export interface WasmInstance {
  readonly exports: Readonly<Record<string, unknown>>;
}

/** The global `WebAssembly`. */
export interface WasmApi {
  validate(bytes: Uint8Array): boolean;
  Memory: new (limits: { initial: number; maximum: number }) => WasmMemory;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: Record<string, Record<string, unknown>>) => WasmInstance;
}

/** Undefined where the host has WebAssembly switched off. */
export const webAssembly: WasmApi | undefined = (globalThis as { WebAssembly?: WasmApi }).WebAssembly;
