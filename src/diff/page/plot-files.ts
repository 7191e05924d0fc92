/** The compared files, opened again for drawing: a histogram of both sides at a time is in memory. */
import { basename } from 'node:path';
import type { SpanGraph } from '../../io/root/streamer/span-graph.ts';
import type { DiffReport } from '../diff-report.ts';
import { DiffFile, graphOf, type FileObject } from '../object/file-objects.ts';
import { countOf } from './markup.ts';
import { plotHistogram, type PlotHistogram } from './plot-histogram.ts';

/** Both sides of a drawing; undefined where a side has no such object or, of several inputs, no common bins. */
export interface PlotPair {
  /** What is expected: the first file, or the sum of the inputs of a merge. */
  reference: PlotHistogram | undefined;
  /** What is held against it: the second file, or the output of a merge. */
  test: PlotHistogram | undefined;
}

/** What both sides are called in drawings. */
export interface SideNames {
  reference: string;
  test: string;
}

/** Names of the sides of a report: of files without their folders, where that tells them apart. */
export function sideNames({ kind, left, right }: Pick<DiffReport, 'kind' | 'left' | 'right'>): SideNames {
  if (kind === 'merge') return { reference: `expected: sum of ${countOf(right.length, 'input')}`, test: `merged: ${basename(left)}` };
  const [a, b] = [basename(left), basename(right[0] ?? '')];
  return a === b ? { reference: `left: ${left}`, test: `right: ${right[0] ?? ''}` } : { reference: `left: ${a}`, test: `right: ${b}` };
}

/** The files of a report; opened when they are needed first. Dispose to close. */
export class PlotFiles implements Disposable {
  readonly #report: Pick<DiffReport, 'kind' | 'left' | 'right'>;
  readonly #files = new Map<string, DiffFile>();

  constructor(report: Pick<DiffReport, 'kind' | 'left' | 'right'>) {
    this.#report = report;
  }

  /** Reads a histogram of both sides by its path in the report. Throws CorruptFileError, UnsupportedError, UnreadableFileError. */
  pairAt(path: string): PlotPair {
    const { kind, left, right } = this.#report;
    const graphs = (files: readonly string[]): Iterable<SpanGraph> => this.#graphsAt(path, files);
    const [of, against] = [plotHistogram(graphs([left])), plotHistogram(graphs(right))];
    return kind === 'merge' ? { reference: against, test: of } : { reference: of, test: against };
  }

  *#graphsAt(path: string, files: readonly string[]): Generator<SpanGraph> {
    for (const file of files) {
      const object = objectAt(this.#open(file), path);
      if (object !== undefined) yield graphOf(object);
    }
  }

  #open(path: string): DiffFile {
    const known = this.#files.get(path);
    if (known !== undefined) return known;
    const file = new DiffFile(path);
    this.#files.set(path, file);
    return file;
  }

  [Symbol.dispose](): void {
    for (const file of this.#files.values()) file[Symbol.dispose]();
  }
}

/** The newest cycle at a path, or the one it ends with (`name;2`) where cycles were compared one by one. */
function objectAt({ objects }: DiffFile, path: string): FileObject | undefined {
  const newest = objects.get(path)?.[0];
  if (newest !== undefined) return newest;
  const [, name = '', cycle] = /^(.*);(\d+)$/s.exec(path) ?? [];
  return objects.get(name)?.find((each) => each.cycle === Number(cycle));
}
