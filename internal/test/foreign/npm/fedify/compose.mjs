// Notes as a person's app writes them.

import { Collection, Hashtag, LanguageString, Mention, Note, PUBLIC_COLLECTION, Question } from '@fedify/vocab'
import { Temporal } from '@js-temporal/polyfill'

const escape = (text) => text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c])

/** `to` and `cc` of a post, from its visibility and the ids of those it speaks to. */
export function address (visibility, followers, mentioned, answered) {
  const spokenTo = [...new Set([...mentioned, ...answered])].map((id) => new URL(id))
  switch (visibility) {
    case 'public': return { tos: [PUBLIC_COLLECTION], ccs: [followers, ...spokenTo] }
    case 'unlisted': return { tos: [followers], ccs: [PUBLIC_COLLECTION, ...spokenTo] }
    case 'followers': return { tos: [followers], ccs: spokenTo }
    case 'direct': return { tos: spokenTo, ccs: [] }
    default: throw new Error(`visibility is public, unlisted, followers or direct, not ${visibility}`)
  }
}

function mentionLink (actor) {
  return `<span class="h-card"><a href="${escape(actor.id.href)}" class="u-url mention">@<span>${escape(String(actor.preferredUsername))}</span></a></span>`
}

function hashtagLink (origin, tag) {
  return `<a href="${origin}/tags/${encodeURIComponent(tag)}" class="mention hashtag" rel="tag">#<span>${escape(tag)}</span></a>`
}

/** HTML of a post: mentions first, tags linked where the text has them and appended where it has not. */
function render (origin, text, tags, mentioned) {
  let body = escape(text)
  const missing = []
  for (const tag of tags) {
    const pattern = new RegExp(`#${tag.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\p{L}\\p{N}_])`, 'iu')
    if (pattern.test(body)) body = body.replace(pattern, () => hashtagLink(origin, tag))
    else missing.push(hashtagLink(origin, tag))
  }
  return `<p>${[...mentioned.map(mentionLink), body.replaceAll('\n', '<br>'), ...missing].filter(Boolean).join(' ')}</p>`
}

/**
 * The Note or Question for a post. `spec` is what the test asked for: {text | html, tags, summary, language, inReplyTo,
 * options, votes, ended, vote}; `mentioned` are actors as Fedify looked them up.
 */
export function buildNote (world, { id, author, spec, mentioned, addressing, published, updated }) {
  const { text = '', tags = [], summary, language, inReplyTo, options, vote } = spec
  const html = spec.html ?? render(world.origin, text, tags, mentioned)
  const common = {
    id: new URL(id),
    attribution: new URL(world.actorId(author)),
    ...(inReplyTo ? { replyTarget: new URL(inReplyTo) } : {}),
    ...addressing
  }
  if (vote) return new Note({ ...common, name: vote }) // no words and no time, as Mastodon votes
  const Kind = options ? Question : Note
  return new Kind({
    ...common,
    contents: language ? [html, new LanguageString(html, language)] : [html],
    ...(summary ? { summary, sensitive: true } : {}),
    tags: [
      ...mentioned.map((actor) => new Mention({ href: actor.id, name: `@${actor.preferredUsername}@${actor.id.host}` })),
      ...tags.map((tag) => new Hashtag({ href: new URL(`${world.origin}/tags/${encodeURIComponent(tag)}`), name: `#${tag}` }))
    ],
    url: new URL(id),
    published: Temporal.Instant.from(published),
    ...(updated ? { updated: Temporal.Instant.from(updated) } : {}),
    ...(options ? poll(spec, Temporal.Instant.from(published)) : {})
  })
}

/** What makes a Question a poll, as Mastodon writes it: the end is said twice once it has come. */
function poll ({ options, votes = [], ended = false }, published) {
  const end = published.add({ hours: 24 })
  return {
    exclusiveOptions: options.map((name, n) => new Note({ name, replies: new Collection({ totalItems: votes[n] ?? 0 }) })),
    endTime: end,
    voters: votes.reduce((sum, n) => sum + n, 0),
    ...(ended ? { closed: end } : {})
  }
}
