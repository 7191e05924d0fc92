/** What a job did, as data: JSON, and the XML that scripts around parallel jobs of this field read. Schema: docs/pool-run.md. */
import type { Diagnostic } from '../diagnostics.ts';
import type { MergeReport } from '../merge/report/report.ts';
import type { EventCount } from './workers/event-count.ts';
import type { WorkerStatus } from './job-directory.ts';
import type { MemoryPoint } from './workers/memory-log.ts';
import type { MemoryUse } from './workers/process-group.ts';

/** One worker in a report. */
export interface WorkerReport {
  worker: number;
  status: WorkerStatus;
  attempts: number;
  /** Finished events, by its event log. */
  events?: number;
  /** Its memory at some points, when asked for. */
  memory?: MemoryPoint[];
  /** Files it wrote that are merged, as paths below its directory. */
  files: string[];
  /** Other files it wrote: they are not merged, and kept. */
  otherFiles: string[];
}

/** A failure that was retried or dropped. */
export interface FailureReport {
  worker: number;
  message: string;
  exitCode?: number;
  signal?: string;
}

/** One merged output. */
export interface OutputReport {
  /** Path below the workers' directories. */
  name: string;
  merge: MergeReport;
}

/** What runJob returns. JSON-serialisable. */
export interface JobReport {
  schemaVersion: 1;
  kind: 'job';
  /** Absolute path of the job directory; empty for a serial run. */
  directory: string;
  workerCount: number;
  seconds: { run: number; merge: number };
  events: EventCount;
  workers: WorkerReport[];
  failures: FailureReport[];
  outputs: OutputReport[];
  diagnostics: Diagnostic[];
}

/** One worker at work. */
export interface WorkerProgress {
  worker: number;
  status: WorkerStatus;
  attempts: number;
  events?: number;
  /** Number of events it has to do. */
  eventsTotal?: number;
  memory?: MemoryUse;
}

/** What is known of a worker; what is not (`events`, `eventCount`: its share, `memory`) is left out. */
export function workerProgress(
  worker: number,
  { status, attempts }: { status: WorkerStatus; attempts: number },
  { events, eventCount, memory }: { events?: number | undefined; eventCount?: number | undefined; memory?: MemoryUse | undefined },
): WorkerProgress {
  return {
    worker,
    status,
    attempts,
    ...(events !== undefined && { events }),
    ...(eventCount !== undefined && { eventsTotal: eventCount }),
    ...(memory !== undefined && { memory }),
  };
}

/** A look at a job at work. */
export interface JobProgress {
  seconds: number;
  workers: WorkerProgress[];
  /** Merges that are done, of those that go on beside the workers. */
  merges?: { done: number; total: number };
}

/**
 * The report `AthenaMPOutputs`: `<Files OriginalName=…>` per merged file, with a `<File>` per worker's file.
 * @param filesOf paths of the workers' files of a name
 */
export function outputsXml(outputs: readonly { name: string; files: readonly string[] }[]): string {
  const groups = outputs.map(({ name, files }) => {
    const lines = files.map(
      (file) => `    <File description="" mode="WRITE|CREATE" name="${escapeXml(file)}" shared="False" technology="ROOT"/>\n`,
    );
    return `  <Files OriginalName="${escapeXml(name)}">\n${lines.join('')}  </Files>\n`;
  });
  return `<?xml version="1.0" encoding="utf-8"?>\n<athenaFileReport>\n${groups.join('')}</athenaFileReport>\n`;
}

const XML_ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escapeXml(text: string): string {
  return text.replaceAll(/[&<>"]/g, (c) => XML_ENTITIES[c] as string);
}
