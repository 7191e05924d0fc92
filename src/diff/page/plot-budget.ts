/** How many drawings a page may still have. */
export class PlotBudget {
  #left: number;

  constructor(most: number) {
    this.#left = most;
  }

  /** True when there is no room for another drawing. */
  get isUsedUp(): boolean {
    return this.#left === 0;
  }

  /** Takes room for `wanted` drawings; returns for how many there was any. */
  take(wanted: number): number {
    const taken = Math.min(wanted, this.#left);
    this.#left -= taken;
    return taken;
  }
}
