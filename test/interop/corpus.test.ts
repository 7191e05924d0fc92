/**
 * Every file of the corpus merged with a copy of itself: merged means that ROOT opens the output without a
 * new message and that it holds twice the input, and the same as hadd's wherever hadd's is right; refused
 * means with the reason code that corpus-expected.json states.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CORPUS, corpusFiles, selfMerge } from './corpus.ts';
import type { CorpusRecord } from './corpus.ts';
import { Oracle } from './oracle.ts';

const EXPECTED = JSON.parse(readFileSync(new URL('corpus-expected.json', import.meta.url), 'utf8')) as Record<string, string>;
const RESULTS = fileURLToPath(new URL('out/corpus.json', import.meta.url));
const only = process.env['POOL_MERGE_CORPUS_ONLY'];

if (CORPUS === undefined) console.warn('POOL_MERGE_CORPUS is not set: the corpus tests are skipped');

/** Results of an earlier run, which a run of chosen files completes. */
function earlierRecords(): CorpusRecord[] {
  if (only === undefined || !existsSync(RESULTS)) return [];
  return JSON.parse(readFileSync(RESULTS, 'utf8')) as CorpusRecord[];
}

const files = CORPUS === undefined ? [] : corpusFiles(CORPUS).filter((file) => only === undefined || file.includes(only));

describe.skipIf(CORPUS === undefined)('self-merge of every corpus file', () => {
  let oracle: Oracle;
  const records: CorpusRecord[] = [];

  beforeAll(() => {
    oracle = new Oracle();
  });

  afterAll(async () => {
    await oracle.close();
    mkdirSync(new URL('out', import.meta.url), { recursive: true });
    const judged = new Set(records.map(({ file }) => file));
    const all = [...earlierRecords().filter(({ file }) => !judged.has(file)), ...records];
    writeFileSync(
      RESULTS,
      `${JSON.stringify(
        all.toSorted((a, b) => (a.file < b.file ? -1 : 1)),
        null,
        1,
      )}\n`,
    );
  });

  it.concurrent.each(files)('%s', async (file) => {
    const record = await selfMerge(oracle, CORPUS ?? '', file);
    records.push(record);
    expect(record.differences).toEqual([]);
    expect(record.messages).toEqual([]);
    expect(record.outcome, record.text).toBe(EXPECTED[file] ?? 'merged');
  });
});
