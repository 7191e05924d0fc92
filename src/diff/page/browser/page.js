/**
 * The script of every page: filter, verdicts switched on and off, logarithmic view. Without it the page shows everything.
 */
(() => {
  /** An element of the page, which ../overview.ts has made. @param {string} selector @returns {HTMLElement} */
  const element = (selector) => /** @type {HTMLElement} */ (document.querySelector(selector));
  /** All elements of a kind. @param {string} selector @returns {HTMLElement[]} */
  const elements = (selector) => Array.from(document.querySelectorAll(selector));

  const root = document.documentElement;
  const filter = /** @type {HTMLInputElement} */ (element('#filter'));
  const logScale = /** @type {HTMLInputElement} */ (element('#log'));
  const shown = element('#shown');
  const chips = elements('.chip');
  /** Rows of the table and cards. */
  const items = elements('[data-text]');
  const rows = items.filter((item) => item.tagName === 'TR');

  /** @param {HTMLElement} chip */
  const isOff = (chip) => chip.getAttribute('aria-pressed') === 'false';

  /** Shows what has all words of the filter, and a verdict that is on. */
  function apply() {
    const words = filter.value.toLowerCase().split(/\s+/);
    const off = new Set(chips.filter(isOff).map((chip) => chip.dataset['verdict']));
    for (const item of items) {
      const text = item.dataset['text'] ?? '';
      item.hidden = off.has(item.dataset['verdict']) || !words.every((word) => text.includes(word));
    }
    const count = rows.filter((row) => !row.hidden).length;
    shown.textContent = count === rows.length ? '' : `${count} of ${rows.length} rows shown`;
  }

  root.classList.add('scripted');
  filter.addEventListener('input', apply);
  for (const chip of chips) {
    chip.addEventListener('click', () => {
      chip.setAttribute('aria-pressed', String(isOff(chip)));
      apply();
    });
  }
  logScale.addEventListener('change', () => root.classList.toggle('log', logScale.checked));
  document.addEventListener('keydown', (event) => {
    const isTyping = event.target instanceof Element && /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
    if (event.key !== '/' || isTyping) return;
    event.preventDefault();
    filter.focus();
  });
})();
