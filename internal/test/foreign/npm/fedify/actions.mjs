// What a person does: post, edit, delete, follow, block, like, boost, and take back.

import { randomUUID } from 'node:crypto'

import { Block, Create, Delete, Follow, isActor, Like, Tombstone, Undo, Update } from '@fedify/vocab'

import { describeError } from '../lib/control.mjs'
import { address, buildNote } from './compose.mjs'
import { describe } from './describe.mjs'

export class Actions {
  #world
  #context
  #actors = new Map()

  constructor (world, context) {
    this.#world = world
    this.#context = context
  }

  /** The object at a URL, or the actor behind a handle, as Fedify sees it; with `as`, by a signed request of that person. */
  async lookup ({ target, as }) {
    const options = await this.#loaders(as)
    const object = await this.#context.lookupObject(target, options)
    if (object == null) throw new Error(`Fedify finds nothing at ${target}`)
    return await describe(object, options)
  }

  async post ({ as, visibility = 'public', mentions = [], deliverTo = [], only, ...spec }) {
    const world = this.#world
    world.person(as)
    const mentioned = await Promise.all(mentions.map((id) => this.#actor(id, as)))
    const answered = spec.inReplyTo ? await this.#authorOf(spec.inReplyTo, as) : undefined
    const addressing = address(visibility, new URL(`${world.actorId(as)}/followers`), mentions, answered ? [answered.id.href] : [])
    const id = `${world.actorId(as)}/notes/${randomUUID()}`
    const published = new Date().toISOString()
    const note = buildNote(world, { id, author: as, spec, mentioned, addressing, published })

    const explicit = await Promise.all(deliverTo.map((id) => this.#actor(id, as)))
    const followers = visibility === 'direct' ? [] : [...world.person(as).followers.values()]
    const addressed = [...mentioned, ...(answered ? [answered] : []), ...explicit, ...followers]
    const recipients = unique(only ? addressed.filter((actor) => only.includes(actor.id.href)) : addressed)
    world.posts.set(id, { author: as, spec, mentioned, addressing, published, note, recipients })
    return await this.#send(as, new Create({ id: world.mintActivity(), ...this.#envelope(as, note), object: note }), recipients, id)
  }

  /** Changes what is given of text, html, tags, summary, language, votes and ended; the rest of the post stays. */
  async edit ({ as, id, ...changes }) {
    const post = this.#own(as, id)
    if (changes.text !== undefined) delete post.spec.html
    Object.assign(post.spec, changes)
    if (changes.votes === undefined) post.updated = new Date().toISOString() // new counts are no edit of the words
    post.note = buildNote(this.#world, { ...post, id })
    const update = new Update({ id: this.#world.mintActivity(), ...this.#envelope(as, post.note), object: post.note, updated: post.note.updated })
    return await this.#send(as, update, post.recipients, id)
  }

  async delete ({ as, id }) {
    const post = this.#own(as, id)
    post.deleted = true
    const tombstone = new Tombstone({ id: new URL(id) })
    const remove = new Delete({ id: this.#world.mintActivity(), ...this.#envelope(as, post.note), object: tombstone })
    return await this.#send(as, remove, post.recipients, id)
  }

  async follow ({ as, target }) {
    const actor = await this.#actor(target, as)
    const follow = new Follow({ id: this.#world.mintActivity(), actor: this.#id(as), object: actor.id, to: actor.id })
    this.#world.person(as).following.set(actor.id.href, follow.id.href)
    return await this.#send(as, follow, [actor], actor.id.href)
  }

  async unfollow ({ as, target }) {
    const { following } = this.#world.person(as)
    const id = following.get(target)
    if (!id) throw new Error(`${as} does not follow ${target}`)
    following.delete(target)
    return await this.undo({ as, id })
  }

  async block ({ as, target }) {
    const actor = await this.#actor(target, as)
    this.#world.person(as).followers.delete(actor.id.href)
    return await this.#send(as, new Block({ id: this.#world.mintActivity(), actor: this.#id(as), object: actor.id, to: actor.id }), [actor], actor.id.href)
  }

  async like ({ as, object }) {
    const author = await this.#authorOf(object, as)
    return await this.#send(as, new Like({ id: this.#world.mintActivity(), actor: this.#id(as), object: new URL(object), to: author.id }), [author], object)
  }

  /** Takes back a Follow, Block or Like that this person sent. */
  async undo ({ as, id }) {
    const original = this.#world.activities.get(id)
    if (!original || original.author !== as) throw new Error(`${as} sent no activity ${id}`)
    const { activity, recipients, object } = original
    const undo = new Undo({ id: this.#world.mintActivity(), actor: this.#id(as), object: activity, tos: activity.toIds, ccs: activity.ccIds })
    return await this.#send(as, undo, recipients, object)
  }

  async rotate ({ as }) {
    await this.#world.rotate(as)
    return {}
  }

  /** From now on, what arrives for this person is forwarded to these actors as it is (ActivityPub 7.1.2). */
  async forward ({ as, to }) {
    this.#world.person(as).forwardTo = await Promise.all(to.map((id) => this.#actor(id, as)))
    return {}
  }

  #id (name) { return new URL(this.#world.actorId(name)) }

  #envelope (name, note) { return { actor: this.#id(name), tos: note.toIds, ccs: note.ccIds } }

  #own (name, id) {
    const post = this.#world.posts.get(id)
    if (!post || post.author !== name || post.deleted) throw new Error(`${name} has no post ${id}`)
    return post
  }

  async #loaders (name) {
    const contextLoader = this.#context.contextLoader
    const documentLoader = name ? await this.#context.getDocumentLoader({ identifier: name }) : this.#context.documentLoader
    return { documentLoader, contextLoader }
  }

  async #actor (id, as) {
    if (!this.#actors.has(id)) {
      const actor = await this.#context.lookupObject(id, await this.#loaders(as))
      if (!isActor(actor)) throw new Error(`there is no actor at ${id}`)
      this.#actors.set(id, actor)
    }
    return this.#actors.get(id)
  }

  async #authorOf (id, as) {
    const object = await this.#context.lookupObject(id, await this.#loaders(as))
    if (!object?.attributionId) throw new Error(`there is no post at ${id}`)
    return await this.#actor(object.attributionId.href, as)
  }

  /** Delivers to each recipient. A failed delivery is told, not thrown: the post exists whether or not a server heard of it. */
  async #send (as, activity, recipients, object) {
    this.#world.activities.set(activity.id.href, { activity, author: as, recipients, object })
    const failures = []
    try {
      if (recipients.length > 0) await this.#context.sendActivity({ identifier: as }, recipients, activity, { preferSharedInbox: true })
    } catch (err) {
      failures.push(describeError(err))
      this.#world.fail('delivery', describeError(err), { activity: activity.id.href })
    }
    return { object, activity: activity.id.href, recipients: recipients.map((actor) => actor.id.href), failures }
  }
}

/** Each actor once, and nobody of this server: they need no delivery. */
function unique (actors) {
  return [...new Map(actors.map((actor) => [actor.id.href, actor])).values()]
}
