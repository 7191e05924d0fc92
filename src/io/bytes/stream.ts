/** Bytes for what is no file: pipes, terminals, devices. */
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { outputError, type OutputRole } from './target.ts';

/** Hands pieces of text to a stream (`isByteStream`), which has no all or nothing. Throws OutputError, also when nobody reads a pipe. */
export function writeStream(path: string, pieces: Iterable<string>, role: OutputRole): void {
  try {
    const fd = openStream(path);
    try {
      for (const piece of pieces) writeFully(fd, Buffer.from(piece));
    } finally {
      closeSync(fd);
    }
  } catch (err) {
    throw outputError(err, `cannot write the ${role}`, path);
  }
}

/** A pipe that nobody reads would be waited for: it is opened without waiting first, which fails, and only then to be written. */
function openStream(path: string): number {
  const probe = openSync(path, constants.O_WRONLY | (constants.O_NONBLOCK ?? 0));
  try {
    return openSync(path, 'a');
  } finally {
    closeSync(probe);
  }
}

function writeFully(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
}
