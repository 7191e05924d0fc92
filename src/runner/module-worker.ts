/** What the process of a worker of a module job runs; its directory, log and environment are set by the launcher. */
import { invariant } from '../errors.ts';
import { RoundRobinFilter, batchRun } from './batch-run.ts';
import { EventLoopMgr } from './event-loop-mgr.ts';
import { QueueFilter } from './event-queue.ts';
import { jobAlgorithm, loadJob } from './module-job.ts';

// Nobody waits for a worker whose runner is gone: it must not go on alone.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));

function number(name: string): number {
  const text = process.env[`POOL_${name}`];
  invariant(text !== undefined, `POOL_${name} is not set`);
  return Number(text);
}

const [worker, workerCount, firstEvent] = [number('WORKER'), number('NWORKERS'), number('FIRST_EVENT')];
const definition = await loadJob(process.env['POOL_MODULE'] ?? '');
const algorithm = jobAlgorithm(definition, { worker, workerCount, seed: number('SEED') }, { events: process.env['POOL_EVENT_LOG'], memory: process.env['POOL_MEMORY_LOG'] });
const firstOfJob = firstEvent - worker;
const loop = new EventLoopMgr([algorithm], firstOfJob);
const folder = process.env['POOL_QUEUE'];
if (folder === undefined) await batchRun(loop, new RoundRobinFilter(firstEvent, workerCount), number('MAX_EVENTS') * workerCount);
else {
  const queue = { folder, chunkEvents: number('QUEUE_CHUNK'), firstEvent: number('QUEUE_FIRST'), eventCount: number('QUEUE_EVENTS') };
  await batchRun(loop, new QueueFilter(queue, worker), queue.eventCount);
}
process.removeAllListeners('disconnect');
process.disconnect();
