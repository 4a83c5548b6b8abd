// Keeps the page's posts fresh. Without it the page works as well: reload it.
"use strict";
(() => {
  const live = document.getElementById("live");
  if (!live || !window.EventSource || new URLSearchParams(location.search).has("edit")) return;
  let busy = false, again = false;
  async function refresh() {
    if (busy) { again = true; return; }
    busy = true;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("live");
      // Never while a person uses this part.
      if (answer.ok && fresh && !live.contains(document.activeElement) && fresh.innerHTML !== live.innerHTML) {
        live.replaceChildren(...fresh.childNodes);
      }
    } catch { /* the next change tries again */ }
    busy = false;
    if (again) { again = false; refresh(); }
  }
  new EventSource("/events").onmessage = refresh;
})();
