/** The process of a module job whose workers are threads (thread-launcher.ts): starts them, and passes shared data on. */
import { appendFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { PackedData } from './workers/shared-data.ts';
import { SharedExchange, isShareRequest } from './workers/shared-exchange.ts';
import type { HostAnswer, HostOrder } from './workers/thread-launcher.ts';
import { WORKER_LOG } from './workers/worker-share.ts';

const WORKER_MODULE = join(dirname(fileURLToPath(import.meta.url)), 'module-worker.js');
const threads = new Map<number, Worker>();
const exchange = new SharedExchange<PackedData>();

// Nobody waits for threads whose runner is gone.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));

process.on('message', (order: HostOrder) => {
  if ('launch' in order) launch(order.launch, order.environment);
  else void threads.get(order.stop)?.terminate();
});

function launch(worker: number, environment: NodeJS.ProcessEnv): void {
  const note = (text: string | Uint8Array): void => appendFileSync(join(environment['POOL_WORKER_DIR'] ?? '', WORKER_LOG), text);
  const thread = new Worker(WORKER_MODULE, { env: environment, stdout: true, stderr: true });
  threads.set(worker, thread);
  // What does not go through the thread's console, which writes by itself.
  for (const stream of [thread.stdout, thread.stderr]) stream.on('data', note);
  thread.on('message', (message) => {
    if (isShareRequest(message)) exchange.take(worker, message, (answer) => thread.postMessage(answer));
  });
  thread.on('error', (err) => note(`${inspect(err)}\n`));
  thread.on('exit', (exitCode) => {
    threads.delete(worker);
    exchange.gone(worker);
    const answer: HostAnswer = { ended: worker, exitCode };
    process.send?.(answer);
  });
}
