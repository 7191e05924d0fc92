/** What a worker of a module job runs, a process of its own or a thread; its directory, log and environment are set by the launcher. */
import { Console } from 'node:console';
import { openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { isMainThread } from 'node:worker_threads';
import { invariant } from '../errors.ts';
import { RoundRobinFilter, batchRun } from './events/batch-run.ts';
import { EventLoopMgr } from './events/event-loop-mgr.ts';
import { QueueFilter } from './events/event-queue.ts';
import { jobAlgorithm, loadJob, sharedWithoutWorkers, workerIo } from './module-job.ts';
import { askForData } from './workers/shared-client.ts';
import { WORKER_LOG } from './workers/worker-share.ts';

function text(name: string): string {
  const found = process.env[`POOL_${name}`];
  invariant(found !== undefined, `POOL_${name} is not set`);
  return found;
}

const number = (name: string): number => Number(text(name));

/** Lines of a thread that hangs would never leave it through its own streams. */
function logAtOnce(): void {
  const log = openSync(join(text('WORKER_DIR'), WORKER_LOG), 'a');
  const stream = new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      writeSync(log, chunk);
      done();
    },
  });
  globalThis.console = new Console(stream);
}

// Nobody waits for a worker whose runner is gone: it must not go on alone.
if (isMainThread) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  // The channel alone keeps no worker that waits for what can never come.
  process.channel?.unref();
} else logAtOnce();

const [worker, workerCount, firstEvent] = [number('WORKER'), number('NWORKERS'), number('FIRST_EVENT')];
const [directory, submitDirectory, seed] = [text('WORKER_DIR'), text('SUBMIT_DIR'), number('SEED')];
const definition = await loadJob(text('MODULE'));
const shareContext = { workerCount, submitDirectory, seed: seed - worker };
const isAlone = isMainThread && process.send === undefined;
const shared = isAlone
  ? await sharedWithoutWorkers(definition, shareContext)
  : await askForData(definition, shareContext, text('SHARED_FILE'));
const keepPrefork = text('KEEP_PREFORK') === 'all' ? 'all' : 'first';
const context = { worker, workerCount, seed, directory, submitDirectory, io: workerIo(directory, submitDirectory), shared };
const algorithm = jobAlgorithm(definition, context, {
  events: process.env['POOL_EVENT_LOG'],
  memory: process.env['POOL_MEMORY_LOG'],
  move: { workerId: worker, keepPrefork },
});
const loop = new EventLoopMgr([algorithm], firstEvent - worker);
const folder = process.env['POOL_QUEUE'];
if (folder === undefined) await batchRun(loop, new RoundRobinFilter(firstEvent, workerCount), number('MAX_EVENTS') * workerCount);
else {
  const queue = { folder, chunkEvents: number('QUEUE_CHUNK'), firstEvent: number('QUEUE_FIRST'), eventCount: number('QUEUE_EVENTS') };
  await batchRun(loop, new QueueFilter(queue, worker), queue.eventCount);
}
process.removeAllListeners('disconnect');
if (isMainThread && process.connected) process.disconnect();
