/**
 * Errors, one class per party who must act. Low layers know offsets only; `withContext` adds the
 * file and the object path once, on the way up, so every message names what went wrong and where.
 */

/** Stable codes: scripts and tests compare these, never message texts. */
export type ErrorCode =
  | 'USAGE'
  | 'CORRUPT_FILE'
  | 'UNREADABLE_FILE'
  | 'UNSUPPORTED'
  | 'MERGE_CONFLICT'
  | 'OUTPUT'
  | 'VERIFICATION'
  | 'WORKER'
  | 'SCHEDULER'
  | 'ABORTED'
  | 'INTERNAL';

/** Where an error happened; every field is optional because low layers do not know all of them. */
export interface ErrorContext {
  file?: string | undefined;
  /** Full path of the object inside the file, e.g. `/jets/pt;1`. */
  objectPath?: string | undefined;
  /** Absolute byte offset in the file (or in the object's payload, where the message says so). */
  offset?: number | undefined;
  cause?: unknown;
}

/** Base of all errors this package throws on purpose. */
export class PoolMergeError extends Error {
  readonly code: ErrorCode;
  file: string | undefined;
  objectPath: string | undefined;
  offset: number | undefined;
  /** The reason alone, without file and path. */
  readonly reason: string;

  constructor(code: ErrorCode, reason: string, context: ErrorContext = {}) {
    super(reason, context.cause === undefined ? undefined : { cause: context.cause });
    this.name = new.target.name;
    this.code = code;
    this.reason = reason;
    this.file = context.file;
    this.objectPath = context.objectPath;
    this.offset = context.offset;
    this.describe();
  }

  /** Rebuilds `message` as `file: /path;1: reason (offset N)` from the parts known so far. */
  describe(): void {
    const where = [this.file, this.objectPath].filter((part) => part !== undefined);
    const offset = this.offset === undefined ? '' : ` (at offset ${this.offset})`;
    this.message = [...where, this.reason + offset].join(': ');
  }
}

/** The call is wrong: fix the arguments. */
export class UsageError extends PoolMergeError {
  constructor(reason: string, context: ErrorContext = {}) {
    super('USAGE', reason, context);
  }
}

/** An input breaks the format: drop or recover it. Carries what was expected and found, if numbers. */
export class CorruptFileError extends PoolMergeError {
  readonly expected: number | string | undefined;
  readonly found: number | string | undefined;

  constructor(reason: string, context: ErrorContext & { expected?: number | string; found?: number | string } = {}) {
    const { expected, found } = context;
    const parts = [...(expected === undefined ? [] : [`expected ${expected}`]), ...(found === undefined ? [] : [`found ${found}`])];
    super('CORRUPT_FILE', parts.length === 0 ? reason : `${reason}: ${parts.join(', ')}`, context);
    this.expected = expected;
    this.found = found;
  }
}

/** An input cannot be opened or read at all (missing, a directory, no permission, an I/O error). */
export class UnreadableFileError extends PoolMergeError {
  constructor(reason: string, context: ErrorContext = {}) {
    super('UNREADABLE_FILE', reason, context);
  }
}

/** A feature, class or version this package does not handle; nothing is guessed. */
export class UnsupportedError extends PoolMergeError {
  constructor(reason: string, context: ErrorContext = {}) {
    super('UNSUPPORTED', reason, context);
  }
}

/** One reason why a target cannot be merged. */
export interface Conflict {
  /** Full path of the target, e.g. `/jets/pt`. */
  path: string;
  className: string;
  /** The input that does not fit (path as the caller gave it); empty where all are concerned. */
  file: string;
  /** Stable reason code, e.g. `axes-differ`, `schema-differs`, `class-differs`. */
  code: string;
  reason: string;
}

/** Inputs that do not fit together. Carries all conflicts, never only the first. */
export class MergeConflictError extends PoolMergeError {
  readonly conflicts: readonly Conflict[];

  constructor(conflicts: readonly Conflict[]) {
    const lines = conflicts.map((c) => `  ${c.path} (${c.className}): ${c.file === '' ? '' : `${c.file}: `}${c.reason}`);
    const count = conflicts.length === 1 ? '1 conflict' : `${conflicts.length} conflicts`;
    super('MERGE_CONFLICT', `${count}, nothing was written\n${lines.join('\n')}`);
    this.conflicts = conflicts;
  }
}

