/** Kinds of files with single changes that follow from a seed, and pairs that are equal though they are stored otherwise. */
import { writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { diffFiles } from '../../../src/diff/diff-files.ts';
import { diffMerged } from '../../../src/diff/diff-merged.ts';
import type { DiffOptions, DiffReport } from '../../../src/diff/diff-report.ts';
import { createRootFile } from '../../../src/index.ts';
import { merge } from '../../../src/merge/merge.ts';
import { fixture, type Scratch } from '../../scratch.ts';
import {
  changed,
  exchanged,
  histogramPlaces,
  linkPlaces,
  objectPlaces,
  pagePlaces,
  poolPlaces,
  random,
  tokenPlaces,
  treePlaces,
  type Place,
} from './mutations.ts';

/** A changed copy, and where the difference must be found. */
interface Mutation {
  bytes: Buffer;
  places: Place[];
}

/** One kind of files and changes. */
export interface MutationKind {
  name: string;
  inputs: readonly string[];
  /** Changes of a merge of the inputs that is stored uncompressed; undefined: this seed makes none. */
  prepare: (whole: string) => (pick: (limit: number) => number) => Mutation | undefined;
  /** True where other objects may differ with it: what follows a link, or an id. */
  spreads?: boolean;
  options?: DiffOptions;
}

const numbered = (name: string, ...numbers: number[]): string[] => numbers.map((i) => fixture(`${name}_${i}.root`));

/** One bit of any of the places. */
function anyOf(find: (whole: string) => Place[], bits?: number): MutationKind['prepare'] {
  return (whole) => {
    const places = find(whole);
    expect(places.length).toBeGreaterThan(0);
    return (pick) => {
      const place = places[pick(places.length)] as Place;
      return { bytes: changed(whole, place, pick, bits), places: [place] };
    };
  };
}

/** Two of the places of one object exchanged. */
function twoOf(find: (whole: string) => Place[]): MutationKind['prepare'] {
  return (whole) => {
    const places = find(whole);
    expect(places.length).toBeGreaterThan(1);
    return (pick) => {
      const [a, b] = [places[pick(places.length)] as Place, places[pick(places.length)] as Place];
      if (a.path !== b.path || a.at === b.at || a.bytes !== b.bytes) return undefined;
      const bytes = exchanged(whole, a, b);
      return { bytes, places: [a, b] };
    };
  };
}

/** Bins whose change is not lost in what cannot be told: fills in no bin, cells at their limit, NaN. */
function plainBins(whole: string): Place[] {
  return histogramPlaces(whole).filter(({ path, at }) => !/buffer|edge|nan/.test(path) && !at.startsWith('fXaxis'));
}

function labels(whole: string): Place[] {
  return histogramPlaces(whole).filter(({ path, at }) => !path.includes('buffer') && at.startsWith('fXaxis.fLabels'));
}

/** The highest byte of a bin or error. */
const BIN: MutationKind['prepare'] = (whole) => {
  const places = plainBins(whole);
  return (pick) => {
    const place = places[pick(places.length)] as Place;
    return { bytes: changed(whole, { ...place, bytes: 1 }, () => 0), places: [place] };
  };
};

const filled =
  (find: (whole: string) => Place[]) =>
  (whole: string): Place[] =>
    find(whole).filter(({ bytes }) => bytes > 0);

/** Branches with bits of TObject, of which some say something of memory only and do not count. */
const WITH_BITS = /fBits|fUniqueID|named|tobject|clones|vector\./i;

/** Every kind. */
export const KINDS: readonly MutationKind[] = [
  { name: 'a bin or error of a histogram', inputs: numbered('hists', 0, 1, 2), prepare: BIN },
  { name: 'a label of an axis', inputs: numbered('hists', 0, 1, 2), prepare: anyOf(labels, 5) },
  { name: 'an entry of a tree', inputs: numbered('flat', 0, 1), prepare: anyOf(filled(treePlaces)) },
  {
    name: 'the order of entries of a tree',
    inputs: numbered('flat', 0, 1),
    prepare: twoOf((whole) => treePlaces(whole).filter(({ at }) => at.startsWith('i['))),
  },
  {
    name: 'an entry of a tree with objects, split and whole',
    inputs: numbered('objects', 0, 1),
    prepare: anyOf((whole) => filled(treePlaces)(whole).filter(({ at }) => !WITH_BITS.test(at))),
  },
  { name: 'a page of an RNTuple', inputs: numbered('ntuple', 0, 1), prepare: anyOf(pagePlaces) },
  { name: 'any other object', inputs: numbered('others', 0), prepare: anyOf(objectPlaces) },
  ...['p5', 'p5unsplit', 'p6', 'index', 'ntuple'].map((family): MutationKind => ({
    name: `any byte of a POOL file (${family})`,
    inputs: numbered(`pool/${family}`, 0, 3, 1),
    prepare: anyOf(poolPlaces, 5),
    spreads: true,
  })),
  ...['p5', 'p6', 'index'].map((family): MutationKind => ({
    name: `a token of an event tag (${family})`,
    inputs: numbered(`pool/${family}`, 0, 3),
    prepare: anyOf(tokenPlaces, 5),
  })),
  { name: 'two tokens exchanged', inputs: numbered('pool/p6', 0, 3), prepare: twoOf(tokenPlaces) },
  ...['p5', 'index'].map((family): MutationKind => ({
    name: `a row of ##Links (${family})`,
    inputs: numbered(`pool/${family}`, 0, 3),
    prepare: anyOf(linkPlaces, 5),
    spreads: true,
  })),
];

/** Objects that differ, with where. */
function found({ objects }: DiffReport): [path: string, at: string][] {
  return objects
    .filter(({ verdict }) => verdict !== 'same' && verdict !== 'right')
    .flatMap(({ path, differences }) =>
      differences.length === 0 ? [[path, ''] as [string, string]] : differences.map(({ at }): [string, string] => [path, at]),
    );
}

function expectNamed(report: DiffReport, places: readonly Place[], spreads: boolean, what: string): void {
  const all = found(report);
  expect(report.isSame, what).toBe(false);
  for (const { path, at } of places) {
    expect(
      all.some(([object, where]) => object === path && where.startsWith(at)),
      `${what}: ${JSON.stringify(all.slice(0, 5))}`,
    ).toBe(true);
  }
  if (spreads) return;
  for (const [object, where] of all) {
    expect(
      places.some(({ path, at }) => object === path && where.startsWith(at)),
      `${what}: also ${object} ${where}`,
    ).toBe(true);
  }
}

/** Makes `rounds` changes of a kind and looks for each; returns how many were made. `isDone`: stops earlier. */
export async function findMutations(
  { name, inputs, prepare, spreads = false, options = {} }: MutationKind,
  scratch: Scratch,
  rounds: number,
  isDone: () => boolean = () => false,
): Promise<number> {
  const whole = scratch.path('whole.root');
  await merge(inputs, { output: whole, compression: 0, force: true });
  const mutate = prepare(whole);
  let made = 0;
  for (let seed = 1; made < rounds && seed < 20 * rounds && !isDone(); seed++) {
    const mutation = mutate(random(seed));
    if (mutation === undefined) continue;
    const path = scratch.path('changed.root');
    writeFileSync(path, mutation.bytes);
    const what = `${name}, seed ${seed}: ${mutation.places.map(({ path: object, at, offset, bytes, what: which = at }) => `${object} ${which} at ${offset}, ${bytes} bytes, now ${mutation.bytes.subarray(offset, offset + Math.min(bytes, 24)).toString('hex')}`).join(', ')}`;
    const include = spreads
      ? undefined
      : [...new Set(mutation.places.map(({ path: object }) => object.replaceAll(/[[\](){}*?!+@\\]/g, '\\$&')))];
    const chosen = { ...options, ...(include !== undefined && { include }) };
    expectNamed(await diffFiles(path, whole, chosen), mutation.places, spreads, `two files, ${what}`);
    expectNamed(await diffMerged(path, inputs, chosen), mutation.places, spreads, `merged, ${what}`);
    made++;
  }
  return made;
}

/** Families whose merges are compared with merges in other steps and compressions. */
const EQUAL: readonly (readonly string[])[] = [
  numbered('hists', 0, 1),
  numbered('flat', 0, 1, 2),
  numbered('clusters', 0, 1, 2),
  numbered('objects', 0, 1, 2),
  numbered('ntuple', 0, 1, 2),
  numbered('meta', 0, 1, 2),
  numbered('embedded', 0, 1, 2),
  numbered('others', 0),
  ...['p5', 'p5unsplit', 'p6', 'index', 'ntuple'].map((family) => numbered(`pool/${family}`, 0, 1, 2, 3)),
];
const COMPRESSIONS = [0, 101, 404, 505, 207] as const;

/**
 * Compares two files that hold the same, one merged at once, the other in two steps, compressed in different ways;
 * returns what was called different.
 */
export async function falseAlarm(seed: number, scratch: Scratch): Promise<string[]> {
  const pick = random(seed);
  const inputs = EQUAL[pick(EQUAL.length)] as readonly string[];
  const [once, steps, part] = ['once.root', 'steps.root', 'part.root'].map((name) => scratch.path(name)) as [string, string, string];
  const compression = (): number => COMPRESSIONS[pick(COMPRESSIONS.length)] as number;
  await merge(inputs, { output: once, compression: compression(), force: true });
  const first = 1 + pick(inputs.length);
  await merge(inputs.slice(0, first), { output: part, compression: compression(), force: true });
  await merge([part, ...inputs.slice(first)], { output: steps, compression: compression(), force: true });
  const reports = [await diffFiles(once, steps), await diffMerged(once, inputs), await diffMerged(steps, inputs)];
  return reports.flatMap((report) =>
    report.isSame ? [] : found(report).map(([path, at]) => `seed ${seed} ${inputs[0]} ${report.kind}: ${path} ${at}`),
  );
}

/** Drops one of many entries of a tree and an RNTuple; returns what is said of both. */
export async function droppedEntry(seed: number, scratch: Scratch): Promise<string[][]> {
  const pick = random(seed);
  const values = Array.from({ length: 50 + pick(50) }, () => pick(1000));
  const dropped = pick(values.length);
  const [whole, short] = [values, values.filter((_, i) => i !== dropped)].map((list, i) => {
    const path = scratch.path(`dropped_${i}.root`);
    const file = createRootFile(path, { force: true });
    const columns = [
      { name: 'n', type: 'int32' },
      { name: 'id', type: 'int32' },
    ] as const;
    const [tree, tuple] = [
      file.bookTree('/', { name: 'tree', columns: [...columns] }),
      file.bookTuple('/', { name: 'tuple', columns: [...columns] }),
    ];
    for (const n of list) for (const target of [tree, tuple]) target.fill({ n, id: values.indexOf(n) });
    file.close();
    return path;
  }) as [string, string];
  const reports = [await diffFiles(whole, short), await diffMerged(short, [whole])];
  return reports.map(({ objects }) =>
    objects.map(({ path, verdict, differences }) =>
      `${path} ${verdict} ${differences[0]?.at ?? ''}: ${differences[0]?.left ?? ''} ${differences[0]?.right ?? ''}`
        .replaceAll(String(values.length), 'N')
        .replaceAll(String(values.length - 1), 'N-1'),
    ),
  );
}
