/** Opens all inputs. Of ROOT files metadata only, strictly; streamer infos are parsed once for all files that agree. */
import { CorruptFileError, PoolMergeError, UnreadableFileError, UnsupportedError, withContext } from '../errors.ts';
import { openRootFile, type RootFile } from '../io/root/root-file.ts';
import { InfoUnion } from '../io/root/streamer/info-union.ts';
import type { InfoSet } from '../io/root/streamer/info-set.ts';
import { bootstrapInfos, parseInfoSet } from '../io/root/streamer/parse-infos.ts';
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

/** True when the system lacks something (descriptors, memory): nothing is wrong with the file. */
function isShortage(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && ['EMFILE', 'ENFILE', 'ENOMEM'].includes(String(cause.code));
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
      skipped.push({ path, reason: err.reason });
    }
    await progress.step(1);
  }
  return { files, skipped, [Symbol.dispose]: closeAll };
}

/** The same for ROOT files. */
export async function openInputs(paths: readonly string[], policy: MergePolicy, progress: Progress): Promise<OpenInputs> {
  const cache = new InfoCache();
  const opener: Opener<InputFile> = {
    open: (path, index) => openInput(path, index, cache),
    close: ({ file }) => file.close(),
  };
  return { ...(await openEach(paths, opener, policy, progress)), infos: cache.union };
}

function openInput(path: string, index: number, cache: InfoCache): InputFile {
  const file = openRootFile(path);
  try {
    const infos = cache.infosOf(file);
    return { index, path, file, infos, hasBranches: infos.list().some((info) => info.className === 'TBranch'), pidOffset: 0 };
  } catch (err) {
    file.close();
    throw err;
  }
}

/** Info records seen so far, by their stored bytes: a thousand outputs of one job share one entry. */
class InfoCache {
  readonly union: InfoUnion = new InfoUnion();
  readonly #known: { stored: Uint8Array; keylen: number; infos: InfoSet }[] = [];

  infosOf(file: RootFile): InfoSet {
    const record = file.readStoredInfos();
    if (record === undefined) return bootstrapInfos();
    const { stored, key } = record;
    const known = this.#known.find((k) => k.keylen === key.keylen && Buffer.compare(k.stored, stored) === 0);
    if (known !== undefined) return known.infos;
    const payload = file.readInfos()?.payload as Uint8Array;
    const infos = withContext({ file: file.path, objectPath: 'StreamerInfo' }, () => {
      this.union.add(payload, key.keylen);
      return parseInfoSet(payload, key.keylen);
    });
    this.#known.push({ stored, keylen: key.keylen, infos });
    return infos;
  }
}
