package instance

import (
	"encoding/json"
	"regexp"
	"strings"

	"earshot/federation/as"
	"earshot/internal/desk"
)

// maxBelieved bounds the number that we believe, in characters: more counts as
// no limit.
const maxBelieved = 10_000_000

// characters is a number of characters, 0 where there is something else.
type characters int

// UnmarshalJSON never fails: a value that is no such number counts as missing.
func (c *characters) UnmarshalJSON(b []byte) error {
	var n int
	if json.Unmarshal(b, &n) == nil && n > 0 && n <= maxBelieved {
		*c = characters(n)
	}
	return nil
}

// readInstance reads the Instance of Mastodon's API, version 1 or 2, as
// Mastodon, GoToSocial, Pixelfed, Friendica and others answer with it;
// max_toot_chars is Pleroma's and Akkoma's. 0: it does not say.
func readInstance(body []byte) int {
	var d struct {
		Configuration struct {
			Statuses struct {
				MaxCharacters characters `json:"max_characters"`
			} `json:"statuses"`
		} `json:"configuration"`
		MaxTootChars characters `json:"max_toot_chars"`
	}
	_ = json.Unmarshal(as.Bare(body), &d) // as far as it can be read
	return int(max(d.Configuration.Statuses.MaxCharacters, d.MaxTootChars))
}

const nodeInfoSchema = "http://nodeinfo.diaspora.software/ns/schema/2."

// readNodeInfoLinks returns the address of the last NodeInfo 2.x that is on
// the host itself, "" for none.
func readNodeInfoLinks(body []byte, host desk.Host) (href string) {
	var d struct {
		Links []struct {
			Rel  string `json:"rel"`
			Href string `json:"href"`
		} `json:"links"`
	}
	_ = json.Unmarshal(as.Bare(body), &d) // as far as it can be read
	best := ""
	for _, l := range d.Links {
		if on, err := desk.HostOf(l.Href); err == nil && on == host && strings.HasPrefix(l.Rel, nodeInfoSchema) && l.Rel > best {
			best, href = l.Rel, l.Href
		}
	}
	return href
}

// readNodeInfo reads the NodeInfo of Misskey and its forks. 0: it does not say.
func readNodeInfo(body []byte) int {
	var d struct {
		Metadata struct {
			MaxNoteTextLength characters `json:"maxNoteTextLength"`
		} `json:"metadata"`
	}
	_ = json.Unmarshal(as.Bare(body), &d) // as far as it can be read
	return int(d.Metadata.MaxNoteTextLength)
}

// softwareName is how NodeInfo spells the name of a software.
var softwareName = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)

// readSoftware reads the software of a NodeInfo, in lower case. "": it does not say.
func readSoftware(body []byte) string {
	var d struct {
		Software struct {
			Name any `json:"name"`
		} `json:"software"`
	}
	_ = json.Unmarshal(as.Bare(body), &d) // as far as it can be read
	name, _ := d.Software.Name.(string)
	if name = strings.ToLower(name); !softwareName.MatchString(name) {
		return ""
	}
	return name
}
