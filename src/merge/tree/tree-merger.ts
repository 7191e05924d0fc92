/** Merging trees: baskets are copied as stored, input by input, then the tree object is written over them. */
import { withContext } from '../../errors.ts';
import { compress } from '../../io/codec/payload.ts';
import { fastestSetting, normalSetting } from '../../io/codec/registry.ts';
import { START_BIG_FILE } from '../../io/root/container/file-header.ts';
import { isBigKey } from '../../io/root/container/key.ts';
import type { SpanGraph } from '../../io/root/streamer/span-graph.ts';
import { ownOrder } from '../../io/root/tree/basket-table.ts';
import { outputDirectory, type ExecuteContext, type Merger, type PlanContext, type PlannedWork } from '../merger.ts';
import { targetKey } from '../plan/target-key.ts';
import { copyBaskets } from './copy-baskets.ts';
import { BasketEncoder } from './encode-baskets.ts';
import { newPlacedBaskets, type PlacedBaskets } from './placed-baskets.ts';
import { planTrees } from './plan-tree.ts';
import { compressionOf } from './scan-facts.ts';
import { treeEdits } from './tree-edits.ts';
import { encodeTree, graphOfExtras } from './tree-object.ts';
import type { TreePart, TreeTarget } from './tree-target.ts';
import { contextOf } from '../plan/plan.ts';

/** A planned tree, with its graph where the scan alone does not do. */
interface PlannedTree {
  tree: TreeTarget;
  graph: SpanGraph | undefined;
}

/** Merger of TTree, TNtuple and TNtupleD. */
export const treeMerger: Merger = {
  family: 'tree',
  plan(targets: readonly number[], ctx: PlanContext): PlannedWork {
    const trees = planTrees(targets, ctx)
      .map((tree) => checkExtras(tree, ctx))
      .filter((planned) => planned !== undefined);
    for (const { tree } of trees) ctx.plan.entries.set(tree.target, tree.entryCount);
    return {
      family: 'tree',
      inputBytes: trees.reduce((sum, { tree }) => sum + storedBytes(tree), 0),
      execute: async (ctx) => {
        for (const planned of trees) await executeTree(ctx, planned);
      },
    };
  },
};

/** Walks what the scan of a tree stepped over; refuses the tree when some of it is not understood: its tags could not be moved. */
function checkExtras(tree: TreeTarget | undefined, ctx: PlanContext): PlannedTree | undefined {
  if (tree === undefined) return undefined;
  const graph = graphOfExtras(tree);
  const opaque = graph?.opaque[0];
  if (opaque === undefined) return { tree, graph };
  ctx.plan.refuse(
    tree.target,
    'unsupported',
    `the tree holds a ${opaque.className} that is not understood: ${opaque.reason}`,
    tree.from.input,
  );
  return undefined;
}

function storedBytes(tree: TreeTarget): number {
  return tree.parts.reduce((sum, { baskets }) => sum + baskets.storedBytes, 0);
}

/** Tree objects above this are compressed at the fastest level. */
const LARGE_OBJECT_BYTES = 256 * 1024;

async function executeTree(ctx: ExecuteContext, { tree, graph }: PlannedTree): Promise<void> {
  const settings = branchSettings(ctx, tree);
  const changed = ctx.policy.compression === 'keep' ? undefined : settings;
  const placed: PlacedBaskets[] = [];
  for (const part of tree.parts) {
    const columns = newPlacedBaskets(part.baskets.seek.length);
    placed.push(columns);
    await writeBaskets(ctx, tree, part, columns, settings);
  }
  writeTreeObject(ctx, tree, (keylen) => encodeTree(tree, graph, treeEdits(tree, placed, changed), keylen));
}

async function writeBaskets(
  ctx: ExecuteContext,
  tree: TreeTarget,
  part: TreePart,
  placed: PlacedBaskets,
  settings: Int32Array,
): Promise<void> {
  const encoder = new BasketEncoder(ctx, tree, part, placed, settings);
  if (ctx.policy.compression === 'keep' && !needsBigKeys(ctx, tree, part)) await copyBaskets(ctx, tree, part, placed);
  else await encoder.writeStored();
  if (part.rewrite !== undefined) await encoder.writeRewritten(part.rewrite);
  await encoder.writeMade();
  if (part.baskets.embedded.length === 0) return;
  const { input, directory, keyIndex } = part.from;
  const payload = part.from === tree.from && !tree.isUnited ? tree.scan.bytes : input.file.readObject(directory, keyIndex).payload;
  await encoder.writeEmbedded(payload);
}

/** True when a part has baskets with 32-bit keys (ROOT before 4.02) that their new place does not fit. */
function needsBigKeys(ctx: ExecuteContext, tree: TreeTarget, part: TreePart): boolean {
  const end = ctx.writer.position + part.baskets.storedBytes;
  if (end <= START_BIG_FILE && part.from.input.pidOffset === 0) return false;
  const first = part.baskets.seek.find((seek) => seek !== 0);
  return first !== undefined && !isBigKey(part.from.input.file.readKey(first).version);
}

/** Compression of each branch in the output: what was asked for, else the first input's own. */
function branchSettings(ctx: ExecuteContext, tree: TreeTarget): Int32Array {
  const { compression } = ctx.policy;
  const rows = ownOrder(tree.scan);
  return typeof compression === 'number' ? rows.fill(compression) : compressionOf(tree.from, tree.scan, rows);
}

function writeTreeObject(ctx: ExecuteContext, tree: TreeTarget, encode: (keylen: number) => Uint8Array): void {
  const { plan, writer, outcomes } = ctx;
  const output = outputDirectory(ctx, tree.target);
  const key = targetKey(tree.from);
  const written = withContext(contextOf(tree.from), () => {
    const payload = encode(writer.keylenNow(output, key));
    const stored = compress(objectSetting(writer.options.compression, payload.length), payload);
    return writer.writeRecord(output, plan.targets.slot.at(tree.target), key, stored, payload.length);
  });
  outcomes.bytesEncoded[tree.target]! += written.nbytes - written.keylen;
}

/** The file's setting; for large objects its fastest level: on basket arrays others take ten times the time for a tenth of the size. */
function objectSetting(setting: number, payloadBytes: number): number {
  return payloadBytes <= LARGE_OBJECT_BYTES ? normalSetting(setting) : fastestSetting(setting);
}
