// A citizen on a foreign implementation: a small server written on Fedify. Started by internal/test/foreign.
// Argument: {"people": [{"name", "summary", "bot"}], "firstKnock": "cavage" | "rfc9421", "takes": "cavage" | "rfc9421", "retry": bool, "hosts": {domain: "127.0.0.1:PORT"}}

import { createServer } from 'node:http'

import { controlServer, describeError, readBody } from './lib/control.mjs'
import { loopbackFetch } from './lib/fetch.mjs'
import { exitWithParent, listen, options, ready } from './lib/process.mjs'
import { refused } from './lib/scheme.mjs'
import { Actions } from './fedify/actions.mjs'
import { buildFederation } from './fedify/federation.mjs'
import { listenToInbox, receive } from './fedify/inbox.mjs'
import { World } from './fedify/world.mjs'

const wanted = options()
loopbackFetch(wanted.hosts)

const server = createServer((request, response) => {
  if (refused(request, response, wanted.takes)) return
  answer(request, response).catch((err) => {
    world.fail('server', describeError(err))
    if (!response.headersSent) response.writeHead(500)
    response.end()
  })
})
const origin = `http://127.0.0.1:${await listen(server)}`
const world = new World(origin)
for (const person of wanted.people) await world.addPerson(person)
const federation = buildFederation(world, wanted)
listenToInbox(federation, world)

async function answer (request, response) {
  const url = new URL(request.url, origin)
  const body = await readBody(request)
  const headers = new Headers()
  for (let i = 0; i < request.rawHeaders.length; i += 2) headers.append(request.rawHeaders[i], request.rawHeaders[i + 1])
  const incoming = new Request(url, { method: request.method, headers, ...(body.length > 0 ? { body } : {}) })

  if (world.posts.get(url.href)?.deleted) return await write(response, gone(url.href))
  if (request.method !== 'POST') return await write(response, await federation.fetch(incoming, { contextData: undefined }))
  const { response: answer, after } = await receive(federation, world, incoming, body)
  await write(response, answer)
  await after()
}

function gone (id) {
  const tombstone = { '@context': 'https://www.w3.org/ns/activitystreams', type: 'Tombstone', id }
  return new Response(JSON.stringify(tombstone), { status: 410, headers: { 'content-type': 'application/activity+json' } })
}

async function write (response, from) {
  response.writeHead(from.status, Object.fromEntries(from.headers))
  response.end(Buffer.from(await from.arrayBuffer()))
}

const actions = new Actions(world, federation.createContext(new URL(origin), undefined))
const calls = ['lookup', 'post', 'edit', 'delete', 'follow', 'unfollow', 'block', 'like', 'undo', 'rotate', 'forward']
const control = controlServer({
  ...Object.fromEntries(calls.map((call) => [`POST /${call}`, (input) => actions[call](input)])),
  'GET /received': ({ as }) => world.receivedBy(as),
  'GET /followers': ({ as }) => [...world.person(as).followers.keys()],
  'GET /errors': () => world.errors
})
const controlPort = await listen(control)
exitWithParent()
ready({ origin, control: `http://127.0.0.1:${controlPort}` })
