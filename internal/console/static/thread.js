// What the thread does beyond links and forms: phrases by ";", emoji by ":", colleagues by "@". Everything here has a way without it.
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

  // --- what is offered while one types: ";" phrases, ":" emoji, "@" colleagues ---
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
  const most = 8; // in the list
  const best = (all, typed, worst = 3) => all.map((one, n) => ({ one, n, fit: fits(one.name, typed) })).filter(({ fit }) => fit >= 0 && fit <= worst)
    .sort((a, b) => a.fit - b.fit || a.n - b.n).slice(0, most).map(({ one }) => one);
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
  const write = (text, words, from, to) => {
    text.setRangeText(words, from, to, 'end');
    text.dispatchEvent(new Event('input', { bubbles: true }));
  };
  // Those that a desk needs, by the names that Mastodon gives them; a keyboard of the system has the others.
  const emoji = `smile 😄|slight_smile 🙂|grin 😁|joy 😂|blush 😊|wink 😉|relieved 😌|thinking 🤔|confused 😕|worried 😟|disappointed 😞|cry 😢|sob 😭|sweat_smile 😅|sweat 😓
|hugging 🤗|heart_eyes 😍|sunglasses 😎|sleeping 😴|zipper_mouth 🤐|face_with_thermometer 🤒|upside_down 🙃|neutral_face 😐|open_mouth 😮|pleading_face 🥺|melting_face 🫠|salute 🫡
|wave 👋|thumbsup 👍|thumbsdown 👎|ok_hand 👌|clap 👏|pray 🙏|muscle 💪|point_right 👉|point_down 👇|point_up ☝️|handshake 🤝|raised_hands 🙌|crossed_fingers 🤞|eyes 👀|bow 🙇|shrug 🤷|facepalm 🤦
|heart ❤️|green_heart 💚|blue_heart 💙|yellow_heart 💛|broken_heart 💔|sparkles ✨|star ⭐|tada 🎉|balloon 🎈|gift 🎁|cake 🍰|coffee ☕|tea 🍵|bouquet 💐|four_leaf_clover 🍀
|white_check_mark ✅|check_mark ✔️|x ❌|warning ⚠️|exclamation ❗|question ❓|information_source ℹ️|no_entry ⛔|construction 🚧|sos 🆘|recycle ♻️|repeat 🔁|arrow_right ➡️|arrow_down ⬇️|hourglass ⏳|new 🆕
|clock ⏰|stopwatch ⏱️|calendar 📅|bell 🔔|no_bell 🔕|mega 📣|loudspeaker 📢|speech_balloon 💬|mailbox 📬|email ✉️|phone ☎️|mobile_phone 📱|computer 💻|desktop_computer 🖥️|keyboard ⌨️|printer 🖨️|tv 📺|radio 📻|satellite 🛰️
|satellite_antenna 📡|signal_strength 📶|electric_plug 🔌|battery 🔋|low_battery 🪫|bulb 💡|wrench 🔧|hammer 🔨|tools 🛠️|gear ⚙️|link 🔗|key 🔑|lock 🔒|unlock 🔓|bug 🐛|fire 🔥|rocket 🚀|mag 🔍|memo 📝|pushpin 📌|package 📦
|truck 🚚|bus 🚌|train 🚆|bike 🚲|car 🚗|house 🏠|office 🏢|hospital 🏥|globe 🌍|map 🗺️|droplet 💧|potable_water 🚰|umbrella ☔|sunny ☀️|cloud ☁️|thunder ⛈️|snowflake ❄️|money 💶|receipt 🧾|credit_card 💳`
    .split('|').map((one) => { const [name, sign] = one.trim().split(' '); return { name: name.replaceAll('_', ' '), sign }; });
  const colleagues = () => {
    const who = new Map();
    for (const o of document.querySelectorAll('.several option[value^="to:"]')) who.set(o.value.slice(3), o.textContent);
    for (const b of document.querySelectorAll('#owner-menu button[name=assignee]')) if (b.value && !who.has(b.value)) who.set(b.value, b.firstChild.textContent);
    return [...who].map(([email, name]) => ({ name: `${name.trim()} ${email.split('@')[0]}`, text: name.trim(), email }));
  };
  // begins: what is typed, up to the caret, after the sign that begins a word.
  const kinds = [
    {
      name: 'phrases', begins: /(^|\s)(;)([^;\n]{0,40})$/u, on: () => $('#phrase'),
      found: (typed) => best([...$('#phrase').options].filter((o) => o.value).map((o) => ({ name: o.text, text: o.text, lang: o.lang, phrase: o.value })), typed),
      take: (text, one, from, to) => insert(text, one.phrase, from, to),
    },
    {
      name: 'emoji', begins: /(^|\s)(:)([\p{L}_]{2,30})$/u, on: () => true,
      found: (typed) => best(emoji, typed.replaceAll('_', ' '), 2).map((one) => ({ ...one, text: `${one.sign} ${one.name}`, lang: 'en' })),
      take: (text, one, from, to) => write(text, one.sign, from, to),
    },
    {
      name: 'colleagues', begins: /(^|[\s(])(@)([\p{L}\p{M}\p{N}._-]{0,30})$/u, on: () => $('.composer input[name=audience]:checked')?.value === 'comment',
      found: (typed) => best(colleagues(), typed),
      take: (text, one, from, to) => write(text, `@${one.email.split('@')[0]} `, from, to),
    },
  ];
  const begun = (text) => {
    if (text.selectionStart !== text.selectionEnd) return null;
    const to = text.selectionStart, before = text.value.slice(0, to);
    for (const kind of kinds) {
      const match = kind.on() && kind.begins.exec(before);
      if (match) return { kind, from: to - match[3].length - 1, to, typed: match[3] };
    }
    return null;
  };
  let closed = ''; // a list that was closed with Escape stays closed for this sign
  let offered = [];
  const list = () => $('#offers');
  const close = () => {
    list()?.remove();
    const text = $('#text');
    for (const name of ['aria-activedescendant', 'aria-controls']) text?.removeAttribute(name);
  };
  const open = (text, kind, found) => {
    let ul = list();
    if (!ul) {
      ul = document.createElement('ul');
      ul.id = 'offers';
      ul.setAttribute('role', 'listbox');
      ul.addEventListener('mousedown', (event) => { // before the text loses the focus
        const li = event.target.closest('[role=option]');
        event.preventDefault();
        if (li) take(text, [...list().children].indexOf(li));
      });
      text.parentElement.append(ul);
    }
    ul.setAttribute('aria-label', say(kind.name));
    offered = found;
    ul.replaceChildren(...found.map((one, n) => {
      const li = document.createElement('li');
      li.id = `offer-${n}`;
      li.setAttribute('role', 'option');
      if (one.lang) li.lang = one.lang;
      li.textContent = one.text;
      return li;
    }));
    text.setAttribute('aria-controls', ul.id);
    choose(text, 0);
    const told = $('#over');
    if (told) told.textContent = say(`${kind.name}_found`, { n: found.length });
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
    const found = at.kind.found(at.typed);
    if (found.length) open(text, at.kind, found); else close();
  };
  const take = (text, n) => {
    const at = begun(text), one = offered[n];
    close();
    if (at && one) at.kind.take(text, one, at.from, at.to);
  };
  document.addEventListener('input', (event) => { if (event.target.id === 'text' && event.target.closest('#composer')) look(event.target); });
  document.addEventListener('focusout', (event) => { if (event.target.id === 'text') close(); });
  document.addEventListener('keydown', (event) => {
    const text = event.target;
    if (text.id !== 'text' || !list()) return;
    const all = [...list().children], n = all.findIndex((li) => li.getAttribute('aria-selected') === 'true');
    if (event.key === 'ArrowDown') choose(text, (n + 1) % all.length);
    else if (event.key === 'ArrowUp') choose(text, (n + all.length - 1) % all.length);
    else if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey && !event.altKey || event.key === 'Tab' && !event.shiftKey) take(text, n);
    else if (event.key === 'Escape') { closed = `${begun(text)?.from}`; close(); }
    else return;
    event.preventDefault();
    event.stopImmediatePropagation(); // Escape would leave the text
  }, true);
  // The text is read in the language that is chosen for it.
  document.addEventListener('change', (event) => { if (event.target.name === 'language' && event.target.form?.id === 'composer') $('#text').lang = event.target.value; });
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
