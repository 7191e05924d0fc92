/** Writing an object that was changed as a graph. */
import { encodeGraph } from '../../io/root/streamer/encode.ts';
import type { SpanGraph } from '../../io/root/streamer/span-graph.ts';
import { outputDirectory, type ExecuteContext } from '../merger.ts';
import type { Contribution } from '../plan/plan.ts';
import { targetKey } from '../plan/target-key.ts';

/** Writes the only record of a target under the name and title that `first` has for it, and sets the target's outcome. */
export function writeGraph(target: number, first: Contribution, graph: SpanGraph, ctx: ExecuteContext): void {
  const { plan, writer, outcomes } = ctx;
  const directory = outputDirectory(ctx, target);
  const written = writer.writeObject(directory, plan.targets.slot.at(target), targetKey(first), (keylen) => encodeGraph(graph, { keylen }));
  outcomes.bytesEncoded[target] = written.nbytes - written.keylen;
}
