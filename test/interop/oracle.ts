/**
 * The judges of the interop suite: real ROOT, hadd and uproot, driven as one process that answers JSON lines
 * (test/interop/oracle/server.py). Every judgement runs there in a child of its own with a time limit, since
 * ROOT aborts, crashes and hangs on some files: such an end is an answer, not an error of the suite.
 */
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const SERVER = fileURLToPath(new URL('oracle/server.py', import.meta.url));
const PYTHON = fileURLToPath(new URL('../../.venv/bin/python', import.meta.url));

/** One job's end: its result, or how it failed; `messages` are the lines ROOT printed meanwhile. */
export type Reply<T> = { ok: true; result: T; messages: string[] } | { ok: false; failure: string; messages: string[] };

/** A key as ROOT lists it; `read` is the class of the object ROOT gave back, empty when it gave none. */
export interface KeySeen {
  path: string;
  class: string;
  cycle: number;
  title: string;
  read: string;
}

/** ROOT's view of a file. Everything after `opened` is present only when it is true. */
export interface OpenCheck {
  opened: boolean;
  recovered: boolean;
  version: number;
  compression: number;
  sizeBytes: number;
  /** `Class vN checksum`, and `rule …` for each reading rule. */
  infos: string[];
  keys: KeySeen[];
  /** `path;cycle` of keys whose object ROOT could not read. */
  unread: string[];
  /** The GAP lines of TFile::Map, and whether it reached the END line. */
  gaps: string[];
  mapEnds: boolean;
}

/** What became of a copy of the file that ROOT updated: a new key, an overwritten one, a new directory. */
export interface UpdateCheck {
  written: boolean;
  reopened: boolean;
  infosLost: string[];
  lost: string[];
  added: string[];
}

/** One difference: path of the object (empty: the file as a whole), its class, and what differs. */
export interface Difference {
  path: string;
  class: string;
  what: string;
  rootMerges?: boolean;
}

/** An output held against its inputs; `notes` say where ROOT or uproot could not judge. */
export interface SumCheck {
  differences: Difference[];
  notes: string[];
}

/** A run of hadd: exit code (negative: signal), all lines, and those that are errors or warnings. */
export interface HaddRun {
  rc: number;
  lines: string[];
  problems: string[];
}

/** What uproot read: number of keys, and one line per key or basket it could not read. */
export interface UprootCheck {
  keys: number;
  problems: string[];
}

/** Header and free segments of a file as ROOT holds them after opening it for UPDATE. */
export interface FileFacts {
  end: number;
  sizeBytes: number;
  version: number;
  seekInfo: number;
  infoBytes: number;
  freeBytes: number;
  /** [first, last] of each free segment. */
  free: [number, number][];
  /** Length of the list of streamer infos, its list of rules counted as one. */
  infos: number;
  recovered: boolean;
}

/** A branch as ROOT holds it; `failed` and `empty`: entries whose reading gave an error, or no byte. */
export interface BranchFacts {
  name: string;
  entries: number;
  writeBasket: number;
  maxBaskets: number;
  seeks: number[];
  /** fBasketEntry[fWriteBasket]. */
  nextEntry: number;
  /** Entries are read with a map of the objects within them. */
  bufferMap: boolean;
  failed: number;
  empty: number;
  leaves: { name: string; class: string; length: number; maximum: number }[];
}

/** A tree as ROOT holds it. */
export interface TreeFacts {
  entries: number;
  branches: BranchFacts[];
}

/** What ROOT reads of a file of large_file.py; `wrong` are entries whose value is not the one expected. */
export interface LargeReading {
  infos: number;
  version: number;
  recovered: boolean;
  cycles: { blob: number[]; list: number[] };
  lists: string[];
  blobs: number[];
  labels: string[];
  contents: number[];
  functions: string[];
  entries: number;
  wrong: number[];
}

/** What was answered; an Error with all messages where the question failed. */
export function answered<T>(reply: Reply<T>): T {
  if (!reply.ok) throw new Error([reply.failure, ...reply.messages].join('\n'));
  return reply.result;
}

/** A running oracle. Close it at the end of the suite. */
export class Oracle {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #waiting: Map<number, (reply: Reply<unknown>) => void> = new Map();
  #lastId = 0;

