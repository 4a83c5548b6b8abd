package inbox

import (
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"earshot/federation/as"
	"earshot/federation/origin"
	"earshot/internal/desk"
)

// state is what becomes of a payload.
type state string

const (
	understood state = "understood" // it has an effect, if it is for us
	ignored    state = "ignored"    // read, answered 202, and forgotten
	unread     state = "unread"     // never asked for
	refused    state = "refused"    // read, and not the sender's to say
	unreadable state = "unreadable" // refused by the parser
)

// ignoredTypes are the activities of the corpus that FEDERATION.md does not
// list, and why they do not matter here.
var ignoredTypes = map[as.Type]string{
	"Add":     "collections of others are not kept",
	"Remove":  "collections of others are not kept",
	"Dislike": "votes are not counted",
	"Lock":    "a forum's moderation is its own",
	"Warn":    "a forum's moderation is its own",
	"Resolve": "a forum's moderation is its own",
	"Edit":    "forges are not followed",
	"Push":    "forges are not followed",
}

// unreadableOnPurpose are the payloads that the parser refuses, and why that is
// right. Whatever else it refuses is a bug of the parser.
var unreadableOnPurpose = map[string]string{
	"fedify/object_wrong_type.json":              "no id",
	"gnusocial/lemmyassets-like_note.json":       "an underscore in the host name",
	"gotosocial/note_interaction_policy.json":    "a fragment, without id",
	"pleroma/c2s_create.json":                    "a client's Create, without id and actor",
	"pleroma/question_attachment.json":           "a key twice",
	"synthetic/attack_attributedto_numeric.json": "attributedTo is no id (CVE-2026-58593)",
	"synthetic/create_object_without_id.json":    "a post without id",
	"synthetic/not_activitypub.json":             "no id",
	"vernissage/flag_many_objects.json":          "escaped twice, so that no id is a URL",
}

// receivedTypes are the activities that FEDERATION.md lists as received.
var receivedTypes = sync.OnceValues(func() ([]as.Type, error) {
	text, err := os.ReadFile("../../FEDERATION.md")
	if err != nil {
		return nil, err
	}
	_, section, ok := strings.Cut(string(text), "\n### Received\n")
	if !ok {
		return nil, errors.New("FEDERATION.md lists no received activities")
	}
	section, _, _ = strings.Cut(section, "\n### ")
	var types []as.Type
	for line := range strings.SplitSeq(section, "\n") {
		if cells := strings.Split(line, "|"); len(cells) > 2 {
			for _, m := range regexp.MustCompile("`([A-Za-z]+)`").FindAllStringSubmatch(cells[1], -1) {
				types = append(types, as.Type(m[1]))
			}
		}
	}
	return types, nil
})

func isReceived(t as.Type) bool {
	types, err := receivedTypes()
	if err != nil {
		panic(err)
	}
	return slices.Contains(types, t)
}

func TestReceivedTypesAreRead(t *testing.T) {
	if types, err := receivedTypes(); err != nil || len(types) < 10 {
		t.Fatal(types, err)
	}
	for name := range ignoredTypes {
		if isReceived(name) {
			t.Errorf("%s is received now", name)
		}
	}
}

var corpusSite = desk.Site{URL: "https://earshot.example", HandleDomain: "earshot.example"}

// judgeActivity says what becomes of an activity that its actor signed, as far as
// that does not depend on what we have stored.
func judgeActivity(a *as.Activity) (state, string) {
	if err := origin.Speaks(a.Actor, a.Actor, corpusSite); err != nil {
		return refused, reasonOf(err)
	}
	if !isReceived(a.Type) {
		return ignored, ignoredTypes[a.Type]
	}
	switch a.Type {
	case as.Create, as.Update:
		return judgePost(a)
	case as.Undo:
		return judgeUndo(a)
	case as.Accept, as.Reject:
		return judgeAnswer(a)
	case as.Move:
		alias := []desk.ActorID{a.Actor}
		if err := origin.Move(a.Actor, a.Actor, a.Object.ID, a.Target, alias, corpusSite); err != nil {
			return refused, reasonOf(err)
		}
	}
	return understood, ""
}

func judgePost(a *as.Activity) (state, string) {
	o := a.Object.Object
	if o == nil || desk.ActorID(o.ID) == a.Actor {
		return understood, ""
	}
	if err := origin.Create(a.Actor, a.Actor, o.ID, o.AllAttributedTo, a.ID, corpusSite); err != nil {
		return refused, reasonOf(err)
	}
	return judgeType(o)
}

func judgeUndo(a *as.Activity) (state, string) {
	if a.Inner == nil {
		return understood, ""
	}
	if err := origin.Undo(a.Actor, a.Actor, a.Inner.Actor, corpusSite); err != nil {
		return refused, reasonOf(err)
	}
	if !isReceived(a.Inner.Type) || a.Inner.Type == as.Delete {
		return ignored, "what it takes back was not kept"
	}
	return understood, ""
}

// judgeAnswer takes it that we asked the actor that the embedded Follow names.
func judgeAnswer(a *as.Activity) (state, string) {
	if a.Inner == nil {
		return understood, ""
	}
	if a.Inner.Type == as.ReplyRequest {
		return understood, ""
	}
	if a.Inner.Type != as.Follow {
		return ignored, "we ask to follow and to reply, and for nothing else"
	}
	if desk.ActorID(a.Inner.Object.ID) != a.Actor {
		return refused, "it answers a follow of another actor"
	}
	return understood, ""
}

// judgeObject says what becomes of an object that was fetched by its id.
func judgeObject(o *as.Object) (state, string) {
	id := string(o.ID)
	if _, err := origin.Fetched(id, id, o.ID, o.AllAttributedTo); err != nil {
		return refused, reasonOf(err)
	}
	switch o.Type {
	case as.Tombstone, as.ReplyAuthorization, as.ReplyApproval:
		return understood, ""
	}
	return judgeType(o)
}

func judgeType(o *as.Object) (state, string) {
	switch {
	case !slices.Contains(postTypes, o.Type):
		return ignored, "no post: " + string(o.Type)
	case o.IsVote:
		return ignored, "a vote in a poll"
	case o.AttributedTo == "":
		return ignored, "attributed to nobody"
	}
	return understood, ""
}

var quoted = regexp.MustCompile(`"[^"]*"`)

// reasonOf is the text of an error without the ids in it.
func reasonOf(err error) string {
	s := strings.TrimPrefix(err.Error(), as.ErrMalformed.Error()+": ")
	return quoted.ReplaceAllString(s, "…")
}
