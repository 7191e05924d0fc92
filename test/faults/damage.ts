/** Ways to break a ROOT file. All offsets are read from the file itself. */
import { parseFileHeader } from '../../src/io/root/container/file-header.ts';
import { openRootFile } from '../../src/io/root/root-file.ts';

/** Offsets at which a record or gap begins, and the end of the file. */
export function recordEdges(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const { begin, end } = parseFileHeader(bytes.slice(0, 100));
  const edges: number[] = [];
  for (let at = begin; at < end; at += Math.abs(view.getInt32(at))) edges.push(at);
  return [...edges, end];
}

/** A copy with some bytes XORed with 0xff. */
export function flipped(bytes: Uint8Array, at: number, count = 1): Uint8Array {
  const copy = Uint8Array.from(bytes);
  for (let i = at; i < at + count; i++) copy[i] = (copy[i] as number) ^ 0xff;
  return copy;
}

/** A copy with a big-endian 32-bit number overwritten. */
export function withU32(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  new DataView(copy.buffer).setUint32(at, value);
  return copy;
}

/** Where a key of the root directory keeps its record, and the bytes of its header. */
export function placeOf(path: string, name: string): { seekKey: number; keylen: number; nbytes: number } {
  using file = openRootFile(path);
  const { keys } = file.root;
  for (let i = 0; i < keys.count; i++) {
    if (keys.name(i) === name) return { seekKey: keys.seekKey(i), keylen: keys.keylen(i), nbytes: keys.nbytes(i) };
  }
  throw new Error(`${path} has no key ${name}`);
}

/** File offset of the key list of the root directory: the i32 number of keys stands there. */
export function keyListAt(path: string): { seekKeys: number; keylen: number; dataAt: number; seekKeysAt: number } {
  using file = openRootFile(path);
  const { seekKeys } = file.root.record;
  const { begin, nbytesName } = file.header;
  const { keylen } = file.readKey(seekKeys);
  const dataAt = begin + nbytesName; // fVersion u16, two dates, fNbytesKeys, fNbytesName, then three seeks
  return { seekKeys, keylen, dataAt, seekKeysAt: dataAt + 26 };
}
