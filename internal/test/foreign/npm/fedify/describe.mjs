// Plain JSON views of what Fedify parsed: the test sees what Fedify understood, not what we sent.

import { getTypeId, isActor, Link, LanguageString } from '@fedify/vocab'

const href = (url) => url?.href ?? ''
const text = (value) => value == null ? '' : value.toString()

export function typeName (object) {
  const id = getTypeId(object).href
  return id.slice(Math.max(id.lastIndexOf('#'), id.lastIndexOf('/')) + 1)
}

function urlOf (value) {
  return value instanceof Link ? href(value.href) : href(value)
}

async function tagsOf (object, options) {
  const tags = []
  for await (const tag of object.getTags({ ...options, suppressError: true })) {
    tags.push({ type: typeName(tag), name: text(tag.name), href: href(tag.href) })
  }
  return tags
}

/** An object: a note, a tombstone, or whatever it is. */
export async function describeObject (object, options) {
  if (object == null) return null
  const language = object.contents?.find((content) => content instanceof LanguageString)?.locale
  return {
    id: href(object.id),
    type: typeName(object),
    attributedTo: href(object.attributionId),
    content: text(object.content),
    language: language?.toString() ?? '',
    summary: text(object.summary),
    name: text(object.name),
    inReplyTo: href(object.replyTargetId),
    context: object.contextIds?.[0]?.href ?? '',
    to: object.toIds.map(href),
    cc: object.ccIds.map(href),
    tags: await tagsOf(object, options),
    url: urlOf(object.url),
    published: text(object.published),
    updated: text(object.updated),
    sensitive: object.sensitive ?? false
  }
}

/** An actor, with its keys fetched and parsed. */
export async function describeActor (actor, options) {
  const quiet = { ...options, suppressError: true }
  const keys = []
  for await (const key of actor.getPublicKeys(quiet)) {
    keys.push({ id: href(key.id), owner: href(key.ownerId), algorithm: key.publicKey?.algorithm?.name ?? '' })
  }
  const methods = []
  for await (const key of actor.getAssertionMethods(quiet)) {
    methods.push({ id: href(key.id), owner: href(key.controllerId), algorithm: key.publicKey?.algorithm?.name ?? '' })
  }
  return {
    ...await describeObject(actor, options),
    preferredUsername: text(actor.preferredUsername),
    inbox: href(actor.inboxId),
    sharedInbox: href(actor.endpoints?.sharedInbox),
    outbox: href(actor.outboxId),
    followers: href(actor.followersId),
    following: href(actor.followingId),
    manuallyApprovesFollowers: actor.manuallyApprovesFollowers ?? false,
    discoverable: actor.discoverable ?? false,
    publicKeys: keys,
    assertionMethods: methods
  }
}

export async function describe (object, options) {
  return isActor(object) ? await describeActor(object, options) : await describeObject(object, options)
}
