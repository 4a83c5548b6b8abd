// What arrives. Fedify verifies before a listener runs; then each request is verified a second time, explicitly,
// and only an activity whose own HTTP signature held both times is counted as received.

import { AsyncLocalStorage } from 'node:async_hooks'

import { verifyObject, verifyRequestDetailed } from '@fedify/fedify/sig'
import { Accept, Activity, Create, Delete, Follow, Undo, Update } from '@fedify/vocab'

import { describeError } from '../lib/control.mjs'
import { describeObject, typeName } from './describe.mjs'

const request = new AsyncLocalStorage() // the activities that Fedify's listener saw during this request

export function listenToInbox (federation, world) {
  federation.setInboxListeners('/users/{identifier}/inbox', '/inbox')
    .withIdempotency(() => null) // every delivery counts, so that a test sees one that came twice
    .on(Activity, async (ctx, activity) => {
      request.getStore().push({ ctx, activity, entry: await describeActivity(ctx, activity) })
      for (const person of world.people.values()) {
        if (person.forwardTo) await ctx.forwardActivity({ identifier: person.name }, person.forwardTo, { skipIfUnsigned: true })
      }
    })
    .onError((ctx, error) => world.fail('inbox', describeError(error)))
    .onUnverifiedActivity((ctx, activity, reason) => {
      world.fail('signature', reason.type, { activity: activity.id?.href, keyId: reason.keyId?.href })
    })
}

/** Answers a POST to an inbox and returns Fedify's response; `after` then runs the reactions. */
export async function receive (federation, world, incoming, raw) {
  const copy = incoming.clone()
  const seen = []
  const response = await request.run(seen, () => federation.fetch(incoming, { contextData: undefined }))
  if (!response.ok) {
    world.fail('inbox', `answered ${response.status}`, { body: raw.toString().slice(0, 2000) })
    return { response, after: async () => {} }
  }
  for (const { ctx, entry } of seen) {
    const signature = await verifyAgain(ctx, copy.clone())
    if (signature.error) world.fail('signature', signature.error, { activity: entry.id })
    else {
      const json = JSON.parse(raw.toString())
      world.received.push({ seq: world.received.length + 1, ...entry, signature, proof: await provenBy(ctx, json), raw: json })
    }
  }
  return { response, after: () => react(world, seen) }
}

const keys = new Map() // by key id; Fedify fetches a key anew when a signature does not fit the one known
const keyCache = {
  async get (id) { return keys.get(id.href) },
  async set (id, key) { key ? keys.set(id.href, key) : keys.delete(id.href) }
}

async function verifyAgain (ctx, copy) {
  const scheme = copy.headers.has('signature-input') ? 'rfc9421' : 'cavage'
  const result = await verifyRequestDetailed(copy, { documentLoader: ctx.documentLoader, contextLoader: ctx.contextLoader, keyCache })
  if (!result.verified) return { error: `accepted, but its HTTP signature is not valid: ${result.reason.type}` }
  return { scheme, keyId: result.key.id?.href ?? '', owner: result.key.ownerId?.href ?? '', verifiedBy: 'fedify' }
}

/** The key by which Fedify finds the activity's proof valid, "invalid" if it is not, "" if there is none. */
async function provenBy (ctx, json) {
  if (json.proof === undefined) return ''
  const options = { documentLoader: ctx.documentLoader, contextLoader: ctx.contextLoader }
  if (await verifyObject(Activity, json, options) == null) return 'invalid'
  return json.proof.verificationMethod
}

async function describeActivity (ctx, activity) {
  const options = { documentLoader: ctx.documentLoader, contextLoader: ctx.contextLoader }
  const embedded = activity instanceof Create || activity instanceof Update || activity instanceof Delete
  const object = embedded ? await activity.getObject({ ...options, suppressError: true }) : null
  const view = await describeObject(activity, options)
  return {
    at: new Date().toISOString(),
    inbox: ctx.recipient ?? '',
    type: view.type,
    id: view.id,
    actor: activity.actorId?.href ?? '',
    objectId: activity.objectId?.href ?? '',
    object: await describeObject(object, options),
    to: view.to,
    cc: view.cc,
    published: view.published,
    updated: view.updated
  }
}

/** What people's software does by itself: accept a follow, note an accept, forget who left. */
async function react (world, seen) {
  for (const { ctx, activity } of seen) {
    try {
      if (activity instanceof Follow) await acceptFollow(world, ctx, activity)
      else if (activity instanceof Undo) await undone(world, ctx, activity)
    } catch (err) {
      world.fail('reaction', describeError(err), { activity: activity.id?.href, type: typeName(activity) })
    }
  }
}

async function acceptFollow (world, ctx, follow) {
  const name = world.nameOf(follow.objectId?.href)
  if (!name) return
  const follower = await follow.getActor({ documentLoader: await ctx.getDocumentLoader({ identifier: name }), contextLoader: ctx.contextLoader })
  world.person(name).followers.set(follower.id.href, follower)
  const accept = new Accept({ id: world.mintActivity(), actor: ctx.getActorUri(name), object: follow, to: follower.id })
  await ctx.sendActivity({ identifier: name }, follower, accept)
}

async function undone (world, ctx, undo) {
  const object = await undo.getObject({ documentLoader: ctx.documentLoader, contextLoader: ctx.contextLoader, suppressError: true })
  const name = object instanceof Follow ? world.nameOf(object.objectId?.href) : undefined
  if (name && object.actorId?.href === undo.actorId?.href) world.person(name).followers.delete(undo.actorId.href)
}
