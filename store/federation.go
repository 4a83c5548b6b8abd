package store

import (
	"time"

	"earshot/internal/desk"
)

// KeyAlgorithm is a kind of key pair.
type KeyAlgorithm string

// The algorithms. An actor has one current key of each.
const (
	KeyRSA     KeyAlgorithm = "rsa"     // signs requests
	KeyEd25519 KeyAlgorithm = "ed25519" // signs documents (FEP-8b32)
)

// Key is a key pair of one of our actors. Private is encrypted; see the
// keyring that reads it.
type Key struct {
	Owner     desk.Handle  `json:"owner"`
	Fragment  string       `json:"fragment"` // "main-key": the keyId is ACTOR#FRAGMENT
	Algorithm KeyAlgorithm `json:"algorithm"`
	Private   []byte       `json:"private"`    // empty: revoked, and not shown any more
	PublicPEM string       `json:"public_pem"` // PKIX
	Created   time.Time    `json:"created_at"`
	Retired   time.Time    `json:"retired_at,omitzero"` // a later key took its place
}

// Current says whether the key is in use.
func (k Key) Current() bool { return k.Retired.IsZero() && !k.Revoked() }

// Revoked says that nobody is to believe the key any more.
func (k Key) Revoked() bool { return len(k.Private) == 0 }

// Keys keeps our actors' keys.
type Keys interface {
	Put(Key) error
	// List returns an actor's keys, newest first: a handful.
	List(desk.Handle) ([]Key, error)
}

// Follow says that an actor follows one of ours.
type Follow struct {
	Local    desk.Handle     `json:"local"`
	Actor    desk.ActorID    `json:"actor"`
	Activity desk.ActivityID `json:"activity"` // their Follow, as an Undo names it
	Inbox    string          `json:"inbox"`
	Shared   string          `json:"shared_inbox"`
	Since    time.Time       `json:"since"`
}

// Follows keeps our actors' followers.
type Follows interface {
	Put(Follow) error
	Get(local desk.Handle, actor desk.ActorID) (Follow, bool, error)
	Delete(local desk.Handle, actor desk.ActorID) (deleted bool, err error)
	// List lists the followers of one of our actors, by actor id.
	List(desk.Handle, Page) (follows []Follow, next string, err error)
	Count(desk.Handle) (int, error)
}

// Document is a document that we have sent, byte for byte: a note, an activity,
// a tombstone.
type Document struct {
	ID   string      `json:"id"` // its absolute URL
	Post desk.PostID `json:"post,omitempty"`
	JSON []byte      `json:"json"`
	// Everyone may read public documents; others only the signed GET of an
	// addressee.
	Public    bool           `json:"public"`
	Addressed []desk.ActorID `json:"addressed,omitempty"`
	Gone      bool           `json:"gone"` // a tombstone: answered with 410
	At        time.Time      `json:"at"`
}

// Documents keeps frozen documents by id.
type Documents interface {
	Put(Document) error
	Get(id string) (Document, bool, error)
}

// DeliveryState is how far one delivery has come.
type DeliveryState string

// The states of a delivery.
const (
	DeliveryQueued    DeliveryState = "queued"
	DeliveryDelivered DeliveryState = "delivered"
	DeliveryFailed    DeliveryState = "failed"
)

// Delivery is one activity on its way to one inbox.
type Delivery struct {
	Activity desk.ActivityID `json:"activity"`
	Inbox    string          `json:"inbox"`
	Post     desk.PostID     `json:"post,omitempty"`
	State    DeliveryState   `json:"state"`
	Status   int             `json:"status,omitempty"` // the last HTTP status, 0 for none
	Error    string          `json:"error,omitempty"`
	At       time.Time       `json:"at"`
}

// Server is the server that the inbox is on.
func (d Delivery) Server() desk.Host {
	h, err := desk.HostOf(d.Inbox)
	if err != nil {
		return desk.Host(d.Inbox) // as it is kept
	}
	return h
}

// Tally counts an activity's deliveries by state.
type Tally struct {
	Queued    int `json:"queued"`
	Delivered int `json:"delivered"`
	Failed    int `json:"failed"`
}

// Deliveries keeps where each activity went.
type Deliveries interface {
	// Put stores or changes a delivery; the tally follows.
	Put(Delivery) error
	Get(desk.ActivityID, string) (Delivery, bool, error)
	// ByActivity lists an activity's deliveries, by inbox.
	ByActivity(desk.ActivityID, Page) (deliveries []Delivery, next string, err error)
	// Tally counts without listing.
	Tally(desk.ActivityID) (Tally, error)
}

// HostState is our knowledge of a server that we deal with.
type HostState struct {
	Host      desk.Host `json:"host"`
	Failures  int       `json:"failures"`              // in a row
	DownUntil time.Time `json:"down_until,omitzero"`   // the breaker: not tried before
	DownSince time.Time `json:"down_since,omitzero"`   // first of the failures in a row
	Scheme    Scheme    `json:"scheme,omitempty"`      // how to sign what it gets with an RSA key
	Delivered time.Time `json:"delivered_at,omitzero"` // when Scheme became what it is
	// Ed25519 is whether it takes signatures of RFC 9421 by Ed25519 keys, and Ed25519At
	// since when that is known.
	Ed25519   Takes     `json:"ed25519,omitempty"`
	Ed25519At time.Time `json:"ed25519_at,omitzero"`
	// MaxCharacters is how long a post of its people may be, 0: not known.
	MaxCharacters   int       `json:"max_characters,omitempty"`
	MaxCharactersAt time.Time `json:"max_characters_at,omitzero"` // when it was asked for that last
	// Software is its name in NodeInfo, "": not known. It is asked for at the same time.
	Software string `json:"software,omitempty"`
}

// Scheme is how requests to a server are signed with an RSA key first. What it does not
// take is signed in the other way, and that is remembered.
type Scheme string

// The schemes.
const (
	SchemeDefault Scheme = "" // draft-cavage
	SchemeRFC9421 Scheme = "rfc9421"
)

// Takes is whether a server takes something.
type Takes string

// The answers.
const (
	TakesUnknown Takes = ""
	TakesYes     Takes = "yes" // it says so, or sends it
	TakesNo      Takes = "no"  // it refused it, whatever it says
)

// Up is the state of a server that is there.
func (h HostState) Up() HostState {
	h.Failures, h.DownUntil, h.DownSince = 0, time.Time{}, time.Time{}
	return h
}

// Hosts keeps the state of servers; a host in its default state
// is deleted.
type Hosts interface {
	Put(HostState) error
	Get(desk.Host) (HostState, bool, error)
	Delete(desk.Host) error
	List(Page) (hosts []HostState, next string, err error)
}
