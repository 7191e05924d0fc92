/**
 * A key list repeats the header of every record it lists (TDirectoryFile::WriteKeys). Both come from one TKey, so a difference is damage
 * in one of them, and which one cannot be told: a name changed by one bit would be another object, of which nothing would be said.
 */
import { CorruptFileError } from '../../../errors.ts';
import { BigEndianReader, decodeText, readI64, tstringHead, tstringSize } from '../../bytes/big-endian.ts';
import { isSameRun } from '../../bytes/byte-runs.ts';
import { isDirectoryClass } from './directory.ts';
import { SEEK_KEY_AT, fixedKeyBytes, parseKey, type KeyHeader } from './key.ts';
import type { KeyTable } from './key-table.ts';

/** A field of a key header: [at, end) of the header. */
interface Field {
  name: string;
  at: number;
  end: number;
  read: (view: DataView, at: number) => number | string;
}

const i32 = (view: DataView, at: number): number => view.getInt32(at);
const u32 = (view: DataView, at: number): number => view.getUint32(at);
const u16 = (view: DataView, at: number): number => view.getUint16(at);
const i16 = (view: DataView, at: number): number => view.getInt16(at);

/**
 * The record's header, which begins at index `at` of `view`, must say what image `i` says. Where the owning directory lies is left out:
 * nobody reads it. CorruptFileError with the offset of the record.
 */
export function checkKeyImage(keys: KeyTable, i: number, view: DataView, at: number): void {
  const start = keys.imageAt[i] as number;
  const length = (keys.imageAt[i + 1] as number) - start;
  const isBig = keys.isBig(i);
  const [seekEnd, stringsAt] = [seekEndOf(isBig), fixedKeyBytes(isBig)];
  const isSame =
    at + length <= view.byteLength &&
    isSameRun(keys.view, start, view, at, seekEnd) &&
    isSameRun(keys.view, start + stringsAt, view, at + stringsAt, length - stringsAt);
  if (!isSame) checkByByte(keys, i, new Uint8Array(view.buffer, view.byteOffset, view.byteLength), at);
}

/** Finds the first byte that differs, unless it is one that may. */
function checkByByte(keys: KeyTable, i: number, bytes: Uint8Array, at: number): void {
  const start = keys.imageAt[i] as number;
  const length = (keys.imageAt[i + 1] as number) - start;
  const [seekEnd, stringsAt] = [seekEndOf(keys.isBig(i)), fixedKeyBytes(keys.isBig(i))];
  const isDirectory = isDirectoryClass(keys.className(i));
  let shift = 0;
  for (let k = 0; k < length; k++) {
    if (k === seekEnd) {
      k = stringsAt;
      if (isDirectory) {
        // ROOT 5 lists the records of class TDirectory that it reads as TDirectoryFile, and keeps their fKeylen
        k += 1 + (keys.bytes[start + stringsAt] as number);
        shift = (bytes[at + stringsAt] as number) - (keys.bytes[start + stringsAt] as number);
      }
    }
    if (keys.bytes[start + k] !== bytes[at + k + shift]) throw mismatch(keys, i, bytes.subarray(at), k, shift);
  }
}

/** The key whose image stands at the start of `bytes`; undefined where there is none. */
export function leadingImage(bytes: Uint8Array): KeyHeader | undefined {
  try {
    const r = new BigEndianReader(bytes);
    const key = parseKey(r);
    return key.keylen === r.pos && key.nbytes >= key.keylen ? key : undefined;
  } catch (err) {
    if (err instanceof CorruptFileError) return undefined; // cut
    throw err;
  }
}

/** End of fSeekKey; in a big key, end of the process-id offset behind it. */
function seekEndOf(big: boolean): number {
  return SEEK_KEY_AT + (big ? 10 : 4);
}

/** `index` of an image's byte that differs; the field it belongs to lies `shift` bytes further in the header. */
function mismatch(keys: KeyTable, i: number, header: Uint8Array, index: number, shift: number): CorruptFileError {
  const field = fieldsOf(keys, i).find(({ at, end }) => index >= at && index < end);
  const [expected, found] = [keys.image(i), header].map((bytes, k) =>
    field?.read(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), field.at + k * shift),
  );
  return new CorruptFileError(`${field?.name ?? 'header'} of the record differs from the key list`, {
    offset: keys.seekKey(i),
    ...(expected !== undefined && { expected }),
    ...(found !== undefined && { found }),
  });
}

/** The fields of image `i`, in order. */
function fieldsOf(keys: KeyTable, i: number): Field[] {
  const big = keys.isBig(i);
  const start = keys.imageAt[i] as number;
  const [nameText, nameBytes] = [keys.nameAt[i] as number, keys.nameBytes[i] as number];
  const [stringsAt, titleAt, end] = [fixedKeyBytes(big), nameText + nameBytes - start, (keys.imageAt[i + 1] as number) - start];
  const nameAt = nameText + nameBytes - start - tstringSize(nameBytes);
  return [
    { name: 'fNbytes', at: 0, end: 4, read: i32 },
    { name: 'fVersion', at: 4, end: 6, read: u16 },
    { name: 'fObjlen', at: 6, end: 10, read: i32 },
    { name: 'fDatime', at: 10, end: 14, read: u32 },
    { name: 'fKeylen', at: 14, end: 16, read: u16 },
    { name: 'fCycle', at: 16, end: 18, read: i16 },
    { name: 'fSeekKey', at: SEEK_KEY_AT, end: SEEK_KEY_AT + (big ? 8 : 4), read: big ? readI64 : u32 },
    { name: 'process-id offset', at: SEEK_KEY_AT + 8, end: seekEndOf(big), read: u16 },
    { name: 'fClassName', at: stringsAt, end: nameAt, read: text(nameAt - stringsAt - 1) },
    { name: 'fName', at: nameAt, end: titleAt, read: text(nameBytes) },
    { name: 'fTitle', at: titleAt, end, read: text(keys.titleText(i).length) },
  ];
}

/** Reads as many bytes as the image's TString has. */
function text(bytes: number): Field['read'] {
  return (view, at) => {
    const start = Math.min(at + tstringHead(view.getUint8(at)), view.byteLength);
    return decodeText(new Uint8Array(view.buffer, view.byteOffset + start, Math.min(bytes, view.byteLength - start)));
  };
}
