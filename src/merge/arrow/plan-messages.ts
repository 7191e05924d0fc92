/** Which messages of which inputs make the output. */
import type { ArrowFile, ArrowFormat, ArrowMessage } from '../../io/arrow/arrow-file.ts';
import { dictionaryDigests, hasReplacements, outputId } from './dictionaries.ts';

/** One message of the output. */
export interface MessageStep {
  file: ArrowFile;
  message: ArrowMessage;
  /** Id of a dictionary in the output. */
  dictionaryId: number;
}

/** The messages, and the inputs whose dictionaries the format of the output has no place for. */
export interface MessagePlan {
  steps: MessageStep[];
  unfitting: ArrowFile[];
}

/**
 * Plans the messages. Record batches are all taken, in order. The dictionaries of an input are left out when they are those that count
 * already; else a stream gets them all anew, and a file, in which each dictionary counts for all record batches, has no place for them.
 * Dictionaries without values, which columns of nulls have, fit any others.
 * @param ids ids of dictionaries in the output, by input
 */
export function planMessages(files: readonly ArrowFile[], ids: readonly ReadonlyMap<number, number>[], format: ArrowFormat): MessagePlan {
  const plan: MessagePlan = { steps: [], unfitting: [] };
  let current: string | undefined;
  let [known] = format === 'file' ? files.flatMap((file, i) => (isWithoutValues(file) ? [] : [idsIn(file, ids[i])])) : [];
  for (const [i, file] of files.entries()) {
    const own = ids[i] ?? new Map<number, number>();
    const digests = dictionaryDigests(file, own);
    const replaces = hasReplacements(file);
    const fitsAny = isWithoutValues(file) && known !== undefined && [...idsIn(file, own)].every((id) => known?.has(id));
    const isCurrent = digests.length === 0 || fitsAny || (digests.join() === current && !replaces);
    if (!isCurrent && format === 'file' && (replaces || current !== undefined)) plan.unfitting.push(file);
    for (const message of file.messages) {
      if (message.kind === 'batch') plan.steps.push({ file, message, dictionaryId: 0 });
      else if (!isCurrent) plan.steps.push({ file, message, dictionaryId: outputId(file, message, own) });
    }
    if (isCurrent) continue;
    current = replaces ? '' : digests.join();
    known = idsIn(file, own);
  }
  return plan;
}

/** True when none of an input's dictionaries has a value. */
function isWithoutValues({ messages }: ArrowFile): boolean {
  return messages.every(({ kind, rowCount }) => kind !== 'dictionary' || rowCount === 0);
}

/** Ids in the output of the dictionaries an input has. */
function idsIn(file: ArrowFile, ids: ReadonlyMap<number, number> = new Map()): Set<number> {
  return new Set(file.messages.filter(({ kind }) => kind === 'dictionary').map((message) => outputId(file, message, ids)));
}
