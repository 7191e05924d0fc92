/** `pool-ls [options] FILE...`: lists ROOT files and follows the references of POOL files. */
import {
  UsageError,
  checkReferences,
  expandInputs,
  followToken,
  isPoolMergeError,
  listFile,
  listTableFile,
  type FileListing,
  type TableFileListing,
} from '../src/index.ts';
import { givenFlags } from './flag-values.ts';
import { parseLsCommandLine, type LsFlags } from './ls-flags.ts';
import { listingText, referencesText, tableFileText, tokenText } from './ls-render.ts';
import { EXIT, exitCodeOfError, setExitCode } from './outcome.ts';
import { tellError, watchStandardStreams } from './standard-streams.ts';

async function run(argv: readonly string[]): Promise<number> {
  try {
    const invocation = parseLsCommandLine(argv);
    if (invocation === undefined) return EXIT.merged;
    const { inputs, flags } = invocation;
    if (inputs.length === 0) throw new UsageError('no file given: pool-ls FILE...');
    if (flags.token !== undefined && flags.refs === true) throw new UsageError('--token and --refs exclude each other');
    if (flags.catalog !== undefined && flags.token === undefined && flags.refs !== true) {
      throw new UsageError('--catalog is of use with --refs or --token only');
    }
    const files = await expandInputs(inputs);
    const options = givenFlags(flags, 'catalog');
    if (flags.token !== undefined) return await tellToken(flags.token, files, options, flags);
    return flags.refs === true ? await tellReferences(files, options, flags) : await tellListings(files, flags);
  } catch (err) {
    tellError(err, 'pool-ls');
    return exitCodeOfError(err, undefined);
  }
}

async function tellToken(token: string, files: readonly string[], options: { catalog?: string }, flags: LsFlags): Promise<number> {
  const target = await followToken(token, files, options);
  console.log(flags.json === true ? JSON.stringify(target, undefined, 2) : tokenText(target));
  return target.status === 'dangling' ? EXIT.failed : EXIT.merged;
}

async function tellReferences(files: readonly string[], options: { catalog?: string }, flags: LsFlags): Promise<number> {
  const report = await checkReferences(files, options);
  console.log(flags.json === true ? JSON.stringify(report, undefined, 2) : referencesText(report));
  return report.dangling > 0 ? EXIT.failed : EXIT.merged;
}

/** Lists each file; one that cannot be read is told, and the others are listed. */
async function tellListings(files: readonly string[], flags: LsFlags): Promise<number> {
  const detail = { long: flags.long === true, trees: flags.trees === true };
  const json = flags.json === true;
  const listings: (FileListing | TableFileListing)[] = [];
  let code: number = EXIT.merged;
  for (const file of files) {
    try {
      const table = await listTableFile(file);
      if (table !== undefined) {
        if (json) listings.push(table);
        else console.log(tableFileText(table));
        continue;
      }
      const listing = listFile(file, { recursive: json || flags.recursive === true, contents: json || detail.long || detail.trees });
      if (json) listings.push(listing);
      else console.log(listingText(listing, detail));
    } catch (err) {
      if (!isPoolMergeError(err)) throw err;
      tellError(err, 'pool-ls');
      code = exitCodeOfError(err, undefined);
    }
  }
  if (json) console.log(JSON.stringify(listings, undefined, 2));
  return code;
}

watchStandardStreams(EXIT.failed);
void run(process.argv.slice(2)).then(setExitCode);
