package inbox

import (
	"crypto/sha256"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"earshot/federation/as"
	"earshot/internal/address"
	"earshot/internal/desk"
	"earshot/internal/test/corpus"
)

// block is what the inbox makes of one payload. In it ~ stands for the one who
// speaks: the actor, or the first author.
type block struct {
	name  string
	state state
	why   string
	lines []string
	self  string
}

func (b *block) String() string {
	head := b.name + ": " + string(b.state)
	if b.why != "" {
		head += ": " + b.why
	}
	return strings.Join(append([]string{head}, b.lines...), "\n  ") + "\n"
}

// line adds what there is under a name.
func (b *block) line(name string, values ...any) {
	var said []string
	for _, v := range values {
		switch s := fmt.Sprint(v); s {
		case "", "0", "false", "[]":
		case "true":
			said = append(said, "yes")
		default:
			said = append(said, s)
		}
	}
	if len(said) > 0 {
		b.lines = append(b.lines, name+" "+strings.Join(said, ", "))
	}
}

// ids adds ids, shortened.
func ids[T ~string](b *block, name string, list ...T) {
	var out []any
	for i, id := range list {
		if i == 8 {
			out = append(out, fmt.Sprintf("and %d more", len(list)-i))
			break
		}
		out = append(out, b.short(string(id)))
	}
	b.line(name, out...)
}

func (b *block) short(id string) string {
	if rest, ok := strings.CutPrefix(id, b.self); ok && b.self != "" {
		return "~" + rest
	}
	if id == as.Public {
		return "Public"
	}
	return id
}

func (b *block) fail(err error) *block {
	b.state = unreadable
	b.lines = append(b.lines, reasonOf(err))
	return b
}

// readPayload reads a payload as what it is.
func readPayload(p corpus.Payload, raw []byte) *block {
	b := readKind(p, raw)
	if b.state == unreadable {
		b.why = unreadableOnPurpose[p.Platform+"/"+p.File]
	}
	return b
}

func readKind(p corpus.Payload, raw []byte) *block {
	b := &block{name: p.File, state: unread}
	outer, _, wraps := strings.Cut(p.Kind, "(")
	switch {
	case strings.Contains(p.Kind, "context"):
		b.why = "JSON-LD contexts are not fetched"
		return b
	case p.Kind == "WebFinger", strings.HasPrefix(p.Kind, "NodeInfo"): // TestCorpus of federation/webfinger and federation/instance
		b.state = understood
		return b
	case p.Kind == "CryptographicKey":
		return b.readKey(raw)
	case strings.Contains(outer, "Collection"):
		b.why = "collections of others are not read"
		return b
	case strings.HasSuffix(outer, "Approval") || !wraps:
		return b.readObjectOrActor(raw)
	}
	return b.readActivity(raw)
}

func (b *block) readActivity(raw []byte) *block {
	a, err := as.ParseActivity(raw)
	if err != nil {
		return b.fail(err)
	}
	b.state, b.why = judgeActivity(a)
	b.activity("", a)
	return b
}

func (b *block) activity(indent string, a *as.Activity) {
	ids(b, indent+"actor", a.Actor)
	b.self = string(a.Actor)
	ids(b, indent+string(a.Type), a.ID)
	if a.ID == "" {
		b.line(indent+string(a.Type), "without id")
	}
	ids(b, indent+"object", a.Objects...)
	if len(a.Objects) == 0 {
		ids(b, indent+"object", a.Object.ID)
	}
	ids(b, indent+"target", a.Target)
	ids(b, indent+"result", a.Result)
	ids(b, indent+"instrument", a.Instrument)
	ids(b, indent+"to", a.To...)
	ids(b, indent+"cc", a.Cc...)
	b.line(indent+"words", size(a.Content))
	b.line(indent+"published", when(a.Published))
	b.line(indent+"updated", when(a.Updated))
	if a.Inner != nil {
		b.activity(indent+"- ", a.Inner)
	}
	if o := a.Object.Object; o != nil {
		b.object(indent+"- ", o)
	}
	switch {
	case a.Type == as.Announce:
		ids(b, indent+"is about", announced(a))
	case a.Type == as.Delete && desk.ActorID(a.Object.ID) != a.Actor:
		b.lines = append(b.lines, indent+"only if it is kept as theirs")
	}
}

