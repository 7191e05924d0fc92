/** Encodes the header envelope of an RNTuple that is written here; see schema.ts for its parts. */
import type { LittleEndianWriter } from '../../bytes/little-endian.ts';
import { EnvelopeType, encodeEnvelope, writeListFrame, writeRecordFrame } from './envelope.ts';
import { FieldFlag, type Column, type Field } from './schema.ts';

/** Name of the library in the header. */
const WRITER = 'pool-merge';

/**
 * The header envelope, uncompressed. Fields are neither projected nor do they carry type checksums; columns are all
 * there from the start.
 */
export function encodeHeader(name: string, description: string, fields: readonly Field[], columns: readonly Column[]): Uint8Array {
  return encodeEnvelope(EnvelopeType.header, (w) => {
    w.u64(0n);
    for (const text of [name, description, WRITER]) w.string(text);
    writeItems(w, fields, (field) => writeField(w, field));
    writeItems(w, columns, (column) => writeColumn(w, column));
    writeItems(w, [], () => undefined);
    writeItems(w, [], () => undefined);
  });
}

/** The schema extension of a footer that adds nothing: a record with four empty lists. */
export function emptyExtension(w: LittleEndianWriter): Uint8Array {
  writeRecordFrame(w, () => {
    for (let list = 0; list < 4; list++) writeListFrame(w, 0, () => undefined);
  });
  return w.done();
}

function writeItems<T>(w: LittleEndianWriter, items: readonly T[], write: (item: T) => void): void {
  writeListFrame(w, items.length, () => {
    for (const item of items) writeRecordFrame(w, () => write(item));
  });
}

function writeField(w: LittleEndianWriter, field: Field): void {
  for (const value of [field.fieldVersion, field.typeVersion, field.parentId]) w.u32(value);
  w.u16(field.role);
  w.u16(field.flags);
  for (const text of [field.name, field.typeName, field.typeAlias, field.description]) w.string(text);
  if ((field.flags & FieldFlag.repetitive) !== 0) w.count64(field.repetitions);
}

function writeColumn(w: LittleEndianWriter, column: Column): void {
  w.u16(column.type);
  w.u16(column.bits);
  w.u32(column.fieldId);
  w.u16(column.flags);
  w.u16(column.representation);
}
