/** A thread of `StreamTeam`: opens the files itself, compares the streams it can claim, and answers where something differs. */
import { parentPort } from 'node:worker_threads';
import { UnreadableFileError, invariant } from '../errors.ts';
import { AbsenceNotes, isAbsent, type AbsentEntries } from './entries/absent-parts.ts';
import { branchStreams, partsWithBranches, type StreamChoice } from './entries/compare-trees.ts';
import { columnStreams } from './entries/compare-tuples.ts';
import { DifferenceList } from './object/difference.ts';
import { DiffFile, type FileObject, type ObjectPlace } from './object/file-objects.ts';
import { treeOf, tupleOf } from './stream-objects.ts';
import { compareStream, type SizedStream } from './entries/stream-set.ts';
import { StreamClaims, type StreamAnswer, type StreamJob } from './entries/stream-team.ts';

const files = new Map<string, DiffFile>();

function objectAt({ file: path, sizeBytes, path: objectPath, cycle }: ObjectPlace): FileObject {
  const file = files.get(path) ?? new DiffFile(path);
  files.set(path, file);
  if (file.file.source.sizeBytes !== sizeBytes) throw new UnreadableFileError('has changed while it was compared', { file: path });
  const object = file.objects.get(objectPath)?.find((each) => each.cycle === cycle);
  if (object === undefined) throw new UnreadableFileError('has changed while it was compared', { file: path, objectPath });
  return object;
}

function streamsOf({ kind, left, right, tolerance }: StreamJob, accepts: (name: string) => boolean): Iterable<SizedStream> {
  const choice: StreamChoice = { tolerance, accepts, isKey: () => false };
  const partsOf = <T>(open: (object: FileObject) => T): (T | AbsentEntries)[] =>
    right.map((part) => (isAbsent(part) ? part : open(objectAt(part))));
  const absences = new AbsenceNotes();
  if (kind === 'rntuple') return columnStreams({ tuple: tupleOf(objectAt(left)), parts: partsOf(tupleOf) }, choice, absences);
  return branchStreams({ tree: treeOf(objectAt(left)), parts: partsWithBranches(partsOf(treeOf)) }, choice, () => undefined, absences);
}

function work(job: StreamJob): void {
  const claims = new StreamClaims(job.claims);
  const indices = new Map(job.streams.map(({ name }, index) => [name, index]));
  for (const stream of streamsOf(job, (name) => indices.has(name))) {
    const index = indices.get(stream.name);
    invariant(index !== undefined, `${stream.name} was not asked for`);
    if (claims.take(index, job.thread)) compareClaimed(stream, index, job, claims);
  }
}

function compareClaimed(stream: SizedStream, index: number, job: StreamJob, claims: StreamClaims): void {
  const answer = (found: StreamAnswer['found']): void => parentPort?.postMessage({ job: job.number, index, found } satisfies StreamAnswer);
  const limits = job.streams[index]?.limits;
  invariant(limits !== undefined, `${stream.name} has no limits`);
  const differences = DifferenceList.within(limits);
  try {
    compareStream(stream, differences);
    if (differences.count === 0) claims.setEqual(index);
    else answer(differences.found());
  } catch {
    claims.stop(); // the main thread compares it again, and meets the error in its turn
    answer(undefined);
  }
}

// An error that ends the thread leaves its work to the others.
parentPort?.on('message', work);
