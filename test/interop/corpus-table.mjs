/**
 * Turns the results of the last corpus run (test/interop/out/corpus.json, written by corpus.test.ts) into
 * docs/corpus.md; with --accept also into corpus-expected.json, to be read before it is committed.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const here = new URL('.', import.meta.url);
const records = JSON.parse(readFileSync(new URL('out/corpus.json', here), 'utf8'));

function ours(record) {
  const wrong = record.differences.length + record.messages.length;
  if (record.outcome !== 'merged') return record.outcome;
  return wrong > 0 ? `**wrong**: ${record.differences[0] ?? record.messages[0]}` : 'merged right';
}

function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ').slice(0, 160);
}

function count(of, pick) {
  const numbers = {};
  for (const record of of) numbers[pick(record)] = (numbers[pick(record)] ?? 0) + 1;
  return Object.entries(numbers)
    .toSorted((a, b) => b[1] - a[1])
    .map(([what, number]) => `${what} ${number}`)
    .join(', ');
}

const haddKind = ({ hadd }) => (hadd.startsWith('equal') ? 'equal' : (/^(signal|exit|not judged|time limit)/.exec(hadd)?.[0] ?? 'differs'));
const text = [
  '# Real files, merged with a copy of themselves',
  '',
  `${records.length} files of the public test collections of ROOT, go-hep and scikit-hep (\`$POOL_MERGE_CORPUS\`). "Merged right": ROOT opens the output`,
  'without a message that the input did not already give, finds every object, every entry and a gapless chain of records; ROOT and uproot read twice the',
  "input; and where hadd is right too, its output means the same. hadd's outcome (`hadd -ff`, ROOT 6.40) is judged by the same rules, but for the objects",
  'it merges by choice. "Notes" say where ROOT or uproot fails on the input itself and could not judge all.',
  '',
  `- pool-merge: ${count(records, (record) => ours(record).replace(/:.*/s, '').replaceAll('*', ''))}`,
  `- hadd: ${count(records, haddKind)}; ${records.filter(({ hadd }) => hadd.includes('error lines') && !/^(signal|exit)/.test(hadd)).length} with exit code 0 and error lines`,
  '',
  '| file | pool-merge | hadd -ff | notes |',
  '|---|---|---|---|',
  ...records.map((record) => `| ${record.file} | ${cell(ours(record))} | ${cell(record.hadd)} | ${cell(record.notes.join('; '))} |`),
  '',
].join('\n');
writeFileSync(new URL('../../docs/corpus.md', here), text);

if (process.argv.includes('--accept')) {
  const refused = records.filter((record) => record.outcome !== 'merged').map((record) => [record.file, record.outcome]);
  writeFileSync(new URL('corpus-expected.json', here), `${JSON.stringify(Object.fromEntries(refused), null, 1)}\n`);
}