func (b *block) object(indent string, o *as.Object) {
	followers := followersOf(o)
	p := heard(canonicalObject(address.Book{Site: corpusSite}, o), desk.Actor{ID: o.AttributedTo}, followers, "").Post
	if b.self == "" {
		b.self = string(o.AttributedTo)
		b.line(indent+"by", o.AttributedTo)
	} else {
		ids(b, indent+"by", o.AttributedTo)
	}
	if len(o.AllAttributedTo) > 1 {
		ids(b, indent+"also by", o.AllAttributedTo[1:]...)
	}
	ids(b, indent+string(o.Type), o.ID)
	if slices.Contains(postTypes, o.Type) {
		b.line(indent+"visibility", p.Visibility)
	}
	ids(b, indent+"to", p.To...)
	ids(b, indent+"cc", p.Cc...)
	ids(b, indent+"audience", o.Audience...)
	ids(b, indent+"answers", p.InReplyTo)
	ids(b, indent+"quotes", o.Quote)
	ids(b, indent+"authorizes", o.Interaction)
	ids(b, indent+"answering", o.Target)
	ids(b, indent+"context", p.Context)
	ids(b, indent+"conversation", p.Conversation)
	b.line(indent+"tags", anys(p.Tags)...)
	ids(b, indent+"mentions", p.Mentions...)
	b.line(indent+"title", size(o.Name))
	b.line(indent+"warning", size(o.Summary))
	b.line(indent+"content", size(o.Content))
	b.line(indent+"language", p.Language)
	b.line(indent+"sensitive", p.Sensitive)
	if may := p.CanReply; may != nil {
		ids(b, indent+"may answer", may.Automatic...)
		ids(b, indent+"may ask to", may.Manual...)
		b.line(indent+"in the older words", may.Older)
	}
	for _, a := range p.Attachments {
		b.line(indent+"attachment", orElse(a.MediaType, "of no type"), described(a.Alt))
	}
	b.line(indent+"vote", o.IsVote)
	b.line(indent+"options", len(o.Options))
	b.line(indent+"ends", when(o.EndTime))
	b.line(indent+"closed", o.Closed)
	b.line(indent+"published", when(p.Published))
	b.line(indent+"updated", when(p.Updated))
	ids(b, indent+"url", p.URL)
	b.line(indent+"generator", o.Generator)
}

// followersOf guesses what the author's profile would say.
func followersOf(o *as.Object) string {
	for _, r := range append(slices.Clone(o.To), o.Cc...) {
		if host, err := desk.HostOf(r); err == nil && host == o.AttributedTo.Host() && strings.Contains(r, "/followers") {
			return r
		}
	}
	return ""
}

func (b *block) readObjectOrActor(raw []byte) *block {
	o, err := as.ParseObject(raw)
	if err != nil {
		return b.fail(err)
	}
	a, err := as.ParseActor(raw)
	if err != nil || slices.Contains(postTypes, o.Type) {
		b.state, b.why = judgeObject(o)
		b.object("", o)
		return b
	}
	if _, _, err := as.ParseKeyDocument(raw); err != nil && len(a.Keys) > 0 { // what a keyId may lead to
		return b.fail(err)
	}
	b.state = understood
	b.actor(a)
	return b
}

