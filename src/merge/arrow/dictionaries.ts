/** Dictionaries of several inputs in one output: ids follow the columns of the first input; what is equal is written once. */
import { createHash } from 'node:crypto';
import { CorruptFileError, withContext } from '../../errors.ts';
import type { ArrowFile, ArrowMessage } from '../../io/arrow/arrow-file.ts';
import { batchLayout, parseMessage } from '../../io/arrow/message.ts';
import { eachField, type ArrowSchema } from '../../io/arrow/schema.ts';

/** Bytes of a body that are read at once. */
const CHUNK_BYTES = 1024 * 1024;

/** Id in the output by id in an input; undefined when columns share dictionaries in one file and do not in the other. */
export function dictionaryIds(first: ArrowSchema, other: ArrowSchema): Map<number, number> | undefined {
  const ids = new Map<number, number>();
  const found = [...eachField(other.fields)];
  for (const [i, { field }] of [...eachField(first.fields)].entries()) {
    const own = found[i]?.field.dictionary?.id;
    if (field.dictionary === undefined || own === undefined) continue;
    if ((ids.get(own) ?? field.dictionary.id) !== field.dictionary.id) return undefined;
    ids.set(own, field.dictionary.id);
  }
  return new Set(ids.values()).size === ids.size ? ids : undefined;
}

/** What the dictionaries of an input are, as a list of texts: equal lists, equal dictionaries. Reads their bodies. */
export function dictionaryDigests(file: ArrowFile, ids: ReadonlyMap<number, number>): string[] {
  const digests = file.messages
    .filter(({ kind }) => kind === 'dictionary')
    .map((message) => `${outputId(file, message, ids)}${message.isDelta ? '+' : '='}${messageDigest(file, message)}`);
  return digests.toSorted((a, b) => Number.parseInt(a) - Number.parseInt(b));
}

/** The id under which a dictionary of an input stands in the output. */
export function outputId(file: ArrowFile, { dictionaryId, metadataOffset }: ArrowMessage, ids: ReadonlyMap<number, number>): number {
  const id = ids.get(dictionaryId);
  if (id === undefined) {
    throw new CorruptFileError(`dictionary ${dictionaryId} belongs to no column`, { file: file.path, offset: metadataOffset });
  }
  return id;
}

/** True when a stream gives a dictionary a second time: what record batches mean depends on where they stand. */
export function hasReplacements({ messages }: ArrowFile): boolean {
  const bases = messages.filter(({ kind, isDelta }) => kind === 'dictionary' && !isDelta).map(({ dictionaryId }) => dictionaryId);
  return new Set(bases).size < bases.length;
}

/** SHA-256 of layout and body of a message. */
export function messageDigest({ path, source }: ArrowFile, { metadataOffset, metadataBytes, bodyOffset, bodyBytes }: ArrowMessage): string {
  const hash = createHash('sha256');
  const metadata = Uint8Array.from(source.read(metadataOffset, metadataBytes));
  hash.update(withContext({ file: path, offset: metadataOffset }, () => batchLayout(parseMessage(metadata))));
  for (let done = 0; done < bodyBytes; done += CHUNK_BYTES) {
    hash.update(source.read(bodyOffset + done, Math.min(CHUNK_BYTES, bodyBytes - done)));
  }
  return hash.digest('hex');
}
