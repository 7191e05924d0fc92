/** Values of branches and fields of real files are those that uproot reads; where it is wrong, those of real ROOT. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { isPoolMergeError } from '../../src/errors.ts';
import type { ColumnArrays } from '../../src/io/root/column-arrays.ts';
import { openRootFile, type RootFile } from '../../src/io/root/root-file.ts';
import { readField } from '../../src/io/root/rntuple/field-arrays.ts';
import { openTuple } from '../../src/io/root/rntuple/open-tuple.ts';
import { readBranch, type BranchWindow } from '../../src/io/root/tree/branch-values.ts';
import { openTree } from '../../src/io/root/tree/open-tree.ts';
import { CORPUS, corpusFiles } from './corpus.ts';

const PYTHON = fileURLToPath(new URL('../../.venv/bin/python', import.meta.url));
const UPROOT = fileURLToPath(new URL('oracle/uproot_values.py', import.meta.url));
/** Files up to this size are read; files per run of Python. */
const MAX_BYTES = 2e6;
const BATCH = 40;
/** Entries uproot_values.py reads at most. */
const COUNT = 400;

/** What uproot read of one branch, leaf or field. */
interface Row {
  file: string;
  tree: string;
  path: string;
  leaf?: string;
  field?: boolean;
  first: number;
  count: number;
  type: string;
  levels: (number | string)[];
  values: string;
  head?: number[];
  interpretation?: string;
  failure?: string;
}

function digest(bytes: Uint8Array): string {
  return createHash('sha1').update(bytes).digest('hex').slice(0, 16);
}

function bytesOf(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** Why uproot reads something else although the values are right: checked by hand against real ROOT. */
function explanation({ type, interpretation = '', count, path }: Row, ours: ColumnArrays): string | undefined {
  if (count !== ours.entryCount) return undefined;
  if (/AsJagged\(As(Double32|Float16)\(.*to_dims/.test(interpretation)) {
    return 'uproot takes the offsets of jagged arrays of packed reals for values';
  }
  if (/AsFloat16\(0\.0, 0\.0, (1[5-9]|[23]\d)/.test(interpretation)) return 'ROOT takes more than 14 bits for none given: 12';
  if (interpretation === 'AsStrings()' && ours.levels.length > 0) return 'uproot reads the first of several texts';
  if (interpretation === "AsJagged(AsDtype('>u4'))" && path.endsWith('.fBits')) {
    return 'uproot takes process ids behind the bits of referenced objects for bits';
  }
  if (type === 'uint8' && ours.type === 'int8') return 'uproot takes char for unsigned';
  if (type === 'uint32' && ours.type === 'int32') return 'uproot takes counters for unsigned';
  return undefined;
}

/** What is not read here, and why. */
const REFUSALS: readonly (readonly [message: string, why: string])[] = [
  ['basket whose entry offsets are not stored', 'offsets that are not stored'],
  ['the field has no values of its own, only its fields: _0, _1', 'parts of tuples in collections have another name in uproot'],
];

/** Packed reals, which uproot rounds in another way, and lengths, which it widens. */
function isHeadEqual({ head }: Row, { values }: ColumnArrays): boolean {
  return (
    head !== undefined &&
    head.every(
      (value, i) =>
        Math.abs(value - Number(values[i])) <= 1e-6 * Math.max(1, Math.abs(value)) ||
        (Number.isNaN(value) && Number.isNaN(Number(values[i]))),
    )
  );
}

function isEqual(row: Row, ours: ColumnArrays): boolean {
  const levels = ours.levels.map((level) => (typeof level === 'number' ? level : digest(bytesOf(level))));
  if (JSON.stringify(levels) !== JSON.stringify(row.levels) || ours.entryCount !== row.count) return false;
  const values = digest(Array.isArray(ours.values) ? Buffer.from(ours.values.join('\0')) : bytesOf(ours.values));
  return (ours.type === row.type && values === row.values) || isHeadEqual(row, ours);
}

/** The file and the tree or RNTuple read last: rows come tree by tree. */
class LastRead implements Disposable {
  #file: RootFile | undefined;
  #path = '';
  #tree = '';
  #read: (path: string, window: BranchWindow) => ColumnArrays = () => {
    throw new Error('nothing is open');
  };

  read({ file, field, tree, path, leaf, first }: Row): ColumnArrays {
    if (file !== this.#path) {
      this.#file?.close();
      [this.#file, this.#path, this.#tree] = [openRootFile(file), file, ''];
    }
    if (tree !== this.#tree && this.#file !== undefined) {
      if (field === true) {
        const tuple = openTuple(this.#file, tree);
        this.#read = (name, window) => readField(tuple, name, window);
      } else {
        const reader = openTree(this.#file, tree);
        this.#read = (name, window) => readBranch(reader, name, window);
      }
      this.#tree = tree;
    }
    const name = field === true ? path.replaceAll(/\.(?=\d)/g, '._') : path; // uproot calls the parts of tuples 0, 1, …
    return this.#read(name, { firstEntry: first, entryCount: COUNT, ...(leaf !== undefined && { leaf }) });
  }

  [Symbol.dispose](): void {
    this.#file?.close();
  }
}

describe.skipIf(CORPUS === undefined)('values of the corpus', () => {
  it('are those of uproot, wherever it reads them', { timeout: 3_600_000 }, async () => {
    const corpus = CORPUS as string;
    const files = corpusFiles(corpus)
      .map((name) => join(corpus, name))
      .filter((path) => statSync(path).size <= MAX_BYTES);
    using last = new LastRead();
    const wrong: unknown[] = [];
    const explained = new Map<string, number>();
    const counts = { equal: 0, bytes: 0, uprootFails: 0 };
    for (let i = 0; i < files.length; i += BATCH) {
      const { stdout } = await promisify(execFile)(PYTHON, ['-W', 'ignore', UPROOT, ...files.slice(i, i + BATCH)], {
        maxBuffer: 1e9,
        timeout: 600_000,
      });
      for (const row of stdout
        .trim()
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Row)) {
        judge(row);
      }
    }
    console.log(counts, Object.fromEntries(explained));
    expect(wrong).toEqual([]);
    expect(counts.equal).toBeGreaterThan(15_000);

    function judge(row: Row): void {
      if (row.failure !== undefined) {
        counts.uprootFails++;
        return;
      }
      try {
        const ours = last.read(row);
        const why = ours.type === 'bytes' ? 'bytes' : isEqual(row, ours) ? 'equal' : explanation(row, ours);
        if (why === 'bytes' || why === 'equal') counts[why]++;
        else if (why !== undefined) explained.set(why, (explained.get(why) ?? 0) + 1);
        else wrong.push([row, ours.type, ours.levels.length, ours.entryCount]);
      } catch (err) {
        if (!isPoolMergeError(err)) throw err;
        const why = REFUSALS.find(([text]) => err.message.includes(text))?.[1];
        if (why === undefined) wrong.push([row, err.message]);
        else explained.set(why, (explained.get(why) ?? 0) + 1);
      }
    }
  });
});
