/**
 * GUIDs of POOL: files (FID) and persistent classes (CLID). Text `8-4-4-4-12`, upper-case
 * hexadecimal; binary 16 bytes in the order of the text (DataHeaderForm_p6).
 */
import { CorruptFileError } from '../../errors.ts';
import { UUID_BYTES, uuidFromDigest } from '../bytes/uuid.ts';

/** Bytes of a binary GUID. */
export const GUID_BYTES: number = UUID_BYTES;
/** The GUID that stands for "this file" in ##Links rows. */
export const ZERO_GUID = '00000000-0000-0000-0000-000000000000';

const PATTERN = /^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$/;

/** True for a GUID text. */
export function isGuid(text: string): boolean {
  return PATTERN.test(text);
}

/** GUID text of 16 bytes. */
export function formatGuid(bytes: Uint8Array): string {
  if (bytes.length !== GUID_BYTES) {
    throw new CorruptFileError('a binary GUID has another length', { expected: GUID_BYTES, found: bytes.length });
  }
  const hex = Buffer.from(bytes).toString('hex').toUpperCase();
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** The 16 bytes of a GUID text. */
export function parseGuid(text: string): Uint8Array {
  if (!isGuid(text)) throw new CorruptFileError('not a GUID', { found: text });
  return new Uint8Array(Buffer.from(text.replaceAll('-', ''), 'hex'));
}

/** Shapes 16 bytes of a digest into a random-looking GUID (version 4, variant 1 bits as RFC 4122 asks). */
export function guidFromDigest(digest: Uint8Array): string {
  return formatGuid(uuidFromDigest(digest, 4));
}
