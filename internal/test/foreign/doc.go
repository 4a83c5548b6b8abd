// Package foreign starts ActivityPub implementations that nobody here wrote, for tests to talk to.
// It is imported by tests only and is no part of the product.
//
//   - [StartFedify] runs citizens of a small server on Fedify (npm @fedify/fedify). They look actors up, post, reply, edit,
//     delete, follow, block, like and boost; Fedify verifies arriving activities strictly, and the test reads its results.
//   - [StartTagBot] runs @evanp/activitypub-bot with an actor for every hashtag, a group, a LitePub relay and an ordinary bot.
//   - [RunConformance] runs activitypub-testing against an actor and returns its verdicts.
//
// Their signatures, deliveries, key documents and parsing are the libraries' own. The scripts in npm/ add what a test
// needs: loopback ports, people, and a control interface in JSON. Everything is plain http on 127.0.0.1.
//
// [Install] puts the packages under .cache/ in the module root, once: about 380 MB, most of it Node 22 itself, and about
// a minute. It needs npm and nothing else: no compiler (npm/sqlite3 stands in for the one native module), and no host
// but the configured npm registry. With EARSHOT_FOREIGN=off in the environment every test that starts one is skipped.
//
// The pinned packages that activitypub-testing wants but never loads (its build tools) are overridden in package.json
// with one small package that it does load; that leaves out two hundred others.
package foreign
