// A server of @evanp/activitypub-bot on loopback http. Started by internal/foreign.
// Argument: {"database": "FILE", "logLevel": "warn"}

import './tagbot/activitystreams4.cjs'
import { createServer } from 'node:http'

import { controlServer } from './lib/control.mjs'
import { exitWithParent, listen, options, ready } from './lib/process.mjs'

const { GroupBot, LitePubRelayServerBot, makeApp, OKBot } = await import('@evanp/activitypub-bot')
const { TagBots } = await import('./tagbot/tagbots.mjs')

const { database, logLevel = 'warn' } = options()
const server = createServer()
const origin = `http://127.0.0.1:${await listen(server)}`
const tags = new TagBots()

// "*" makes an actor for every other name; the three others are the library's own, as they come.
const app = await makeApp({
  databaseUrl: `sqlite:${database}`,
  origin,
  bots: { '*': tags, ok: new OKBot('ok'), group: new GroupBot('group'), relay: new LitePubRelayServerBot('relay') },
  logLevel,
  allowPrivateNetworkRequests: true
})
server.on('request', app)

const control = controlServer({
  'POST /announce': async ({ tag, object }) => ({ announced: await tags.announce(tag, object) }),
  'POST /unannounce': async ({ tag, object }) => ({ unannounced: await tags.unannounce(tag, object) })
})
const controlPort = await listen(control)
exitWithParent()
ready({ origin, control: `http://127.0.0.1:${controlPort}` })
