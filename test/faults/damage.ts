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

/** One record as its key describes it. */
export interface RecordPlace {
  at: number;
  nbytes: number;
  objlen: number;
  keylen: number;
}

/** All records of a class, by offset. */
export function recordsOf(bytes: Uint8Array, className: string): RecordPlace[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const wanted = Buffer.from([className.length, ...Buffer.from(className)]);
  return recordEdges(bytes)
    .slice(0, -1)
    .flatMap((at) => {
      const classAt = at + (view.getUint16(at + 4) > 1000 ? 34 : 26);
      if (view.getInt32(at) < 0 || !wanted.equals(bytes.subarray(classAt, classAt + wanted.length))) return [];
      return [{ at, nbytes: view.getInt32(at), objlen: view.getInt32(at + 6), keylen: view.getUint16(at + 14) }];
    });
}

/** A copy in which all keys of a class and name carry another name of equal length: records and key lists. */
export function renamed(bytes: Uint8Array, className: string, from: string, to: string): Uint8Array {
  const copy = Buffer.from(bytes);
  const pattern = Buffer.concat([Buffer.from([className.length]), Buffer.from(className), Buffer.from([from.length]), Buffer.from(from)]);
  for (let at = copy.indexOf(pattern); at >= 0; at = copy.indexOf(pattern, at + 1)) copy.write(to, at + pattern.length - from.length);
  return copy;
}
