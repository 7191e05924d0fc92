/**
 * Objects that the first input does not have, made in the output. Chunks are compressed by deflate where they were;
 * other filters are left out.
 */
import type { Hdf5File } from '../../io/hdf5/hdf5-file.ts';
import { NO_LIMIT, type Hdf5Creation, type Hdf5Extent } from '../../io/hdf5/hdf5-library.ts';
import { TYPE_CLASS, isScalar, textAt } from '../../io/hdf5/hdf5-types.ts';
import { isDataset, type DatasetPlan, type ObjectPlan } from './object-plan.ts';

/** Bytes of a chunk of a dataset that had none. */
const CHUNK_BYTES = 256 * 1024;
const DEFLATE = 1;

/** Makes an object with its attributes; a dataset gets place for all of its rows. */
export function createObject(output: Hdf5File, object: ObjectPlan, input: Hdf5File): void {
  const { library, id } = output;
  const { path, kind, first } = object;
  output.call(path, () => {
    if (kind === 'soft link') library.create_soft_link(id, first.object.target, path);
    else if (kind === 'group') library.create_group(id, path, false);
    else if (isDataset(object)) createDataset(output, object, input);
    for (const [name, { extent }] of first.object.attributes) createAttribute(output, path, { name, extent }, input);
  });
}

function creation(extent: Hdf5Extent, shape: readonly number[]): Hdf5Creation & { total_size: number } {
  const { chunks: _chunks, maxshape: _maxshape, shape: _shape, ...type } = extent;
  return { ...type, shape: shape.map(BigInt), maxshape: null, chunks: null };
}

function createDataset(output: Hdf5File, { path, extent, rowCount, first }: DatasetPlan, input: Hdf5File): void {
  const { library, id } = output;
  const shape = extent.shape ?? [];
  if (isScalar(extent)) {
    input.eachSlice(path, extent, (at) => {
      if (extent.vlen) library.create_vlen_str_dataset(id, path, textsAt(output, at, 1), creation(extent, shape));
      else library.create_dataset(id, path, BigInt(at), creation(extent, shape));
    });
    return;
  }
  const level = first.object.filters.find((filter) => filter.id === DEFLATE)?.cd_values[0];
  const what: Hdf5Creation = {
    ...creation(extent, [0, ...shape.slice(1)]),
    maxshape: (extent.maxshape ?? shape).map((limit, i) =>
      limit > Number.MAX_SAFE_INTEGER ? NO_LIMIT : BigInt(i === 0 ? rowCount : limit),
    ),
    chunks: (extent.chunks ?? defaultChunks(extent, rowCount)).map(BigInt),
    ...(level !== undefined && !extent.vlen && { compression: DEFLATE, compression_opts: [level] }),
  };
  if (extent.vlen) library.create_vlen_str_dataset(id, path, [], what);
  else library.create_dataset(id, path, 0n, what);
  library.resize_dataset(id, path, [rowCount, ...shape.slice(1)].map(BigInt));
}

function defaultChunks({ shape, size }: Hdf5Extent, rowCount: number): number[] {
  const rest = (shape ?? []).slice(1);
  const rowBytes = rest.reduce((product, length) => product * length, size);
  return [Math.max(1, Math.min(rowCount, Math.floor(CHUNK_BYTES / Math.max(1, rowBytes)))), ...rest.map((length) => Math.max(1, length))];
}

function createAttribute(output: Hdf5File, path: string, { name, extent }: { name: string; extent: Hdf5Extent }, input: Hdf5File): void {
  const { library, id } = output;
  const what = creation(extent, extent.shape ?? []);
  input.withAttribute(path, name, extent, (at) => {
    if (extent.type === TYPE_CLASS.string && extent.vlen) {
      library.create_vlen_str_attribute(id, path, name, textsAt(output, at, extent.total_size), what);
    } else library.create_attribute(id, path, name, BigInt(at), what);
  });
}

/** Copies of them: the memory of the library moves when it grows. */
function textsAt({ library }: Hdf5File, at: number, count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => textAt(library, new DataView(library.HEAPU8.buffer).getUint32(at + 4 * i, true)).slice());
}
