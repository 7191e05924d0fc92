/** Whole files copied into a sink. */
import type { Sink } from './sink.ts';
import { openSource } from './source.ts';

/** Bytes that are copied at once. */
const COPY_BYTES = 1024 * 1024;

/** Appends a whole file to a sink and hands everything to the system. */
export function copyFileInto(path: string, sink: Sink): void {
  const source = openSource(path);
  try {
    const chunk = new Uint8Array(COPY_BYTES);
    for (let at = 0; at < source.sizeBytes; at += chunk.length) {
      const length = Math.min(chunk.length, source.sizeBytes - at);
      source.readInto(chunk, 0, length, at);
      sink.append(chunk, 0, length);
    }
    sink.flush();
  } finally {
    source.close();
  }
}
