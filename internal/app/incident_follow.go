package app

import (
	"earshot/internal/desk"
	"earshot/store"
)

// roundEdited has the replies of a round follow new words of its post. Versions in
// other languages stay as they are.
func (t *Tx) roundEdited(p desk.Post) error {
	r, ok, err := t.Rounds().Get(p.ID)
	if err != nil || !ok {
		return err
	}
	if r.Text, err = t.sign(By{Agent: r.Agent}, p.Text); err != nil {
		return err
	}
	if r.State == desk.RoundReady {
		return t.Rounds().Put(r)
	}
	r.Edits++
	r.Editing, r.EditAfter = true, ""
	return t.nextPortion(&r, t.Now)
}

// roundRetracted has the replies of a round be taken back or deleted with its post,
// and erases the words.
func (t *Tx) roundRetracted(p desk.PostID) error {
	r, ok, err := t.Rounds().Get(p)
	if err != nil || !ok || r.Retracting {
		return err
	}
	if !r.State.Over() {
		if err := r.Hold(desk.RoundStopped, t.Now); err != nil {
			return err
		}
	}
	r.Text, r.Versions = "", nil
	r.Retracting, r.EditAfter = true, ""
	return t.nextPortion(&r, t.Now)
}

// followPost brings the next replies of a round to what its post says, or deletes
// them with it.
func (t *Tx) followPost(r *desk.Round) error {
	voices, next, err := t.Rounds().Voices(store.VoiceFilter{Round: r.Post}, store.Page{After: r.EditAfter, Limit: roundPortion})
	if err != nil {
		return err
	}
	for _, v := range voices {
		p, ok, err := t.Posts().Get(v.Post)
		if err != nil {
			return err
		}
		if !ok || p.Deleted || p.State == desk.PostUndone || p.State == desk.PostWithheld {
			continue
		}
		if r.Retracting {
			err = t.retractFrom(*r, p)
		} else {
			err = t.rewriteFor(*r, v, p)
		}
		if err != nil {
			return err
		}
	}
	if r.EditAfter = next; next == "" {
		r.Editing, r.Retracting = false, false
		if r.State != desk.RoundTelling {
			r.Step++
			return t.Rounds().Put(*r)
		}
	}
	return t.nextPortion(r, t.Now)
}

func (t *Tx) retractFrom(r desk.Round, p desk.Post) error {
	by := By{Agent: r.Agent}
	if p.State == desk.PostPublished {
		_, err := t.retract(by, p)
		return err
	}
	_, err := t.takeBack(by, p)
	return err
}

// rewriteFor gives one reply the new words, unless its reporter wants none.
func (t *Tx) rewriteFor(r desk.Round, v desk.RoundVoice, p desk.Post) error {
	if err := t.mayEdit(p); err != nil {
		if code := desk.ErrorCode(err); code == desk.CodeForbidden || code == desk.CodeConflict {
			return nil
		}
		return err
	}
	one, err := t.issue(v.Issue)
	if err != nil {
		return err
	}
	h, _, err := t.Hosts().Get(v.Host)
	if err != nil {
		return err
	}
	text, _, err := t.voiceText(r, one, p.Language, h.MaxCharacters)
	if err != nil || text == p.Text {
		return err
	}
	_, err = t.rewrite(By{Agent: r.Agent}, p, text)
	return err
}
