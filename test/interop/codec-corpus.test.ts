/** Every compressed record of every corpus file decompresses; and what is compressed anew comes back the same. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BigEndianReader } from '../../src/io/bytes/big-endian.ts';
import { compress, decompress } from '../../src/io/codec/payload.ts';
import { parseFileHeader } from '../../src/io/root/container/file-header.ts';
import { parseKey } from '../../src/io/root/container/key.ts';

const corpus = process.env['POOL_MERGE_CORPUS'] ?? '';
/** Records whose key does not say how they are compressed (RNTuple blobs), or says it wrongly (directories of unclosed files). */
const OTHER_CLASSES = new Set(['RBlob', 'TFile']);

interface Stored {
  where: string;
  stored: Uint8Array;
  objlen: number;
}

/** The records of a file from its first to its end or to the first broken key, which other tests judge. */
function* compressedRecords(path: string): Generator<Stored> {
  const bytes = readFileSync(path);
  if (bytes.length < 300 || bytes.toString('latin1', 0, 4) !== 'root') return;
  const header = parseFileHeader(bytes);
  const end = Math.min(header.end, bytes.length);
  for (let at = header.begin; at + 26 < end;) {
    const nbytes = bytes.readInt32BE(at);
    if (nbytes < 0) {
      at -= nbytes;
      continue;
    }
    if (nbytes < 26 || at + nbytes > end) return;
    const key = parseKey(new BigEndianReader(bytes, at, at + nbytes));
    const stored = bytes.subarray(at + key.keylen, at + nbytes);
    if (stored.length < key.objlen && !OTHER_CLASSES.has(key.className)) yield { where: `${path} at ${at}`, stored, objlen: key.objlen };
    at += nbytes;
  }
}

const files =
  corpus === ''
    ? []
    : readdirSync(corpus, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.root') && statSync(join(corpus, name)).isFile())
        .map((name) => join(corpus, name));

describe.skipIf(corpus === '')('corpus', () => {
  it('every compressed record is read, whatever its algorithm', () => {
    const seen: Record<string, number> = {};
    for (const file of files) {
      for (const { where, stored, objlen } of compressedRecords(file)) {
        const tag = String.fromCharCode(stored[0] as number, stored[1] as number);
        seen[tag] = (seen[tag] ?? 0) + 1;
        expect(decompress(stored, objlen).length, where).toBe(objlen);
      }
    }
    expect(Object.keys(seen).sort()).toEqual(['CS', 'L4', 'XZ', 'ZL', 'ZS']);
    console.log(`records per algorithm: ${JSON.stringify(seen)}`);
  });

  it('real payloads survive every algorithm', () => {
    const settings = [101, 106, 109, 201, 401, 404, 409, 501, 505];
    let count = 0;
    for (const file of files) {
      let each = 0;
      for (const { where, stored, objlen } of compressedRecords(file)) {
        if (objlen > 100_000 || ++each > 4) continue;
        const payload = decompress(stored, objlen);
        const setting = settings[count++ % settings.length] as number;
        expect(Buffer.compare(decompress(compress(setting, payload), objlen), payload), `${where} ${setting}`).toBe(0);
      }
    }
    expect(count).toBeGreaterThan(500);
  });
});
