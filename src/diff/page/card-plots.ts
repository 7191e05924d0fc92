/** The drawings of a card: its histogram, read again from the compared files. */
import { isPoolMergeError } from '../../errors.ts';
import type { DiffReport, ObjectComparison } from '../diff-report.ts';
import { contentKind } from '../object/file-objects.ts';
import { histogramFigures, statisticsTable, whyNotDrawn, type FullPair } from './histogram-figure.ts';
import { interactiveData } from './interactive-data.ts';
import type { PlotBudget } from './plot-budget.ts';
import { PlotFiles, sideNames, type SideNames } from './plot-files.ts';

/** The drawings of an object, and what is said of them. */
export interface CardPlots {
  /** Elements that are shown as they are. */
  figures: readonly string[];
  /** Title of the object in the files. */
  title: string;
  statistics: string;
  /** Data for interactive drawing; undefined: there is none. */
  data: string | undefined;
  /** Why something is not drawn. */
  notes: readonly string[];
}

const NO_PLOTS: CardPlots = { figures: [], title: '', statistics: '', data: undefined, notes: [] };
const TOO_MANY = 'Not drawn: there are more drawings than --max-plots allows.';

function notDrawn(note: string): CardPlots {
  return { ...NO_PLOTS, notes: [note] };
}

/** Draws the histograms of a report, as long as there is room. Dispose to close the files. */
export class CardPlotter implements Disposable {
  readonly #kind: DiffReport['kind'];
  readonly #names: SideNames;
  readonly #files: PlotFiles;
  readonly #budget: PlotBudget;
  readonly #isInteractive: boolean;

  /** `isInteractive`: drawings carry their bins. */
  constructor(report: DiffReport, budget: PlotBudget, isInteractive: boolean) {
    this.#kind = report.kind;
    this.#names = sideNames(report);
    this.#files = new PlotFiles(report);
    this.#budget = budget;
    this.#isInteractive = isInteractive;
  }

  [Symbol.dispose](): void {
    this.#files[Symbol.dispose]();
  }

  /** The drawings of an object; none, and why, where it cannot be drawn. Of what is no histogram, or on one side only, nothing is said. */
  plotsOf({ path, className, verdict }: ObjectComparison): CardPlots {
    const isOneSided = verdict === 'only-left' || verdict === 'only-right';
    if (contentKind(className) !== 'histogram' || isOneSided) return NO_PLOTS;
    if (this.#budget.isUsedUp) return notDrawn(TOO_MANY);
    try {
      const { reference, test } = this.#files.pairAt(path);
      const reason = whyNotDrawn({ reference, test }, this.#kind);
      if (reason !== undefined) return notDrawn(reason);
      return reference === undefined || test === undefined ? NO_PLOTS : this.#draw(path, { reference, test });
    } catch (err) {
      if (!isPoolMergeError(err)) throw err;
      return notDrawn(`Not drawn: ${err.message}`);
    }
  }

  #draw(path: string, pair: FullPair): CardPlots {
    const all = histogramFigures(path, pair, this.#names);
    const figures = all.slice(0, this.#budget.take(all.length));
    const interactive = this.#isInteractive ? interactiveData(pair, this.#names) : {};
    return {
      figures,
      title: pair.test.title,
      statistics: statisticsTable(pair, this.#kind),
      data: interactive.data,
      notes: [...(figures.length < all.length ? [TOO_MANY] : []), ...(interactive.note === undefined ? [] : [interactive.note])],
    };
  }
}
