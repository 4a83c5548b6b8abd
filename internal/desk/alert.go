package desk

import (
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// AlertSource is the kind of program that sends alerts.
type AlertSource string

// The sources of alerts.
const (
	AlertAlertmanager AlertSource = "alertmanager"
	AlertGatus        AlertSource = "gatus"
	AlertUptimeKuma   AlertSource = "uptime-kuma"
	AlertGeneric      AlertSource = "generic"
)

// Alert is what a program says: something is wrong, or no longer.
type Alert struct {
	Source AlertSource
	Key    string // the sender's own name for the matter; the same for each word about it
	Title  string
	Text   string
	URL    string // a page of the sender, "" for none
	Impact Impact
	Firing bool // false: it says that it is over
	Since  time.Time
	// Services are the services that the sender names for us; Labels are words among which
	// a service of the desk may be.
	Services []string
	Labels   []string
}

// IncidentAlert is the alert that an incident was made from. Agents see it; nothing of it
// but the title, which they can change, is ever published.
type IncidentAlert struct {
	Source AlertSource `json:"source"`
	Sender string      `json:"sender"` // whose token it came with, and the token's name
	Title  string      `json:"title"`
	Text   string      `json:"text,omitempty"`
	URL    string      `json:"url,omitempty"`
	Firing bool        `json:"firing"`
	Since  time.Time   `json:"since"`
	At     time.Time   `json:"at"`    // the newest word
	Times  int         `json:"times"` // how many words came
	// Over is when it said first that it is over.
	Over time.Time `json:"over,omitzero"`
}

// The limits of an alert.
const (
	MaxAlert       = 256 << 10 // bytes, as it is sent
	MaxAlertKey    = 2000      // bytes
	maxAlertText   = 2000      // characters
	maxAlertURL    = 2000      // bytes
	maxAlertLabels = 100
	MaxAlertDrafts = 20 // open drafts of one token
)

// NewAlert checks and cleans what a program sent.
func NewAlert(a Alert) (Alert, error) {
	a.Title = shorten(strings.Join(strings.Fields(CleanName(a.Title)), " "), MaxIncidentTitle)
	a.Text = shorten(strings.TrimSpace(strings.Map(func(r rune) rune {
		if r != '\n' && unicode.IsControl(r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, a.Text)), maxAlertText)
	switch {
	case a.Key == "" || len(a.Key) > MaxAlertKey:
		return a, Invalid("alert_key_invalid", "an alert has a key of 1 to %d bytes, which is the same for each word about one matter", MaxAlertKey)
	case a.Title == "":
		return a, Invalid("alert_title_missing", "an alert needs a title")
	}
	if u, err := url.Parse(a.URL); err != nil || u.Scheme != "https" && u.Scheme != "http" || len(a.URL) > maxAlertURL {
		a.URL = ""
	}
	var err error
	if a.Services, err = cleanServices(a.Services); err == nil && len(a.Services) > MaxServices {
		err = Invalid("services_too_many", "an incident is about at most %d services", MaxServices)
	}
	a.Labels = a.Labels[:min(len(a.Labels), maxAlertLabels)]
	return a, err
}

// shorten cuts a text that has more characters, and says so with an ellipsis.
func shorten(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return strings.TrimSpace(string([]rune(s)[:most-1])) + "…"
}

// Take records the newest word of the alert in its incident. The title of a draft follows
// as long as nobody has changed it.
func (i *Incident) Take(a Alert, now time.Time) {
	had := i.Alert
	if had == nil {
		had = &IncidentAlert{}
	}
	next := *had
	next.Title, next.Text, next.URL, next.Firing, next.Since, next.At = a.Title, a.Text, a.URL, a.Firing, a.Since, now
	next.Times++
	if a.Firing {
		if i.State() == IncidentDraft && i.Root == "" && i.Title == had.Title {
			i.Title = a.Title
		}
	} else if next.Over.IsZero() {
		next.Over = now
	}
	i.Alert = &next
}

// Proposes is the status that the alert of an incident proposes for an update: it says
// that it is over. "": nothing is proposed. A person decides, and closes.
func (i Incident) Proposes() IncidentStatus {
	if i.Alert == nil || i.Alert.Firing || i.State() != IncidentOpen || i.Planned() || i.Status == IncidentMonitoring {
		return ""
	}
	return IncidentMonitoring
}
