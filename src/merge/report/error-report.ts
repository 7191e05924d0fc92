/** A failed run as data, for the machine that reads the report. */
import { MergeConflictError, PoolMergeError, type Conflict, type ErrorCode } from '../../errors.ts';

/** What a report says when there is nothing to report. JSON-serialisable; schema: docs/report.md. */
export interface ErrorReport {
  schemaVersion: 1;
  kind: 'error';
  error: {
    code: ErrorCode;
    message: string;
    file?: string;
    /** Full path of the object, with cycle where it is known. */
    objectPath?: string;
    /** Absolute byte offset in the file. */
    offset?: number;
  };
  /** All conflicts between the inputs; empty for other errors. */
  conflicts: Conflict[];
}

/** Turns anything thrown into data; what is not an error of this package gets the code INTERNAL. */
export function errorReport(err: unknown): ErrorReport {
  const error: ErrorReport['error'] = { code: 'INTERNAL', message: err instanceof Error ? err.message : String(err) };
  if (err instanceof PoolMergeError) {
    error.code = err.code;
    if (err.file !== undefined) error.file = err.file;
    if (err.objectPath !== undefined) error.objectPath = err.objectPath;
    if (err.offset !== undefined) error.offset = err.offset;
  }
  const conflicts = err instanceof MergeConflictError ? [...err.conflicts] : [];
  return { schemaVersion: 1, kind: 'error', error, conflicts };
}
