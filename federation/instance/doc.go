// Package instance asks other servers how long a post of theirs may be.
//
// No standard says it. Mastodon's API does, which most others answer too, and
// Misskey says it in its NodeInfo. Nothing is signed: it is public.
package instance
