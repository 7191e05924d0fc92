/** A worker's part in making the data of `share` once: see shared-exchange.ts. */
import { once } from 'node:events';
import { isMainThread, parentPort } from 'node:worker_threads';
import { invariant } from '../../errors.ts';
import type { JobDefinition, ShareContext } from '../job.ts';
import { packData, readData, unpackData, writeData, type PackedData } from './shared-data.ts';
import type { ShareAnswer, ShareRequest } from './shared-exchange.ts';

/** What `share` returned in the worker that made it, this one or another; undefined without that function. */
export async function askForData({ share }: JobDefinition, context: ShareContext, file: string): Promise<unknown> {
  if (share === undefined) return undefined;
  const make = async (): Promise<PackedData> => packData(await share(context));
  return unpackData(await (isMainThread ? askProcess(make, file) : askThread(make)));
}

/** Between processes the data lie in a file. */
async function askProcess(make: () => Promise<PackedData>, file: string): Promise<PackedData> {
  const tell = (request: ShareRequest<string>): boolean | undefined => process.send?.(request);
  tell({ share: 'ask' });
  process.channel?.ref();
  const [answer] = (await once(process, 'message')) as [ShareAnswer<string>];
  process.channel?.unref();
  if (answer.share === 'take') return readData(answer.value);
  const packed = await make();
  writeData(file, packed);
  tell({ share: 'made', value: file });
  return packed;
}

/** Between threads they are handed on as they are. */
async function askThread(make: () => Promise<PackedData>): Promise<PackedData> {
  const port = parentPort;
  invariant(port !== null, 'not in a thread');
  const tell = (request: ShareRequest<PackedData>): void => port.postMessage(request);
  tell({ share: 'ask' });
  const [answer] = (await once(port, 'message')) as [ShareAnswer<PackedData>];
  port.unref();
  if (answer.share === 'take') return answer.value;
  const packed = await make();
  tell({ share: 'made', value: packed });
  return packed;
}
