// From issue to issue without loading the page: links and forms of the list and the thread are
// answered with the same pages as ever, and the panes are taken out of them. Whatever is not an
// answer of that kind is loaded as a page.
(() => {
  'use strict';
  const $ = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  if (!$('.desktop')) return;
  const place = () => location.pathname + location.search;
  const issueIn = (page) => $('#thread', page)?.dataset.issue;
  const pane = /^\/console\/issues(\/[^/]+)?$/;
  const ours = (url) => url.origin === location.origin && pane.test(url.pathname);
  // A program that was replaced meanwhile sends other scripts and styles.
  const parts = (page) => all('script[src], link[rel=stylesheet]', page).map((el) => el.getAttribute('src') ?? el.getAttribute('href')).join(' ');

  let shown = place(); // the address of what is shown
  let turn = null; // the visit under way
  let wish = null; // where one wants to go while something is sent: followed after the answer
  const busy = (on) => { for (const el of all('#thread')) if (on) el.setAttribute('aria-busy', 'true'); else el.removeAttribute('aria-busy'); };
  const ask = async (address, how, mine) => {
    const answer = await fetch(address, { ...how, signal: mine.signal, headers: { Accept: 'text/html' } });
    const at = new URL(answer.url), text = await answer.text();
    const page = answer.headers.get('Content-Type')?.startsWith('text/html') ? new DOMParser().parseFromString(text, 'text/html') : null;
    return { answer, at, page: page && $('.desktop', page) && parts(page) === parts(document) ? page : null };
  };

  // Puts the panes of a page in place of those that are shown. What is the same stays: the
  // stream, the search, how far the list is scrolled, what is marked in it.
  const put = (page, { toast = true } = {}) => {
    const from = issueIn(document), to = issueIn(page), list = $('#list'), beside = $('#beside');
    const marked = new Set(all('.tick input:checked', list).map((box) => box.value));
    const scrolled = from === to ? beside?.scrollTop ?? 0 : 0;
    const open = from === to ? all('#thread details[id][open]').map((el) => el.id) : [];
    for (const name of ['#views', '#list']) $(name).replaceChildren(...$(name, page).childNodes);
    for (const box of all('.tick input', list)) box.checked = marked.has(box.value);
    $('#thread').replaceWith($('#thread', page));
    beside?.remove();
    const now = $('#beside', page);
    if (now) { $('#thread').after(now); now.scrollTop = scrolled; }
    for (const id of open) document.getElementById(id)?.setAttribute('open', '');
    $('.desktop').className = $('.desktop', page).className;
    const text = $('#text');
    text?.setSelectionRange(text.value.length, text.value.length); // one writes on behind what is there
    $('main > .skip')?.remove();
    const skip = $('main > .skip', page);
    if (skip) $('.desktop').before(skip);
    document.title = page.title;
    $('#icon').href = $('#icon', page).getAttribute('href');
    if (toast !== null) $('#toast').replaceChildren(...(toast ? $('#toast', page).childNodes : []));
    const search = $('#search');
    if (search && search !== document.activeElement) search.value = $('#search', page)?.value ?? '';
    return from !== to;
  };
  // Where reading goes on: the name of who reports, the menu that was used, or the list.
  const focus = (menu) => {
    const wrong = $('.composer .wrong:not(:empty)'), refused = $('#refused'), to = refused ?? (wrong && $('#text')) ?? $('#preview') ?? (menu && $(`#${menu} summary`)) ?? $('#thread .about h1') ?? $('.line') ?? $('#main');
    if (to.tagName === 'H1') to.tabIndex = -1;
    to.focus({ preventScroll: !wrong && !refused && to.id !== 'preview' });
  };
  // The server cannot be reached: what is shown and typed stays, and one presses again.
  const unreached = () => {
    const note = document.createElement('div');
    note.className = 'toast';
    note.textContent = JSON.parse(document.body.dataset.texts).script.unreached;
    $('#toast').replaceChildren(note);
    for (const line of all('.line')) {
      if (new URL(line.href).pathname === `/console/issues/${issueIn(document)}`) line.setAttribute('aria-current', 'true');
      else line.removeAttribute('aria-current');
    }
  };
  // While a form is sent its words stay as they are: the answer takes their place.
  const fixed = (form, on) => { for (const field of all('textarea, input', form)) field.readOnly = on; };
  // How long a server may take, in milliseconds; pictures go slowly.
  const patience = ({ method, body }) => {
    if (method !== 'POST') return 30_000;
    return [...body.values()].some((value) => value.size) ? 900_000 : 60_000;
  };
  // What must be kept before a thread is left says so: it is waited for.
  const leaving = async () => {
    const waits = [];
    document.dispatchEvent(new CustomEvent('leaving', { detail: { waits } }));
    await Promise.race([Promise.all(waits), new Promise((done) => { setTimeout(done, 2000); })]);
  };

  // how: of fetch. form: what is sent. back: it is an address of the history. whole loads it as a page.
  // follows: the answer to what was sent stays in sight.
  const visit = async (address, { how = {}, form, back = false, follows = false, menu, whole }) => {
    if (turn?.sends) return;
    turn?.abort();
    const mine = turn = new AbortController();
    [mine.sends, mine.form] = [Boolean(form), form];
    if (form) fixed(form, true);
    const here = { y: scrollY }, late = setTimeout(() => mine.abort(new DOMException('', 'TimeoutError')), patience(how));
    let then = null, answered = false;
    busy(true);
    try {
      await leaving();
      if (turn !== mine) return;
      const { answer, at, page } = await ask(address, how, mine);
      answered = true;
      if (turn !== mine) return;
      if (!page && form) fixed(form, false);
      if (!page) return whole(answer.redirected && mine.sends ? at : null);
      const before = issueIn(document);
      document.dispatchEvent(new CustomEvent('left', { detail: { to: issueIn(page) } }));
      const other = put(page, { toast: follows ? null : !back });
      const stays = mine.sends && !answer.redirected; // the form came back
      if (stays) stay();
      else then = wish;
      if (!back && !stays && !then?.back) {
        if (at.href === location.href) history.replaceState(history.state, '');
        else {
          history.replaceState({ ...history.state, here }, '');
          history.pushState({}, '', at.pathname + at.search);
        }
      }
      if (!then?.back) shown = place();
      focus(menu);
      document.dispatchEvent(new CustomEvent('shown', { detail: { before } }));
      if (back) scrollTo(0, history.state?.here?.y ?? 0);
      else if (other) scrollTo(0, 0);
    } catch (error) {
      if (error.name === 'AbortError') return;
      if (!form && error.name === 'TypeError' && !back && turn === mine) return unreached();
      if (!form || answered) return whole(null);
      fixed(form, false);
      stay();
      document.dispatchEvent(new CustomEvent('unsent', { detail: { form } }));
    } finally {
      clearTimeout(late);
      if (turn === mine) {
        [turn, wish] = [null, null];
        busy(false);
        then?.go();
      }
    }
  };
  // What was not sent, or came back, is to be seen: nobody goes away from it unknowing.
  const stay = () => { if (place() !== shown) history.pushState({}, '', shown); };

  document.addEventListener('click', (event) => {
    const a = event.target.closest?.('a[href]');
    if (!a || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || a.target || a.hasAttribute('download')) return;
    const url = new URL(a.href);
    if (!ours(url) || url.hash || !$('.desktop')) return;
    event.preventDefault();
    const go = (follows) => visit(url.href, { follows, whole: () => location.assign(url.href) });
    if (turn?.sends) { wish = { go: () => go(true) }; return; }
    for (const line of all('.line[aria-current]')) if (a.matches('.line')) line.removeAttribute('aria-current');
    if (a.matches('.line')) a.setAttribute('aria-current', 'true');
    go(false);
  });
  // A form with a key does its act once, however often it is sent: one that was not answered with
  // panes is sent again as a page.
  const plain = new WeakSet();
  document.addEventListener('submit', (event) => {
    const form = event.target, { submitter } = event, url = new URL(submitter?.getAttribute('formaction') ? submitter.formAction : form.action);
    if (event.defaultPrevented || plain.has(form) || !form.elements.key || !/^\/console\/issues\/[^/]+\/(say|preview|status|assign)$/.test(url.pathname)) return;
    const body = new FormData(form, submitter);
    event.preventDefault();
    const go = (follows) => visit(url.href, {
      how: { method: 'POST', body }, form, follows, menu: form.closest('section[id$="-menu"]')?.id,
      whole: (at) => {
        if (at) return location.assign(at.href);
        if (!form.isConnected) return location.reload(); // the answer to the form before took its place
        plain.add(form);
        form.requestSubmit(submitter);
      },
    });
    if (!turn?.sends) go(false);
    else if (turn.form !== form) wish = { go: () => go(true) }; // another form is sent after this one
  });
  addEventListener('popstate', () => {
    if (place() === shown) { // another part of the same page
      wish = null;
      return;
    }
    if (!ours(new URL(location.href))) return location.reload();
    const go = (follows) => visit(location.href, { back: true, follows, whole: () => location.reload() });
    if (turn?.sends) wish = { back: true, go: () => go(true) };
    else go(false);
  });
})();
