package town

import (
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"earshot/federation/as"
	"earshot/internal/desk"
)

// Person is an inhabitant of the town.
type Person struct {
	Username string // [a-z0-9_]{1,30}
	Name     string // as shown
	Language string // BCP 47, of their posts unless they say otherwise
	Bio      string // plain text; instances look for "#nobot" in it
	Bot      bool   // a Service, not a Person
}

// DefaultPeople are those of the demo.
func DefaultPeople() []Person {
	return []Person{
		{Username: "ana", Name: "Ana Ruiz", Language: "en", Bio: "Runs the bakery at the corner. Online orders, when there is a line."},
		{Username: "bob", Name: "Bob Okafor", Language: "en", Bio: "Teacher. Posts about bikes and trains."},
		{Username: "chi", Name: "Chi Nguyễn", Language: "vi", Bio: "Làm việc ở nhà, uống cà phê."},
		{Username: "dora", Name: "Dora Winkler", Language: "de", Bio: "Ärztin. Nachts erreichbar, wenn das Netz es ist."},
		{Username: "emil", Name: "Émile Laurent", Language: "fr", Bio: "Jardinier. #nobot"},
		{Username: "weather", Name: "Weather Bot", Language: "en", Bio: "The weather, every hour.", Bot: true},
	}
}

var usernamePattern = regexp.MustCompile(`^[a-z0-9_]{1,30}$`)

func (p Person) check() error {
	if !usernamePattern.MatchString(p.Username) {
		return desk.Invalid("town_username_invalid", "a person is called 1 to 30 of a-z, 0-9 and _: %q is not", p.Username)
	}
	return nil
}

// actor is one of the town's own: a person, a hashtag or the instance.
type actor struct {
	id       desk.ActorID
	kind     as.Type
	username string
	person   Person // of people only
	tag      string // of hashtags only, normalised

	key func() *rsa.PrivateKey // made when it is first needed

	// Guarded by Town.mu.
	followers map[desk.ActorID]bool
	following map[desk.ActorID]following
	blocks    map[desk.ActorID]desk.ActivityID
	notes     []Notification
	movedTo   desk.ActorID
	gone      bool // left; answers 410
	edits     int  // of the profile
}

// following is a Follow that we sent.
type following struct {
	follow   desk.ActivityID
	accepted bool
}

func (t *Town) newActor(id desk.ActorID, kind as.Type, username string) *actor {
	return &actor{
		id: id, kind: kind, username: username,
		key:       sync.OnceValue(t.newKey),
		followers: map[desk.ActorID]bool{},
		following: map[desk.ActorID]following{},
		blocks:    map[desk.ActorID]desk.ActivityID{},
	}
}

func newKey() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil { // crypto/rand does not fail since Go 1.24
		panic(err)
	}
	return key
}

func (a *actor) keyID() string       { return string(a.id) + "#main-key" }
func (a *actor) followerURL() string { return string(a.id) + "/followers" }

func (a *actor) displayName() string {
	if a.person.Name != "" {
		return a.person.Name
	}
	return a.username
}

// find returns a person; the caller holds the lock.
func (t *Town) find(username string) (*actor, error) {
	a := t.people[username]
	if a == nil || a.gone {
		return nil, desk.NotFound("town_person_not_found", "no person here has the name %q", username)
	}
	return a, nil
}

// local returns one of our own actors by id, nil for others; the caller holds
// the lock.
func (t *Town) local(id desk.ActorID) *actor {
	if name, ok := strings.CutPrefix(string(id), t.base+"/users/"); ok {
		return t.people[name]
	}
	for _, a := range t.tags {
		if a.id == id {
			return a
		}
	}
	if id == t.instance.id {
		return t.instance
	}
	return nil
}

func (t *Town) acctOf(a *actor) string { return a.username + "@" + string(t.host) }

// ActorOf returns the id of one of the people.
func (t *Town) ActorOf(person string) desk.ActorID {
	return desk.ActorID(fmt.Sprintf("%s/users/%s", t.base, person))
}
