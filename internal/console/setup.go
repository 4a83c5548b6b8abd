package console

import (
	"net/http"
	"slices"
	"sync"
	"time"

	"earshot/internal/desk"
	"earshot/internal/doctor"
)

// setupCheck is a row of the first steps: a check of the doctor, and what to do about it.
type setupCheck struct {
	Name   string // of the doctor; its texts are console_setup_NAME
	Needed bool   // the first steps end when all of these are well
	At     string // the page on which an admin acts, below Root; "" for none
	exists bool   // a note says that nothing exists yet
}

// checksOfSetup are the rows, in the order in which they are put right.
var checksOfSetup = []setupCheck{
	{Name: "dns", Needed: true},
	{Name: "tls", Needed: true},
	{Name: "proxy"},
	{Name: "webfinger", Needed: true},
	{Name: "signature", Needed: true},
	{Name: "clock", Needed: true},
	{Name: "sources", Needed: true, At: "sources", exists: true},
	{Name: "reports", exists: true},
	{Name: "backup", Needed: true},
	{Name: "mail", At: "notify"},
	{Name: "destinations", At: "webhooks"},
}

// checkState is how a row stands: a shape, a colour and a word.
type checkState string

// The states.
const (
	checkUnknown checkState = "unknown" // it was not made since the server started
	checkWell    checkState = "well"
	checkNote    checkState = "note" // nothing has to be done
	checkOpen    checkState = "open" // something is to be done
	checkBad     checkState = "bad"  // does not work
)

var checkShapes = map[checkState]string{checkUnknown: "○", checkWell: "✓", checkNote: "–", checkOpen: "△", checkBad: "✕"}

// checked is a row with its result.
type checked struct {
	setupCheck
	State checkState
	Found []doctor.Finding
	Made  time.Time
}

// Shape is the sign of the state.
func (c checked) Shape() string { return checkShapes[c.State] }

// result is a check that was made.
func (c setupCheck) result(r doctor.Report) checked {
	out := checked{setupCheck: c, State: checkWell, Found: r.Findings, Made: r.At}
	levels := map[doctor.Level]bool{}
	for _, f := range r.Findings {
		levels[f.Level] = true
	}
	switch {
	case levels[doctor.Problem]:
		out.State = checkBad
	case levels[doctor.Warning], c.exists && levels[doctor.Note] && !levels[doctor.OK]:
		out.State = checkOpen
	case levels[doctor.Note]:
		out.State = checkNote
	}
	return out
}

// checkup remembers the last result of each row, and which checks are being made: each is
// made once at a time.
type checkup struct {
	mu     sync.Mutex
	last   map[string]checked
	making map[string]bool
}

func (u *checkup) begin(name string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.making[name] {
		return false
	}
	if u.making == nil {
		u.making, u.last = map[string]bool{}, map[string]checked{}
	}
	u.making[name] = true
	return true
}

func (u *checkup) end(r checked) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.making, r.Name)
	u.last[r.Name] = r
}

// rows returns all checks with their last results.
func (u *checkup) rows() (out []checked) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, c := range checksOfSetup {
		r, made := u.last[c.Name]
		if !made {
			r = checked{setupCheck: c, State: checkUnknown}
		}
		out = append(out, r)
	}
	return out
}

// setupPage is the page of the first steps.
type setupPage struct {
	Rows   []checked
	Open   bool // admins are led here when they sign in
	Ready  bool // all that is needed is well
	Script string
}

func ready(rows []checked) bool {
	return !slices.ContainsFunc(rows, func(r checked) bool {
		return r.Needed && r.State != checkWell && r.State != checkNote
	})
}

// setup shows the first steps. It makes no check: each row asks for its own.
func (c *Console) setup(v *visit) error {
	s, err := c.app.Setup(v.Context())
	if err != nil {
		return err
	}
	p := setupPage{Rows: c.checkup.rows(), Open: s.Open(), Script: c.assets.Setup}
	p.Ready = ready(p.Rows)
	return c.show(v, "setup", p)
}

// makeCheck makes one check, or all, and answers with the page: a script takes one row of it.
func (c *Console) makeCheck(v *visit) error {
	name := v.PostFormValue("check")
	if n := slices.IndexFunc(checksOfSetup, func(k setupCheck) bool { return k.Name == name }); n >= 0 {
		c.examine(v, checksOfSetup[n])
	} else if name == "" {
		var all sync.WaitGroup
		for _, k := range checksOfSetup {
			all.Go(func() { c.examine(v, k) })
		}
		all.Wait()
	} else {
		return desk.NotFound("page_not_found", "there is no page %s", v.URL.Path)
	}
	if ready(c.checkup.rows()) {
		if err := c.app.EndSetup(v.Context(), v.by()); err != nil {
			return err
		}
	}
	return c.setup(v)
}

// examine makes one check, unless it is being made: then that one's result will do.
func (c *Console) examine(v *visit, k setupCheck) {
	if !c.checkup.begin(k.Name) {
		return
	}
	r := checked{setupCheck: k, State: checkUnknown}
	defer func() { c.checkup.end(r) }()
	r = k.result(c.doctor(v.Context(), k.Name))
}

// putAway ends the first steps: admins are led to the issues from now on.
func (c *Console) putAway(v *visit) error {
	if err := c.app.EndSetup(v.Context(), v.by()); err != nil {
		return err
	}
	return v.done("/issues", "put_away")
}

// beginsWithSetup reports whether an agent's first page is that of the first steps.
func (c *Console) beginsWithSetup(v *visit) (bool, error) {
	if c.doctor == nil || !v.agent.May(desk.ScopeAdmin) {
		return false, nil
	}
	s, err := c.app.Setup(v.Context())
	return s.Open(), err
}

// toSetup leads there.
func toSetup(v *visit) { http.Redirect(v.w, v.Request, Root+"/setup", http.StatusSeeOther) }
