/** Reads single pages of an RNTuple. */
import { CorruptFileError, addContext } from '../../../errors.ts';
import { halfOf } from '../../bytes/half-float.ts';
import { decompress } from '../../codec/payload.ts';
import { checkSum } from './checksum.ts';
import { columnTypeName, pageBytes } from './column-types.ts';
import { unpackBits, unpackQuantized, unpackTruncated } from './packed-elements.ts';
import { decodePage, elementBytes } from './page-encoding.ts';
import type { Cluster } from './page-list.ts';
import type { ClusterSource } from './rntuple.ts';
import type { Column } from './schema.ts';

const PACKED: ReadonlySet<string> = new Set(['Bit', 'Real32Trunc', 'Real32Quant']);

/** True for bits, truncated and quantized reals: elements that are no whole bytes. */
function isPackedType(type: number): boolean {
  return PACKED.has(columnTypeName(type));
}

/** Page `p` of a cluster as stored, its checksum verified. CorruptFileError with file and offset. */
export function readStoredPage(source: ClusterSource, cluster: Cluster, p: number): Uint8Array {
  const { file, path } = source;
  const [offset, bytes, checksumBytes] = [cluster.offset[p], cluster.storedBytes[p], cluster.checksumBytes[p]] as [number, number, number];
  const record = file.source.read(offset, bytes + checksumBytes);
  const stored = record.subarray(0, bytes);
  try {
    if (checksumBytes > 0) checkSum('RNTuple page', stored, new DataView(record.buffer, record.byteOffset).getBigUint64(bytes, true));
  } catch (err) {
    throw addContext(err, { file: file.path, objectPath: path, baseOffset: offset });
  }
  return stored;
}

/**
 * Page `p` of a cluster, decompressed: whole-byte elements in plain little-endian form, packed ones as they are.
 * CorruptFileError with file and offset; UnsupportedError for types of other format versions.
 */
export function readPage(source: ClusterSource, cluster: Cluster, p: number, { type, bits }: Column): Uint8Array {
  const stored = readStoredPage(source, cluster, p);
  try {
    const length = pageBytes(cluster.elements[p] as number, bits);
    const page = stored.length === length ? stored : decompress(stored, length);
    return isPackedType(type) ? page : decodePage(type, page);
  } catch (err) {
    throw addContext(err, { file: source.file.path, objectPath: source.path, baseOffset: cluster.offset[p] as number });
  }
}

/**
 * Elements of page `p` in plain little-endian form of whole bytes: bits as bytes, reals of 16 bits, truncated and quantized ones
 * as floats. Errors as `readPage`.
 */
export function readElements(source: ClusterSource, cluster: Cluster, p: number, column: Column): Uint8Array {
  return expand(readPage(source, cluster, p, column), cluster.elements[p] as number, column);
}

/** Bytes of an element as `readElements` gives it. */
export function expandedBytes({ type }: Column): number {
  if (isPackedType(type)) return columnTypeName(type) === 'Bit' ? 1 : 4;
  return columnTypeName(type).endsWith('Real16') ? 4 : elementBytes(type);
}

function expand(page: Uint8Array, count: number, { type, bits, range }: Column): Uint8Array {
  const name = columnTypeName(type);
  if (name === 'Bit') return unpackBits(page, count);
  if (name === 'Real32Trunc') return bytesOf(unpackTruncated(page, count, bits));
  if (name === 'Real32Quant') {
    if (range === undefined) throw new CorruptFileError('quantized RNTuple column without a range');
    return bytesOf(unpackQuantized(page, count, bits, range));
  }
  if (!name.endsWith('Real16')) return page;
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
  return bytesOf(Float32Array.from({ length: count }, (_, i) => halfOf(view.getUint16(2 * i, true))));
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
