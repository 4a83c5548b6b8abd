package desk

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// AgentRole says what an agent may do.
type AgentRole string

// The roles. Each may do what those before it may.
const (
	RoleAgent AgentRole = "agent" // reads and answers
	RoleLead  AgentRole = "lead"  // publishes incidents and broadcasts
	RoleAdmin AgentRole = "admin" // runs the system
)

// AgentRoles lists the roles, from the least to the most.
func AgentRoles() []AgentRole { return []AgentRole{RoleAgent, RoleLead, RoleAdmin} }

// Scope is something that one may be allowed to do. Roles and API tokens are
// sets of scopes.
type Scope string

// The scopes.
const (
	ScopeRead    Scope = "read"    // look at everything that agents see
	ScopeAlerts  Scope = "alerts"  // send alerts, which make drafts of incidents
	ScopeReply   Scope = "reply"   // answer, comment, and change issues
	ScopePublish Scope = "publish" // write to followers
	ScopeAdmin   Scope = "admin"   // desks, sources, blocks, queues, people
)

// Scopes lists the scopes.
func Scopes() []Scope {
	return []Scope{ScopeRead, ScopeAlerts, ScopeReply, ScopePublish, ScopeAdmin}
}

// Scopes returns what a role may do; nothing if there is no such role.
func (r AgentRole) Scopes() []Scope {
	switch r {
	case RoleAgent:
		return []Scope{ScopeRead, ScopeAlerts, ScopeReply}
	case RoleLead:
		return []Scope{ScopeRead, ScopeAlerts, ScopeReply, ScopePublish}
	case RoleAdmin:
		return Scopes()
	}
	return nil
}

// Agent is a person who works at the desk.
type Agent struct {
	Email Email `json:"email"`
	// ID is a UUIDv7 that says nothing about the person: passkeys keep it.
	ID   string    `json:"id"`
	Name string    `json:"name"`
	Role AgentRole `json:"role"`
	// Signature is the letters that end the agent's replies, as in "^AB"; ""
	// for none.
	Signature string `json:"signature"`
	// TimeZone is the IANA name of the zone of the agent's days; "" is UTC.
	TimeZone string    `json:"time_zone,omitempty"`
	Created  time.Time `json:"created_at"`
	// Desks are the only ones whose issues they see; none: they see all.
	Desks []Handle `json:"desks,omitempty"`
	// Checked: their replies wait until a colleague has looked at them. Only with RoleAgent.
	Checked bool `json:"checked,omitempty"`
	// Disabled is since when they cannot sign in any more; zero: they can.
	Disabled time.Time `json:"disabled_at,omitzero"`
}

// Active says whether the agent may sign in and act.
func (a Agent) Active() bool { return a.Disabled.IsZero() }

// Sees says whether the agent sees one of these desks.
func (a Agent) Sees(desks []Handle) bool {
	return len(a.Desks) == 0 || slices.ContainsFunc(desks, func(h Handle) bool { return slices.Contains(a.Desks, h) })
}

// Zone is the zone of the agent's days.
func (a Agent) Zone() *time.Location {
	if z, err := time.LoadLocation(a.TimeZone); err == nil {
		return z
	}
	return time.UTC // the zones of this machine are others than when it was chosen
}

// DayBegins is the first moment of a date in a zone. Where the clock jumps at midnight that
// is later than midnight.
func DayBegins(date time.Time, zone *time.Location) time.Time {
	y, m, d := date.Date()
	at := time.Date(y, m, d, 0, 0, 0, 0, zone)
	if at.Day() != d { // it is an hour that the day does not have
		at = time.Date(y, m, d, 1, 0, 0, 0, zone)
	}
	return at
}

// May says whether the agent may do something.
func (a Agent) May(s Scope) bool { return a.Active() && slices.Contains(a.Role.Scopes(), s) }

// MaxAgents is how many agents an instance may have.
const MaxAgents = 1000

const maxName = 100

var signaturePattern = regexp.MustCompile(`^[\p{L}\p{N}]{0,4}$`)

// NewAgent checks and normalises the typed fields. An agent without a signature
// is given the first letters of their name.
func NewAgent(a Agent) (Agent, error) {
	email, err := ParseEmail(string(a.Email))
	if err != nil {
		return a, err
	}
	a.Email = email
	a.Name = strings.Join(strings.Fields(norm.NFC.String(a.Name)), " ")
	if a.Name == "" || utf8.RuneCountInString(a.Name) > maxName || CleanName(a.Name) != a.Name {
		return a, Invalid("agent_name_invalid", "an agent has a name of at most %d characters", maxName)
	}
	if a.Role.Scopes() == nil {
		return a, Invalid("role_unknown", "there is no role %q; there are %v", a.Role, AgentRoles())
	}
	if a.Desks = slices.Compact(slices.Sorted(slices.Values(a.Desks))); len(a.Desks) > 0 && a.Role == RoleAdmin {
		return a, Invalid("admin_sees_all", "an admin runs the instance, and is not limited to desks")
	}
	a.Checked = a.Checked && a.Role == RoleAgent
	if a.Signature == "" {
		a.Signature = Initials(a.Name)
	}
	a.Signature = strings.TrimPrefix(a.Signature, "^")
	if !signaturePattern.MatchString(a.Signature) {
		return a, Invalid("signature_invalid", "a signature is one to four letters or digits, like AB; %q is not", a.Signature)
	}
	if _, err := time.LoadLocation(a.TimeZone); err != nil || a.TimeZone == "Local" || len(a.TimeZone) > maxZone {
		return a, Invalid("time_zone_unknown", "there is no time zone %.50q; one is Europe/Berlin", a.TimeZone)
	}
	return a, nil
}

// maxZone is longer than every name of a time zone, in bytes.
const maxZone = 50

// Initials makes a signature of a name: "Ana Berg" signs as AB.
func Initials(name string) string {
	var out []rune
	for word := range strings.FieldsSeq(name) {
		for _, r := range word {
			if unicode.IsLetter(r) || unicode.IsNumber(r) {
				out = append(out, unicode.ToUpper(r))
				break
			}
		}
	}
	if len(out) > 2 { // the first and the last name
		out = []rune{out[0], out[len(out)-1]}
	}
	return string(out)
}

// Sign ends a text with the agent's letters, unless it does already.
func (a Agent) Sign(text string) string {
	if a.Signature == "" {
		return text
	}
	sign := "^" + a.Signature
	if words := strings.Fields(text); len(words) > 0 && strings.EqualFold(words[len(words)-1], sign) {
		return text
	}
	return text + " " + sign
}
