/** Times in object headers: put back after the library has noted when it wrote, so that output does not depend on the clock. */
import { MESSAGE, finishChunk, readHeader, withinHeader, type HeaderChunk, type HeaderPlace, type Patch } from './object-header.ts';

/** Bytes of the four times in a header of version 2, after signature, version and flags. */
const TIMES_AT = 6;
const TIMES_BYTES = 16;

/**
 * Gives an object the times that it has in another file, so that output does not depend on when it is written; zero without `model`.
 * @param model the header of the same object in another file
 */
export function planTimes(header: HeaderPlace, model: HeaderPlace | undefined): Patch[] {
  return withinHeader(header, () => patchesFor(header, model));
}

function patchesFor(header: HeaderPlace, model: HeaderPlace | undefined): Patch[] {
  const { messages, first } = readHeader(header);
  const other = model === undefined ? undefined : readHeader(model);
  const changed = new Set<HeaderChunk>();
  if (hasTimes(first)) {
    const times =
      other !== undefined && hasTimes(other.first)
        ? other.first.bytes.subarray(TIMES_AT, TIMES_AT + TIMES_BYTES)
        : new Uint8Array(TIMES_BYTES);
    first.bytes.set(times, TIMES_AT);
    changed.add(first);
  }
  const time = messages.find(({ type }) => type === MESSAGE.modificationTime);
  const otherTime = other?.messages.find(({ type }) => type === MESSAGE.modificationTime);
  if (time !== undefined) {
    time.chunk.bytes.writeUInt32LE(otherTime?.chunk.bytes.readUInt32LE(otherTime.at + 4) ?? 0, time.at + 4);
    changed.add(time.chunk);
  }
  return [...changed].map(finishChunk);
}

function hasTimes({ bytes, hasChecksum }: HeaderChunk): boolean {
  return hasChecksum && ((bytes[5] ?? 0) & 0x20) !== 0;
}
