/** Containers of POOL files that hold references: merging must rewrite them, so they differ from the inputs. */

/** True for the path of a tree of bookkeeping: `##Params`, `##Links`, `##Shapes`, `##Sections`. */
export function isBookkeeping(path: string): boolean {
  return path.slice(path.lastIndexOf('/') + 1).startsWith('##');
}

/** True for the path of a branch or field with references: DataHeaders and their forms, tokens, `index_ref`. */
export function holdsReferences(name: string): boolean {
  return /^\w*DataHeader(Form)?([./ ]|$)|^index_ref$|(^|[._/])(m_)?[Tt]oken(List)?\b/.test(name);
}
