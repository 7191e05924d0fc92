/** Objects of inputs as graphs; whatever is wrong with one is told with file and object. */
import { withContext } from '../../errors.ts';
import type { SpanGraph } from '../../io/root/streamer/span-graph.ts';
import { walkObject } from '../../io/root/streamer/walk.ts';
import { contextOf, type Contribution } from '../plan/plan.ts';

/** Walks the object of a contribution; it is of the class that the key list says. */
export function graphOfKey(contribution: Contribution): SpanGraph {
  const { input, directory, keyIndex } = contribution;
  return withContext(contextOf(contribution), () => {
    const { key, payload } = input.file.readObject(directory, keyIndex);
    return walkObject(payload, key.keylen, directory.keys.className(keyIndex), input.infos);
  });
}
