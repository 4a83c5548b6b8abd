// What the pages do beyond links and forms: keys, a palette, a counter, and
// telling that something is new. Everything here has a way without it.
(() => {
  'use strict';
  const $ = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const stored = (name, value) => {
    try { return value === undefined ? localStorage.getItem(name) : localStorage.setItem(name, value); } catch { return null; }
  };
  // Texts come with the page, in its language.
  const texts = JSON.parse(document.body.dataset.texts);
  const say = (key, values = {}) => texts.script[key].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  const written = (n) => n.toLocaleString(document.documentElement.lang);
  const keysOn = () => stored('earshot.keys') !== 'off';
  const typing = (el) => el && el.closest('input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]');

  // --- live ---------------------------------------------------------------
  // Parts of the page are taken from the page itself, loaded again: once for
  // all changes in the meantime. Nothing interrupts the reader: a part waits
  // while they write in it, have chosen or marked something, or have the focus there.
  const chosen = (field) => {
    if (field.type === 'hidden') return false;
    if (field.type === 'checkbox' || field.type === 'radio') return field.checked !== field.defaultChecked;
    if (field.tagName === 'SELECT') return field.selectedIndex !== Math.max(0, [...field.options].findIndex((o) => o.defaultSelected));
    return field.value !== field.defaultValue;
  };
  const busy = (part) => part.contains(document.activeElement) || all('input, select, textarea', part).some(chosen)
    || (!getSelection().isCollapsed && getSelection().containsNode(part, true));
  const waiting = new Set(); // selectors of parts that something happened to
  let soon = 0;
  const refresh = (...parts) => {
    for (const part of parts) if ($(part)) waiting.add(part);
    if (waiting.size) soon ||= setTimeout(load, 300);
  };
  const goOn = () => refresh(...waiting);
  const load = async () => {
    soon = 0;
    const parts = [...waiting].filter((part) => {
      const old = $(part);
      if (!old) waiting.delete(part);
      else old.toggleAttribute('data-waits', busy(old));
      return old && !busy(old);
    });
    if (!parts.length || document.hidden) return;
    for (const part of parts) waiting.delete(part);
    const address = () => $('#thread[data-address], #incident')?.dataset.address ?? location.href, asked = address();
    let page;
    try {
      const answer = await fetch(asked);
      if (!answer.ok || answer.redirected) return; // signed out, say: the next page says so
      page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    } catch { return; } // the stream notices, and starts again
    if (address() !== asked) return refresh(...parts); // they went on to another one
    for (const part of parts) {
      const old = $(part), now = $(part, page);
      if (!old || !now) continue;
      if (busy(old)) refresh(part);
      else replace(old, now);
    }
  };
  const replace = (old, now) => {
    const known = new Set(all('.said', old).map((said) => said.id));
    const unfolded = all('details[id][open]', old).map((d) => d.id);
    old.replaceChildren(...now.childNodes); // within, as it may be a live region
    for (const id of unfolded) document.getElementById(id)?.setAttribute('open', '');
    const news = all('.said', old).filter((said) => !known.has(said.id)).at(-1), told = $('#told');
    if (news && told) told.textContent = say('told', { who: $('.by b', news).textContent });
    seen();
  };
  // Who opens an issue in which a comment mentions them has seen it. The page
  // brings a form for that, as loading a page does not write.
  const seen = () => {
    const form = $('#seen');
    if (!form || document.hidden) return;
    form.remove();
    fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form)), redirect: 'manual', keepalive: true })
      .catch(() => {}); // the next visit brings the form again
  };
  document.addEventListener('visibilitychange', seen);
  document.addEventListener('focusout', goOn);
  document.addEventListener('selectionchange', () => { if (getSelection().isCollapsed) goOn(); });
  document.addEventListener('visibilitychange', goOn);

  // The stream is #live's (see layout.html); named events arrive as DOM events.
  const read = (event) => { try { return JSON.parse(event.detail?.data ?? '{}'); } catch { return {}; } };
  const open = () => $('#thread')?.dataset.issue;
  const changed = (event) => {
    const change = read(event);
    recount();
    if (change.issue && change.issue === open()) refresh('#about', '#timeline', '#beside');
    else if (event.type === 'opened' || change.entry === 'post' || change.entry === 'snooze' && !change.agent) announce(change);
    if (event.type === 'opened') crowds(20_000);
  };
  // The numbers of the views, in the title and in the icon follow what happens, also in a
  // tab that is not looked at: seldom then.
  let counting = 0;
  const recount = () => {
    if ($('.views [data-counts]')) counting ||= setTimeout(countAgain, document.hidden ? 10_000 : 1000);
  };
  const countAgain = async () => {
    counting = 0;
    const list = $('.views [data-counts]');
    let now;
    try {
      const answer = await fetch(list.dataset.counts);
      if (!answer.ok || answer.redirected) return;
      now = await answer.json();
    } catch { return; } // the stream notices, and starts again
    for (const a of all('a[data-view]', list)) $('.n', a).textContent = now.views[a.dataset.view] ?? '';
    const title = document.title.replace(/^\([^)]*\) /, '');
    document.title = now.waiting ? `(${now.waiting}) ${title}` : title;
    $('#icon').href = now.icon;
  };
  document.addEventListener('visibilitychange', recount);
  // News is who calls and who speaks, at the desk that is looked at.
  const calling = new Set(); // the issues
  const announce = (change) => {
    const news = $('#news');
    if (!news || change && news.dataset.desk && !change.desks.includes(news.dataset.desk)) return;
    if (change && calling.size < 1000) calling.add(change.issue);
    if (calling.size) $('a', news).textContent = say('news', { n: written(calling.size) });
    news.hidden = false;
  };
  // Who is where is said again now and then; who is silent for long has left.
  const present = new Map(), silent = Number($('#live')?.dataset.present) * 1000;
  const place = (issue) => (issue === open() ? '#presence' : `[id="here-${issue}"]`);
  const presence = (event) => {
    const { issue, agent, state } = read(event);
    if (!issue || agent === $('#live').dataset.me) return;
    const key = `${issue} ${agent}`, before = present.get(key);
    if (state === 'left') present.delete(key);
    else present.set(key, { issue, state, at: performance.now() });
    if (before?.state !== state) refresh(place(issue));
  };
  setInterval(() => {
    for (const [key, { issue, at }] of present) {
      if (performance.now() - at > silent) { present.delete(key); refresh(place(issue)); }
    }
  }, 2000);
  // Of those who were here before the page was, only the page tells.
  const lookAgain = () => { if (silent) setTimeout(() => refresh(...all('.presence, .here').filter((at) => at.textContent).map((at) => `[id="${at.id}"]`)), silent); };
  lookAgain();
  for (const name of ['opened', 'issue', 'delivery']) document.addEventListener(name, changed);
  document.addEventListener('presence', presence);
  // Nobody took a new issue, and it is this agent's turn.
  document.addEventListener('turn', (event) => {
    const { issue } = read(event), toast = $('#toast'), note = document.createElement('div'), link = document.createElement('a');
    if (!toast || !issue || issue === open()) return;
    note.className = 'toast';
    link.href = `/console/issues/${encodeURIComponent(issue)}`;
    link.textContent = say('turn');
    note.append(link);
    toast.replaceChildren(note);
  });
  // An incident is shown on its own page, in the list, beside its issues, and counted everywhere.
  const incidents = (event) => {
    const { incident } = read(event), here = $('#incident')?.dataset.incident;
    refresh('#open-incidents', '#incidents');
    if (!here || !incident || incident === here) refresh('#incident-about', '#incident-updates', '#voices', '#about', '#beside');
    crowds();
  };
  document.addEventListener('incident', incidents);
  // Whether reports may be one incident is looked for when the list is there, which never
  // waits for it. Under the pointer nothing moves.
  let looking = 0;
  const crowds = (after = 1500) => {
    if ($('#suggestions')?.dataset.address) looking ||= setTimeout(look, after);
  };
  const look = async () => {
    looking = 0;
    const old = $('#suggestions');
    if (document.hidden || busy(old) || $('#list')?.matches(':hover') && old.dataset.looked) return crowds(15_000);
    try {
      const answer = await fetch(old.dataset.address);
      if (!answer.ok || answer.redirected) return;
      const now = $('#suggestions', new DOMParser().parseFromString(await answer.text(), 'text/html'));
      old.dataset.looked = 'yes';
      if (now && !busy(old) && now.textContent !== old.textContent) old.replaceChildren(...now.childNodes);
    } catch { /* the stream notices, and starts again */ }
  };
  document.addEventListener('reset', (event) => {
    if (event.target.id !== 'live') return; // a form's
    announce();
    recount();
    refresh('#about', '#timeline', '#beside', '#presence', '#open-incidents', '#incidents', '#incident-about', '#incident-updates', '#voices');
  });

  // --- the composer -------------------------------------------------------
  const address = /https?:\/\/\S+/g; // Mastodon counts each as 23 characters
  const length = (text) => [...new Intl.Segmenter().segment(text.replace(address, 'x'.repeat(23)))].length;
  let upTo; // what the page says of an empty text
  const count = () => {
    const text = $('#text'), out = $('#count'), told = $('#over');
    if (!text || !out) return;
    upTo ??= out.textContent;
    const n = length(text.value), limit = Number(text.dataset.limit), host = text.dataset.host;
    const inside = $('.composer input[name=audience]:checked')?.value === 'comment'; // colleagues read any length
    const over = n > limit && !inside;
    const counted = say(host ? 'count' : 'count_usual', { n: written(n), limit: written(limit), host });
    out.textContent = inside ? '' : n === 0 ? upTo : over ? say('over', { count: counted }) : counted;
    out.classList.toggle('over', over);
    if (told && over !== (told.textContent !== '')) told.textContent = over ? out.textContent : ''; // once, not with every letter
  };
  document.addEventListener('input', (event) => { if (event.target.id === 'text' || event.target.name === 'audience') count(); });
  document.addEventListener('change', (event) => { if (event.target.name === 'audience') count(); });
  // What is changed after it was shown is shown no more.
  for (const what of ['input', 'change']) document.addEventListener(what, (event) => { if (event.target.closest('#composer')) for (const old of all('#composer .preview')) old.remove(); });

  // --- drafts -------------------------------------------------------------
  // What is typed is kept on the server, for the same agent on any device. Until the
  // server has it, this tab has it: through a reload, and through signing in again.
  const drafted = ['on', 'issue', 'title', 'text', 'audience', 'status', 'reason', 'next', 'language', 'only', 'warned', 'warning', 'at'];
  const namesIn = (form) => [...drafted, ...all('[name^="alt-"]', form).map((field) => field.name)];
  const fieldsOf = (form, value) => {
    const out = new URLSearchParams();
    for (const field of all('[name=attached]', form)) out.append('attached', field.value);
    for (const field of all('[name=drop]', form)) if (value(field) !== null) out.append('drop', field.value);
    for (const name of namesIn(form)) {
      for (const field of all(`[name=${name}]:not(button)`, form)) {
        const said = value(field);
        if (said !== null) out.set(name, said.replace(/\r\n/g, '\n'));
      }
    }
    return out.toString();
  };
  const ticks = (field) => field.type === 'radio' || field.type === 'checkbox';
  const typed = (form) => fieldsOf(form, (field) => (ticks(field) && !field.checked ? null : field.value));
  const served = (form) => fieldsOf(form, (field) => {
    if (ticks(field)) return field.defaultChecked ? field.value : null;
    if (field.tagName === 'SELECT') return ([...field.options].find((o) => o.defaultSelected) ?? field.options[0])?.value ?? '';
    return field.type === 'hidden' ? field.value : field.defaultValue;
  });
  const inTab = (form, value) => {
    const name = `earshot.draft ${form.elements.on.value}`;
    try {
      if (value === undefined) return JSON.parse(sessionStorage.getItem(name));
      return value === null ? sessionStorage.removeItem(name) : sessionStorage.setItem(name, JSON.stringify(value));
    } catch { return null; }
  };
  const drafts = new WeakMap(); // form: what the server has, a timer, a request under way, whether it is being sent
  const draftForms = () => all('input[name=on]').map((field) => field.form).filter((form) => form.elements.text?.id !== undefined && !form.elements.password);
  const draft = (form) => {
    if (!drafts.has(form)) drafts.set(form, { kept: served(form) });
    return drafts.get(form);
  };
  const unkept = () => draftForms().filter((form) => !draft(form).sending && typed(form) !== draft(form).kept);
  const tellDraft = (form, words) => {
    const out = $('.kept [role=status]', form);
    if (out && out.textContent !== words) out.textContent = words;
  };
  const keep = (form) => {
    const state = draft(form);
    clearTimeout(state.soon);
    return state.request ??= (async () => {
      try {
        for (let now = typed(form); now !== state.kept && !state.sending; now = typed(form)) {
          const body = new URLSearchParams(now);
          body.set('quiet', 'true');
          const answer = await fetch('/console/drafts', { method: 'POST', body, redirect: 'manual', keepalive: now.length < 50_000 });
          if (answer.status === 401) return signedOut();
          if (answer.status !== 204) return tellDraft(form, say('not_kept'));
          state.kept = now;
          if (typed(form) === now) inTab(form, null);
          tellDraft(form, say('kept'));
        }
      } catch { tellDraft(form, say('not_kept')); } finally { state.request = null; }
    })();
  };
  // The server did not answer what was sent: the words are typed ones again.
  document.addEventListener('unsent', ({ detail: { form } }) => {
    const note = document.createElement('div');
    note.className = 'toast';
    note.textContent = say('not_sent');
    $('#toast')?.replaceChildren(note);
    if (!draftForms().includes(form)) return;
    draft(form).sending = false;
    inTab(form, { now: typed(form), kept: draft(form).kept });
    keep(form);
  });
  const signedOut = () => {
    const toast = $('#toast'), note = document.createElement('div'), link = document.createElement('a');
    if (!toast || $('.signed-out', toast)) return;
    note.className = 'toast signed-out';
    link.href = `/console/sign-in?to=${encodeURIComponent(location.pathname + location.search)}`;
    link.textContent = say('sign_in');
    note.append(say('signed_out'), ' ', link);
    toast.replaceChildren(note);
  };
  document.addEventListener('ended', signedOut); // told by the stream
  const changes = (event) => {
    const form = event.target.form;
    if (!form?.elements.on || !draftForms().includes(form)) return;
    const state = draft(form), now = typed(form);
    if (state.sending) return; // a field that is taken away with the page
    if (now !== state.kept) inTab(form, { now, kept: state.kept });
    clearTimeout(state.soon);
    state.soon = setTimeout(() => keep(form), 700);
  };
  document.addEventListener('input', changes);
  document.addEventListener('change', changes);
  // A form beside it leads to another page only when the server has the words, or
  // does not answer in two seconds.
  const ready = new WeakSet();
  document.addEventListener('submit', (event) => {
    const form = event.target, { submitter } = event;
    if (form.dataset.passkey !== undefined || ready.has(form)) return;
    if (draftForms().includes(form)) {
      clearTimeout(draft(form).soon);
      draft(form).sending = true;
      inTab(form, { now: typed(form), kept: draft(form).kept, sent: true });
    }
    const first = unkept().map(keep), under = draftForms().includes(form) && draft(form).request;
    if (under) first.push(under); // else the server could keep the words after they were sent
    if (!first.length) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const go = () => { ready.add(form); form.requestSubmit(submitter); ready.delete(form); };
    Promise.race([Promise.all(first), new Promise((done) => { setTimeout(done, 2000); })]).then(go);
  }, true);
  addEventListener('pagehide', () => {
    for (const form of unkept()) {
      const body = new URLSearchParams(typed(form));
      body.set('quiet', 'true');
      navigator.sendBeacon?.('/console/drafts', body);
    }
  });
  addEventListener('pageshow', (event) => { if (event.persisted) for (const form of draftForms()) draft(form).sending = false; });
  // What the tab has, and the server had not when the tab was left, comes back. What was
  // sent is out of it, unless the answer is that its agent is signed out.
  const restore = () => {
    const on = $('input[name=on][data-typed]')?.value, name = `earshot.draft ${on}`;
    if (on) {
      try {
        const { sent, ...tab } = JSON.parse(sessionStorage.getItem(name));
        sessionStorage.setItem(name, JSON.stringify(tab));
      } catch { /* this tab has nothing */ }
    }
    for (const form of draftForms()) {
      const state = draft(form), tab = inTab(form);
      if (!tab) continue;
      if (tab.sent || tab.kept !== state.kept) { inTab(form, null); continue; } // the server has it, or something newer
      const was = new URLSearchParams(tab.now);
      for (const name of namesIn(form)) {
        for (const field of all(`[name=${name}]:not(button)`, form)) {
          if (ticks(field)) field.checked = was.get(name) === field.value;
          else if (field.type !== 'hidden' && was.has(name)) field.value = was.get(name);
        }
      }
      for (const field of all('[name=drop]', form)) field.checked = was.getAll('drop').includes(field.value);
      const about = form.closest('details');
      if (about) about.open = true;
      keep(form);
    }
  };

  let told = '', last = 0;
  const tell = (state) => {
    const issue = open();
    if (!issue || !$('#presence') || document.hidden && state !== 'left') return;
    if (state === told && Date.now() - last < 20_000) return;
    told = state; last = Date.now();
    navigator.sendBeacon?.(`/console/issues/${issue}/presence`, new URLSearchParams({ state }));
  };
  let writes = false; // in this page: a draft of yesterday is not writing
  document.addEventListener('input', (event) => { if (event.target.id === 'text') { writes = true; tell(event.target.value ? 'writes' : 'looks'); } });
  setInterval(() => tell(writes && $('#text')?.value ? 'writes' : 'looks'), 25_000);
  // A form of the thread leads back to it: who sends one has not left. Said at the
  // same time, the two could arrive in either order.
  let staying = false;
  document.addEventListener('submit', (event) => { staying = event.target.action.includes(`/issues/${open()}/`); });
  addEventListener('pagehide', () => { if (!staying) tell('left'); });
  addEventListener('pageshow', (event) => { if (event.persisted) tell('looks'); }); // they came back

  // A reply that can be taken back: count down, then see what became of it.
  // The server says how long is left, as two clocks are seldom alike.
  const ends = new WeakMap();
  const countdown = () => {
    for (const el of all('[data-left]')) {
      if (!ends.has(el)) ends.set(el, performance.now() + el.dataset.left * 1000);
      const left = Math.ceil((ends.get(el) - performance.now()) / 1000);
      if (left > 0) el.textContent = say('goes_out', { n: left });
      else if (!el.dataset.done) { el.dataset.done = '1'; setTimeout(() => refresh('#timeline', '#incident-about', '#incident-updates'), 1500); }
    }
  };
  setInterval(countdown, 1000);

  // --- keys ---------------------------------------------------------------
  const lines = () => all('.line');
  const at = () => { const l = lines(); return l.findIndex((x) => x === document.activeElement) ; };
  const move = (by) => {
    const l = lines();
    if (!l.length) return;
    let n = at();
    if (n < 0) n = l.findIndex((x) => x.hasAttribute('aria-current'));
    l[Math.max(0, Math.min(l.length - 1, n < 0 ? 0 : n + by))].focus();
  };
  const choose = (audience) => {
    const radio = $(`.composer input[name=audience][value=${audience}]`) ?? $('.composer input[name=audience]:not([value=comment])');
    if (!radio) return false; // no reply may be sent
    radio.checked = true;
    radio.dispatchEvent(new Event('change', { bubbles: true }));
    $('#text')?.focus();
    return true;
  };
  // What is sent leads to the next issue whose reporter waits, or back to this one.
  const then = (form, next) => {
    $('input[name=then]', form)?.remove();
    if (!next) return;
    const field = document.createElement('input');
    Object.assign(field, { type: 'hidden', name: 'then', value: 'next' });
    form.append(field);
  };
  const sendAndNext = () => {
    const form = $('#composer'), button = form && $(`button[value="${$('input[name=audience]:checked', form)?.value}"]`, form);
    if (button) { then(form, true); form.requestSubmit(button); }
  };
  const previewed = () => { const button = $('#to-preview'); if (button?.checkVisibility()) button.click(); };
  const withStatus = (status) => {
    const select = $('.composer select[name=status]');
    if (!select || ![...select.options].some((o) => o.value === status)) return;
    select.value = status;
    select.closest('details').open = true;
    $('#text')?.focus();
  };
  const underFocus = () => document.activeElement.closest('li')?.querySelector('input[name=issue]')?.value;
  // About the selected issues, or the one that is open or has the focus.
  const about = (what, page) => {
    const form = $('form.several');
    if (form && all('input[name=issue]:checked', form).length) {
      form.elements.do.value = what;
      form.requestSubmit();
      return;
    }
    const issue = open() ?? underFocus();
    if (issue || page === 'new') location.href = `/console/incidents/${page}${issue ? `?issue=${encodeURIComponent(issue)}` : ''}`;
  };
  // A menu beside the thread opens at its first choice.
  const menu = (section) => () => {
    const details = $(`${section} details.menu`);
    if (!details) return;
    details.open = true;
    $('button', details)?.focus();
  };
  // The page on which an incident or another issue is chosen; of several, that of an incident.
  const join = () => {
    const marked = $('form.several input[name=issue]:checked');
    if ($('#link-more')) $('#link-more').click();
    else if ($('#link') && !marked) $('#link').click();
    else if (marked || !underFocus()) about('link', 'choose');
    else location.href = `/console/issues/${encodeURIComponent(underFocus())}/link`;
  };
  const view = (name) => () => $(`[data-view=${name}]`)?.click();
  const commands = [
    ['j', say('next'), () => move(1)],
    ['k', say('previous'), () => move(-1)],
    ['r', say('reply'), () => choose('quiet')],
    ['n', say('comment'), () => choose('comment')],
    ['w', say('ask'), () => choose('quiet') && withStatus('waiting')],
    ['e', say('fixed'), () => choose('quiet') && withStatus('fixed')],
    ['Ctrl+Shift+Enter', say('send_next'), sendAndNext],
    ['Alt+Enter', say('preview'), previewed],
    ['a', say('assign'), menu('#owner-menu')],
    ['m', say('mine'), () => $('#mine')?.click()],
    ['s', say('status'), menu('#status-menu')],
    ['z', say('snooze'), menu('#snooze')],
    ['d', say('move'), () => $('#beside select[name=to_desk]')?.focus()],
    ['i', say('incident'), () => about('incident', 'new')],
    ['l', say('link'), join],
    ['u', say('undo'), () => ($('#toast [data-key=u]') ?? all('#timeline [data-key=u]').at(-1) ?? $('[data-key=u]'))?.click()],
    ['x', say('mark'), () => { const b = document.activeElement.closest('li')?.querySelector('input[type=checkbox]'); if (b) b.click(); }],
    ['X', say('mark_all'), () => markAll(!tickBoxes().every((b) => b.checked))],
    ['/', say('search'), () => $('#search')?.focus()],
    ['c', say('clear'), () => $('#clear')?.click()],
    ['g n', say('go', { view: texts.view.new }), view('new')],
    ['g m', say('go', { view: texts.view.mine }), view('mine')],
    ['g c', say('go', { view: texts.view.mentioned }), view('mentioned')],
    ['g a', say('go', { view: texts.view.needs_us }), view('needs_us')],
    ['g o', say('go', { view: texts.view.open }), view('open')],
    ['g w', say('go', { view: texts.view.waiting }), view('waiting')],
    ['g z', say('go', { view: texts.view.snoozed }), view('snoozed')],
    ['g i', say('incidents'), () => { location.href = '/console/incidents'; }],
    ['g d', say('go', { view: texts.view.done }), view('done')],
    ...all('.saved a').slice(0, 9).map((a, n) => [`g ${n + 1}`, say('go', { view: $('[dir]', a).textContent }), view(a.dataset.view)]),
    ['?', say('keys'), () => palette('')],
  ];
  // In an open menu the arrows, Home and End lead from choice to choice, and a letter leads to
  // the next choice that begins with it: there it is no command.
  const inMenu = (event) => event.target.closest?.('details.menu[open]');
  document.addEventListener('keydown', (event) => {
    const opened = inMenu(event);
    if (!opened || typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    const choices = all('button, a', opened), n = choices.indexOf(event.target), last = choices.length - 1;
    let to = { ArrowDown: n < last ? n + 1 : 0, ArrowUp: n > 0 ? n - 1 : last, Home: 0, End: last }[event.key];
    if (to === undefined && /^[\p{L}\p{N}]$/u.test(event.key)) {
      const begins = (b) => b.textContent.replace(/^[^\p{L}\p{N}]+/u, '').toLowerCase().startsWith(event.key.toLowerCase());
      to = choices.indexOf([...choices.slice(n + 1), ...choices.slice(0, n + 1)].find(begins));
    }
    if (to === undefined) return;
    event.preventDefault();
    choices[to]?.focus();
  });
  let before = '';
  document.addEventListener('keydown', (event) => {
    if (!keysOn()) return;
    const form = event.target.closest?.('form');
    if (event.key === 'Enter' && event.altKey && event.target.id === 'text') {
      event.preventDefault();
      previewed();
      return;
    }
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && event.target.id === 'text') {
      event.preventDefault();
      const chosen = $('.composer input[name=audience]:checked')?.value;
      const button = $(`.composer button[value="${chosen}"]`) ?? $('.send button', form);
      then(form, event.shiftKey);
      if (button) form.requestSubmit(button);
      return;
    }
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') { event.preventDefault(); palette(''); return; }
    if (event.key === 'Escape') {
      if ($('dialog[open]')) return;
      const opened = event.target.closest?.('details.menu[open]');
      if (opened) { event.preventDefault(); opened.open = false; $('summary', opened).focus(); return; }
      if (typing(event.target)) event.target.blur();
      else if (open()) {
        const up = $('.about .up a');
        event.preventDefault(); // an Escape that the page leaves to the browser stops what it loads
        up?.click();
      }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || inMenu(event) || $('dialog[open]')) return;
    const key = before ? `${before} ${event.key}` : event.key;
    before = '';
    if (event.key === 'g' && key === 'g') { before = 'g'; setTimeout(() => { before = ''; }, 1500); return; }
    const command = commands.find(([k]) => k === key);
    if (command) { event.preventDefault(); command[2](); }
  });

  // --- several at once ----------------------------------------------------
  // Shift marks all from the one that was marked last; the bar says how many there are.
  const tickBoxes = () => all('form.several .tick input[type=checkbox]');
  let lastTick = null;
  const marked = () => {
    const boxes = tickBoxes(), n = boxes.filter((b) => b.checked).length, every = $('#mark-all');
    if (!every) return;
    $('#all-marked').hidden = false;
    every.checked = n > 0 && n === boxes.length;
    every.indeterminate = n > 0 && n < boxes.length;
    $('#marked').textContent = say('marked', { n: written(n) });
  };
  const markAll = (on) => { for (const b of tickBoxes()) b.checked = on; marked(); };
  document.addEventListener('click', (event) => {
    const box = event.target.closest?.('form.several .tick input[type=checkbox]');
    if (!box) return;
    const boxes = tickBoxes(), from = boxes.indexOf(lastTick), to = boxes.indexOf(box);
    if (event.shiftKey && from >= 0) for (const b of boxes.slice(Math.min(from, to), Math.max(from, to) + 1)) b.checked = box.checked;
    lastTick = box;
  });
  document.addEventListener('change', (event) => {
    if (event.target.id === 'mark-all') markAll(event.target.checked);
    else if (event.target.closest('.several .tick')) marked();
  });

  // --- the palette --------------------------------------------------------
  const palette = (filter) => {
    let dialog = $('#palette');
    if (!dialog) {
      dialog = document.createElement('dialog');
      dialog.id = 'palette';
      dialog.setAttribute('aria-label', say('commands'));
      const input = document.createElement('input');
      input.setAttribute('aria-label', say('find'));
      input.setAttribute('role', 'combobox');
      input.setAttribute('aria-expanded', 'true');
      input.setAttribute('aria-controls', 'commands');
      const list = document.createElement('ul');
      list.id = 'commands';
      list.setAttribute('role', 'listbox');
      list.setAttribute('aria-label', say('commands'));
      dialog.append(input, list);
      document.body.append(dialog);
      input.addEventListener('input', () => fill(dialog));
      input.addEventListener('keydown', (event) => steer(event, dialog));
      list.addEventListener('click', (event) => { const o = event.target.closest('[role=option]'); if (o) run(dialog, o); });
    }
    $('input', dialog).value = filter;
    fill(dialog);
    dialog.showModal();
  };
  const fill = (dialog) => {
    const words = $('input', dialog).value.toLowerCase().split(/\s+/).filter(Boolean);
    const list = $('ul', dialog);
    list.replaceChildren();
    for (const [key, name, act] of commands) {
      if (!words.every((w) => name.toLowerCase().includes(w))) continue;
      const option = document.createElement('li');
      option.id = `command-${list.children.length}`;
      option.setAttribute('role', 'option');
      const text = document.createElement('span'), kbd = document.createElement('kbd');
      text.textContent = name;
      kbd.textContent = key;
      text.append(kbd);
      option.append(text);
      option.act = act;
      list.append(option);
    }
    select(dialog, 0);
  };
  const select = (dialog, n) => {
    const options = all('[role=option]', dialog);
    options.forEach((o, i) => o.setAttribute('aria-selected', String(i === n)));
    const input = $('input', dialog);
    if (options[n]) { input.setAttribute('aria-activedescendant', options[n].id); reveal(options[n]); }
  };
  const steer = (event, dialog) => {
    const options = all('[role=option]', dialog);
    const n = options.findIndex((o) => o.getAttribute('aria-selected') === 'true');
    if (event.key === 'ArrowDown') select(dialog, Math.min(n + 1, options.length - 1));
    else if (event.key === 'ArrowUp') select(dialog, Math.max(n - 1, 0));
    else if (event.key === 'Enter' && options[n]) run(dialog, options[n]);
    else return;
    event.preventDefault();
  };
  const run = (dialog, option) => { dialog.close(); option.act(); };

  // --- passkeys -----------------------------------------------------------
  const post = async (address, body) => {
    const answer = await fetch(address, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
    const said = await answer.json();
    if (!answer.ok) throw new Error(said.detail);
    return said;
  };
  const passkeys = () => {
    if (!window.PublicKeyCredential?.parseCreationOptionsFromJSON) return;
    for (const form of all('[data-passkey]')) {
      form.hidden = false;
      form.addEventListener('submit', async (event) => {
        event.preventDefault();
        const wrong = $('.wrong', form), address = form.dataset.passkey, field = (name) => $(`input[name=${name}]`)?.value ?? '';
        wrong.hidden = true;
        try {
          const asked = await post(`${address}/begin`, { email: field('email'), name: field('name') });
          const key = 'use' in form.dataset
            ? await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked.options) })
            : await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked.options) });
          const said = await post(address, { secret: asked.secret, name: field('name'), answer: key.toJSON() });
          const typed = all('[data-typed]');
          if (typed.length) {
            const body = new URLSearchParams([...typed.map((f) => [f.name, f.value]), ['quiet', 'true']]);
            await fetch('/console/drafts', { method: 'POST', body });
          }
          location.href = $('input[name=back]')?.value || said.to;
        } catch (error) {
          wrong.textContent = error.name === 'NotAllowedError' ? say('no_passkey') : error.message;
          wrong.hidden = false;
        }
      });
    }
  };

  // --- settings of this browser -------------------------------------------
  const settings = () => {
    const box = $('#keys');
    if (!box) return;
    box.closest('[hidden]')?.removeAttribute('hidden');
    box.checked = keysOn();
    box.addEventListener('change', () => stored('earshot.keys', box.checked ? 'on' : 'off'));
  };

  // Brings an element into view inside its box. scrollIntoView would also move the place from which Tab goes on.
  const reveal = (e) => {
    let box = e.parentElement;
    while (box && !/auto|scroll/.test(getComputedStyle(box).overflow)) box = box.parentElement;
    if (!box) return;
    const is = e.getBoundingClientRect(), seen = box.getBoundingClientRect();
    box.scrollTop += Math.min(0, is.top - seen.top) || Math.max(0, is.bottom - seen.bottom);
    box.scrollLeft += Math.min(0, is.left - seen.left) || Math.max(0, is.right - seen.right);
  };

  // The newest word and the chosen line are what one wants to see.
  const scroll = () => {
    for (const current of all('.line[aria-current], .sections [aria-current], .views [aria-current]')) reveal(current);
    const thread = $('#thread[data-issue]');
    if (thread && !location.hash) thread.scrollTop = thread.scrollHeight;
  };

  // Another issue is shown without another page: see visit.js.
  document.addEventListener('leaving', (event) => { event.detail.waits.push(...unkept().map(keep)); });
  document.addEventListener('left', (event) => {
    if (open() && event.detail.to !== open()) tell('left');
    waiting.clear();
  });
  document.addEventListener('shown', (event) => {
    if (event.detail.before !== open()) [told, writes] = ['', false];
    upTo = undefined;
    lastTick = null;
    staying = false;
    calling.clear();
    restore(); marked(); count(); countdown(); scroll(); seen(); tell('looks'); lookAgain(); crowds(0);
  });

  const start = () => { restore(); marked(); count(); countdown(); settings(); passkeys(); scroll(); seen(); tell('looks'); crowds(0); };
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', start); else start();
})();
