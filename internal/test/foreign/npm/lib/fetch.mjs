// Lookups by handle always go to https. On loopback there is none: this sends them to http instead.

/**
 * Wraps globalThis.fetch: https://127.0.0.1:PORT becomes http, and so does https://NAME for each NAME in `hosts`
 * (a map from handle domain to 127.0.0.1:PORT, for desks whose handle lives on another domain than their server).
 */
export function loopbackFetch (hosts = {}) {
  const original = globalThis.fetch
  globalThis.fetch = (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input)
    const target = url.hostname === '127.0.0.1' ? url.host : hosts[url.host]
    if (url.protocol !== 'https:' || target === undefined) return original(input, init)
    const rewritten = new URL(url.pathname + url.search, `http://${target}`)
    return original(input instanceof Request ? new Request(rewritten, input) : rewritten, init)
  }
}
