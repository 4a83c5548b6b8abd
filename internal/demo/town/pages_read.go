package town

import (
	"net/http"
	"strings"
	"time"

	"earshot/internal/desk"
)

// story is a thread on a timeline: its first post and its answers.
type story struct {
	Post    Message
	Path    string
	Answers int
	Last    *Message // the newest answer from another server
}

// pageHome shows the public posts of the town.
func (t *Town) pageHome(w http.ResponseWriter, _ *http.Request) {
	t.mu.Lock()
	posts := t.timeline(nil, func(p *post) bool { return p.local != nil && t.posts[p.inReplyTo] == nil })
	f := t.frame(t.name, nil, t.stories(nil, posts))
	t.mu.Unlock()
	t.show(w, http.StatusOK, "home", f)
}

func (t *Town) stories(viewer *actor, posts []Message) []story {
	var out []story
	for _, m := range posts {
		s := story{Post: m, Path: t.pathIn(viewer, m.ID)}
		t.countAnswers(viewer, m.ID, &s, 0)
		out = append(out, s)
	}
	return out
}

func (t *Town) countAnswers(viewer *actor, id desk.ObjectID, s *story, depth int) {
	if depth > 20 {
		return
	}
	for _, a := range t.answers[id] {
		if !a.deleted && t.sees(viewer, a) {
			s.Answers++
			if a.local == nil && (s.Last == nil || s.Last.At.Before(a.published)) {
				m := a.message(viewer, 0)
				s.Last = &m
			}
		}
		t.countAnswers(viewer, a.id, s, depth+1)
	}
}

// pathIn is where a viewer reads the thread of a post: under the nearest post
// of the town above it, as posts of others have no page here.
func (t *Town) pathIn(viewer *actor, id desk.ObjectID) string {
	p := t.posts[id]
	for up := 0; p != nil && p.local == nil && up < 50; up++ {
		p = t.posts[p.inReplyTo]
	}
	if p == nil || p.local == nil {
		return ""
	}
	path := pathOf(p.id)
	if viewer != nil && p.local != viewer {
		path += "?as=" + viewer.username
	}
	return path
}

type profileData struct {
	Who       face
	Posts     []story
	Notes     []noteLine
	Home      []Message
	Followers int
	Following []link
}

type noteLine struct {
	Notification
	Path string
}

type link struct{ ID, Acct string }

type tagData struct {
	Tag, Acct string
	Posts     []story
	Followers int
}

// pageActor shows a person, with the parts that only they see, or a hashtag.
func (t *Town) pageActor(w http.ResponseWriter, r *http.Request) {
	t.mu.Lock()
	a := living(t.named(r))
	if a == nil {
		t.mu.Unlock()
		t.showError(w, desk.NotFound("town_person_not_here", "Nobody of that name lives here."))
		return
	}
	if a.tag != "" {
		posts := t.timeline(nil, func(p *post) bool { return p.local != nil && p.announced[a.tag] != nil })
		f := t.frame("#"+a.tag, nil, tagData{a.tag, t.acctOf(a), t.stories(nil, posts), len(a.followers)})
		t.mu.Unlock()
		t.show(w, http.StatusOK, "tag", f)
		return
	}
	posts := t.timeline(a, func(p *post) bool { return p.local == a })
	data := profileData{Who: t.face(a), Posts: t.stories(a, posts), Followers: len(a.followers)}
	for id := range a.following {
		acct := string(id)
		if r, ok := t.remotes.Get(id); ok {
			acct = r.acct
		} else if ours := t.local(id); ours != nil {
			acct = t.acctOf(ours)
		}
		data.Following = append(data.Following, link{string(id), acct})
	}
	f := t.frame(a.displayName(), a, nil)
	t.mu.Unlock()
	for _, n := range t.Notifications(a.username) {
		t.mu.Lock()
		line := noteLine{n, t.pathIn(a, n.Object)}
		t.mu.Unlock()
		data.Notes = append(data.Notes, line)
	}
	data.Home = t.Home(a.username)
	f.Data = data
	t.show(w, http.StatusOK, "profile", f)
}

type threadData struct {
	Path     string // of this page, without query
	Messages []Message
	Reply    desk.ObjectID // the post that the composer answers
	ReplyTo  string        // whose post that is
	Prefill  string        // mentions
	Quiet    desk.Visibility
	Edit     desk.ObjectID // the message that is being edited
}

// pageThread shows a thread through the eyes of its page's person, or of
// another one of the town with ?as=NAME.
func (t *Town) pageThread(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	name := r.PathValue("name")
	if as := q.Get("as"); as != "" {
		name = as
	}
	messages := t.Thread(name, t.objectOf(r))
	t.mu.Lock()
	viewer := living(t.people[name])
	if viewer == nil || len(messages) == 0 {
		t.mu.Unlock()
		t.showError(w, desk.NotFound("town_post_hidden", "There is no such post, or %s may not see it.", name))
		return
	}
	data := threadData{Path: r.URL.EscapedPath(), Messages: messages, Edit: desk.ObjectID(q.Get("edit"))}
	t.prepareReply(&data, viewer, desk.ObjectID(q.Get("reply")))
	f := t.frame("Thread", viewer, data)
	t.mu.Unlock()
	t.show(w, http.StatusOK, "thread", f)
}

// prepareReply picks the post that the composer answers (the requested one,
// else another person's last one) and mentions the same people as Mastodon.
func (t *Town) prepareReply(d *threadData, viewer *actor, asked desk.ObjectID) {
	var target *Message
	for i := range d.Messages {
		m := &d.Messages[i]
		if m.Deleted {
			continue
		}
		if target == nil || asked == m.ID || target.ID != asked && m.Author != viewer.id && !m.At.Before(target.At.Truncate(time.Second)) {
			target = m
		}
	}
	if target == nil {
		return
	}
	d.Reply, d.ReplyTo, d.Quiet = target.ID, target.Acct, target.Visibility
	var handles []string
	if target.Author != viewer.id {
		handles = append(handles, "@"+target.Acct)
	}
	for _, id := range target.Mentions {
		if id == viewer.id || id == target.Author {
			continue
		}
		if r, ok := t.remotes.Get(id); ok {
			handles = append(handles, "@"+r.acct)
		} else if a := t.local(id); a != nil {
			handles = append(handles, "@"+t.acctOf(a))
		}
	}
	if len(handles) > 0 {
		d.Prefill = strings.Join(handles, " ") + " "
	}
}
