// Package auth knows who a caller is and what they may do: agents sign in with
// a password or a passkey, programs bring an API token.
//
// # For pages
//
// A page parses a form and calls one of the use cases of Accounts; it never
// sees a hash, a cookie's name or a limit.
//
//	the link of `init` and `agent link`   StoreCode, Invitation, Welcome, BeginWelcomePasskey, FinishWelcomePasskey
//	sign in                               SignIn, BeginPasskeySignIn, FinishPasskeySignIn, then SetCookie
//	sign out                              SignOut, then ClearCookie
//	my account                            ChangePassword, BeginPasskey, FinishPasskey, Credentials, RemoveCredential
//	sessions, mine and others'            Sessions, EndSession
//	links and tokens                      MakeLink, AddToken, Tokens, EndToken
//
// Everything under /console goes through Protect, and pages for agents only
// through Require. After that From returns the caller, a Principal: its By is
// for the use cases of internal/app, its May says whether the role allows
// something. Errors are desk.Errors with a sentence for people:
// CodeUnauthenticated for "not right" (it never says which part),
// CodeRateLimited for "wait a minute".
//
// # Stored data
//
// Only a hash of every secret is stored: argon2id for passwords, SHA-256 for
// sessions, links and tokens, which are random. A session is valid on all
// nodes; it ends after IdleFor without a request, after LastsFor in any case,
// and at once when it is ended, when the password changes, or when the agent is
// disabled. Every request looks up the agent's rights again.
//
// There is no default password. The first admin is made by the link that
// `init` prints; it works once, and only while there is no admin.
//
// A token cannot make a link or a token that allows more, or lasts longer, than
// itself: Principal.MayGive.
//
// Limits on attempts are in memory, for each node.
//
// # Another way to sign in
//
// OpenID Connect or a link by e-mail would be one more file like signin.go: it
// finds the agent, asks the limits, and ends with open, which makes the session.
package auth
