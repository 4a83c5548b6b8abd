// The peer as a Fedify application: its actors, collections and notes. Everything on the wire is Fedify's work.

import { createExponentialBackoffPolicy, createFederation, InProcessMessageQueue, MemoryKvStore } from '@fedify/fedify'
import { Create, Endpoints, Note, Person, PUBLIC_COLLECTION, Service } from '@fedify/vocab'
import { Temporal } from '@js-temporal/polyfill'

export const SPECS = { cavage: 'draft-cavage-http-signatures-12', rfc9421: 'rfc9421' }

/**
 * Builds the federation over a World. Signatures are Fedify's default (RFC 9421 first, cavage on 401) unless
 * `firstKnock` is "cavage" or "rfc9421". With `retry`, deliveries are queued and repeated within seconds;
 * without, a delivery is one attempt and its failure is known at once.
 */
export function buildFederation (world, { firstKnock, retry = false }) {
  const federation = createFederation({
    kv: new MemoryKvStore(),
    allowPrivateAddress: true,
    ...(firstKnock ? { firstKnock: SPECS[firstKnock] } : {}),
    ...(retry ? { queue: { outbox: new InProcessMessageQueue({ pollInterval: { milliseconds: 100 } }) } } : {}),
    circuitBreaker: false, // its pause of half an hour would outlast every test
    outboxRetryPolicy: createExponentialBackoffPolicy({
      initialDelay: { milliseconds: 200 }, maxDelay: { seconds: 2 }, maxAttempts: 20, jitter: false
    }),
    onOutboxError: (error, activity) => world.fail('outbox', error.message, { activity: activity?.id?.href })
  })
  serveActors(federation, world)
  serveCollections(federation, world)
  serveNotes(federation, world)
  federation.setNodeInfoDispatcher('/nodeinfo/2.1', () => ({
    software: { name: 'earshot-fedify-peer', version: '1.0.0' },
    protocols: ['activitypub'],
    usage: { users: { total: world.people.size }, localPosts: world.posts.size, localComments: 0 }
  }))
  return federation
}

function serveActors (federation, world) {
  federation.setActorDispatcher('/users/{identifier}', async (ctx, identifier) => {
    const person = world.people.get(identifier)
    if (!person) return null
    const keys = await ctx.getActorKeyPairs(identifier)
    const Kind = person.bot ? Service : Person
    return new Kind({
      id: ctx.getActorUri(identifier),
      preferredUsername: identifier,
      name: identifier,
      summary: person.summary,
      url: new URL(`${world.origin}/@${identifier}`),
      inbox: ctx.getInboxUri(identifier),
      outbox: ctx.getOutboxUri(identifier),
      followers: ctx.getFollowersUri(identifier),
      following: ctx.getFollowingUri(identifier),
      endpoints: new Endpoints({ sharedInbox: ctx.getInboxUri() }),
      manuallyApprovesFollowers: false,
      discoverable: true,
      published: Temporal.Instant.from(person.published),
      publicKey: keys[0].cryptographicKey,
      assertionMethods: keys.map((key) => key.multikey)
    })
  }).setKeyPairsDispatcher((ctx, identifier) => world.people.get(identifier)?.keys ?? [])
}

function serveCollections (federation, world) {
  federation.setFollowersDispatcher('/users/{identifier}/followers', (ctx, identifier) => {
    const person = world.people.get(identifier)
    return person ? { items: [...person.followers.values()] } : null
  }).setCounter((ctx, identifier) => world.people.get(identifier)?.followers.size ?? null)

  federation.setFollowingDispatcher('/users/{identifier}/following', (ctx, identifier) => {
    const person = world.people.get(identifier)
    return person ? { items: [...person.following.keys()].map((id) => new URL(id)) } : null
  }).setCounter((ctx, identifier) => world.people.get(identifier)?.following.size ?? null)

  federation.setOutboxDispatcher('/users/{identifier}/outbox', (ctx, identifier) => {
    if (!world.people.has(identifier)) return null
    const posts = [...world.posts.values()].filter((post) => post.author === identifier && !post.deleted && isPublic(post.note))
    return {
      items: posts.reverse().map(({ note }) => new Create({
        id: new URL(`${note.id.href}#create`), actor: note.attributionId, object: note, tos: note.toIds, ccs: note.ccIds
      }))
    }
  })
}

function isPublic (note) {
  return [...note.toIds, ...note.ccIds].some((id) => id.href === PUBLIC_COLLECTION.href)
}

/** Notes are served at their ids; one that is not public only to a signed request of somebody it is addressed to. */
function serveNotes (federation, world) {
  const find = (values) => {
    const post = world.posts.get(`${world.origin}/users/${values.identifier}/notes/${values.id}`)
    return post && !post.deleted ? post : undefined
  }
  federation.setObjectDispatcher(Note, '/users/{identifier}/notes/{id}', (ctx, values) => find(values)?.note ?? null)
    .authorize(async (ctx, values) => {
      const post = find(values)
      if (!post || isPublic(post.note)) return true
      const reader = (await ctx.getSignedKeyOwner())?.id?.href
      if (!reader) return false
      const addressed = [...post.note.toIds, ...post.note.ccIds].map((id) => id.href)
      if (addressed.includes(reader)) return true
      return addressed.includes(`${world.actorId(post.author)}/followers`) && world.person(post.author).followers.has(reader)
    })
}
