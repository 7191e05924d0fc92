/** Histograms for tests: those of the fixtures, with other numbers in them, and their merge in memory. */
import { Diagnostics } from '../../../src/diagnostics.ts';
import { invariant } from '../../../src/errors.ts';
import { keyLength } from '../../../src/io/root/container/key.ts';
import { RootFile, joinPath, openRootFile } from '../../../src/io/root/root-file.ts';
import { RootFileWriter } from '../../../src/io/root/root-file-writer.ts';
import { encodeGraph } from '../../../src/io/root/streamer/encode.ts';
import type { InfoSet } from '../../../src/io/root/streamer/info-set.ts';
import { setNumber, setText } from '../../../src/io/root/streamer/member.ts';
import { setArray } from '../../../src/io/root/streamer/member-list.ts';
import { parseInfoSet } from '../../../src/io/root/streamer/parse-infos.ts';
import type { SpanGraph } from '../../../src/io/root/streamer/span-graph.ts';
import { walkObject } from '../../../src/io/root/streamer/walk.ts';
import { encodeCells, type Cells } from '../../../src/merge/bins/cells.ts';
import { decodeHistogram, type Histogram } from '../../../src/merge/histogram/histogram.ts';
import { histogramKind, type HistogramKind } from '../../../src/merge/histogram/histogram-kind.ts';
import { histogramMerger } from '../../../src/merge/histogram/histogram-merger.ts';
import type { InputFile } from '../../../src/merge/inputs.ts';
import { pathFilter } from '../../../src/path-filter.ts';
import { MergePlan } from '../../../src/merge/plan/plan.ts';
import { planTargets } from '../../../src/merge/plan/plan-targets.ts';
import type { MergePolicy } from '../../../src/merge/policy.ts';
import { Progress } from '../../../src/merge/progress.ts';
import { TargetOutcomes } from '../../../src/merge/report/report.ts';
import { fixture } from '../../scratch.ts';
import { leaveGap, smallFile, type SmallFileOptions, type SmallItem, type SmallObject } from '../../small-file.ts';
import { SparseSink, memorySource } from '../../sparse-file.ts';

/** The workers whose files the fixtures are. */
export const WORKERS: readonly number[] = [0, 1, 2];

/** A histogram as stored, with the length of the key it was stored behind. */
interface Stored {
  className: string;
  keylen: number;
  payload: Uint8Array;
}

const files = new Map<number, { infos: InfoSet; objects: Map<string, Stored> }>();

function fixtureFile(worker: number): { infos: InfoSet; objects: Map<string, Stored> } {
  let known = files.get(worker);
  if (known === undefined) {
    using file = openRootFile(fixture(`hists_${worker}.root`));
    const infos = file.readInfos();
    invariant(infos !== undefined, 'the fixture has streamer infos');
    const objects = new Map<string, Stored>();
    for (const directory of file.directories) {
      for (let i = 0; i < directory.keys.count; i++) {
        if (histogramKind(directory.keys.className(i)) === undefined) continue;
        const { key, payload } = file.readObject(directory, i);
        objects.set(joinPath(directory.path, key.name), { className: key.className, keylen: key.keylen, payload });
      }
    }
    known = { infos: parseInfoSet(infos.payload, infos.key.keylen), objects };
    files.set(worker, known);
  }
  return known;
}

/** Streamer infos of the fixtures. */
export function sampleInfos(): InfoSet {
  return fixtureFile(0).infos;
}

/** A fixture's histogram, walked anew at each call. */
export function sampleGraph(path: string, worker = 0): SpanGraph {
  const { infos, objects } = fixtureFile(worker);
  const stored = objects.get(path);
  invariant(stored !== undefined, `hists_${worker}.root has no ${path}`);
  return walkObject(stored.payload, stored.keylen, stored.className, infos);
}

/** Paths of one histogram per class in the fixtures. */
export const ONE_OF_EACH: readonly string[] = [
  ...['C', 'S', 'I', 'L', 'F', 'D'].flatMap((type) => [1, 2, 3].map((dimension) => `/types/h${dimension}${type.toLowerCase()}`)),
  '/profiles/p1',
  '/profiles/p2',
  '/profiles/p3',
];

export function kindOf(graph: SpanGraph): HistogramKind {
  const kind = histogramKind(graph.className);
  invariant(kind !== undefined, `${graph.className} is a histogram`);
  return kind;
}

export function decode(graph: SpanGraph): Histogram {
  return decodeHistogram(graph, kindOf(graph));
}

