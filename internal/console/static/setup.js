// Makes the checks of the first steps when the page is opened: each row answers by itself.
(() => {
  'use strict';
  const rows = [...document.querySelectorAll('[data-check]')], all = document.getElementById('check-all');
  const say = document.getElementById('setup-state');
  if (!rows.length) return;
  if (all) all.hidden = true;
  const parse = async (answer) => new DOMParser().parseFromString(await answer.text(), 'text/html');
  const make = async (row) => {
    row.setAttribute('aria-busy', 'true');
    try {
      const form = row.querySelector('form[data-again]');
      const answer = await fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form)), redirect: 'error' });
      const page = answer.ok && await parse(answer), now = page && page.getElementById(row.id);
      if (!now) return;
      const focused = row.contains(document.activeElement);
      row.replaceWith(now);
      if (focused) now.querySelector('button')?.focus();
      listen(now);
      const state = page.getElementById('setup-state');
      if (state && say && state.textContent !== say.textContent) say.innerHTML = state.innerHTML;
    } catch { /* the row keeps its button */ } finally {
      row.removeAttribute('aria-busy');
    }
  };
  const listen = (row) => row.querySelector('form[data-again]')?.addEventListener('submit', (event) => {
    event.preventDefault();
    make(document.getElementById(row.id));
  });
  rows.forEach(listen);
  rows.filter((row) => row.dataset.check === 'unknown').forEach(make);
})();
