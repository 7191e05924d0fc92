/** Inputs of a plan from small files in memory. */
import { RootFile } from '../../../src/io/root/root-file.ts';
import { bootstrapInfos, parseInfoSet } from '../../../src/io/root/streamer/parse-infos.ts';
import type { InputFile } from '../../../src/merge/inputs.ts';
import { smallFile, type SmallItem } from '../../small-file.ts';
import { memorySource } from '../../sparse-file.ts';

/** Opens one input per list of items; they are called a.root, b.root, … */
export function smallInputs(...files: readonly (readonly SmallItem[])[]): InputFile[] {
  return files.map((items, index) => {
    const path = `${String.fromCharCode(97 + index)}.root`;
    const file = new RootFile(memorySource(smallFile(items), path));
    const infos = file.readInfos();
    return {
      index,
      path,
      file,
      infos: infos === undefined ? bootstrapInfos() : parseInfoSet(infos.payload, infos.key.keylen),
      hasBranches: false,
      pidOffset: 0,
    };
  });
}

/** An object of any class with a payload that is never read. */
export function stub(className: string, name: string | Uint8Array, cycle = 1, title = ''): SmallItem {
  return { className, name, cycle, title, payload: Buffer.from(`${className} ${title}`) };
}
