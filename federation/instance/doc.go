// Package instance asks other servers what they say of themselves: how long a
// post of theirs may be.
//
// No standard says it. Mastodon's API does, which most others answer too, and
// Misskey says it in its NodeInfo. Nothing is signed: it is public.
package instance
