/** Holds a written Arrow file against what was planned. */
import { VerificationError } from '../../errors.ts';
import { openArrowFile, type ArrowFile } from '../../io/arrow/arrow-file.ts';
import type { VerifyLevel } from '../policy.ts';
import type { Progress } from '../progress.ts';
import { schemaDifferences } from './compare-schemas.ts';
import type { ArrowOutput } from './copy-messages.ts';
import { messageDigest } from './dictionaries.ts';
import type { MessageStep } from './plan-messages.ts';

/**
 * Opens the output and compares schema, order and lengths of all messages with the plan; `full` compares their bytes, too.
 * @returns number of messages held against the plan, and of those read as a whole
 * @throws VerificationError
 */
export async function verifyMessages(
  path: string,
  { format, first, steps }: ArrowOutput,
  level: VerifyLevel,
  progress: Progress,
): Promise<{ records: number; objects: number }> {
  const file = openArrowFile(path);
  try {
    expectEqual('format', format, file.format);
    const [difference] = schemaDifferences(first.schema, file.schema);
    if (difference !== undefined) throw new VerificationError(`schema differs: ${difference.column}: ${difference.reason}`);
    expectEqual('number of messages', steps.length, file.messages.length);
    for (const [i, step] of inOrderOf(format, steps).entries()) {
      expectMessage(file, i, step, level);
      await progress.step();
    }
    return { records: steps.length, objects: level === 'full' ? steps.length : 0 };
  } finally {
    file.close();
  }
}

/** A file lists its dictionaries first. */
function inOrderOf(format: ArrowOutput['format'], steps: readonly MessageStep[]): readonly MessageStep[] {
  const kinds = ['dictionary', 'batch'];
  return format === 'stream' ? steps : steps.toSorted((a, b) => kinds.indexOf(a.message.kind) - kinds.indexOf(b.message.kind));
}

function expectMessage(file: ArrowFile, i: number, { file: input, message, dictionaryId }: MessageStep, level: VerifyLevel): void {
  const found = file.messages[i];
  if (found === undefined) throw new VerificationError(`message ${i} is missing`);
  const describe = ({ kind, rowCount, bodyBytes, isDelta }: typeof message, id: number): string =>
    `${kind} ${id}, ${rowCount} rows, ${bodyBytes} bytes${isDelta ? ', delta' : ''}`;
  expectEqual(`message ${i}`, describe(message, dictionaryId), describe(found, found.dictionaryId));
  if (level === 'full') expectEqual(`bytes of message ${i}`, messageDigest(input, message), messageDigest(file, found));
}

function expectEqual(what: string, planned: string | number, found: string | number): void {
  if (planned !== found) throw new VerificationError(`${what} differs from the plan`, { planned, found });
}
