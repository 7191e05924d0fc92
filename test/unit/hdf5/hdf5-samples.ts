/** HDF5 files for tests: written and read by h5wasm's own high level. */
import { File, ready, type Dataset } from 'h5wasm/node';
import { fixture } from '../../scratch.ts';

/** A committed sample, see test/fixtures/hdf5/generate.py: 10 rows from 0, or 11 rows from 10. */
export function hdf5Sample(kind: 'old' | 'latest', worker: 0 | 1): string {
  return fixture(`hdf5/${kind}_${worker}.h5`);
}

/** A committed sample with early places of rows, a named type, and a header for its space. */
export function spaceSample(worker: 0 | 1): string {
  return fixture(`hdf5/space_${worker}.h5`);
}

/** Writes a file. */
export async function writeHdf5(path: string, fill: (file: File) => void): Promise<string> {
  await ready;
  const file = new File(path, 'w');
  try {
    fill(file);
  } finally {
    file.close();
  }
  return path;
}

/** Values of a dataset as an array of plain values. */
export async function valuesOf(path: string, dataset: string): Promise<unknown> {
  return withDataset(path, dataset, (each) => each.to_array());
}

/** Shape, limits, chunks and filters of a dataset. */
export async function layoutOf(
  path: string,
  dataset: string,
): Promise<{ shape: number[] | null; chunks: number[] | null; filters: string[] }> {
  return withDataset(path, dataset, ({ shape, metadata, filters }) => ({
    shape,
    chunks: metadata.chunks,
    filters: filters.map(({ name }) => name),
  }));
}

async function withDataset<T>(path: string, name: string, use: (dataset: Dataset) => T): Promise<T> {
  await ready;
  const file = new File(path, 'r');
  try {
    const found = file.get(name);
    if (found === null || !('to_array' in found)) throw new Error(`no dataset ${name}`);
    return use(found);
  } finally {
    file.close();
  }
}

/** Values of the attributes of an object. */
export async function attributesOf(path: string, object: string): Promise<Record<string, unknown>> {
  await ready;
  const file = new File(path, 'r');
  try {
    const found = object === '/' ? file : file.get(object);
    if (found === null || !('attrs' in found)) throw new Error(`no object ${object}`);
    return Object.fromEntries(Object.entries(found.attrs).map(([name, { value }]) => [name, value]));
  } finally {
    file.close();
  }
}
