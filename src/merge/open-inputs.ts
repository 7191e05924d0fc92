/** Opens all inputs. Of ROOT files metadata only, strictly; streamer infos are parsed once for all files that agree. */
import { CorruptFileError, PoolMergeError, UnreadableFileError, UnsupportedError } from '../errors.ts';
import { openRootFile } from '../io/root/root-file.ts';
import { SharedInfos } from '../io/root/root-file-infos.ts';
import { InfoUnion } from '../io/root/streamer/info-union.ts';
import type { InputFile } from './inputs.ts';
import type { MergePolicy } from './policy.ts';
import type { Progress } from './progress.ts';

/** An input that was left out because of `skipBad`. */
export interface SkippedInput {
  path: string;
  reason: string;
}

/** Inputs that are open, in order, and those left out; dispose to close them. */
export interface OpenFiles<T> extends Disposable {
  files: readonly T[];
  skipped: readonly SkippedInput[];
}

/** Open ROOT files. */
export interface OpenInputs extends OpenFiles<InputFile> {
  /** Streamer infos of all inputs. */
  infos: InfoUnion;
}

/** How files of a format are opened, `index` counting those that are open, and closed. */
interface Opener<T> {
  open(path: string, index: number): T | Promise<T>;
  close(file: T): void;
}

/** True for an error that concerns one input, where the policy allows that input to be left out. */
export function maySkip(err: unknown, path: string, policy: Pick<MergePolicy, 'skipBad' | 'neverSkipped'>): err is PoolMergeError {
  const concernsInput = err instanceof CorruptFileError || err instanceof UnreadableFileError || err instanceof UnsupportedError;
  return concernsInput && policy.skipBad && path !== policy.neverSkipped && !isShortage(err.cause);
}

/** What is said of an input that is left out. */
export function skippedFor(path: string, { objectPath, reason }: PoolMergeError): SkippedInput {
  return { path, reason: objectPath === undefined ? reason : `${objectPath}: ${reason}` };
}

/** True when the system lacks something (descriptors, memory, time): nothing is wrong with the file. */
function isShortage(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && ['EMFILE', 'ENFILE', 'ENOMEM', 'ETIMEDOUT'].includes(String(cause.code));
}

/** Opens the inputs in order; with `skipBad` unreadable ones are listed in `skipped` instead of ending the merge. */
export async function openEach<T>(
  paths: readonly string[],
  opener: Opener<T>,
  policy: MergePolicy,
  progress: Progress,
): Promise<OpenFiles<T>> {
  progress.begin('open', paths.length);
  const files: T[] = [];
  const skipped: SkippedInput[] = [];
  const closeAll = (): void => files.forEach((file) => opener.close(file));
  for (const path of paths) {
    try {
      files.push(await opener.open(path, files.length));
    } catch (err) {
      if (!maySkip(err, path, policy)) {
        closeAll();
        throw err;
      }
      skipped.push(skippedFor(path, err));
    }
    await progress.step(1);
  }
  return { files, skipped, [Symbol.dispose]: closeAll };
}

/** The same for ROOT files. */
export async function openInputs(paths: readonly string[], policy: MergePolicy, progress: Progress): Promise<OpenInputs> {
  const union = new InfoUnion();
  const shared = new SharedInfos((payload, keylen) => union.add(payload, keylen));
  const opener: Opener<InputFile> = {
    open: (path, index) => openInput(path, index, shared),
    close: ({ file }) => file.close(),
  };
  return { ...(await openEach(paths, opener, policy, progress)), infos: union };
}

function openInput(path: string, index: number, shared: SharedInfos): InputFile {
  const file = openRootFile(path);
  try {
    const infos = shared.infosOf(file);
    return { index, path, file, infos, hasBranches: infos.list().some((info) => info.className === 'TBranch'), pidOffset: 0 };
  } catch (err) {
    file.close();
    throw err;
  }
}
