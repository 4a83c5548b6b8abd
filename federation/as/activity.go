package as

import (
	"time"

	"earshot/internal/desk"
)

// maxInner bounds activities inside activities: Announce{Update{…}} is the most
// that peers send with a meaning.
const maxInner = 4

// Ref is an id, with the object if it was embedded. An embedded object is the
// sender's word only: whether it may be believed is for origin to say.
type Ref struct {
	ID     desk.ObjectID
	Object *Object // nil if only the id was given, or the value is no object
}

// Activity is a parsed activity.
type Activity struct {
	ID      desk.ActivityID // may be empty
	Type    Type
	Actor   desk.ActorID    // may be empty in Inner
	Object  Ref             // the first object
	Objects []desk.ObjectID // the ids of all objects, at most MaxList (Flag, votes)
	Inner   *Activity       // the object, when that is itself an embedded activity
	Target  desk.ObjectID
	Result  desk.ObjectID // the authorization that an Accept carries
	// Instrument is the reply or quote that a request is about.
	Instrument desk.ObjectID
	To, Cc     []string // as received, at most MaxList each

	// Content is the reaction of a Like or EmojiReact, or the words of a Flag.
	Content            string
	Published, Updated time.Time // zero if absent or unreadable
	Raw                []byte    // the activity's own bytes, shared with the input
}

// ParseActivity reads an activity. It must have a type and an actor. The id may
// be absent (ActivityPub, section 3.1): what an activity does follows from its
// actor and object. An id that is there must be readable, and so must the embedded
// object of a Create or Update.
func ParseActivity(raw []byte) (*Activity, error) {
	n, err := decode(raw)
	if err != nil {
		return nil, err
	}
	a, err := readActivity(n, maxInner)
	if err != nil {
		return nil, err
	}
	if a.ID == "" && n.fields["id"] != nil {
		return nil, malformed("the id of an activity must be an http or https URL")
	}
	return a, nil
}

// SpokenBy has an activity name its actor by id, where it spells that id in
// another way: what we keep of one actor is under one id.
func (a *Activity) SpokenBy(id desk.ActorID) {
	respell := func(who *desk.ActorID) {
		if desk.SameID(string(*who), string(id)) {
			*who = id
		}
	}
	respell(&a.Actor)
	if o := a.Object.Object; o != nil {
		o.AttributedToAs(id)
	}
	if a.Inner != nil {
		respell(&a.Inner.Actor)
	}
}

func readActivity(n *node, inner int) (*Activity, error) {
	a := &Activity{
		ID:      desk.ActivityID(n.self()),
		Type:    n.typ(),
		Actor:   desk.ActorID(n.id("actor")),
		Objects: objectIDs(n.ids("object", MaxList)),
		Target:  desk.ObjectID(n.id("target")),
		Result:  desk.ObjectID(n.id("result")),

		Instrument: desk.ObjectID(n.id("instrument")),

		To:        n.recipients("to"),
		Cc:        n.recipients("cc"),
		Content:   n.reaction(),
		Published: n.time("published"),
		Updated:   n.time("updated"),
		Raw:       n.raw,
	}
	if a.Type == "" {
		return nil, malformed("an activity needs a type")
	}
	outer := inner == maxInner // the actor of an inner one may follow from this one's
	if a.Actor == "" && (outer || len(n.list("actor")) > 0) {
		return nil, malformed("an activity needs an actor that is an http or https URL")
	}
	if err := a.readObject(n, inner); err != nil {
		return nil, err
	}
	if a.Type == Undo && a.Inner != nil && a.Inner.Actor == "" { // an actor undoes only what it did
		a.Inner.Actor = a.Actor
	}
	return a, nil
}

// readObject reads the first object of n. An embedded object counts only in a
// Create or Update; elsewhere only the id of an unreadable one stays.
func (a *Activity) readObject(n *node, inner int) error {
	list := n.list("object")
	if len(list) == 0 {
		return nil
	}
	a.Object.ID = desk.ObjectID(idOf(list[0]))
	embedded, ok := list[0].(*node)
	if !ok {
		return nil
	}
	strict := a.Type == Create || a.Type == Update
	if strict {
		lend(n, embedded)
	}
	if embedded.isActivity() {
		if inner == 0 {
			return nil
		}
		in, err := readActivity(embedded, inner-1)
		if err != nil && strict {
			return err
		}
		a.Inner = in
		return nil
	}
	o, err := readObject(embedded)
	if err != nil && strict {
		return err
	}
	if o != nil && strict {
		o.spokenBy(a.Actor)
	}
	a.Object.Object = o
	return nil
}

// lend copies the author, the tags (Lemmy's mentions) and the audience of a Create
// or Update to an object without its own; ActivityPub (section 6.2) wants the
// audience on both, and makes the actor the author. What the object says stays,
// and an empty list of tags says something; an audience of empty lists is none.
// Both come from one actor, or origin refuses the activity.
func lend(activity, object *node) {
	if len(object.list("attributedTo")) == 0 {
		object.fields["attributedTo"] = activity.fields["actor"]
	}
	if object.fields["tag"] == nil {
		object.fields["tag"] = activity.fields["tag"]
	}
	audience := []string{"to", "cc", "bto", "bcc", "audience"}
	for _, key := range audience {
		if len(object.list(key)) > 0 {
			return
		}
	}
	for _, key := range audience {
		object.fields[key] = activity.fields[key]
	}
}

// reaction is the text of an activity: Misskey's reactions are in a field of
// their own, Lemmy's reasons in the summary.
func (n *node) reaction() string {
	if s, _ := n.natural("content"); s != "" {
		return s
	}
	if s := n.str("_misskey_reaction"); s != "" {
		return s
	}
	s, _ := n.natural("summary")
	return s
}

func objectIDs(ids []string) []desk.ObjectID {
	var out []desk.ObjectID
	for _, id := range ids {
		out = append(out, desk.ObjectID(id))
	}
	return out
}
