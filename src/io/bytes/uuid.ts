/** UUIDs made of digests (RFC 4122): equal inputs give equal ones. */

/** Bytes of a UUID. */
export const UUID_BYTES = 16;

/**
 * The first 16 bytes of a digest as a UUID. Version 4 says random, 5 says derived from a name; either way the digest
 * decides the other bits.
 */
export function uuidFromDigest(digest: Uint8Array, version: 4 | 5): Uint8Array {
  const uuid = Uint8Array.from(digest.subarray(0, UUID_BYTES));
  uuid[6] = ((uuid[6] as number) & 0x0f) | (version << 4);
  uuid[8] = ((uuid[8] as number) & 0x3f) | 0x80;
  return uuid;
}
