// The JSON interface through which a test drives a peer. It is no part of any protocol.

import { createServer } from 'node:http'

export async function readBody (request) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/**
 * A server that answers `routes`, a map from "METHOD /path" to an async function of the JSON body or,
 * for GET, of the query. What the function returns is the answer; what it throws becomes {error}.
 */
export function controlServer (routes) {
  return createServer(async (request, response) => {
    const url = new URL(request.url, 'http://control')
    const route = routes[`${request.method} ${url.pathname}`]
    const answer = (status, value) => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(value ?? {}))
    }
    if (!route) return answer(404, { error: `no control call ${request.method} ${url.pathname}` })
    try {
      const body = (await readBody(request)).toString()
      const input = request.method === 'GET' ? Object.fromEntries(url.searchParams) : JSON.parse(body || '{}')
      answer(200, await route(input))
    } catch (err) {
      answer(500, { error: describeError(err) })
    }
  })
}

/** An error with its causes, on one line. */
export function describeError (err) {
  const parts = []
  for (let e = err; e != null && parts.length < 5; e = e.cause) parts.push(e.message ?? String(e))
  return parts.join(': ')
}
