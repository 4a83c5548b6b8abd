// What the thread does beyond links and forms: phrases by ";". Everything here has a way without it.
(() => {
  'use strict';
  const $ = (selector, from = document) => from.querySelector(selector);
  const texts = JSON.parse(document.body.dataset.texts);
  const say = (key, values = {}) => texts.script[key].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  const plain = (s) => s.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

  // --- the time zone of one's days ----------------------------------------
  const zones = $('#zones');
  if (zones) {
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
    zones.replaceChildren(...[...new Set([here, ...(Intl.supportedValuesOf?.('timeZone') ?? [])])].map((zone) => new Option('', zone)));
    $('#zone').placeholder = here;
  }

  // --- pictures -----------------------------------------------------------
  // One that is chosen, pasted or dropped goes into the form at once, and the page comes
  // back at its description. One that is too large is not sent.
  const fit = (field, files) => {
    const large = files.some((file) => file.size > Number(field.dataset.most));
    const says = $('.too-large', field.closest('.filing'));
    says.textContent = large ? says.dataset.says : '';
    if (large) {
      field.value = '';
      field.focus();
    }
    return !large;
  };
  const put = async (form, files) => {
    const pictures = [...files].filter((file) => file.type.startsWith('image/')), last = pictures.pop();
    const field = form.elements.picture, button = $('.attach', form);
    if (!last || !field || !button) return false;
    if (!fit(field, [...pictures, last])) return true;
    for (const picture of pictures) {
      const body = new FormData();
      body.set('on', form.elements.on.value);
      body.set('quiet', 'true');
      body.set('picture', picture);
      await fetch('/console/files', { method: 'POST', body, redirect: 'error' }).catch(() => {}); // the page shows which came
    }
    const one = new DataTransfer();
    one.items.add(last);
    field.files = one.files;
    form.requestSubmit(button);
    return true;
  };
  const formWith = (event) => { const form = event.target.closest?.('form'); return form?.elements.picture ? form : null; };
  document.addEventListener('change', (event) => {
    if (event.target.name === 'picture' && event.target.files.length && $('.attach', event.target.form) && fit(event.target, [...event.target.files])) event.target.form.requestSubmit($('.attach', event.target.form));
  });
  const brings = (data) => [...(data?.items ?? [])].some((item) => item.kind === 'file');
  document.addEventListener('paste', (event) => {
    const form = formWith(event);
    if (!form || !brings(event.clipboardData) || event.clipboardData.types.includes('text/plain')) return;
    event.preventDefault();
    put(form, event.clipboardData.files);
  });
  document.addEventListener('dragover', (event) => { if (formWith(event) && brings(event.dataTransfer)) event.preventDefault(); });
  document.addEventListener('drop', (event) => {
    const form = formWith(event);
    if (!form || !brings(event.dataTransfer)) return;
    event.preventDefault();
    put(form, event.dataTransfer.files);
  });

  // --- phrases ------------------------------------------------------------
  // How well a name fits what was typed; 0: best, -1: not at all. Letters may be left out.
  const fits = (name, typed) => {
    const all = plain(name), wanted = plain(typed);
    if (all.startsWith(wanted)) return 0;
    if (all.split(/[^\p{L}\p{N}]+/u).some((word) => word.startsWith(wanted))) return 1;
    if (all.includes(wanted)) return 2;
    let from = 0;
    for (const letter of wanted.replace(/\s/g, '')) {
      from = all.indexOf(letter, from) + 1;
      if (!from) return -1;
    }
    return 3;
  };
  const most = 8; // phrases in the list
  const found = (typed) => [...$('#phrase').options].filter((o) => o.value)
    .map((option, n) => ({ option, n, fit: fits(option.text, typed) })).filter(({ fit }) => fit >= 0)
    .sort((a, b) => a.fit - b.fit || a.n - b.n).slice(0, most).map(({ option }) => option);

  // What is typed after the ";" that begins a word, up to the caret.
  const begun = (text) => {
    if (text.selectionStart !== text.selectionEnd) return null;
    const match = /(^|\s);([^;\n]{0,40})$/u.exec(text.value.slice(0, text.selectionStart));
    return match && { from: text.selectionStart - match[2].length - 1, to: text.selectionStart, typed: match[2] };
  };
  let closed = ''; // a list that was closed with Escape stays closed for this ";"
  const list = () => $('#phrase-list');
  const close = () => {
    list()?.remove();
    const text = $('#text');
    for (const name of ['aria-activedescendant', 'aria-controls']) text?.removeAttribute(name);
  };
  const open = (text, options) => {
    let ul = list();
    if (!ul) {
      ul = document.createElement('ul');
      ul.id = 'phrase-list';
      ul.setAttribute('role', 'listbox');
      ul.setAttribute('aria-label', say('phrases'));
      ul.addEventListener('mousedown', (event) => { // before the text loses the focus
        const li = event.target.closest('[role=option]');
        event.preventDefault();
        if (li) take(text, li);
      });
      text.parentElement.append(ul);
    }
    ul.replaceChildren(...options.map((option, n) => {
      const li = document.createElement('li');
      li.id = `phrase-${n}`;
      li.setAttribute('role', 'option');
      li.dataset.phrase = option.value;
      li.lang = option.lang;
      li.textContent = option.text;
      return li;
    }));
    text.setAttribute('aria-controls', ul.id);
    choose(text, 0);
    const told = $('#over');
    if (told) told.textContent = say('phrases_found', { n: options.length });
  };
  const choose = (text, n) => {
    const all = [...list().children];
    all.forEach((li, at) => li.setAttribute('aria-selected', String(at === n)));
    text.setAttribute('aria-activedescendant', all[n].id);
    all[n].scrollIntoView({ block: 'nearest' });
  };
  const look = (text) => {
    const at = begun(text);
    if (!at || closed === `${at.from}`) { if (!at) closed = ''; close(); return; }
    const options = found(at.typed);
    if (options.length) open(text, options); else close();
  };
  // The server fills the phrase in: the time is that of now.
  const insert = async (text, phrase, from, to) => {
    const before = text.value;
    const body = new URLSearchParams({ phrase, quiet: 'true' }), only = $('.composer select[name=only]');
    if (only) body.set('only', only.value);
    let words;
    try {
      const answer = await fetch($('#phrase').dataset.address, { method: 'POST', body, redirect: 'error' });
      if (!answer.ok) throw new Error(String(answer.status));
      words = await answer.text();
    } catch {
      $('#over').textContent = say('phrase_failed');
      return;
    }
    if (text.value !== before) from = to = text.selectionStart; // they typed on
    text.setRangeText(words, from, to, 'end');
    text.dispatchEvent(new Event('input', { bubbles: true }));
    text.focus();
  };
  const take = (text, li) => {
    const at = begun(text);
    close();
    if (at) insert(text, li.dataset.phrase, at.from, at.to);
  };
  document.addEventListener('input', (event) => { if (event.target.id === 'text' && $('#phrase')) look(event.target); });
  document.addEventListener('focusout', (event) => { if (event.target.id === 'text') close(); });
  document.addEventListener('keydown', (event) => {
    const text = event.target;
    if (text.id !== 'text' || !list()) return;
    const all = [...list().children], n = all.findIndex((li) => li.getAttribute('aria-selected') === 'true');
    if (event.key === 'ArrowDown') choose(text, (n + 1) % all.length);
    else if (event.key === 'ArrowUp') choose(text, (n + all.length - 1) % all.length);
    else if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey || event.key === 'Tab' && !event.shiftKey) take(text, all[n]);
    else if (event.key === 'Escape') { closed = `${begun(text)?.from}`; close(); }
    else return;
    event.preventDefault();
    event.stopImmediatePropagation(); // Escape would leave the text
  }, true);
  // The button puts the chosen phrase where the caret is.
  document.addEventListener('click', (event) => {
    const button = event.target.closest('#insert'), text = $('#text');
    if (!button || !text) return;
    event.preventDefault();
    const phrase = $('#phrase').value;
    if (phrase) insert(text, phrase, text.selectionStart, text.selectionEnd);
    else $('#phrase').focus();
  });
})();
