// Turns Web Push on for this browser, and off where its row is removed. What is pushed
// is shown by worker.js.
(() => {
  'use strict';
  const card = document.getElementById('push'), scope = '/console/';
  if (!card) return;
  if (!('serviceWorker' in navigator) || !('PushManager' in window)) {
    document.getElementById('no-push').hidden = false;
    return;
  }
  card.hidden = false;
  const form = card.querySelector('form'), wrong = card.querySelector('[role=alert]');
  const known = async () => (await navigator.serviceWorker.getRegistration(scope))?.pushManager.getSubscription();
  const subscribe = async () => {
    if (await Notification.requestPermission() !== 'granted') throw new Error(card.dataset.denied);
    await navigator.serviceWorker.register(card.dataset.worker, { scope });
    const { pushManager } = await navigator.serviceWorker.ready;
    const options = { userVisibleOnly: true, applicationServerKey: card.dataset.key };
    try {
      return await pushManager.subscribe(options);
    } catch (error) {
      if (error.name !== 'InvalidStateError') throw error;
      await (await pushManager.getSubscription())?.unsubscribe(); // it was made with another key
      return pushManager.subscribe(options);
    }
  };
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    wrong.hidden = true;
    try {
      const { endpoint, keys } = (await subscribe()).toJSON();
      form.elements.url.value = endpoint;
      form.elements.p256dh.value = keys.p256dh;
      form.elements.auth.value = keys.auth;
      form.submit();
    } catch (error) {
      wrong.textContent = error.message;
      wrong.hidden = false;
    }
  });
  known().then((now) => {
    const row = now && [...document.querySelectorAll('[data-push]')].find((one) => one.dataset.push === now.endpoint);
    if (!row) return;
    row.querySelector('.badge').hidden = false;
    row.addEventListener('submit', (event) => { if (event.submitter?.value === 'removed') now.unsubscribe(); });
  });
})();
