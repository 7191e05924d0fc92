/** The corpus: real files of many programs and ages, each merged with a copy of itself and judged beside hadd. */
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { newMessages } from './oracle.ts';
import type { Difference, Oracle } from './oracle.ts';
import { mergeFiles } from './product.ts';

/** Folder of the corpus; undefined when the variable is not set. */
export const CORPUS: string | undefined = process.env['POOL_MERGE_CORPUS'];

/** Classes we add up, as hadd does. */
const ADDED =
  /^(TH[123][CSILFD]|TProfile[23]?D?|TParameter<.*>|TEfficiency|THStack|TGraph(Errors|AsymmErrors|BentErrors)?|TTree|TNtupleD?|ROOT::(Experimental::)?RNTuple)$/;

/** What became of one file. */
export interface CorpusRecord {
  file: string;
  /** `merged`, or `refused: CODES`. */
  outcome: string;
  /** The refusal's first line. */
  text: string;
  /** Where the output is not twice the input, or not what hadd made. */
  differences: string[];
  /** What ROOT says of the output beyond what it says of the input. */
  messages: string[];
  /** Where a judge could not judge. */
  notes: string[];
  /** hadd's outcome: `equal`, `N differences, first: …`, `signal N`, `exit N`, with the number of its error lines. */
  hadd: string;
}

/** All files, sorted, relative to the corpus. */
export function corpusFiles(corpus: string): string[] {
  return readdirSync(corpus, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.root'))
    .map((entry) => relative(corpus, join(entry.parentPath, entry.name)))
    .sort();
}

/** Merges a file with a copy of itself, with pool-merge and with hadd, and judges both. */
export async function selfMerge(oracle: Oracle, corpus: string, file: string): Promise<CorpusRecord> {
  const folder = mkdtempSync(join(tmpdir(), 'pool-merge-corpus-'));
  try {
    const inputs = [join(folder, 'a.root'), join(folder, 'b.root')];
    for (const input of inputs) copyFileSync(join(corpus, file), input);
    const [ours, theirs] = [join(folder, 'ours.root'), join(folder, 'hadd.root')];
    const hadd = await runHadd(oracle, theirs, inputs);
    const merge = await mergeFiles(inputs, ours);
    const record: CorpusRecord = {
      file,
      outcome: merge.merged ? 'merged' : `refused: ${merge.reason}`,
      text: merge.text.replaceAll(`${folder}/`, '').split('\n').slice(0, 3).join(' '),
      differences: [],
      messages: [],
      notes: [],
      hadd: hadd.text,
    };
    if (merge.merged) await judge(oracle, record, ours, inputs, hadd.good ? theirs : undefined, hadd.differences);
    return record;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runHadd(
  oracle: Oracle,
  output: string,
  inputs: string[],
): Promise<{ good: boolean; text: string; differences: Difference[] }> {
  mkdirSync(join(output, '..'), { recursive: true });
  const run = await oracle.haddRun(['-ff', output, ...inputs]);
  if (!run.ok) return { good: false, text: run.failure, differences: [] };
  const { rc, problems } = run.result;
  const lines = problems.length > 0 ? `, ${problems.length} error lines` : '';
  if (rc !== 0) return { good: false, text: `${rc < 0 ? `signal ${-rc}` : `exit ${rc}`}${lines}`, differences: [] };
  const sum = await oracle.compareSum(output, inputs);
  if (!sum.ok) return { good: false, text: `not judged: ${sum.failure}${lines}`, differences: [] };
  const differences = sum.result.differences.filter((d) => !isHaddsOwnWay(d));
  const first = differences[0];
  return {
    good: true,
    text: `${first ? `${differences.length} differences, first: ${describe(first)}` : 'equal'}${lines}`,
    differences: sum.result.differences,
  };
}

/**
 * What hadd does differently without a loss: it merges more classes, rewrites only the streamer infos it used,
 * encodes objects anew, and adds a process id of its own.
 */
function isHaddsOwnWay(d: Difference): boolean {
  return (
    d.class === 'TStreamerInfo' ||
    /^(re-encoded|no input has)/.test(d.what) ||
    (d.rootMerges === true && !ADDED.test(d.class) && d.path !== '')
  );
}

function describe(d: Difference): string {
  return `${d.path || 'file'} (${d.class}): ${d.what}`;
}

async function judge(
  oracle: Oracle,
  record: CorpusRecord,
  ours: string,
  inputs: string[],
  theirs: string | undefined,
  haddLost: Difference[],
): Promise<void> {
  await judgeOpening(oracle, record, ours, inputs[0] ?? '');
  const sum = await oracle.compareSum(ours, inputs);
  if (!sum.ok) record.differences.push(`not judged: ${sum.failure}`);
  else {
    record.differences.push(...sum.result.differences.map(describe));
    record.notes.push(...sum.result.notes);
  }
  if (theirs === undefined || record.notes.length > 0) return;
  const compared = await oracle.compareFiles(ours, theirs);
  if (!compared.ok) record.notes.push(`not compared with hadd: ${compared.failure}`);
  else record.differences.push(...compared.result.filter((d) => !isLostByHadd(d, haddLost)).map((d) => `hadd: ${describe(d)}`));
}

/** A difference between us and hadd counts only where hadd's output is itself the sum of its inputs. */
function isLostByHadd(d: Difference, lost: readonly Difference[]): boolean {
  return !ADDED.test(d.class) || lost.some((l) => l.path === d.path || l.path === '');
}

async function judgeOpening(oracle: Oracle, record: CorpusRecord, ours: string, input: string): Promise<void> {
  const [before, after] = [await oracle.openCheck(input), await oracle.openCheck(ours)];
  if (!before.ok) {
    record.notes.push(`ROOT fails on opening the input: ${before.failure}`);
    return;
  }
  if (!after.ok) {
    record.differences.push(`ROOT fails on opening: ${after.failure}`);
    return;
  }
  record.messages.push(...newMessages(before.messages, after.messages));
  const unread = new Set(before.result.unread?.map((key) => key.replace(/;\d+$/, '')));
  const newUnread = after.result.unread?.filter((key) => !unread.has(key.replace(/;\d+$/, ''))) ?? [];
  record.differences.push(...newUnread.map((key) => `ROOT cannot read ${key}`));
  if (!after.result.opened) record.differences.push('ROOT does not open the output');
  else if (after.result.gaps.length > 0 || !after.result.mapEnds) record.differences.push('the chain of records has a gap or no end');
}
