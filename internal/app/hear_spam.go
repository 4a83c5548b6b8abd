package app

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"earshot/internal/alike"
	"earshot/internal/desk"
)

// A text that many accounts send is likely spam: from so many others on, for so long.
const (
	copiesMost = 3
	copiesFor  = 24 * time.Hour
)

// likelySpam says why a report is likely spam, "" if it is not, and the key of its
// text. Who answers us is never taken for that.
func (t *Tx) likelySpam(p placement, h Heard, domain desk.Standing) (why desk.Flood, text string, err error) {
	if heard := p.decision.Heard; heard != desk.HeardMention && heard != desk.HeardTags {
		return "", "", nil
	}
	if domain.Spams() {
		return desk.SpamDropped, "", nil
	}
	r := alike.Report{Text: t.shortened(h.Post).Text, Strangers: t.strangers(h)}
	switch {
	case r.Shouts():
		return desk.SpamStrangers, "", nil
	case p.decision.Heard == desk.HeardMention && r.OnlyLinks():
		return desk.SpamNothing, "", nil
	}
	text = textKey(r)
	others, err := t.senders(text)
	others = slices.DeleteFunc(others, func(a string) bool { return a == senderOf(h.Author.ID) })
	if len(others) >= copiesMost {
		why = desk.SpamCopies
	}
	return why, text, err
}

// textKey is the key under which the senders of a text are remembered; "" if it is short.
func textKey(r alike.Report) string {
	if print := r.Print(); print != "" {
		return "text:" + print
	}
	return ""
}

// strangers is how many accounts a report mentions beside us, its author and the one
// that it answers.
func (t *Tx) strangers(h Heard) (n int) {
	for _, m := range h.Post.Mentions {
		if !t.site.Owns(string(m)) && m != h.Author.ID {
			n++
		}
	}
	if h.Post.InReplyTo != "" && n > 0 {
		n--
	}
	return n
}

// senders are the accounts that sent a text, as digests.
func (t *Tx) senders(text string) (senders []string, err error) {
	if text == "" {
		return nil, nil
	}
	raw, ok, err := t.Once().Get(text)
	if err == nil && ok {
		err = json.Unmarshal(raw, &senders)
	}
	return senders, err
}

func senderOf(who desk.ActorID) string {
	sum := sha256.Sum256([]byte(who))
	return hex.EncodeToString(sum[:8])
}

// remember notes that an account sent a text.
func (t *Tx) remember(text string, who desk.ActorID) error {
	senders, err := t.senders(text)
	if err != nil || text == "" || len(senders) > copiesMost || slices.Contains(senders, senderOf(who)) {
		return err
	}
	raw, err := json.Marshal(append(senders, senderOf(who)))
	if err != nil {
		return err
	}
	return t.rememberAs(text, raw, copiesFor)
}
