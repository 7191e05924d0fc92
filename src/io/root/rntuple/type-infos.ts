/**
 * The streamer infos of fields that ROOT's streamer wrote: extra type information of content id 0, in the footer's schema extension.
 * A writer lists what its own entries needed, so files of one job differ: a worker without entries lists nothing.
 *
 *   content   the TList as TBufferFile::WriteObject writes it: u32 0x40000000 | bytes that follow, u32 0xffffffff (new class),
 *             "TList" and NUL, the object. Tags count from the content's first byte, as in a key of 14 bytes.
 *
 * Source: BinaryFormatSpecification.md "Extra type information"; contents measured on ROOT 6.40 files. Readers find one list only.
 */
import { UnsupportedError } from '../../../errors.ts';
import { LittleEndianReader, LittleEndianWriter } from '../../bytes/little-endian.ts';
import { InfoUnion } from '../streamer/info-union.ts';
import { byteCountWord } from '../streamer/type-codes.ts';
import { openList, openRecord, writeListFrame, writeRecordFrame } from './envelope.ts';
import type { ExtraTypeInfo } from './schema.ts';

/** Content id of streamer infos. */
export const STREAMER_INFOS = 0;

/** Bytes in front of the object, and what they say behind the byte count. */
const HEAD_BYTES = 14;
const HEAD: Uint8Array = Uint8Array.of(0xff, 0xff, 0xff, 0xff, ...Buffer.from('TList\0'));
/** Lists of a schema description in front of the extra type information: fields, columns, alias columns. */
const LISTS_BEFORE = 3;

/** Unites the streamer infos of many schemas: each (class, version, checksum) once, in order of first appearance. */
export class TypeInfoUnion {
  readonly #union = new InfoUnion();
  #count = 0;

  /** Adds those of one schema; other extra type information is left alone. UnsupportedError when a list has another form. */
  add(infos: readonly ExtraTypeInfo[]): void {
    for (const { contentId, typeVersion, typeName, content } of infos) {
      if (contentId !== STREAMER_INFOS) continue;
      if (typeVersion !== 0 || typeName !== '' || Buffer.compare(content.subarray(4, HEAD_BYTES), HEAD) !== 0) {
        throw new UnsupportedError('RNTuple has streamer infos in another form than a TList');
      }
      this.#count++;
      this.#union.add(content.subarray(HEAD_BYTES), HEAD_BYTES);
    }
  }

  /** The united list as content; undefined when there was none. */
  content(): Uint8Array | undefined {
    if (this.#count === 0) return undefined;
    const list = this.#union.encode(HEAD_BYTES);
    const content = new Uint8Array(HEAD_BYTES + list.length);
    new DataView(content.buffer).setUint32(0, byteCountWord(content.length - 4));
    content.set(HEAD, 4);
    content.set(list, HEAD_BYTES);
    return content;
  }
}

/** A schema extension (record frame, as stored) whose streamer infos are replaced by one list; all else keeps its bytes. */
export function withStreamerInfos(extensionBytes: Uint8Array, content: Uint8Array): Uint8Array {
  const { lists, others } = splitExtension(openRecord(new LittleEndianReader(extensionBytes)));
  const w = new LittleEndianWriter(extensionBytes.length + content.length);
  writeRecordFrame(w, () => {
    if (lists === undefined) for (let i = 0; i < LISTS_BEFORE; i++) writeListFrame(w, 0, () => undefined);
    else w.raw(lists);
    writeListFrame(w, others.length + 1, () => {
      for (const record of others) w.raw(record);
      writeRecordFrame(w, () => writeStreamerInfos(w, content));
    });
  });
  return w.done();
}

function writeStreamerInfos(w: LittleEndianWriter, content: Uint8Array): void {
  w.u32(STREAMER_INFOS);
  w.u32(0);
  w.string('');
  w.u32(content.length);
  w.raw(content);
}

/** The frames in front of the extra type information, undefined when the extension is empty, and its records but for the streamer infos. */
function splitExtension(r: LittleEndianReader): { lists: Uint8Array | undefined; others: Uint8Array[] } {
  if (r.remaining === 0) return { lists: undefined, others: [] };
  const start = r.pos;
  for (let i = 0; i < LISTS_BEFORE; i++) openList(r);
  const lists = r.bytes.subarray(start, r.pos);
  const { count, items } = openList(r);
  const others: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    const from = items.pos;
    if (openRecord(items).u32() !== STREAMER_INFOS) others.push(items.bytes.subarray(from, items.pos));
  }
  return { lists, others };
}
