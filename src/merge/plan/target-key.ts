/** The key under which a target's object is written anew. */
import type { NewKey } from '../../io/root/container/key.ts';
import type { Contribution } from './plan.ts';

/** Class, name and title of the contribution it is made of, as cycle 1; `pidOffset` leads to the process ids of that input. */
export function targetKey({
  input,
  directory: { keys },
  keyIndex,
}: Contribution): Pick<NewKey, 'className' | 'name' | 'title' | 'cycle'> & { pidOffset: number } {
  return {
    className: keys.classText(keyIndex),
    name: keys.nameText(keyIndex),
    title: keys.titleText(keyIndex),
    cycle: 1,
    pidOffset: input.pidOffset + keys.pidOffset(keyIndex),
  };
}
