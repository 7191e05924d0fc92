/**
 * h5wasm (HDF5's own library as WebAssembly), an optional dependency that is loaded when the first HDF5 file is opened. Its low
 * level is used: values stay in the memory of the library, no type is translated to JavaScript and back.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UnsupportedError } from '../../errors.ts';
import { fileNumber } from '../bytes/source.ts';
import { TimeLimitError } from './time-limit.ts';

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

/** A file as Emscripten has it open; the first three are those of the process. */
interface OpenStream {
  readonly fd: number;
}

/** The functions of h5wasm's module that are used. */
export interface Hdf5Library {
  readonly HEAPU8: Uint8Array;
  /** The files that it has open itself; holes where it has closed some. */
  readonly FS: { readonly streams: readonly (OpenStream | null | undefined)[]; close(stream: OpenStream): void };
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

/** What is known of an instance of the library. */
interface Condition {
  /** Files of ours that are open in it. */
  openFiles: number;
  /**
   * Files on which it has failed, see fileNumber. It was left by an exception: the files stay open, and what it holds of them in memory is
   * what it would give of them later.
   */
  failedOn: Set<string>;
  /** It was stopped somewhere in the middle: nothing it says from then on would be true. */
  isBroken: boolean;
}

const conditions = new WeakMap<Hdf5Library, Condition>();
let current: Hdf5Library | undefined;
let loading: Promise<Hdf5Library> | undefined;

function conditionOf(library: Hdf5Library): Condition {
  const known = conditions.get(library) ?? { openFiles: 0, failedOn: new Set(), isBroken: false };
  conditions.set(library, known);
  return known;
}

/** Failures after which an instance is replaced: each costs memory and two descriptors, an instance a twentieth of a second. */
const MOST_FAILURES = 20;

/**
 * The library; a new instance of it when the last one cannot be used for a file, and has none open any more.
 * @param path the file, if it is there
 * @throws UnsupportedError when h5wasm is not installed
 */
export function loadHdf5(path?: string): Promise<Hdf5Library> {
  if (current !== undefined && isSpent(conditionOf(current), path)) {
    closeStreams(current);
    current = undefined;
    loading = undefined;
  }
  loading ??= load();
  return loading;
}

function isSpent({ openFiles, failedOn, isBroken }: Condition, path: string | undefined): boolean {
  if (isBroken || openFiles > 0 || failedOn.size === 0) return isBroken;
  return failedOn.size >= MOST_FAILURES || (path !== undefined && failedOn.has(fileNumber(path)));
}

/** Files that were open when it failed, and those it wrote its messages to. */
function closeStreams({ FS }: Hdf5Library): void {
  for (const stream of FS.streams) if (stream !== null && stream !== undefined && stream.fd > 2) FS.close(stream);
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
  const make = await findFactory();
  if (make === undefined) throw new UnsupportedError('HDF5 files need the package h5wasm, which is not installed: npm install h5wasm');
  current = await make({ noInitialRun: true, printErr: () => undefined });
  current.activate_throwing_error_handler(); // without it failures go unnoticed: reads give whatever was in memory
  return current;
}

/** Makes an instance of the library; Emscripten's own options. What it prints comes as an exception, too. */
type Factory = (options: { noInitialRun: boolean; printErr: (text: string) => void }) => Promise<Hdf5Library>;

/** The module behind the package's entry, which makes one instance only, and shares it with everybody. */
const FACTORY_FILE = join('h5wasm', 'dist', 'node', 'hdf5_util.js');

async function findFactory(): Promise<Factory | undefined> {
  for (const folder of createRequire(import.meta.url).resolve.paths('h5wasm') ?? []) {
    try {
      const found = (await import(pathToFileURL(join(folder, FACTORY_FILE)).href)) as { default: Factory };
      return found.default;
    } catch (err) {
      if (!(err instanceof Error && 'code' in err && err.code === 'ERR_MODULE_NOT_FOUND')) throw err;
    }
  }
  return undefined;
}

/** Throws an UnsupportedError when the library has come to grief before: what it says would not be true. */
export function requireWorking(library: Hdf5Library, path: string): void {
  if (!conditionOf(library).isBroken) return;
  throw new UnsupportedError('the HDF5 library has failed on a damaged file and must be started anew', { file: path });
}

/** True when it was stopped in the middle. */
export function isBroken(library: Hdf5Library): boolean {
  return conditionOf(library).isBroken;
}

/** Counts a file that is open in it, or with -1 one that no longer is. */
export function countOpen(library: Hdf5Library, change: 1 | -1): void {
  conditionOf(library).openFiles += change;
}

/** Notes that the library has failed on a file; whether it survived that the error says. */
export function noteFailure(err: unknown, library: Hdf5Library, path: string): void {
  const condition = conditionOf(library);
  condition.failedOn.add(fileNumber(path));
  condition.isBroken ||= err instanceof TimeLimitError || hasCrashed(err);
}

/** True for a trap of WebAssembly, or when its stack has overflown. */
function hasCrashed(err: unknown): boolean {
  return err instanceof Error && (err.name === 'RuntimeError' || err.message.startsWith('Maximum call stack'));
}

/** What HDF5 says is wrong: of its stack of messages the innermost one. */
export function hdf5Reason(err: unknown): string {
  const text = err instanceof Error ? err.message : String(err);
  const lines = [...text.matchAll(/#\d+:.*?\(\): (.*)/g)].map((match) => match[1] ?? '');
  const system = /error message = '([^']+)'/.exec(text)?.[1]; // after the name of the file, the time and much else
  if (err instanceof TimeLimitError) return `the HDF5 library came to ${text}: it is damaged`;
  if (hasCrashed(err)) return 'the HDF5 library gave up on it: it is damaged, or needs more than 2 GB of memory';
  const reason = lines.at(-1) ?? text.split('\n')[0] ?? 'unknown error';
  return system === undefined ? reason : `${reason.split(':')[0]}: ${system}`;
}
