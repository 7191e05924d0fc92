/** Execution: directories, then the work of each family, then infos, key lists and header. */
import { createHash } from 'node:crypto';
import { withContext } from '../errors.ts';
import type { Sink } from '../io/bytes/sink.ts';
import { uuidFromDigest } from '../io/bytes/uuid.ts';
import { normalSetting, parseCompressionSetting } from '../io/codec/registry.ts';
import { RootFileWriter, type OutputDirectory } from '../io/root/root-file-writer.ts';
import { encodeInfoList, type InfoUnion } from '../io/root/streamer/info-union.ts';
import type { InputFile } from './inputs.ts';
import type { PlanContext, PlannedWork } from './merger.ts';
import type { DirectoryPlan, MergePlan } from './plan/plan.ts';
import type { Progress } from './progress.ts';
import { TargetOutcomes } from './report/report.ts';

/** Bytes of the root's key list that go into the UUIDs: enough to tell apart files whose writer set no UUID. */
const HASHED_KEY_BYTES = 4096;

/** What executing needs beyond the plan. */
export interface Execution extends PlanContext {
  works: readonly PlannedWork[];
  infos: InfoUnion;
  progress: Progress;
}

/** What was written. */
export interface Written {
  outcomes: TargetOutcomes;
  sizeBytes: number;
}

/** Compression of the first input, in today's form; one that nobody knows is told with the file that has it, before anything is written. */
function settingOf(first: InputFile | undefined): number {
  const setting = normalSetting(first?.file.header.compress ?? 0);
  withContext({ file: first?.path }, () => parseCompressionSetting(setting));
  return setting;
}

/** Writes the whole output into the sink; the sink is not committed. */
export async function executePlan(execution: Execution, sink: Sink): Promise<Written> {
  const { plan, policy, works, infos, progress } = execution;
  const first = plan.inputs[0];
  const writer = new RootFileWriter(sink, {
    datime: policy.datime ?? latestDate(plan.inputs),
    compression: typeof policy.compression === 'number' ? policy.compression : settingOf(first),
    uuidOf: uuids(plan.inputs),
  });
  const directories = createDirectories(plan, writer);
  const outcomes = new TargetOutcomes(plan.targets.count);
  progress.begin(
    'execute',
    works.reduce((sum, work) => sum + work.inputBytes, 0),
  );
  if (policy.compression === 'keep') sink.expect(bytesCopiedWhole(works));
  for (const work of works) await work.execute({ ...execution, writer, directories, outcomes, progress });
  const sizeBytes = writer.finish((keylen) => encodeInfoList(infos, keylen));
  sink.flush();
  return { outcomes, sizeBytes };
}

/** Baskets and pages are copied as they are: that many bytes the output has in any case, and telling at once saves the file system work. */
function bytesCopiedWhole(works: readonly PlannedWork[]): number {
  return works.filter(({ family }) => family === 'tree' || family === 'rntuple').reduce((sum, { inputBytes }) => sum + inputBytes, 0);
}

/** Directory records go first, parents before children, so that every later record knows its directory's offset. */
function createDirectories(plan: MergePlan, writer: RootFileWriter): OutputDirectory[] {
  const made: OutputDirectory[] = [];
  plan.directories.forEach((directory, i) => {
    if (directory.parent < 0) made[i] = writer.root;
    else if (!directory.omitted) made[i] = createDirectory(directory, made[directory.parent] as OutputDirectory, writer);
  });
  return made;
}

function createDirectory(directory: DirectoryPlan, parent: OutputDirectory, writer: RootFileWriter): OutputDirectory {
  const className = Buffer.from(directory.className);
  return writer.createDirectory(parent, directory.slot, directory.path, {
    className,
    name: directory.nameText,
    title: directory.titleText,
    cycle: 1,
  });
}

/** Equal inputs give equal bytes: the date is the latest one at which an input was modified. */
function latestDate(inputs: readonly InputFile[]): number {
  return inputs.reduce((latest, { file }) => Math.max(latest, file.root.record.datimeModified), 0);
}

/** UUIDs derived from the identity and the contents list of all inputs, in order, and the directory's path. */
function uuids(inputs: readonly InputFile[]): (path: string) => Uint8Array {
  const all = createHash('sha256');
  for (const { file } of inputs) {
    all.update(file.header.uuid).update(String(file.header.end)).update(file.root.keys.bytes.subarray(0, HASHED_KEY_BYTES));
  }
  const seed = all.digest();
  return (path) => uuidFromDigest(createHash('sha256').update(seed).update(path).digest(), 5);
}
