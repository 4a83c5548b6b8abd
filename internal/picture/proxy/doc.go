// Package proxy shows agents the pictures of other people without a browser of theirs
// asking a server of strangers. A Proxy fetches a picture when an agent's browser asks
// for it, and keeps the cleaned copy in a folder that is bounded in bytes and files.
package proxy