/** The output cannot be written: disk full, no permission, target exists. `errno` is the system's name, e.g. ENOSPC. */
export class OutputError extends PoolMergeError {
  readonly errno: string | undefined;

  constructor(reason: string, context: ErrorContext & { errno?: string | undefined } = {}) {
    super('OUTPUT', reason, context);
    this.errno = context.errno;
  }
}

/** The written candidate does not agree with the plan; it was not committed. */
export class VerificationError extends PoolMergeError {
  constructor(reason: string, context: ErrorContext & { planned?: number | string; found?: number | string } = {}) {
    const { planned, found } = context;
    const both = planned === undefined && found === undefined ? '' : `: planned ${planned}, found ${found}`;
    super('VERIFICATION', reason + both, context);
  }
}

/** What is known of a worker that failed. */
export interface WorkerFailure {
  /** Number of the worker, from 0. */
  worker: number;
  /** Exit code; undefined when a signal ended it, or when it ended in order and left something wrong. */
  exitCode?: number | undefined;
  /** Signal that ended it, e.g. `SIGSEGV`. */
  signal?: string | undefined;
  /** Path of its log, and the last lines of it. */
  logPath?: string | undefined;
  logTail?: string | undefined;
}

/** A worker of a job failed: nothing was merged. Carries how it ended and the end of its log. */
export class WorkerError extends PoolMergeError implements WorkerFailure {
  readonly worker: number;
  /** How it failed, without the worker's number and log. */
  readonly problem: string;
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly logPath: string | undefined;
  readonly logTail: string | undefined;

  constructor(reason: string, failure: WorkerFailure, context: ErrorContext = {}) {
    const tail = failure.logTail === undefined || failure.logTail === '' ? '' : `\n  ${failure.logTail.replaceAll('\n', '\n  ')}`;
    const log = failure.logPath === undefined ? '' : `; its log is ${failure.logPath}`;
    super('WORKER', `worker ${failure.worker} ${reason}${log}${tail}`, context);
    this.worker = failure.worker;
    this.problem = reason;
    this.exitCode = failure.exitCode;
    this.signal = failure.signal;
    this.logPath = failure.logPath;
    this.logTail = failure.logTail;
  }
}

/** The batch system refused a command, cannot be reached, or ended a job; says what it answered. */
export class SchedulerError extends PoolMergeError {
  constructor(reason: string, context: ErrorContext = {}) {
    super('SCHEDULER', reason, context);
  }
}

/** The caller's AbortSignal fired; nothing was committed. */
export class AbortedError extends PoolMergeError {
  constructor(cause?: unknown) {
    super('ABORTED', 'interrupted, nothing was written', { cause });
  }
}

/** A bug in this package. */
export class InternalError extends PoolMergeError {
  constructor(reason: string, context: ErrorContext = {}) {
    super('INTERNAL', `internal error: ${reason}`, context);
  }
}

/** True for an error of this package, optionally only for the given codes. */
export function isPoolMergeError(err: unknown, ...codes: ErrorCode[]): err is PoolMergeError {
  return err instanceof PoolMergeError && (codes.length === 0 || codes.includes(err.code));
}

/** Throws an InternalError unless the condition holds. */
export function invariant(condition: unknown, reason: string): asserts condition {
  if (!condition) throw new InternalError(reason);
}

/**
 * Adds file and object path to any error of this package that passes, where it lacks them; an interruption is of no file. `baseOffset`
 * is the file offset from which the error's own offset counts (a payload's first byte, for a codec).
 */
export function addContext(err: unknown, context: ErrorContext & { baseOffset?: number }): unknown {
  if (err instanceof PoolMergeError && err.code !== 'ABORTED') {
    err.file ??= context.file;
    err.objectPath ??= context.objectPath;
    if (context.baseOffset === undefined) err.offset ??= context.offset;
    else err.offset = context.baseOffset + (err.offset ?? 0);
    err.describe();
  }
  return err;
}

/** Runs `fn`; an error of this package that leaves it carries the given context. */
export function withContext<T>(context: ErrorContext, fn: () => T): T {
  try {
    return fn();
  } catch (err) {
    throw addContext(err, context);
  }
}
