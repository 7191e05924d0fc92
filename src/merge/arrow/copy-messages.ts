/** Copies planned messages into an output. */
import { withContext } from '../../errors.ts';
import type { ArrowFile, ArrowFormat } from '../../io/arrow/arrow-file.ts';
import { ArrowWriter } from '../../io/arrow/arrow-writer.ts';
import { encodeDictionaryMetadata, parseMessage } from '../../io/arrow/message.ts';
import type { Source } from '../../io/bytes/source.ts';
import type { Sink } from '../../io/bytes/sink.ts';
import type { Progress } from '../progress.ts';
import type { MessageStep } from './plan-messages.ts';

/** Bytes of a body that are copied at once. */
const CHUNK_BYTES = 256 * 1024;

/** What the output is made of. */
export interface ArrowOutput {
  format: ArrowFormat;
  /** Whose schema is written. */
  first: ArrowFile;
  steps: readonly MessageStep[];
}

/** Writes the output; tells how many bytes were copied, and how many of metadata were written anew. */
export async function copyMessages(
  sink: Sink,
  { format, first, steps }: ArrowOutput,
  progress: Progress,
): Promise<{ bytesCopied: number; bytesEncoded: number }> {
  const writer = new ArrowWriter(sink, format, first.schemaMetadata, first.version);
  const chunk = new Uint8Array(CHUNK_BYTES);
  let bytesCopied = 0;
  for (const { file, message, dictionaryId } of steps) {
    const { kind, metadataOffset, metadataBytes, bodyOffset, bodyBytes } = message;
    const stored = Uint8Array.from(file.source.read(metadataOffset, metadataBytes));
    const isMoved = kind === 'dictionary' && dictionaryId !== message.dictionaryId;
    writer.begin(
      kind,
      isMoved
        ? withContext({ file: file.path, offset: metadataOffset }, () =>
            encodeDictionaryMetadata(stored, parseMessage(stored), dictionaryId),
          )
        : stored,
      bodyBytes,
    );
    await copyBytes(file.source, bodyOffset, bodyBytes, { sink, chunk, progress });
    bytesCopied += bodyBytes + (isMoved ? 0 : metadataBytes);
    await progress.step(metadataBytes);
  }
  writer.finish();
  return { bytesCopied, bytesEncoded: sink.position - bytesCopied };
}

async function copyBytes(
  source: Source,
  position: number,
  bytes: number,
  { sink, chunk, progress }: { sink: Sink; chunk: Uint8Array; progress: Progress },
): Promise<void> {
  for (let done = 0; done < bytes; done += chunk.length) {
    const length = Math.min(chunk.length, bytes - done);
    source.readInto(chunk, 0, length, position + done);
    sink.append(chunk, 0, length);
    await progress.step(length);
  }
}
