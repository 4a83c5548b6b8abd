// What this peer knows: its people, their posts and followers, and what arrived for them. All in memory.

import { randomUUID, webcrypto } from 'node:crypto'

/** RSA-2048 and Ed25519, as Fedify's manual has every actor carry. */
async function keyPairs () {
  const rsa = { name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' }
  return await Promise.all([
    webcrypto.subtle.generateKey(rsa, true, ['sign', 'verify']),
    webcrypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])
  ])
}

export class World {
  origin
  people = new Map() // name -> {name, summary, bot, keys, followers: Map(actor id -> actor), following: Map(actor id -> Follow id)}
  posts = new Map() // note id -> {author, spec, note, recipients, deleted}
  activities = new Map() // activity id -> {activity, author, recipients}
  received = []
  errors = []

  constructor (origin) { this.origin = origin }

  async addPerson ({ name, summary = '', bot = false }) {
    this.people.set(name, {
      name, summary, bot, published: new Date().toISOString(), keys: await keyPairs(), followers: new Map(), following: new Map()
    })
  }

  /** New keys for a person; Fedify serves them under the ids of the old ones. */
  async rotate (name) { this.person(name).keys = await keyPairs() }

  person (name) {
    const person = this.people.get(name)
    if (!person) throw new Error(`nobody here is called ${name}: there are ${[...this.people.keys()].join(', ')}`)
    return person
  }

  actorId (name) { return `${this.origin}/users/${name}` }

  /** The name of the person with this id, if it is one of ours. */
  nameOf (id) {
    const name = id?.startsWith(`${this.origin}/users/`) ? id.slice(this.origin.length + '/users/'.length) : undefined
    return this.people.has(name) ? name : undefined
  }

  mintActivity () { return new URL(`${this.origin}/activities/${randomUUID()}`) }

  fail (where, error, extra = {}) {
    this.errors.push({ at: new Date().toISOString(), where, error, ...extra })
  }

  /** What arrived for a person: at their inbox, or at the shared one naming them or from somebody they follow. */
  receivedBy (name) {
    if (!name) return this.received
    const { following } = this.person(name)
    const id = this.actorId(name)
    return this.received.filter((entry) =>
      entry.inbox === name ||
      (entry.inbox === '' && (following.has(entry.actor) || JSON.stringify(entry.raw).includes(JSON.stringify(id)))))
  }
}
