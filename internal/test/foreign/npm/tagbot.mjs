// A server of @evanp/activitypub-bot on loopback http. Started by internal/test/foreign.
// Argument: {"database": "FILE", "takes": "cavage" | "rfc9421", "logLevel": "warn"}

import './tagbot/activitystreams4.cjs'
import { createServer } from 'node:http'

import { controlServer } from './lib/control.mjs'
import { exitWithParent, listen, options, ready } from './lib/process.mjs'
import { refused } from './lib/scheme.mjs'

const { GroupBot, LitePubRelayServerBot, makeApp, MastodonRelayServerBot, OKBot } = await import('@evanp/activitypub-bot')
const { Person } = await import('./tagbot/person.mjs')
const { TagBots } = await import('./tagbot/tagbots.mjs')

const { database, takes, logLevel = 'warn' } = options()
const server = createServer()
const origin = `http://127.0.0.1:${await listen(server)}`
const tags = new TagBots()
const robin = new Person('robin', { fullname: 'Robin', description: 'Speaks for a test' })

// "*" makes an actor for every other name; ok, group and the relays are the library's own, as they come.
const app = await makeApp({
  databaseUrl: `sqlite:${database}`,
  origin,
  bots: {
    '*': tags,
    robin,
    ok: new OKBot('ok'),
    group: new GroupBot('group'),
    relay: new LitePubRelayServerBot('relay'),
    subscribed: new MastodonRelayServerBot('subscribed')
  },
  logLevel,
  allowPrivateNetworkRequests: true
})
server.on('request', (request, response) => {
  if (refused(request, response, takes)) return
  if (request.method === 'POST') response.once('finish', () => robin.delivered(request, response.statusCode))
  app(request, response)
})

const control = controlServer({
  'POST /announce': async ({ tag, object }) => ({ announced: await tags.announce(tag, object) }),
  'POST /post': (input) => robin.post(app.locals, input),
  'POST /count': (input) => robin.count(app.locals, input),
  'POST /answer': (input) => robin.answer(input),
  'POST /edit': (input) => robin.edit(input),
  'POST /delete': (input) => robin.delete(input),
  'POST /rotate': () => robin.rotate(app.locals),
  'GET /received': () => robin.received(),
  'GET /refusals': () => robin.refusals()
})
const controlPort = await listen(control)
exitWithParent()
ready({ origin, control: `http://127.0.0.1:${controlPort}` })
