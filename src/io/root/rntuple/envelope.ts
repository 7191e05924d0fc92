/**
 * Envelopes and frames, the two brackets of RNTuple metadata. Little-endian.
 *
 *   envelope   u64: type in bits 0..15, length in bytes in bits 16..63 (the whole envelope, checksum
 *              included); payload; u64 XXH3-64 of everything before. Compressed as a whole.
 *   record     i64 size in bytes (the 8 included), payload
 *   list       i64 -size, u32 number of items, payload (size counts the 12 bytes too)
 *
 * Readers go to the end of a frame by its size: later versions may append to a frame.
 * Source: BinaryFormatSpecification.md "Frames", "Envelopes".
 */
import { CorruptFileError } from '../../../errors.ts';
import { LittleEndianReader, LittleEndianWriter } from '../../bytes/little-endian.ts';
import { xxh3 } from '../../codec/hash.ts';
import { CHECKSUM_BYTES, checkSum } from './checksum.ts';

/** Envelope types of the specification. */
export const EnvelopeType = { header: 1, footer: 2, pageList: 3 } as const;
export type EnvelopeType = (typeof EnvelopeType)[keyof typeof EnvelopeType];

const TYPE_NAMES = ['', 'header', 'footer', 'page list'] as const;
/** Bytes of type and length. */
const PREAMBLE_BYTES = 8;
const RECORD_HEAD_BYTES = 8;
const LIST_HEAD_BYTES = 12;

/** A checked envelope. */
export interface Envelope {
  /** Reader over the payload, without preamble and checksum. */
  payload: LittleEndianReader;
  /** XXH3-64 of the envelope, the value it ends with. */
  checksum: bigint;
}

/** Checks type, length and checksum of a decompressed envelope. */
export function parseEnvelope(bytes: Uint8Array, type: EnvelopeType): Envelope {
  const name = TYPE_NAMES[type];
  if (bytes.length < PREAMBLE_BYTES + CHECKSUM_BYTES) {
    throw new CorruptFileError(`RNTuple ${name} envelope is too short`, { expected: 'at least 16 bytes', found: `${bytes.length} bytes` });
  }
  const r = new LittleEndianReader(bytes);
  const preamble = r.u64();
  const [foundType, length] = [Number(preamble & 0xffffn), Number(preamble >> 16n)];
  if (foundType !== type) throw new CorruptFileError(`RNTuple ${name} envelope has another type`, { expected: type, found: foundType });
  if (length !== bytes.length) {
    throw new CorruptFileError(`RNTuple ${name} envelope has another length`, { expected: bytes.length, found: length });
  }
  const end = bytes.length - CHECKSUM_BYTES;
  const checksum = r.view.getBigUint64(end, true);
  checkSum(`RNTuple ${name} envelope`, bytes.subarray(0, end), checksum);
  return { payload: r.section(end - PREAMBLE_BYTES), checksum };
}

/**
 * Writes an envelope: `writePayload` appends the payload, about `payloadBytes` bytes long (a page list can
 * have many megabytes, which should not be copied while the buffer grows). Returns it uncompressed.
 */
export function encodeEnvelope(type: EnvelopeType, writePayload: (w: LittleEndianWriter) => void, payloadBytes = 4096): Uint8Array {
  const w = new LittleEndianWriter(payloadBytes + PREAMBLE_BYTES + CHECKSUM_BYTES);
  w.u64(0n);
  writePayload(w);
  w.view.setBigUint64(0, BigInt(type) | (BigInt(w.pos + CHECKSUM_BYTES) << 16n), true);
  w.u64(xxh3(w.done()));
  return w.done();
}

/** Opens a record frame: a reader over its payload; `r` moves to the frame's end. */
export function openRecord(r: LittleEndianReader): LittleEndianReader {
  const size = frameSize(r, false);
  return r.section(size - RECORD_HEAD_BYTES);
}

/** An opened list frame. */
export interface ListFrame {
  count: number;
  items: LittleEndianReader;
}

/** Opens a list frame: number of items and a reader over them; `r` moves to the frame's end. */
export function openList(r: LittleEndianReader): ListFrame {
  const size = frameSize(r, true);
  const count = r.u32();
  return { count, items: r.section(size - LIST_HEAD_BYTES) };
}

function frameSize(r: LittleEndianReader, list: boolean): number {
  const at = r.pos;
  const size = Number(r.i64());
  const least = list ? LIST_HEAD_BYTES : RECORD_HEAD_BYTES;
  const bytes = list ? -size : size;
  if (bytes < least || bytes > r.end - at) {
    throw new CorruptFileError(`RNTuple ${list ? 'list' : 'record'} frame at byte ${at} has an impossible size`, {
      expected: `${least} to ${r.end - at} bytes`,
      found: `${bytes} bytes`,
    });
  }
  return bytes;
}

/** Writes a record frame around what `writePayload` appends. */
export function writeRecordFrame(w: LittleEndianWriter, writePayload: () => void): void {
  const at = w.grow(RECORD_HEAD_BYTES);
  writePayload();
  w.view.setBigInt64(at, BigInt(w.pos - at), true);
}

/** Writes a list frame of `count` items around what `writeItems` appends. */
export function writeListFrame(w: LittleEndianWriter, count: number, writeItems: () => void): void {
  const at = w.grow(LIST_HEAD_BYTES);
  writeItems();
  w.view.setBigInt64(at, -BigInt(w.pos - at), true);
  w.view.setUint32(at + RECORD_HEAD_BYTES, count, true);
}