  constructor() {
    this.#process = spawn(PYTHON, [SERVER], { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface({ input: this.#process.stdout }).on('line', (line) => {
      const { id, ...reply } = JSON.parse(line) as { id: number } & Reply<unknown>;
      this.#waiting.get(id)?.(reply);
      this.#waiting.delete(id);
    });
    this.#process.on('close', (code) => {
      for (const done of this.#waiting.values()) done({ ok: false, failure: `the oracle ended with ${code}`, messages: [] });
      this.#waiting.clear();
    });
  }

  /** Opens, lists, reads every object, and maps the records. */
  openCheck(file: string): Promise<Reply<OpenCheck>> {
    return this.#ask('open', [file]);
  }

  /** Updates a copy of the file with ROOT and reads it again. */
  updateCheck(file: string): Promise<Reply<UpdateCheck>> {
    return this.#ask('update', [file]);
  }

  /** Is `output` the sum of `inputs`? Worked out from the inputs alone, by ROOT and by uproot. */
  compareSum(output: string, inputs: readonly string[], seconds = 240): Promise<Reply<SumCheck>> {
    return this.#ask('compare-sum', [output, ...inputs], seconds);
  }

  /** Differences between the newest cycles of two files; UUIDs, dates, cycles, order and compression do not count. */
  compareFiles(a: string, b: string): Promise<Reply<Difference[]>> {
    return this.#ask('compare', [a, b]);
  }

  /** `path;cycle` to class, title and digest of everything in the file. */
  dump(file: string): Promise<Reply<Record<string, { class: string; title: string; digest: unknown }>>> {
    return this.#ask('dump', [file]);
  }

  /** Runs the real hadd. */
  haddRun(args: readonly string[], seconds = 60): Promise<Reply<HaddRun>> {
    return this.#ask('hadd', args, seconds);
  }

  /** Opens with uproot; reads every key and every basket. */
  uprootCheck(file: string): Promise<Reply<UprootCheck>> {
    return this.#ask('uproot', [file]);
  }

  /** Header and free segments. */
  fileFacts(file: string): Promise<Reply<FileFacts>> {
    return this.#ask('file-facts', [file]);
  }

  /** All trees by path. */
  treeFacts(file: string): Promise<Reply<Record<string, TreeFacts>>> {
    return this.#ask('tree-facts', [file]);
  }

  /** Fills all trees of a copy of the file with entries of their own; by path, entries before and after, and branches read wrongly. */
  fillTrees(file: string): Promise<Reply<Record<string, { before: number; after: number; failed: number }>>> {
    return this.#ask('fill-trees', [file]);
  }

  /** For each cycle of the TRef `reference`: does it find the object `target` of that cycle? */
  references(file: string): Promise<Reply<Record<string, boolean>>> {
    return this.#ask('references', [file]);
  }

  /** Adds an object to every directory of the file itself; what cannot be read afterwards. */
  grow(file: string): Promise<Reply<string[]>> {
    return this.#ask('grow', [file]);
  }

  /** Changes a copy of the file with uproot: does it see its additions, and what does ROOT no longer read? */
  uprootUpdate(file: string): Promise<Reply<{ seen: boolean; unread: string[]; recovered: boolean }>> {
    return this.#ask('uproot-update', [file]);
  }

  /** Writes an input of 208 MB. */
  writeLargeInput(file: string): Promise<Reply<boolean>> {
    return this.#ask('write-large-input', [file]);
  }

  /** ROOT's reading of a merge of such inputs. */
  readLarge(file: string): Promise<Reply<LargeReading>> {
    return this.#ask('read-large', [file]);
  }

  /** uproot's reading of it. */
  uprootLarge(file: string): Promise<Reply<{ entries: number; wrong: number[]; contents: number[]; last: string }>> {
    return this.#ask('uproot-large', [file]);
  }

  /** Writes the cases of trees that do and do not fit together into a folder; by case, the files in order of merging. */
  treeCases(folder: string): Promise<Reply<Record<string, string[]>>> {
    return this.#ask('tree-cases', [folder]);
  }

  /** Writes histograms of three workers into a folder, chosen by a seed; with what hadd loses of them, by name. */
  histogramCases(folder: string, seed: number): Promise<Reply<{ files: string[]; losses: Record<string, string | null> }>> {
    return this.#ask('histogram-cases', [folder, String(seed)]);
  }

  /** Compares the histograms of two files bit by bit; what differs, by path, and how many `b` holds. */
  compareHistograms(a: string, b: string): Promise<Reply<{ count: number; differences: Record<string, string[]> }>> {
    return this.#ask('compare-histograms', [a, b]);
  }

  /** Writes the histograms of written-files.test.ts with ROOT. */
  rootHistograms(file: string): Promise<Reply<boolean>> {
    return this.#ask('root-histograms', [file]);
  }

  /** Every column of a tree as ROOT reads it; integers as text. */
  rootValues(file: string, tree: string): Promise<Reply<Record<string, unknown[]>>> {
    return this.#ask('root-values', [file, tree]);
  }

  /** Of /tree and /tuple `e` and the sum of `v` in the last entry, as ROOT and uproot read them; and the first label of /late. */
  lastEntries(file: string): Promise<Reply<Record<string, unknown>>> {
    return this.#ask('last-entries', [file], 240);
  }

  /** Every field of an RNTuple as ROOT reads it; integers as text. */
  rootTupleValues(file: string, tuple: string): Promise<Reply<Record<string, unknown[]>>> {
    return this.#ask('root-tuple-values', [file, tuple]);
  }

  /** Every column of a tree as uproot reads it; integers as text. */
  uprootValues(file: string, tree: string): Promise<Reply<Record<string, unknown[]>>> {
    return this.#ask('uproot-values', [file, tree]);
  }

  /** Ends the process once all jobs are answered. */
  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('close', resolve));
    this.#process.stdin.end();
    await ended;
  }

  #ask<T>(job: string, args: readonly string[], seconds = 60): Promise<Reply<T>> {
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      this.#waiting.set(id, (reply) => resolve(reply as Reply<T>));
      this.#process.stdin.write(`${JSON.stringify({ id, job, args, seconds })}\n`);
    });
  }
}

/** A message of ROOT without what varies from file to file: paths and numbers. */
function messageKind(line: string): string {
  return line.replace(/[^\s"'`]*\.root/g, 'FILE').replace(/\d+/g, 'N');
}

/** Lines of `found` that are not of a kind in `known`: what a merge made ROOT say beyond what it said of the input. */
export function newMessages(known: readonly string[], found: readonly string[]): string[] {
  const kinds = new Set(known.map(messageKind));
  return found.filter((line) => !kinds.has(messageKind(line)));
}
