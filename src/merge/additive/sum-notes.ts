/** What users are told of a sum: gathered over its additions, said once. */
import type { PlanContext } from '../merger.ts';
import { isUnaddedPart } from '../plan/class-family.ts';
import type { Addition } from './add-objects.ts';

/** Notes of one target. */
export class SumNotes {
  /** True when something did not fit. */
  isRefused = false;
  #inexact = 0;
  /** Classes of elements that are kept, though others would add them. */
  readonly #kept = new Set<string>();
  readonly #withOwnMembers = new Set<string>();

  /** Takes in what one addition noted. */
  take({ misfits, inexact, kept, withOwnMembers }: Addition): void {
    this.isRefused ||= misfits.length > 0;
    this.#inexact += inexact;
    for (const className of kept) if (isUnaddedPart(className)) this.#kept.add(className);
    for (const className of withOwnMembers) this.#withOwnMembers.add(className);
  }

  /** Makes diagnostics of the object at `path` of the notes. */
  tell({ diagnostics }: Pick<PlanContext, 'diagnostics'>, path: string): void {
    if (this.#inexact > 0) {
      diagnostics.add({
        code: 'saturated',
        path,
        message: `${this.#inexact} bin additions reached the largest value their histogram can hold`,
      });
    }
    if (this.#kept.size > 0) {
      const message = `holds objects of class ${[...this.#kept].join(', ')}, which are not added: distinct ones stand side by side`;
      diagnostics.add({ code: 'parts-not-added', path, message });
    }
    if (this.#withOwnMembers.size > 0) {
      const classes = [...this.#withOwnMembers].join(', ');
      const message = `holds objects of class ${classes}, added as the histograms they derive from; their other members differ between inputs and are those of the first`;
      diagnostics.add({ code: 'own-members-kept', path, message });
    }
  }
}
