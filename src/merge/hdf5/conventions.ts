/**
 * What attributes say of datasets by the conventions of HDF5's own dimension scales (netCDF-4 among them), of PyTables,
 * pandas and anndata.
 */
import type { Hdf5File } from '../../io/hdf5/hdf5-file.ts';
import type { Hdf5Attribute, Hdf5Object } from '../../io/hdf5/hdf5-object.ts';
import { TYPE_CLASS, textAt } from '../../io/hdf5/hdf5-types.ts';
import { rowCountAttribute, type RowCountAttribute } from './row-counts.ts';

/** Of one input, by path, each with the reason as half a sentence. */
export interface Conventions {
  /** Datasets whose rows are not events: they must be equal in all inputs and are kept once. */
  keptOnce: ReadonlyMap<string, string>;
  /** Objects that joining rows would make wrong. */
  unjoinable: ReadonlyMap<string, string>;
  /** Attributes of datasets that repeat how many rows there are. */
  rowCounts: ReadonlyMap<string, RowCountAttribute>;
}

/** Where a dimension scale is attached. */
interface Use {
  address: bigint;
  axis: number;
}

/** Looks at the attributes that tell. */
export function readConventions(file: Hdf5File, objects: readonly Hdf5Object[]): Conventions {
  const unjoinable = new Map<string, string>();
  const keptOnce = scalesOfColumns(file, objects);
  const rowCounts = new Map<string, RowCountAttribute>();
  const isOfPandas = objects.some(({ attributes }) => attributes.has('pandas_type'));
  for (const object of objects) {
    const { path, attributes } = object;
    const attributeText = (name: string): string | undefined => textOf(file, path, attributes.get(name), name);
    const rowCount = rowCountAttribute(object, attributeText);
    if (rowCount !== undefined) rowCounts.set(path, rowCount);
    const [kind, pandas, encoding] = ['CLASS', 'pandas_type', 'encoding-type'].map(attributeText);
    if (path === '/' && encoding === 'anndata') {
      addMatching(objects, ANNDATA_VARIABLES, keptOnce, 'belongs to the variables of anndata, which all observations share');
      addMatching(objects, ANNDATA_PAIRS, unjoinable, 'tells of pairs of observations of anndata, which lie on both of its axes');
    }
    if (isOfPandas && PANDAS_CATEGORIES.test(path)) {
      keptOnce.set(path, 'holds categories of pandas, whose codes stand in rows');
      continue; // its index fits, since rows stay
    }
    if (kind === 'INDEX') {
      unjoinable.set(
        path,
        'is an index of PyTables over rows, which does not fit joined ones: remove it (remove_index, or index=False of pandas)',
      );
    }
    if (pandas !== undefined && /^(frame|series|wide)$/.test(pandas)) {
      unjoinable.set(path, "is an object of pandas in fixed format: write format='table'");
    }
    if (encoding !== undefined && /^(cs[rc]_matrix|categorical)$/.test(encoding)) {
      unjoinable.set(path, `is a ${encoding} of anndata, whose datasets count places in each other`);
    }
  }
  return { keptOnce, unjoinable, rowCounts };
}

/** Where pandas keeps the categories of a column in table format, and PyTables the index over them. */
const PANDAS_CATEGORIES = /\/meta\/[^/]+\/meta\/(table$|_i_table(\/|$))/;
const ANNDATA_VARIABLES = /^\/(var|varm|varp|uns)\//;
const ANNDATA_PAIRS = /^\/obsp\/[^/]+$/;

function addMatching(objects: readonly Hdf5Object[], pattern: RegExp, reasons: Map<string, string>, reason: string): void {
  for (const { path } of objects) if (pattern.test(path)) reasons.set(path, reason);
}

/** The text in an attribute; undefined if there is none. */
function textOf(file: Hdf5File, path: string, attribute: Hdf5Attribute | undefined, name: string): string | undefined {
  const extent = attribute?.extent;
  if (extent?.type !== TYPE_CLASS.string || extent.total_size !== 1) return undefined;
  return file.withAttribute(path, name, extent, (at) => {
    const { HEAPU8 } = file.library;
    const bytes = extent.vlen
      ? textAt(file.library, new DataView(HEAPU8.buffer).getUint32(at, true))
      : HEAPU8.subarray(at, at + extent.size);
    return Buffer.from(bytes).toString('utf8').replace(/\0.*$/s, '');
  });
}

/**
 * Scales of another axis than the first (rows of it would no longer fit that axis), and datasets whose own rows go along such an axis.
 * A scale names its uses in REFERENCE_LIST (HDF5 dimension scale specification).
 */
function scalesOfColumns(file: Hdf5File, objects: readonly Hdf5Object[]): Map<string, string> {
  const pathOf = new Map(objects.filter(({ aliasOf }) => aliasOf === undefined).map(({ address, path }) => [address, path]));
  const kept = new Map<string, string>();
  for (const { path, attributes } of objects) {
    const uses = usesOf(file, path, attributes.get('REFERENCE_LIST'));
    const column = uses.find(({ axis }) => axis > 0);
    if (column === undefined) continue;
    const user = pathOf.get(column.address) ?? 'a dataset';
    kept.set(path, `is the scale of axis ${column.axis} of ${user}`);
    for (const { address } of uses.filter(({ axis }) => axis === 0)) {
      kept.set(pathOf.get(address) ?? '', `goes along ${path}, the scale of another axis of ${user}`);
    }
  }
  return kept;
}

function usesOf(file: Hdf5File, path: string, list: Hdf5Attribute | undefined): Use[] {
  const { extent } = list ?? {};
  const members = extent?.compound_type?.members ?? [];
  const [dataset, dimension] = ['dataset', 'dimension'].map((name) => members.find((member) => member.name === name));
  if (extent === undefined || dataset?.type !== TYPE_CLASS.reference || dataset.size !== 8 || dimension?.size !== 4) return [];
  return file.withAttribute(path, 'REFERENCE_LIST', extent, (at) => {
    const view = new DataView(file.library.HEAPU8.buffer, at);
    return Array.from({ length: extent.total_size }, (_, i) => {
      const item = i * extent.size;
      return {
        address: view.getBigUint64(item + dataset.offset, true),
        axis: view.getUint32(item + dimension.offset, dimension.littleEndian),
      };
    });
  });
}
