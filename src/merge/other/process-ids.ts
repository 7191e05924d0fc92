/**
 * TProcessID: the table `ProcessID0`, `ProcessID1`, … of a file, to which TRefs and referenced
 * objects refer by index. The tables of the inputs are put one after the other; a table that is
 * already there is used again, so that merging pieces of one job does not pile up equal ids.
 *
 * The key's name and title (a UUID) are what readers use (TFile::ReadProcessID).
 */
import { CorruptFileError } from '../../errors.ts';
import { objectPath } from '../../io/root/root-file.ts';
import { textOf } from '../../io/root/streamer/member.ts';
import type { InputFile } from '../inputs.ts';
import type { ExecuteContext, PlannedWork } from '../merger.ts';
import { graphOfKey } from '../objects/key-graph.ts';
import type { MergePlan } from '../plan/plan.ts';

const CLASS_NAME = 'TProcessID';
const NAME = /^ProcessID(\d+)$/;
/** Index and offset are u16. */
const MAX_PROCESS_IDS = 65_535;

/** One process id of the output. */
interface ProcessId {
  input: InputFile;
  keyIndex: number;
  title: string;
}

/** Sets every input's pid offset and plans the keys; call before other families are planned. */
export function planProcessIds(plan: MergePlan): PlannedWork {
  const table: (ProcessId | undefined)[] = [];
  for (const input of plan.inputs) {
    const own = processIdsOf(input);
    const known = findRun(table, own);
    input.pidOffset = known ?? table.length;
    if (known === undefined) table.push(...own);
  }
  if (table.length > MAX_PROCESS_IDS) {
    const first = plan.inputs[0];
    throw new CorruptFileError('the inputs have more process ids than a file can hold', {
      file: first?.path,
      expected: MAX_PROCESS_IDS,
      found: table.length,
    });
  }
  const targets = table.map((id) => (id === undefined ? -1 : addTarget(plan, id)));
  return {
    family: 'process-id',
    inputBytes: 0,
    execute: async (ctx) => table.forEach((id, n) => id !== undefined && writeProcessId(ctx, id, n, targets[n] as number)),
  };
}

/** The table of one input, by number; highest cycle where a name has several. */
function processIdsOf(input: InputFile): (ProcessId | undefined)[] {
  const { keys } = input.file.root;
  const ids: (ProcessId | undefined)[] = [];
  if (!keys.classNames.includes(CLASS_NAME)) return ids;
  for (let i = 0; i < keys.count; i++) {
    if (keys.className(i) !== CLASS_NAME) continue;
    const number = Number(NAME.exec(keys.name(i))?.[1] ?? Number.NaN);
    if (Number.isNaN(number) || number > MAX_PROCESS_IDS) {
      throw new CorruptFileError('a process id has an impossible name', { file: input.path, objectPath: `/${keys.name(i)}` });
    }
    const known = ids[number];
    if (known !== undefined && keys.cycle(known.keyIndex) > keys.cycle(i)) continue;
    while (ids.length < number) ids.push(undefined);
    ids[number] = { input, keyIndex: i, title: keys.title(i) };
  }
  return ids;
}

/** Where `own` stands in `table` as a whole, if it does. */
function findRun(table: readonly (ProcessId | undefined)[], own: readonly (ProcessId | undefined)[]): number | undefined {
  if (own.length === 0) return 0;
  for (let at = 0; at + own.length <= table.length; at++) {
    if (own.every((id, i) => id?.title === table[at + i]?.title)) return at;
  }
  return undefined;
}

function addTarget(plan: MergePlan, id: ProcessId): number {
  const target = plan.addTarget(0, 'process-id', 'copy', 'process-id');
  plan.addContribution(id.input.index, id.keyIndex);
  return target;
}

/** The object must say what its key says: ROOT finds it by the key, but compares the title inside. */
function readProcessId({ input, keyIndex, title }: ProcessId): void {
  const { root } = graphOfKey({ input, directory: input.file.root, keyIndex });
  if (root.kind !== 'object') return;
  const found = textOf(root, 'fTitle', ''); // no such member: of other infos than ROOT's, which say nothing of it
  if (found === title) return;
  throw new CorruptFileError('fTitle of the process id differs from its key', {
    file: input.path,
    objectPath: objectPath(input.file.root, keyIndex),
    expected: title,
    found,
  });
}

function writeProcessId(ctx: ExecuteContext, id: ProcessId, number: number, target: number): void {
  readProcessId(id);
  const { keys } = id.input.file.root;
  const at = keys.seekKey(id.keyIndex);
  const keylen = keys.keylen(id.keyIndex);
  const stored = id.input.file.source.read(at + keylen, keys.nbytes(id.keyIndex) - keylen);
  const key = {
    className: keys.classText(id.keyIndex),
    name: Buffer.from(`ProcessID${number}`),
    title: keys.titleText(id.keyIndex),
    cycle: 1,
    datime: keys.datime(id.keyIndex),
  };
  const root = ctx.directories[0];
  if (root !== undefined) ctx.writer.writeRecord(root, ctx.plan.targets.slot.at(target), key, stored, keys.objlen(id.keyIndex));
  ctx.outcomes.bytesCopied[target]! += stored.length;
}
