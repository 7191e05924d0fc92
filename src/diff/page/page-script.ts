/**
 * The script of every page: filter, verdicts switched on and off, logarithmic view. Plain JavaScript for the browser;
 * without it the page shows everything.
 */
export const PAGE_SCRIPT: string = String.raw`
(() => {
  const root = document.documentElement;
  root.classList.add('scripted');
  const filter = document.querySelector('#filter');
  const shown = document.querySelector('#shown');
  const chips = [...document.querySelectorAll('.chip')];
  const items = [...document.querySelectorAll('[data-text]')];
  const rows = items.filter((item) => item.tagName === 'TR');
  const apply = () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter((word) => word !== '');
    const off = new Set(chips.filter((chip) => chip.getAttribute('aria-pressed') === 'false').map((chip) => chip.dataset.verdict));
    for (const item of items) item.hidden = off.has(item.dataset.verdict) || !words.every((word) => item.dataset.text.includes(word));
    const count = rows.filter((row) => !row.hidden).length;
    shown.textContent = count === rows.length ? '' : count + ' of ' + rows.length + ' rows shown';
  };
  filter.addEventListener('input', apply);
  for (const chip of chips) {
    chip.addEventListener('click', () => {
      chip.setAttribute('aria-pressed', String(chip.getAttribute('aria-pressed') === 'false'));
      apply();
    });
  }
  document.querySelector('#log').addEventListener('change', ({ target }) => root.classList.toggle('log', target.checked));
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    event.preventDefault();
    filter.focus();
  });
})();
`;
