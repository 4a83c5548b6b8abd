package api

import (
	"cmp"
	"maps"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// Post is one of our own posts: a reply, a comment or a broadcast.
type Post struct {
	ID          desk.PostID     `json:"id"`
	Issue       desk.IssueID    `json:"issue"`
	Desk        desk.Handle     `json:"desk"`
	Role        desk.Role       `json:"role"`
	Object      desk.ObjectID   `json:"object"`
	Agent       desk.Email      `json:"agent"`
	Text        string          `json:"text"`
	HTML        string          `json:"html"`
	Language    string          `json:"language"`
	Visibility  desk.Visibility `json:"visibility"`
	Warning     string          `json:"warning"` // before the words; that of the answered post
	Sensitive   bool            `json:"sensitive"`
	State       desk.PostState  `json:"state"`
	CheckedBy   desk.Email      `json:"checked_by"` // who released it, where it waited for a colleague
	Withheld    string          `json:"withheld"`   // why it was not sent
	Status      desk.Status     `json:"status"`     // takes effect when the reply goes out
	Reason      desk.Reason     `json:"reason"`
	Next        string          `json:"next"`
	WrittenAt   Time            `json:"written_at"`
	DueAt       Time            `json:"due_at"` // when it goes out
	PublishedAt Time            `json:"published_at"`
	Attachments []Attachment    `json:"attachments"`
	Edited      bool            `json:"edited"`
	Deleted     bool            `json:"deleted"`
	Delivery    Delivery        `json:"delivery"` // of lists only
	// Seen is the version of a post that is in no issue. In If-Match it says on what an
	// edit, or a deletion, was decided. Empty: its issue has one.
	Seen string `json:"seen"`
}

func postOf(p desk.Post) Post {
	out := Post{ID: p.ID, Issue: p.Issue, Desk: p.Desk, Role: p.Role, Object: p.Object, Agent: p.Agent, Text: p.Text, HTML: p.HTML,
		Language: p.Language, Visibility: p.Visibility, Warning: p.Warning, Sensitive: p.Sensitive, State: p.State, CheckedBy: p.CheckedBy, Withheld: p.Withheld, Status: p.Status, Reason: p.Reason, Next: p.Next,
		WrittenAt: Time{p.Received}, DueAt: Time{p.DueAt}, PublishedAt: Time{p.PublishedAt}, Edited: p.Edits > 0, Deleted: p.Deleted, Attachments: each(p.Attachments, attachmentOf)}
	if p.Issue == "" {
		out.Seen = p.Version()
	}
	return out
}

func broadcastOf(v app.BroadcastView) Post {
	p := postOf(v.Post)
	p.Delivery = deliveryOf(v.Reached)
	return p
}

// Attachment is a picture or file of a post. Of others it is a link to their servers.
type Attachment struct {
	URL       string      `json:"url"`
	MediaType string      `json:"media_type"`
	Alt       string      `json:"alt"`
	File      desk.FileID `json:"file"` // of a picture of ours: its name in an edit
	Width     int         `json:"width"`
	Height    int         `json:"height"`
}

func attachmentOf(a desk.Attachment) Attachment { return Attachment(a) }

// Upload is a picture that was uploaded and not sent yet.
type Upload struct {
	ID     desk.FileID `json:"id"`
	Type   string      `json:"type"`
	Width  int         `json:"width"`
	Height int         `json:"height"`
}

// Picture is a picture of a desk.
type Picture struct {
	URL    string `json:"url"`
	Type   string `json:"type"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

func pictureOf(site desk.Site, d desk.Desk, r desk.PictureRole) *Picture {
	p := d.Picture(r)
	if !p.There() {
		return nil
	}
	return &Picture{site.URL + desk.PicturePath(d.Handle, r, p), p.Type, p.Width, p.Height}
}

// DeskLink is a link on the profile of a desk.
type DeskLink struct {
	Name     string `json:"name"`
	URL      string `json:"url"`
	ProvenAt Time   `json:"proven_at"` // when its page was last seen to link back with rel=me
}

// Desk is one of the instance's desks.
type Desk struct {
	Handle    desk.Handle  `json:"handle"`
	Acct      string       `json:"acct"`
	Name      string       `json:"name"`
	Summary   string       `json:"summary"`
	Names     []string     `json:"names"`
	Calls     []string     `json:"calls"`
	Services  []string     `json:"services"` // empty: those that incidents name
	Aliases   []string     `json:"aliases"`  // addresses from before
	Icon      *Picture     `json:"icon"`     // null: none
	Header    *Picture     `json:"header"`
	Colour    desk.Colour  `json:"colour"` // of its pages; empty: our own
	Links     []DeskLink   `json:"links"`
	Rota      Rota         `json:"rota"` // no agents: nobody is told one after the other
	Actor     desk.ActorID `json:"actor"`
	URL       string       `json:"url"`
	CreatedAt Time         `json:"created_at"`
}

func deskOf(site desk.Site, d desk.Desk) Desk {
	return Desk{Handle: d.Handle, Acct: site.Acct(d.Handle), Name: d.Name, Summary: d.Summary, Names: list(d.Names), Calls: list(d.Calls), Services: list(d.Services), Aliases: list(d.Aliases),
		Icon: pictureOf(site, d, desk.PictureIcon), Header: pictureOf(site, d, desk.PictureHeader), Colour: d.Colour,
		Links: each(d.Links, func(l desk.Link) DeskLink { return DeskLink{l.Name, l.URL, Time{l.Proven}} }), Rota: Rota{Agents: list(d.Rota.Agents), Minutes: d.Rota.Minutes},
		Actor: site.Desk(d.Handle), URL: site.Profile(d.Handle), CreatedAt: Time{d.Created}}
}

// Source is one way of hearing.
type Source struct {
	ID         desk.SourceID     `json:"id"`
	Kind       string            `json:"kind"`
	Name       string            `json:"name"`
	URL        string            `json:"url"` // the server or actor that is asked, or followed
	Tag        string            `json:"tag"` // the first of tags
	Tags       []string          `json:"tags"`
	Desk       desk.Handle       `json:"desk"` // whose actor follows; "": the instance's own
	Actor      desk.ActorID      `json:"actor"`
	Allow      []desk.Host       `json:"allow"`  // of listen-relay: the servers that may tell us
	State      store.SourceState `json:"state"`  // before: "active" for accepted, "leaving" for closed
	Access     string            `json:"access"` // of a server that is asked: "all" posts, or "local" ones
	HasToken   bool              `json:"has_token"`
	Error      string            `json:"error"` // last_error, as it was called before
	LastError  string            `json:"last_error"`
	ErrorAt    Time              `json:"last_error_at"`
	Follows    int               `json:"asked"`     // how often we asked to follow
	Heard      int               `json:"heard"`     // posts it told us of
	Matched    int               `json:"matched"`   // sightings, as it was called before
	Sightings  int               `json:"sightings"` // posts for us
	Issues     int               `json:"issues"`    // of them, reports
	Alone      int               `json:"alone"`     // of them, reports that no other source brought
	Drops      map[string]int    `json:"drops"`     // the others, by reason
	Hours      []int             `json:"hours"`     // heard in each of the last 24 hours, the present one last
	Days       []int             `json:"days"`      // heard on each of the last 14 days, today last
	CreatedAt  Time              `json:"created_at"`
	AcceptedAt Time              `json:"accepted_at"`
	HeardAt    Time              `json:"heard_at"` // last_heard, as it was called before
	LastHeard  Time              `json:"last_heard"`
	Next       Time              `json:"next"` // when it is asked, or tended, again
}

func sourceOf(s store.Source, now time.Time) Source {
	hours, days := s.Hours.At(now), s.Days.At(now)
	drops := map[string]int{}
	maps.Copy(drops, s.Drops)
	return Source{ID: s.ID, Kind: s.Kind, Name: s.Name, URL: cmp.Or(s.URL, string(s.Actor)), Tag: s.Tag(), Tags: list(s.Tags), Desk: s.Desk, Actor: s.Actor, Allow: list(s.Allow), State: s.State,
		Access: s.Access, HasToken: len(s.Token) > 0, Error: s.Error, LastError: s.Error, ErrorAt: Time{s.ErrorAt}, Follows: s.Follows,
		Heard: s.Heard, Matched: s.Matched, Sightings: s.Matched, Issues: s.Issues, Alone: s.Alone, Drops: drops, Hours: hours.Counts[:], Days: days.Counts[:],
		CreatedAt: Time{s.Created}, AcceptedAt: Time{s.Accepted}, HeardAt: Time{s.HeardAt}, LastHeard: Time{s.HeardAt}, Next: Time{s.Next}}
}

// Suggestion is a source that would hear a desk's names. Its server is asked only if an
// admin wants that.
type Suggestion struct {
	For      desk.Handle       `json:"for"`
	Kind     string            `json:"kind"`
	Provider string            `json:"provider"`
	URL      string            `json:"url"`
	Tags     []string          `json:"tags"`
	Why      app.SuggestionWhy `json:"why"`   // service, large or misskey
	Rules    string            `json:"rules"` // where the server says what it expects; "" for a service
	Says     *ServerSays       `json:"says"`  // null: it was not asked
}

// ServerSays is what a suggested server answered when it was asked.
type ServerSays struct {
	Access string   `json:"access"`      // "all" posts, "local" ones, "closed"; "": it does not say
	Rules  []string `json:"rules"`       // in its own words
	Uses   int      `json:"uses_7_days"` // of the hashtags; -1: it does not say
	Error  string   `json:"error"`       // why it does not answer
}

func suggestionOf(s app.Suggestion) Suggestion {
	tags := s.Tags
	if s.Tag != "" {
		tags = []string{s.Tag}
	}
	out := Suggestion{For: s.Desk, Kind: s.Kind, Provider: s.Provider, URL: s.URL, Tags: list(tags), Why: s.Why, Rules: s.Rules}
	if s.Says != nil {
		out.Says = &ServerSays{Access: s.Says.Access, Rules: list(s.Says.Rules), Uses: s.Says.Uses, Error: s.Says.Error}
	}
	return out
}

// Block is an account or a server that is blocked: we neither hear it nor talk
// to it.
type Block struct {
	Target string     `json:"target"`
	Reason string     `json:"reason"`
	Agent  desk.Email `json:"agent"`
	Since  Time       `json:"since"`
}

func blockOf(b desk.Block) Block {
	return Block{Target: b.Target, Reason: b.Reason, Agent: b.Agent, Since: Time{b.Since}}
}

// OptOut is a person who is left alone.
type OptOut struct {
	Actor  desk.ActorID      `json:"actor"`
	Cause  desk.OptOutReason `json:"cause"`
	Remark string            `json:"remark"`
	Since  Time              `json:"since"`
	Until  Time              `json:"until"` // "": for good
}

func optOutOf(o desk.OptOut) OptOut {
	return OptOut{Actor: o.Actor, Cause: o.Cause, Remark: o.Remark, Since: Time{o.Since}, Until: Time{o.Until}}
}

// Job is durable work that waits, is under way, or was given up.
type Job struct {
	ID       string      `json:"id"`
	Queue    store.Queue `json:"queue"`
	Host     desk.Host   `json:"host"`
	Due      Time        `json:"due"`
	Added    Time        `json:"added"`
	Attempts int         `json:"attempts"`
	Error    string      `json:"error"` // of the last attempt
	Dead     bool        `json:"dead"`
	DiedAt   Time        `json:"died_at"`
}

func jobOf(j store.Job) Job {
	return Job{ID: j.ID, Queue: j.Queue, Host: j.Host, Due: Time{j.Due}, Added: Time{j.Added}, Attempts: j.Attempts, Error: j.Error,
		Dead: j.Dead, DiedAt: Time{j.DiedAt}}
}

// Count counts a queue's jobs.
type Count struct {
	Queue   store.Queue `json:"queue"`
	Waiting int         `json:"waiting"` // those under way included
	Dead    int         `json:"dead"`
}

// Instance says whose instance answers.
type Instance struct {
	Version      string    `json:"version"`
	URL          string    `json:"url"`
	HandleDomain desk.Host `json:"handle_domain"`
	Desks        int       `json:"desks"`
}