// actor says what there is in a profile, and nothing that names a person.
func (b *block) actor(a *as.Actor) {
	m := mask{string(a.ID), a.PreferredUsername}
	kept := ActorOf(a, "", time.Time{})
	b.line(string(a.Type), fmt.Sprintf("id with the SHA-256 %.8x…", sha256.Sum256([]byte(a.ID))))
	for _, link := range []struct{ name, url string }{{"inbox", kept.Inbox}, {"shared inbox", kept.Shared}, {"outbox", a.Outbox},
		{"followers", a.Followers}, {"following", a.Following}, {"featured", a.Featured}, {"url", kept.URL}} {
		b.line(link.name, m.of(link.url))
	}
	for _, k := range a.Keys {
		b.line("key", m.of(k.ID), "of "+orElse(m.of(string(k.Owner)), "nobody"), keyForm(k))
	}
	b.line("user", said(a.PreferredUsername))
	b.line("name", said(a.Name))
	b.line("icon", said(kept.AvatarURL))
	b.line("summary", size(a.Summary))
	b.line("fields", len(a.Fields))
	b.line("webfinger", said(a.Webfinger))
	b.line("aliases", len(a.AlsoKnownAs))
	b.line("moved", said(string(a.MovedTo)))
	b.line("generator", anys(slices.DeleteFunc(slices.Clone(a.Generator), func(s string) bool { return as.CheckID(s) != "" }))...)
	b.line("bot", kept.Bot)
	b.line("nobot", kept.NoBot)
	b.line("earshot", kept.Earshot)
	b.line("locked", a.ManuallyApproves)
	b.line("suspended", a.Suspended)
	b.line("memorial", a.Memorial)
	b.line("discoverable", flag3(a.Discoverable))
	b.line("indexable", flag3(a.Indexable))
}

func keyForm(k as.Key) string {
	switch {
	case strings.Contains(k.PEM, "BEGIN RSA PUBLIC KEY"):
		return "PKCS #1"
	case k.PEM != "":
		return "PKIX"
	case k.Multikey != "":
		return "Multikey"
	}
	return "by reference"
}

// mask replaces what names a person in links of a profile.
type mask struct{ id, user string }

func (m mask) of(link string) string {
	if rest, ok := strings.CutPrefix(link, m.id); ok && (rest == "" || strings.ContainsAny(rest[:1], "/#?") || strings.HasSuffix(m.id, "/")) {
		return "ID" + rest
	}
	u, err := url.Parse(link)
	id, err2 := url.Parse(m.id)
	if err != nil || err2 != nil || link == "" {
		return link
	}
	if u.Host != id.Host {
		return "on another host"
	}
	path := strings.Split(u.Path, "/")
	for i, part := range path {
		if m.user != "" && strings.EqualFold(strings.TrimSuffix(strings.TrimPrefix(part, "@"), ".png"), m.user) {
			path[i] = strings.Replace(part, strings.TrimSuffix(strings.TrimPrefix(part, "@"), ".png"), "USER", 1)
		} else if len(part) > 20 {
			path[i] = "…"
		}
	}
	return u.Scheme + "://HOST" + strings.Join(path, "/")
}

func (b *block) readKey(raw []byte) *block {
	key, owner, err := as.ParseKeyDocument(raw)
	if err != nil {
		return b.fail(err)
	}
	if owner != nil {
		b.actor(owner)
		return b
	}
	b.state = understood
	ids(b, "key", key.ID)
	ids(b, "owner", key.Owner)
	b.line("form", keyForm(key))
	return b
}

func size(s string) string {
	if s == "" {
		return ""
	}
	return fmt.Sprintf("%d bytes", len(s))
}

func said(s string) bool { return s != "" }

func described(alt string) string {
	if alt == "" {
		return ""
	}
	return "described"
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func flag3(b *bool) string {
	if b == nil {
		return ""
	}
	return map[bool]string{true: "yes", false: "no"}[*b]
}

func when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339Nano)
}

func anys(list []string) []any {
	var out []any
	for _, s := range list {
		out = append(out, s)
	}
	return out
}
