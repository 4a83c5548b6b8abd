// What the search offers while it is typed: its operators, and what can stand after them.
// Typed without it, they work as well.
(() => {
  'use strict';
  const $ = (selector, from = document) => from.querySelector(selector);
  const input = $('#search');
  if (!input) return;
  const texts = JSON.parse(document.body.dataset.texts);
  const operators = ['from', 'status', 'tag', 'host', 'after', 'before', 'is', 'has'];
  const under = (name) => Object.keys(texts.search).filter((key) => key.startsWith(`${name}_`))
    .map((key) => [key.slice(name.length + 1), texts.search[key]]);
  const day = (months) => {
    const now = new Date();
    return new Intl.DateTimeFormat('sv', { year: 'numeric', month: '2-digit' }).format(new Date(now.getFullYear(), now.getMonth() - months, 1));
  };
  // The values that can follow an operator. People are those of the list.
  const values = (name) => {
    switch (name) {
      case 'from': return [...new Set([...document.querySelectorAll('.line .from')].map((el) => el.textContent.trim()))].map((who) => [/\s/.test(who) ? `"${who}"` : who, '']);
      case 'status': return Object.entries(texts.status).concat(under(name));
      case 'after': case 'before': return [0, 1, 2].map((ago) => [day(ago), '']);
      default: return under(name);
    }
  };
  const most = 10; // in the list
  // The part at the caret, and what it may become. Quotes that are open hold spaces in it.
  const begun = () => {
    const to = input.selectionStart, typed = input.value.slice(0, to).match(/(?:["“”„«»][^"“”„«»]*(?:["“”„«»]|$)|[^\s"“”„«»])*$/)[0];
    return { from: to - typed.length, to, typed };
  };
  const found = () => {
    const { typed } = begun(), at = typed.indexOf(':'), name = typed.slice(0, at).toLowerCase();
    if (at < 0) return operators.filter((o) => o.startsWith(typed.toLowerCase())).map((o) => [`${o}:`, texts.search[o]]);
    if (!operators.includes(name)) return [];
    const begins = typed.slice(at + 1).replace(/^"/, '').toLowerCase();
    return values(name).filter(([value]) => value.replace(/^"/, '').toLowerCase().startsWith(begins)).slice(0, most).map(([value, means]) => [`${name}:${value}`, means]);
  };
  const list = () => $('#search-list');
  const options = () => [...(list()?.children ?? [])];
  const chosen = () => options().findIndex((li) => li.getAttribute('aria-selected') === 'true');
  const close = () => {
    list()?.remove();
    input.setAttribute('aria-expanded', 'false');
    for (const name of ['aria-activedescendant', 'aria-controls']) input.removeAttribute(name);
  };
  const choose = (n) => {
    options().forEach((li, at) => li.setAttribute('aria-selected', String(at === n)));
    input.setAttribute('aria-activedescendant', options()[n].id);
    options()[n].scrollIntoView({ block: 'nearest' });
  };
  const look = () => {
    const offered = found();
    if (!offered.length) return close();
    let ul = list();
    if (!ul) {
      ul = document.createElement('ul');
      ul.id = 'search-list';
      ul.setAttribute('role', 'listbox');
      ul.setAttribute('aria-label', texts.script.operators);
      ul.addEventListener('mousedown', (event) => { // before the search loses the focus
        const li = event.target.closest('[role=option]');
        event.preventDefault();
        if (li) take(li);
      });
      input.parentElement.append(ul);
    }
    ul.replaceChildren(...offered.map(([text, means], n) => {
      const li = document.createElement('li'), name = document.createElement('code'), about = document.createElement('span');
      li.id = `search-${n}`;
      li.setAttribute('role', 'option');
      li.setAttribute('aria-selected', 'false');
      li.dataset.text = name.textContent = text;
      about.textContent = means;
      li.append(name, ' ', about);
      return li;
    }));
    input.setAttribute('aria-controls', ul.id);
    input.setAttribute('aria-expanded', 'true');
    input.removeAttribute('aria-activedescendant');
  };
  const take = (li) => {
    const { from, to } = begun(), whole = !li.dataset.text.endsWith(':');
    input.setRangeText(li.dataset.text + (whole && to === input.value.length ? ' ' : ''), from, to, 'end');
    if (whole) close(); else look();
  };
  input.setAttribute('role', 'combobox');
  input.setAttribute('aria-autocomplete', 'list');
  input.setAttribute('aria-expanded', 'false');
  input.addEventListener('focus', () => { if (!input.value) look(); });
  input.addEventListener('input', look);
  input.addEventListener('blur', close);
  input.addEventListener('keydown', (event) => {
    const n = chosen(), last = options().length - 1;
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'ArrowDown' && !list()) look();
    else if (event.key === 'ArrowDown') choose(n < last ? n + 1 : 0);
    else if (event.key === 'ArrowUp' && list()) choose(n > 0 ? n - 1 : last);
    else if ((event.key === 'Enter' || event.key === 'Tab' && !event.shiftKey) && n >= 0) take(options()[n]);
    else if (event.key === 'Escape' && list() && input.value) close(); // nothing typed: it leaves at once
    else return;
    event.preventDefault();
    event.stopPropagation(); // Escape would leave the search
  });
})();
