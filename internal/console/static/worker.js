// Shows what is pushed while no page is open, and opens the page that it is about.
'use strict';
self.addEventListener('push', (event) => {
  let said = {};
  try { said = event.data.json(); } catch { /* a browser wants to see something each time */ }
  const { title = 'Earshot', body = '', url = '/console', tag, lang } = said;
  event.waitUntil(self.registration.showNotification(title, { body, data: { url }, tag: tag || undefined, renotify: !!tag, lang: lang || undefined }));
});
self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const to = new URL(event.notification.data?.url ?? '/console', self.location.origin);
  if (to.origin !== self.location.origin) return;
  event.waitUntil((async () => {
    const open = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
    const there = open.find((page) => page.url.split('?')[0] === to.href);
    return there ? there.focus() : self.clients.openWindow(to.href);
  })());
});
