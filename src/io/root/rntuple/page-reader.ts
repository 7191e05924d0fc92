/** Reads single pages of an RNTuple. */
import { addContext } from '../../../errors.ts';
import { decompress } from '../../codec/payload.ts';
import { checkSum } from './checksum.ts';
import { columnTypeName, pageBytes } from './column-types.ts';
import { decodePage } from './page-encoding.ts';
import type { Cluster } from './page-list.ts';
import type { RNTuple } from './rntuple.ts';
import type { Column } from './schema.ts';

const PACKED: ReadonlySet<string> = new Set(['Bit', 'Real32Trunc', 'Real32Quant']);

/** True for bits, truncated and quantized reals: elements that are no whole bytes. */
export function isPackedType(type: number): boolean {
  return PACKED.has(columnTypeName(type));
}

/** Page `p` of a cluster as stored, its checksum verified. */
function readStoredPage(tuple: RNTuple, cluster: Cluster, p: number): Uint8Array {
  const { file } = tuple.source;
  const [offset, bytes, checksumBytes] = [cluster.offset[p], cluster.storedBytes[p], cluster.checksumBytes[p]] as [number, number, number];
  const record = file.source.read(offset, bytes + checksumBytes);
  const stored = record.subarray(0, bytes);
  if (checksumBytes > 0) checkSum('RNTuple page', stored, new DataView(record.buffer, record.byteOffset).getBigUint64(bytes, true));
  return stored;
}

/**
 * Page `p` of a cluster, decompressed: whole-byte elements in plain little-endian form, packed ones as they are.
 * CorruptFileError with file and offset; UnsupportedError for types of other format versions.
 */
export function readPage(tuple: RNTuple, cluster: Cluster, p: number, { type, bits }: Column): Uint8Array {
  try {
    const stored = readStoredPage(tuple, cluster, p);
    const length = pageBytes(cluster.elements[p] as number, bits);
    const page = stored.length === length ? stored : decompress(stored, length);
    return isPackedType(type) ? page : decodePage(type, page);
  } catch (err) {
    throw addContext(err, { file: tuple.source.file.path, objectPath: tuple.source.path, baseOffset: cluster.offset[p] as number });
  }
}
