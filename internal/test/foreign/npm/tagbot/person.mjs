// An ordinary bot on activitypub-bot that a test speaks through. The library stores, addresses, signs, delivers, verifies
// and parses; here are only the words, and a record of what the library handed over.
// The library has no words for polls, though it keeps, sends and serves whatever object it is given, and writes a Mention
// only of actors on https (its microsyntax), so those are ours.

import { Bot } from '@evanp/activitypub-bot'
import { nanoid } from 'nanoid'

import { keyIdOf, schemeOf } from '../lib/scheme.mjs'

const AS = 'https://www.w3.org/ns/activitystreams'

export class Person extends Bot {
  #deliveries = [] // {status, owner, scheme, keyId, raw}, as they were answered
  #handled = new Map() // activity id -> as the library read it
  #notified = new Set() // ids of objects in which the library saw this bot mentioned

  /** Called by the library with what arrived for this bot, signature and sender checked. */
  async handleActivity (activity) {
    this.#handled.set(activity.id, describe(activity))
    return false // the library does with it what it always does
  }

  /** The same for what is for all and names nobody here. */
  async onPublic (activity) { this.#handled.set(activity.id, describe(activity)) }

  async onMention (object) { this.#notified.add(object.id) }

  /** Takes a delivery down once it is answered; the library left in the request who signed it. */
  delivered (request, status) {
    this.#deliveries.push({
      status, owner: request.auth?.subject ?? '', scheme: schemeOf(request), keyId: keyIdOf(request), raw: request.body
    })
  }

  received () {
    return this.#deliveries.filter(({ raw }) => this.#handled.has(raw?.id)).map(({ owner, scheme, keyId, raw }, n) => {
      const entry = this.#handled.get(raw.id)
      const signature = { scheme, keyId, owner, verifiedBy: 'activitypub-bot' }
      return { seq: n + 1, ...entry, notified: this.#notified.has(entry.objectId), signature, raw }
    })
  }

  refusals () {
    return this.#deliveries.filter(({ status }) => status >= 400).map(({ status, scheme, keyId }) => `${status} to ${scheme} by ${keyId}`)
  }

  /** Posts a note, or a poll if there are options, that mentions an actor, publicly or to that actor alone. */
  async post (locals, { text, mention, direct = false, options }) {
    const me = this._context.botActorId
    const type = options ? 'Question' : 'Note'
    const to = direct ? [mention] : ['as:Public', mention]
    const cc = direct ? undefined : [this._context.getFollowersId()]
    const create = await this._context.doActivity({
      '@context': AS,
      type: 'Create',
      to,
      cc,
      object: {
        type,
        id: locals.formatter.format({ username: this.username, type: type.toLowerCase(), nanoid: nanoid() }),
        attributedTo: me,
        content: `<p>${text}</p>`,
        tag: [{ type: 'Mention', href: mention }],
        to,
        cc,
        published: new Date().toISOString(),
        ...(options ? poll(options, new Date(Date.now() + day).toISOString()) : {})
      }
    })
    const post = create.object.first
    await locals.objectStorage.create(post)
    return { object: post.id }
  }

  /** Tells everybody who got a poll how many votes each answer has now, and that it has ended. */
  async count (locals, { id, votes, ended }) {
    const was = await (await this._context.getObject(id)).export()
    const options = was.oneOf.map(({ name }) => name)
    const update = await this._context.doActivity({
      '@context': AS,
      type: 'Update',
      to: was.to,
      cc: was.cc,
      object: { ...was, ...poll(options, was.endTime, votes), ...(ended ? { closed: was.endTime } : {}) }
    })
    await locals.objectStorage.update(update.object.first)
  }

  async answer ({ text, to }) {
    const note = await this._context.sendReply(text, await this._context.getObject(to))
    return { object: note.id }
  }

  async edit ({ id, text }) {
    await this._context.updateNote(await this._context.getObject(id), `<p>${text}</p>`)
  }

  async delete ({ id }) {
    await this._context.deleteNote(await this._context.getObject(id))
  }

  /** Forgets the key pair: the library makes another, under the same id, when it next needs one. */
  async rotate (locals) {
    const old = await locals.keyStorage.getPublicKey(this.username)
    await locals.connection.query('DELETE FROM new_keys WHERE username = ?', { replacements: [this.username] })
    const fresh = await locals.keyStorage.getPublicKey(this.username) // made now, and not by two who need it at once
    if (fresh === old) throw new Error('the library kept the old key')
  }
}

const day = 24 * 60 * 60 * 1000

/** What makes a Question a poll, as Mastodon writes it: the end is said twice once it has come. */
const poll = (options, endTime, votes = []) => ({
  oneOf: options.map((name, n) => ({ type: 'Note', name, replies: { type: 'Collection', totalItems: votes[n] ?? 0 } })),
  endTime
})

const typeName = (object) => String([object?.type].flat()[0] ?? '').split('#').pop()
const ids = (values) => [...(values ?? [])].map((value) => value.id)

function describe (activity) {
  const object = activity.object?.first
  return {
    at: new Date().toISOString(),
    type: typeName(activity),
    id: activity.id,
    actor: activity.actor?.first?.id ?? '',
    objectId: object?.id ?? '',
    object: object?.type
      ? {
          id: object.id,
          type: typeName(object),
          content: String(object.content?.get() ?? ''),
          inReplyTo: object.inReplyTo?.first?.id ?? '',
          to: ids(object.to),
          cc: ids(object.cc)
        }
      : null,
    to: ids(activity.to),
    cc: ids(activity.cc)
  }
}
