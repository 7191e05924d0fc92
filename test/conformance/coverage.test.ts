/** Every row of the table is tested, or it is said why not. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { knownFailing, readJson } from './row.ts';

/** Number of rows by the letter of their suite. */
const SUITES: Readonly<Record<string, number>> = { H: 39, M: 42, T: 31, G: 11, B: 7, R: 52, S: 56, X: 38, P: 14, N: 47 };
const FOLDER = fileURLToPath(new URL('.', import.meta.url));

const all = Object.entries(SUITES).flatMap(([suite, count]) =>
  Array.from({ length: count }, (_, i) => `${suite}${String(i + 1).padStart(2, '0')}`),
);

/** Ids of `H13-H15 N06`. */
function idsOf(text: string): string[] {
  return text.split(' ').flatMap((part) => {
    const [from, to = from] = part.split('-') as [string, string?];
    return all.filter((id) => id[0] === from[0] && id >= from && id <= to);
  });
}

/** Ids tested in this folder, read from the calls of `row`. */
function testedHere(): string[] {
  const sources = readdirSync(FOLDER)
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => readFileSync(FOLDER + name, 'utf8'));
  return sources.flatMap((source) => [...source.matchAll(/^ *row\(\s*'([A-Z0-9 ]+)'/gm)].flatMap((match) => idsOf(match[1] as string)));
}

const elsewhere = readJson<Record<string, string>>('elsewhere.json');
const outOfScope = readJson<Record<string, string>>('out-of-scope.json');

it('every row stands in exactly one place', () => {
  const places = [...testedHere(), ...Object.values(elsewhere).flatMap(idsOf), ...Object.keys(outOfScope).flatMap(idsOf)].sort();
  expect(places.filter((id, i) => places[i - 1] === id)).toEqual([]);
  expect(all.filter((id) => !places.includes(id))).toEqual([]);
  expect(places.filter((id) => !all.includes(id))).toEqual([]);
});

it('the files that test rows are there', () => {
  expect(Object.keys(elsewhere).filter((file) => !existsSync(`${FOLDER}../../${file}`))).toEqual([]);
});

it('rows that are known to fail are tested here', () => {
  const here = testedHere();
  expect(Object.keys(knownFailing).filter((id) => !here.includes(id))).toEqual([]);
});
