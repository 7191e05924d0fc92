/**
 * h5wasm (HDF5's own library as WebAssembly), an optional dependency that is loaded when the first HDF5 file is opened. Its low
 * level is used: values stay in the memory of the library, no type is translated to JavaScript and back.
 */
import { createRequire } from 'node:module';
import { UnsupportedError } from '../../errors.ts';
import { holdFile, type FileIdentity } from '../bytes/source.ts';

/** A datatype as h5wasm describes it; classes are those of `TypeClass`. */
export interface Hdf5Type {
  type: number;
  /** Bytes of an element in the memory of the library; sequences of varying length stand there as pointers. */
  size: number;
  signed: boolean;
  littleEndian: boolean;
  /** A text of varying length. */
  vlen: boolean;
  cset?: number;
  strpad?: number;
  array_type?: Hdf5Type & { total_size: number };
  vlen_type?: Hdf5Type;
  compound_type?: { members: (Hdf5Type & { name: string; offset: number })[] };
  enum_type?: { members: Record<string, number> };
}

/** Type and extent of a dataset or attribute. */
export interface Hdf5Extent extends Hdf5Type {
  total_size: number;
  /** Empty for a scalar, null for no value at all. */
  shape: number[] | null;
  /** 2^64 for no limit. */
  maxshape: number[] | null;
  chunks: number[] | null;
  /** Only virtual datasets: where their values lie, `.` for the file itself. */
  virtual_sources?: { file_name: string }[];
}

/** A step of the pipeline that chunks go through. */
export interface Hdf5Filter {
  id: number;
  name: string;
  cd_values: number[];
}

/** A dimension without limit. */
export const NO_LIMIT = 0xffff_ffff_ffff_ffffn;

/** What a new dataset or attribute is to be. */
export interface Hdf5Creation extends Hdf5Type {
  shape: bigint[] | null;
  /** `NO_LIMIT` in a place: none there; null: the shape is the limit. */
  maxshape: (bigint | null)[] | null;
  chunks?: bigint[] | null;
  compression?: number;
  compression_opts?: number[];
}

/** Moves values of a part of a dataset between the file and memory at `at`; null: all of it. */
type DatasetTransfer = (
  file: bigint,
  path: string,
  count: bigint[] | null,
  offset: bigint[] | null,
  stride: bigint[] | null,
  at: bigint,
) => number;

/** The functions of h5wasm's module that are used. */
export interface Hdf5Library {
  readonly HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  _free(at: number): void;
  open(path: string, mode: number, trackOrder: boolean, low: number, high: number): bigint;
  close_file(file: bigint): number;
  flush(file: bigint): number;
  get_names(file: bigint, path: string, recursive: boolean): string[];
  get_type(file: bigint, path: string): number;
  get_symbolic_link(file: bigint, path: string): string | null;
  get_external_link(file: bigint, path: string): { filename?: string; obj_path?: string };
  get_attribute_names(file: bigint, path: string): string[];
  get_attribute_metadata(file: bigint, path: string, name: string): Hdf5Extent;
  get_attribute_data(file: bigint, path: string, name: string, at: bigint): number;
  get_dataset_metadata(file: bigint, path: string): Hdf5Extent;
  get_datatype_metadata(file: bigint, path: string): Hdf5Type;
  get_dataset_filters(file: bigint, path: string): Hdf5Filter[];
  get_dataset_data: DatasetTransfer;
  set_dataset_data: DatasetTransfer;
  reclaim_vlen_memory(file: bigint, path: string, attribute: string, at: bigint): number;
  reclaim_vlen_memory_count(file: bigint, path: string, attribute: string, at: bigint, count: bigint[]): number;
  create_object_reference(file: bigint, path: string): Uint8Array | number[];
  /** Path of the dataset in which a region lies (`isObject` false); throws where there is none. */
  get_referenced_name(file: bigint, reference: Uint8Array, isObject: boolean): string;
  /** Extent of the elements of a region. */
  get_region_metadata(file: bigint, reference: Uint8Array): Hdf5Extent;
  create_group(file: bigint, path: string, trackOrder: boolean): number;
  create_soft_link(file: bigint, target: string, path: string): number;
  create_dataset(file: bigint, path: string, at: bigint, what: Hdf5Creation): number;
  create_vlen_str_dataset(file: bigint, path: string, texts: readonly Uint8Array[], what: Hdf5Creation): number;
  delete_attribute(file: bigint, path: string, name: string): number;
  create_attribute(file: bigint, path: string, name: string, at: bigint, what: Hdf5Creation): number;
  create_vlen_str_attribute(file: bigint, path: string, name: string, texts: readonly Uint8Array[], what: Hdf5Creation): number;
  resize_dataset(file: bigint, path: string, shape: bigint[]): number;
  activate_throwing_error_handler(): number;
}

let loading: Promise<Hdf5Library> | undefined;

/** The library; UnsupportedError when h5wasm is not installed. */
export function loadHdf5(): Promise<Hdf5Library> {
  loading ??= load();
  return loading;
}

/** True when h5wasm is installed. */
export function isHdf5Available(): boolean {
  try {
    createRequire(import.meta.url).resolve('h5wasm/node');
    return true;
  } catch (err) {
    // it is for import, not for require, and says so when it is there
    return err instanceof Error && 'code' in err && err.code !== 'MODULE_NOT_FOUND';
  }
}

async function load(): Promise<Hdf5Library> {
  let ready: Promise<Hdf5Library>;
  try {
    ({ ready } = await import('h5wasm/node'));
  } catch (err) {
    throw new UnsupportedError('HDF5 files need the package h5wasm, which is not installed: npm install h5wasm', { cause: err });
  }
  const library = await ready;
  library.activate_throwing_error_handler(); // without it failures go unnoticed: reads give whatever was in memory
  return library;
}

let isBroken = false;

/**
 * Files on which the library has failed, by device and inode, with their state then: whatever it had opened inside
 * stays open, and with it the file.
 */
const held = new Map<string, string>();

/**
 * Throws an UnsupportedError when the library has come to grief before, or on this file in an earlier state: what it
 * says would not be true.
 */
export function requireWorking({ file, state }: FileIdentity, path: string): void {
  if (isBroken) {
    throw new UnsupportedError('the HDF5 library has failed on a damaged file and must be started anew: leave that file out', {
      file: path,
    });
  }
  if ((held.get(file) ?? state) === state) return;
  throw new UnsupportedError('has changed since the HDF5 library failed on it, which still holds what it was: start the program anew', {
    file: path,
  });
}

/** Notes that the library has come to grief, if that is what an error says; ordinary errors it survives. */
export function noteFailure(err: unknown): void {
  if (err instanceof Error && err.name === 'RuntimeError') isBroken = true;
}

/** Notes that the library has failed inside of an open file, which it may never let go. */
export function noteHeld({ file, state }: FileIdentity, path: string): void {
  if (!held.has(file) && holdFile(path)) held.set(file, state);
}

/** What HDF5 says is wrong: of its stack of messages the innermost one. */
export function hdf5Reason(err: unknown): string {
  const text = err instanceof Error ? err.message : String(err);
  const lines = [...text.matchAll(/#\d+:.*?\(\): (.*)/g)].map((match) => match[1] ?? '');
  const system = /error message = '([^']+)'/.exec(text)?.[1]; // after the name of the file, the time and much else
  if (text.startsWith('Aborted(')) return 'the HDF5 library gave up on it: it is damaged, or needs more than 2 GB of memory';
  const reason = lines.at(-1) ?? text.split('\n')[0] ?? 'unknown error';
  return system === undefined ? reason : `${reason.split(':')[0]}: ${system}`;
}
