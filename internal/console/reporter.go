package console

import (
	"fmt"
	"hash/fnv"
	"slices"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/locale"
)

// reporter is the person beside a thread.
type reporter struct {
	app.Person
	Face     string // its address; "": initials alone
	Server   desk.Host
	Language string // of the issue
	Earlier  []earlier
	Remarks  []remark
	// Full: no further remark fits, or none is wanted.
	Full bool
}

// earlier is another issue of the person.
type earlier struct {
	desk.Issue
	Address string
}

// remark is what an agent noted about the person.
type remark struct {
	desk.Remark
	By string // the agent's name
}

func (c *Console) reporter(v *visit, whole app.IssueView, staff staff) (r reporter, err error) {
	if r.Person, err = c.app.Person(v.Context(), whole.Issue.Reporter); err != nil {
		return r, err
	}
	r.Face = c.faceOf(r.Actor)
	r.Server, r.Language = whole.Issue.Reporter.Host(), whole.Issue.Language
	for _, i := range r.Issues {
		here := i.ID == whole.Issue.ID || slices.ContainsFunc(whole.Parts, func(p app.Part) bool { return p.Issue.ID == i.ID })
		if !here {
			r.Earlier = append(r.Earlier, earlier{i, query{View: viewAll}.Issue(i.ID)})
		}
	}
	for _, n := range r.Person.Remarks {
		r.Remarks = append(r.Remarks, remark{n, staff.name(n.Agent)})
	}
	r.Full = len(r.Remarks) >= desk.MaxRemarks || r.Actor.Acct == "" || r.OptOut != nil && r.OptOut.Actor == r.Actor.ID
	return r, nil
}

// addRemark notes something about the reporter of an issue.
func (c *Console) addRemark(v *visit) error {
	whole, err := c.app.ShowIssue(v.Context(), v.issueID())
	if err != nil {
		return err
	}
	if _, err := c.app.AddRemark(v.Context(), v.by(), desk.Remark{About: whole.Issue.Reporter, Text: v.PostFormValue("remark")}); err != nil {
		return err
	}
	return v.back(v.issueID(), "remark")
}

func (c *Console) removeRemark(v *visit) error {
	whole, err := c.app.ShowIssue(v.Context(), v.issueID())
	if err != nil {
		return err
	}
	if err := c.app.RemoveRemark(v.Context(), v.by(), whole.Issue.Reporter, desk.RemarkID(v.PostFormValue("id"))); err != nil {
		return err
	}
	return v.back(v.issueID(), "removed")
}

// hues is how many colours the faces of people have: .h0 to .h11 in console.css.
const hues = 12

// hueOf is the colour of a person's face: always the same, on every page.
func hueOf(a desk.Actor) string {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(a.ID)) // a hash takes everything
	return fmt.Sprint("h", sum.Sum32()%hues)
}

// initialsOf stand for a picture, or below one.
func initialsOf(l *locale.Language, a desk.Actor) string {
	if s := desk.Initials(nameOf(l, a)); s != "" {
		return s
	}
	return "?"
}
