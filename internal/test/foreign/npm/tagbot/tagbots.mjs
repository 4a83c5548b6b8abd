// A hashtag actor on activitypub-bot: whoever follows /user/TAG is sent an Announce of every public post with #TAG
// that this server hears of. The library accepts the follow, addresses, signs and delivers; here is only the choice.

import { Bot, BotFactory } from '@evanp/activitypub-bot'

const AS = 'https://www.w3.org/ns/activitystreams#'
const HASHTAG = `${AS}Hashtag`
const TAG_NAME = /^[\p{L}\p{N}_]{1,64}$/u

class TagBot extends Bot {
  constructor (tag) {
    super(tag, { fullname: `#${tag}`, description: `Announces public posts tagged #${tag}` })
  }

  /** Announces a post once, however often it is heard of. */
  async announce (object) {
    if (await this._context.hasData(object.id)) return false
    await this._context.setData(object.id, true)
    await this._context.announceObject(object)
    return true
  }

  async unannounce (object) {
    if (!await this._context.hasData(object.id)) return false
    await this._context.deleteData(object.id)
    await this._context.unannounceObject(object)
    return true
  }
}

export class TagBots extends BotFactory {
  #bots = new Map()

  async canCreate (name) { return TAG_NAME.test(name) }

  async create (name) {
    if (!this.#bots.has(name)) {
      const bot = new TagBot(name)
      await bot.initialize(await this._context.duplicate(name))
      this.#bots.set(name, bot)
    }
    return this.#bots.get(name)
  }

  /** Called by the library with every public activity that arrives here, signature and sender checked. */
  async onPublic (activity) {
    const object = activity.object?.first
    if (!object?.id || new URL(object.id).origin !== new URL(activity.actor.first.id).origin) return
    switch (activity.type) {
      case `${AS}Create`: return await this.#carries(object, tagsOf(object))
      case `${AS}Update`: return await this.#carries(object, tagsOf(object))
      case `${AS}Delete`: return await this.#carries(object, [])
    }
  }

  /** Announces the object under each of its tags, and takes it back from actors whose tag it carries no more. */
  async #carries (object, tags) {
    for (const [name, bot] of this.#bots) {
      if (!tags.includes(name)) await bot.unannounce(object)
    }
    for (const tag of tags) await (await this.create(tag)).announce(object)
  }

  /** By hand, as if the post had been heard of by other ways. */
  async announce (tag, id) {
    const object = await this._context.duplicate(tag).then((context) => context.getObject(id))
    return await (await this.create(tag)).announce(object)
  }
}

function tagsOf (object) {
  return [...(object.tag ?? [])]
    .filter((tag) => [tag.type].flat().includes(HASHTAG))
    .map((tag) => String(tag.name?.get() ?? '').replace(/^#/, '').toLowerCase())
    .filter((name) => TAG_NAME.test(name))
}
