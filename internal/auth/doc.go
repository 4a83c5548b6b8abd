// Package auth knows who somebody is and what they may do: agents sign in with
// a password or a passkey, programs come with an API token.
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
// Everything under /console goes through Protect, and what is for agents only
// through Require, after which From tells who asks; Who.By is what the use
// cases of internal/app want to know, Who.May whether a role allows something.
// Errors are desk.Errors with a sentence for people: CodeUnauthenticated for
// "not right" (it never says which part), CodeRateLimited for "wait a minute".
//
// # What is kept
//
// Of every secret only a hash: a password's in argon2id, of sessions, links and
// tokens, which are random, SHA-256. A session is valid on all nodes; it ends
// after IdleFor without a request, after LastsFor in any case, and at once when
// it is ended, when the password changes, or when the agent is disabled. What
// an agent may do is looked up with every request.
//
// There is no default password. The first admin is made by the link that
// `init` prints; it works once, and only while there is no admin.
//
// By a token nobody makes a way in that is wider or longer than the token:
// Who.MayGive.
//
// Limits on trying are kept in memory, by node.
//
// # Another way to sign in
//
// OpenID Connect or a link by e-mail would be one more file like signin.go: it
// finds the agent, asks the limits, and ends with open, which makes the session.
package auth
