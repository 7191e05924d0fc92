/** Where an HDF5 file begins inside of a file, and what its superblock says (HDF5 file format specification, "Superblock"). */
import { CorruptFileError, UnsupportedError } from '../../errors.ts';
import type { Source } from '../bytes/source.ts';

/** Bytes of the longest superblock there is. */
const SUPERBLOCK_BYTES = 96;
/** An address that leads nowhere. */
export const NO_ADDRESS = 0xffff_ffff_ffff_ffffn;

/** Bytes of a file as a buffer of their own, which may be changed. @throws CorruptFileError beyond the end of the file */
export function readBytes(source: Source, position: number, length: number): Buffer {
  return Buffer.from(Uint8Array.from(source.read(position, length)));
}

/**
 * Position of the superblock: addresses in the file count from there; what precedes it is the user block.
 * @throws CorruptFileError; UnsupportedError for offsets or lengths of other than 8 bytes
 */
export function superblockPosition(source: Source): number {
  for (let at = 0; at + SUPERBLOCK_BYTES <= source.sizeBytes; at = at === 0 ? 512 : at * 2) {
    const bytes = source.read(at, 16);
    if (Buffer.from(bytes.subarray(0, 8)).toString('latin1') !== '\x89HDF\r\n\x1a\n') continue;
    const [offsets, lengths] = (bytes[8] ?? 0) < 2 ? [bytes[13], bytes[14]] : [bytes[9], bytes[10]];
    if (offsets !== 8 || lengths !== 8) {
      throw new UnsupportedError(`its addresses have ${offsets} bytes and its lengths ${lengths}, not 8`, { file: source.path });
    }
    return at;
  }
  throw new CorruptFileError('has no HDF5 superblock', { file: source.path });
}

/**
 * Address of the header in which files since superblock version 2 tell how they manage their space; undefined where there is none.
 * @param basePosition see superblockPosition
 */
export function superblockExtension(source: Source, basePosition: number): bigint | undefined {
  const bytes = readBytes(source, basePosition, 28); // signature, version, sizes, flags, base address, this one
  const address = (bytes[8] ?? 0) < 2 ? NO_ADDRESS : bytes.readBigUInt64LE(20);
  return address === NO_ADDRESS ? undefined : address;
}
