/** RNTuples of sample files as plain values: what two of them must have in common to hold the same data. */
import { decompress } from '../../../src/io/codec/payload.ts';
import { openRootFile, type DirectoryNode, type RootFile } from '../../../src/io/root/root-file.ts';
import { isRNTupleClass, type EnvelopePlace } from '../../../src/io/root/rntuple/anchor.ts';
import { pageBytes } from '../../../src/io/root/rntuple/column-types.ts';
import { ElementCounter, columnTraits } from '../../../src/io/root/rntuple/element-counter.ts';
import { pageRecoder } from '../../../src/io/root/rntuple/page-encoding.ts';
import { SUPPRESSED } from '../../../src/io/root/rntuple/page-list.ts';
import { openRNTuple, readClusters, type RNTuple } from '../../../src/io/root/rntuple/rntuple.ts';
import type { Schema } from '../../../src/io/root/rntuple/schema.ts';
import { fixture } from '../../scratch.ts';

/** Path of an RNTuple sample. */
export function sample(name: string): string {
  return fixture(`rntuple/${name}.root`);
}

/** Names of all RNTuple samples. */
export const SAMPLES = [
  'ixvw',
  'ixvw_more',
  'wvix',
  'ixvw_empty',
  'ixvw_101',
  'ixvw_0',
  'unbuffered',
  'small_keys',
  'ixv',
  'x_double',
  'late_0',
  'late_15',
  'late_25',
  'representations',
  'representations_more',
  'projected',
  'projected_other',
  'streamed',
  'listed_named',
  'listed_points',
  'listed_empty',
  'attributes',
  'constant',
  'types_505',
  'types_0',
  'kinds_505',
  'kinds_0',
  'uproot',
  'uproot_pause',
];

/** An open RNTuple and where it is listed. */
export interface Opened {
  file: RootFile;
  directory: DirectoryNode;
  keyIndex: number;
  tuple: RNTuple;
}

/** Opens the RNTuple of a path (`/nt`) of a file. Close the file afterwards. */
export function openTuple(path: string, objectPath = '/nt'): Opened {
  const file = openRootFile(path);
  const at = objectPath.lastIndexOf('/');
  const directory = file.directories.find((d) => d.path === (objectPath.slice(0, at) || '/'));
  if (directory === undefined) throw new Error(`no directory for ${objectPath}`);
  for (let i = 0; i < directory.keys.count; i++) {
    if (directory.keys.name(i) !== objectPath.slice(at + 1) || !isRNTupleClass(directory.keys.className(i))) continue;
    return { file, directory, keyIndex: i, tuple: openRNTuple(file, directory, i) };
  }
  throw new Error(`no ${objectPath} in ${path}`);
}

/** The bytes of an envelope. */
export function envelopeBytes(file: RootFile, place: EnvelopePlace): Uint8Array {
  return decompress(file.source.read(place.offset, place.storedBytes), place.bytes);
}

/** Field names from the top down, representation and position of a column. */
export function columnName(schema: Schema, id: number): string {
  const names: string[] = [];
  const column = schema.columns[id];
  for (let at = column?.fieldId ?? 0; ;) {
    const field = schema.fields[at];
    if (field === undefined) break;
    names.unshift(field.name);
    if (field.parentId === at) break;
    at = field.parentId;
  }
  const position = schema.columns
    .slice(0, id)
    .filter((c) => c.fieldId === column?.fieldId && c.representation === column.representation).length;
  return `${names.join('.')}#${column?.representation}.${position}`;
}

/** Elements and bytes (hex, once decompressed) of every page of every column; zeros that are not stored are added. */
export interface Contents {
  entries: number;
  pages: Map<string, [elements: number, hex: string][]>;
  /** First element indexes of the clusters by column, -1 where suppressed. */
  firstElements: Map<string, number[]>;
}

/** Reads everything an RNTuple holds; with `like`, in the encodings the RNTuple of that file has. */
export function tupleContents(path: string, objectPath = '/nt', like = path): Contents {
  const { file, tuple } = openTuple(path, objectPath);
  const { schema } = tuple.footer;
  const encodings = encodingsOf(like, objectPath);
  const counter = new ElementCounter(columnTraits(schema));
  const contents: Contents = { entries: 0, pages: new Map(), firstElements: new Map() };
  schema.columns.forEach((_, id) => {
    contents.pages.set(columnName(schema, id), []);
    contents.firstElements.set(columnName(schema, id), []);
  });
  for (const cluster of readClusters(tuple.source, counter)) {
    schema.columns.forEach(({ bits, type }, id) => {
      const [pages, firsts] = [contents.pages.get(columnName(schema, id)), contents.firstElements.get(columnName(schema, id))];
      const missing = counter.missing(cluster, id);
      if (missing > 0) pages?.push([missing, '00'.repeat(pageBytes(missing, bits))]);
      firsts?.push(cluster.firstElement[id] ?? SUPPRESSED);
      if (id >= cluster.firstElement.length) return;
      for (let p = cluster.pageStart[id] as number; p < (cluster.pageStart[id + 1] as number); p++) {
        const elements = cluster.elements[p] as number;
        const stored = file.source.read(cluster.offset[p] as number, cluster.storedBytes[p] as number);
        const page = decompress(stored, pageBytes(elements, bits));
        const recoded = new Uint8Array(page.length);
        const recoder = pageRecoder(type, encodings.get(columnName(schema, id)) ?? type);
        recoder?.(page, recoded);
        pages?.push([elements, Buffer.from(recoder === undefined ? page : recoded).toString('hex')]);
      }
    });
  }
  contents.entries = counter.entryCount;
  file.close();
  return contents;
}

function encodingsOf(path: string, objectPath: string): Map<string, number> {
  const { file, tuple } = openTuple(path, objectPath);
  file.close();
  const { schema } = tuple.footer;
  return new Map(schema.columns.map(({ type }, id) => [columnName(schema, id), type]));
}

/** What the merged RNTuple must hold: pages and entries of the inputs one after another. */
export function concatenation(inputs: readonly Contents[]): Pick<Contents, 'entries' | 'pages'> {
  const pages: Contents['pages'] = new Map();
  for (const input of inputs) {
    for (const [name, list] of input.pages) pages.set(name, [...(pages.get(name) ?? []), ...list]);
  }
  return { entries: inputs.reduce((sum, input) => sum + input.entries, 0), pages };
}
