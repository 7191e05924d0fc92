/** Arrow files and streams: record batches are copied as stored, whatever compresses them; schemas must be equal. */
import { extname } from 'node:path';
import { openArrowFile, type ArrowFile, type ArrowFormat } from '../../io/arrow/arrow-file.ts';
import type { Conflict } from '../../errors.ts';
import type { FormatContext, FormatMerger, FormatPlan } from '../format-merger.ts';
import type { TargetReport } from '../report/report.ts';
import { schemaDifferences } from './compare-schemas.ts';
import { copyMessages } from './copy-messages.ts';
import { dictionaryIds } from './dictionaries.ts';
import { planMessages, type MessagePlan, type MessageStep } from './plan-messages.ts';
import { verifyMessages } from './verify-messages.ts';

/** What the one table of an Arrow file is called in reports. */
const TABLE_CLASS = 'Arrow table';
const UNFITTING = 'dictionaries differ, and an Arrow file has one of each: write a stream, in which they may change (-o NAME.arrows)';
/** Endings that say which of the two formats a file has. */
const FORMAT_OF_ENDING: Readonly<Record<string, ArrowFormat>> = {
  '.arrow': 'file',
  '.feather': 'file',
  '.ipc': 'file',
  '.arrows': 'stream',
};

/** Merges Arrow files and streams into one. */
export const arrowMerger: FormatMerger<ArrowFile> = {
  format: 'arrow',
  unusable: ['compression', 'include', 'exclude', 'keepEqualCopies', 'timestamp', 'catalog', 'metadata', 'fid', 'sum', 'once', 'differing'],
  open: async (path) => openArrowFile(path),
  plan: planArrow,
};

const NO_MESSAGES: MessagePlan = { steps: [], unfitting: [] };
/** The plan without inputs. */
const NOTHING: FormatPlan = {
  targets: [],
  directories: 1,
  conflicts: [],
  inputBytes: 0,
  execute: async () => undefined,
  verify: async () => ({ records: 0, objects: 0 }),
};

async function planArrow(files: readonly ArrowFile[], ctx: FormatContext): Promise<FormatPlan> {
  const [first] = files;
  if (first === undefined) return NOTHING;
  const format = FORMAT_OF_ENDING[extname(ctx.output ?? '').toLowerCase()] ?? first.format;
  const conflicts = files.slice(1).flatMap((file) => schemaConflicts(first, file));
  const { steps, unfitting } = conflicts.length > 0 ? NO_MESSAGES : planMessages(files, idsInOutput(files, first), format);
  for (const file of unfitting) refuse(conflicts, file, { column: '', code: 'dictionary-differs', reason: UNFITTING });
  tellMetadata(files, first, ctx);
  const target = tableReport(files.length, steps, conflicts.length > 0);
  return {
    targets: [target],
    directories: 1,
    conflicts,
    inputBytes: steps.reduce((bytes, { message }) => bytes + message.metadataBytes + message.bodyBytes, 0),
    async execute(sink, progress) {
      Object.assign(target, await copyMessages(sink, { format, first, steps }, progress));
    },
    verify: (path, level, progress) => verifyMessages(path, { format, first, steps }, level, progress),
  };
}

/** Ids of dictionaries in the output, by input; schemas are equal. */
function idsInOutput(files: readonly ArrowFile[], first: ArrowFile): ReadonlyMap<number, number>[] {
  return files.map((file) => dictionaryIds(first.schema, file.schema) ?? new Map<number, number>());
}

function tableReport(inputs: number, steps: readonly MessageStep[], isRefused: boolean): TargetReport {
  return {
    path: '/',
    className: TABLE_CLASS,
    disposition: isRefused ? 'refuse' : 'concat',
    reason: isRefused ? 'conflict' : 'mergeable',
    inputs,
    cycles: isRefused ? 0 : 1,
    entries: steps.reduce((rows, { message }) => rows + (message.kind === 'batch' ? message.rowCount : 0), 0),
  };
}

function refuse(conflicts: Conflict[], file: ArrowFile, { column, code, reason }: { column: string; code: string; reason: string }): void {
  conflicts.push({ path: `/${column}`, className: TABLE_CLASS, file: file.path, code, reason });
}

function schemaConflicts(first: ArrowFile, file: ArrowFile): Conflict[] {
  const conflicts: Conflict[] = [];
  for (const { column, reason } of schemaDifferences(first.schema, file.schema)) {
    refuse(conflicts, file, { column, code: 'schema-differs', reason });
  }
  if (file.version !== first.version) {
    refuse(conflicts, file, {
      column: '',
      code: 'schema-differs',
      reason: `metadata of version ${file.version + 1} instead of ${first.version + 1}`,
    });
  }
  if (conflicts.length === 0 && dictionaryIds(first.schema, file.schema) === undefined) {
    refuse(conflicts, file, { column: '', code: 'schema-differs', reason: 'columns share dictionaries in another way' });
  }
  return conflicts;
}

/** Metadata of keys and values do not concern the rows: the first input's are kept, and that is told. */
function tellMetadata(files: readonly ArrowFile[], first: ArrowFile, { diagnostics }: FormatContext): void {
  for (const file of files) {
    if (metadataText(file) !== metadataText(first)) {
      diagnostics.add({
        code: 'metadata-differs',
        file: file.path,
        message: 'key-value metadata of the schema or its columns differ from those of the first input, which are kept',
      });
    }
    if (file.footerMetadata.size > 0) {
      diagnostics.add({ code: 'footer-metadata', file: file.path, message: 'key-value metadata of the footer are not kept' });
    }
    if (!file.hasEnd) {
      diagnostics.add({
        code: 'stream-without-end',
        file: file.path,
        message: 'the stream does not say that it ends: whether it is whole cannot be told',
      });
    }
  }
}

function metadataText({ schema }: ArrowFile): string {
  const walk = (fields: ArrowFile['schema']['fields']): unknown => fields.map(({ metadata, children }) => [[...metadata], walk(children)]);
  return JSON.stringify([[...schema.metadata], walk(schema.fields)]);
}
