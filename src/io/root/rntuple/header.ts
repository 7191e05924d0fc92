/**
 * Header envelope: u64 feature flags, string name, string description, string writer, schema description.
 * Source: BinaryFormatSpecification.md "Header Envelope", "Feature Flags".
 */
import { UnsupportedError } from '../../../errors.ts';
import type { LittleEndianReader } from '../../bytes/little-endian.ts';
import { EnvelopeType, parseEnvelope } from './envelope.ts';
import { emptySchema, parseSchemaDescription, type Schema } from './schema.ts';

/** A parsed header. */
export interface Header {
  /** XXH3-64 of the header envelope; footer and page lists repeat it. */
  checksum: bigint;
  name: string;
  description: string;
  /** Library that wrote the file. */
  writer: string;
  /** Schema without the footer's extension. */
  schema: Schema;
}

/** Reads feature flags (u64, the sign bit announces another) and refuses any that is set: none is defined yet. */
export function refuseFeatures(r: LittleEndianReader): void {
  const flags = r.u64();
  if (flags !== 0n) throw new UnsupportedError(`RNTuple uses format features 0x${flags.toString(16)} of a later version`);
}

/** Parses a decompressed header envelope. */
export function parseHeader(bytes: Uint8Array): Header {
  const { payload, checksum } = parseEnvelope(bytes, EnvelopeType.header);
  refuseFeatures(payload);
  const [name, description, writer] = [payload.string(), payload.string(), payload.string()];
  const schema = emptySchema();
  parseSchemaDescription(payload, schema);
  return { checksum, name, description, writer, schema };
}
