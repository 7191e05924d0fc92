/** What a format beside ROOT implements to be merged: the same five steps, without families and span graphs. */
import type { Diagnostics } from '../diagnostics.ts';
import type { Conflict } from '../errors.ts';
import type { Sink } from '../io/bytes/sink.ts';
import type { MergeFormat } from './input-format.ts';
import type { PlanOptions } from './merge-options.ts';
import type { MergePolicy, VerifyLevel } from './policy.ts';
import type { Progress } from './progress.ts';
import type { TargetReport } from './report/report.ts';

/** An open input. */
export interface FormatInput {
  readonly path: string;
  readonly sizeBytes: number;
  close(): void;
}

/** What planning may use. */
export interface FormatContext {
  policy: MergePolicy;
  /** Path of the output where it is known: some formats choose by its ending. */
  output: string | undefined;
  diagnostics: Diagnostics;
}

/** A merge that was planned: all of its conflicts are known. */
export interface FormatPlan {
  targets: TargetReport[];
  /** Groups of the output, its root included. */
  directories: number;
  conflicts: Conflict[];
  /** Bytes that `execute` reads; what progress counts. */
  inputBytes: number;
  /** Writes the output into the sink; sets `bytesCopied` and `bytesEncoded` of the targets. */
  execute(sink: Sink, progress: Progress): Promise<void>;
  /** Opens the candidate again and holds it against the plan. @throws VerificationError */
  verify(path: string, level: VerifyLevel, progress: Progress): Promise<{ records: number; objects: number }>;
}

/** A format. */
export interface FormatMerger<I extends FormatInput> {
  readonly format: Exclude<MergeFormat, 'root'>;
  /** Options that have no meaning for this format: given, they are refused. */
  readonly unusable: readonly (keyof PlanOptions)[];
  /** @throws CorruptFileError, UnreadableFileError, UnsupportedError */
  open(path: string): Promise<I>;
  /** Reads metadata and writes nothing. */
  plan(inputs: readonly I[], ctx: FormatContext): Promise<FormatPlan>;
}