/** Numbers to put into a sample; what is not given stays as it is. */
export interface Numbers {
  cells?: Cells;
  sumw2?: Float64Array;
  binEntries?: Float64Array;
  binSumw2?: Float64Array;
  statistics?: readonly number[];
  entries?: number;
  title?: string;
  /** Members by path. */
  members?: Readonly<Record<string, number>>;
}

/** Puts numbers into a graph. */
export function setNumbers(graph: SpanGraph, numbers: Numbers): SpanGraph {
  const { root } = graph;
  const kind = kindOf(graph);
  if (numbers.cells !== undefined) setArray(root, kind.arrayClass, encodeCells(numbers.cells));
  if (numbers.sumw2 !== undefined) setArray(root, 'fSumw2', encodeCells(numbers.sumw2));
  if (numbers.binEntries !== undefined) setArray(root, 'fBinEntries', encodeCells(numbers.binEntries));
  if (numbers.binSumw2 !== undefined) setArray(root, 'fBinSumw2', encodeCells(numbers.binSumw2));
  numbers.statistics?.forEach((value, k) => setNumber(root, kind.statistics[k] as string, value));
  if (numbers.entries !== undefined) setNumber(root, 'fEntries', numbers.entries);
  if (numbers.title !== undefined) setText(root, 'fTitle', numbers.title);
  for (const [path, value] of Object.entries(numbers.members ?? {})) setNumber(root, path, value);
  return graph;
}

/** An object of a small file that holds the graph's histogram under a name. */
export function stored(graph: SpanGraph, name = 'h'): SmallObject {
  const strings = { className: Buffer.from(graph.className), name: Buffer.from(name), title: Buffer.alloc(0) };
  return { className: graph.className, name, payload: encodeGraph(graph, { keylen: keyLength(strings, false) }) };
}

/** The policy of a call without options. */
export const POLICY: MergePolicy = {
  compression: 'keep',
  verify: 'fast',
  keepEqualCopies: false,
  skipBad: false,
  include: [],
  exclude: [],
  datime: undefined,
  pool: { metadata: 'concat', fid: undefined, pfn: 'merged.root' },
  hdf5: { sum: [], once: [], differing: 'refuse' },
};

export interface InMemory {
  policy?: Partial<MergePolicy>;
  /** Options of the input files. */
  files?: SmallFileOptions;
  /** File offset of the first record of the output. */
  position?: number;
  /** Changes the bytes of an input before it is opened. */
  damage?: (bytes: Uint8Array, input: number) => void;
}

export interface MergedInMemory {
  plan: MergePlan;
  file: RootFile;
  diagnostics: Diagnostics;
  outcomes: TargetOutcomes;
  /** The graph of an object of the root directory. */
  graph: (name?: string) => SpanGraph;
}

/** Inputs of small files called 0.root, 1.root, … */
export function inputsOf(contents: readonly (readonly SmallItem[])[], options: InMemory = {}): InputFile[] {
  return contents.map((items, index) => {
    const path = `${index}.root`;
    const bytes = smallFile(items, options.files);
    options.damage?.(bytes, index);
    return { index, path, file: new RootFile(memorySource(bytes, path)), infos: sampleInfos(), hasBranches: false, pidOffset: 0 };
  });
}

/** Merges the histograms of small files. */
export async function mergeInMemory(contents: readonly (readonly SmallItem[])[], options: InMemory = {}): Promise<MergedInMemory> {
  const policy = { ...POLICY, ...options.policy };
  const inputs = inputsOf(contents, options);
  const plan = new MergePlan(inputs);
  const diagnostics = new Diagnostics();
  planTargets(plan, pathFilter([], []), diagnostics);
  const targets = Array.from({ length: plan.targets.count }, (_, t) => t);
  const work = histogramMerger.plan(targets, { plan, policy, diagnostics });
  plan.assignSlots();
  const sink = new SparseSink();
  const writer = new RootFileWriter(sink, { datime: 5, compression: 101, uuidOf: () => new Uint8Array(16) });
  if (options.position !== undefined) leaveGap(sink, options.position);
  const outcomes = new TargetOutcomes(plan.targets.count);
  await work.execute({ plan, policy, diagnostics, writer, directories: [writer.root], outcomes, progress: new Progress() });
  writer.finish(() => new Uint8Array(100));
  const file = new RootFile(sink.source());
  return { plan, file, diagnostics, outcomes, graph: (name = 'h') => graphOf(file, name) };
}

function graphOf(file: RootFile, name: string): SpanGraph {
  const { keys } = file.root;
  const i = Array.from({ length: keys.count }, (_, k) => k).find((k) => keys.name(k) === name);
  invariant(i !== undefined, `the output has no ${name}`);
  const { key, payload } = file.readObject(file.root, i);
  return walkObject(payload, key.keylen, key.className, sampleInfos());
}
