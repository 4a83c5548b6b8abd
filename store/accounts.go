package store

import (
	"time"

	"earshot/internal/desk"
)

// Agents keeps who works at the desk.
type Agents interface {
	Put(desk.Agent) error
	Get(desk.Email) (desk.Agent, bool, error)
	// ByID finds an agent by the id that passkeys keep.
	ByID(string) (desk.Agent, bool, error)
	// List lists agents by e-mail address.
	List(Page) (agents []desk.Agent, next string, err error)
}

// CredentialKind is a way of proving who one is.
type CredentialKind string

// The kinds of credentials.
const (
	CredentialPassword CredentialKind = "password"
	CredentialPasskey  CredentialKind = "passkey"
)

// Credential is what an agent proves with who they are.
type Credential struct {
	Agent desk.Email     `json:"agent"`
	ID    string         `json:"id"` // "password", or a passkey's id
	Kind  CredentialKind `json:"kind"`
	Name  string         `json:"name"` // the agent's name for it
	// Secret is a password's hash, or a passkey's public key and state. Only
	// the package that signs in knows its content.
	Secret  []byte    `json:"secret"`
	Created time.Time `json:"created_at"`
	Used    time.Time `json:"used_at,omitzero"`
}

// Credentials keeps credentials.
type Credentials interface {
	Put(Credential) error
	Get(agent desk.Email, id string) (Credential, bool, error)
	Delete(agent desk.Email, id string) (deleted bool, err error)
	// ByAgent lists an agent's, oldest first: a handful.
	ByAgent(desk.Email) ([]Credential, error)
}

// GrantKind is what a grant is good for.
type GrantKind string

// The kinds of grants.
const (
	GrantSession  GrantKind = "session"  // a browser that is signed in
	GrantToken    GrantKind = "token"    // a program that uses the API
	GrantLink     GrantKind = "link"     // a one-time link to sign in and choose a password
	GrantCeremony GrantKind = "ceremony" // a passkey that is being made or used
)

// Grant is a right, for a while, of a client that knows a secret. Only a hash
// of the secret is stored, so the store's content gives no access.
type Grant struct {
	Hash  string     `json:"hash"` // of the secret; names the grant
	Kind  GrantKind  `json:"kind"`
	Agent desk.Email `json:"agent"` // "" before the agent exists
	Name  string     `json:"name"`  // a token's, or a session's browser
	// Scopes narrows the rights of the agent's role; of tokens only.
	Scopes  []desk.Scope `json:"scopes,omitempty"`
	Data    []byte       `json:"data,omitempty"` // of a ceremony
	Created time.Time    `json:"created_at"`
	Used    time.Time    `json:"used_at,omitzero"`
	Expires time.Time    `json:"expires_at,omitzero"` // zero: never
}

// GrantFilter narrows a list of grants.
type GrantFilter struct {
	Kind  GrantKind
	Agent desk.Email // "" for everybody's
}

// Grants keeps grants.
type Grants interface {
	Put(Grant) error
	Get(hash string) (Grant, bool, error)
	Delete(hash string) (deleted bool, err error)
	// List lists grants of a kind, oldest first.
	List(GrantFilter, Page) (grants []Grant, next string, err error)
	// Expire forgets at most limit grants whose time has come.
	Expire(now time.Time, limit int) (forgotten int, err error)
}

// Via is through which door an act came.
type Via string

// The doors.
const (
	ViaMachine Via = "machine" // the command line or the socket, on this machine
	ViaConsole Via = "console" // a signed-in agent
	ViaToken   Via = "token"   // a program with an API token
	ViaLink    Via = "link"    // the link in a mail, for mails to an agent
)

// AuditEntry is one action of an agent or admin: a post to people outside, or a
// change in how the instance is run. It names things and quotes nobody.
type AuditEntry struct {
	ID    string     `json:"id"` // UUIDv7
	At    time.Time  `json:"at"`
	Agent desk.Email `json:"agent"` // "" for the admin on this machine, and for a link
	Via   Via        `json:"via"`
	Token string     `json:"token,omitempty"` // the token's name
	What  string     `json:"what"`            // "issue.reply"
	On    string     `json:"on"`              // the changed thing: "issues/0192…"
	Note  string     `json:"note,omitempty"`  // a little more, never a secret
}

// AuditFilter narrows a list of acts; a zero field does not.
type AuditFilter struct {
	Agent  desk.Email
	On     string
	Before time.Time // only older ones: where a list begins that has no cursor
}

// AuditLog is the audit log.
type AuditLog interface {
	Add(AuditEntry) error
	// List lists acts, newest first.
	List(AuditFilter, Page) (acts []AuditEntry, next string, err error)
	// Expire forgets at most limit acts that are older than before.
	Expire(before time.Time, limit int) (forgotten int, err error)
}
