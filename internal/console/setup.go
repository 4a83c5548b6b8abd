package console

import (
	"context"
	"encoding/json"
	"errors"
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
	// Command is what the remedy has in code: a command, a setting or the desk's name.
	Command string
	exists  bool // a note says that nothing exists yet
}

// checksOfSetup are the rows, in the order in which they are put right.
var checksOfSetup = []setupCheck{
	{Name: "dns", Needed: true},
	{Name: "tls", Needed: true},
	{Name: "proxy", Command: "trusted_proxies"},
	{Name: "webfinger", Needed: true},
	{Name: "signature", Needed: true},
	{Name: "clock", Needed: true},
	{Name: "sources", Needed: true, At: "sources", exists: true},
	{Name: "reports", exists: true},
	{Name: "backup", Needed: true, Command: "earshot backup FILE"},
	{Name: "mail", At: "notify", Command: "smtp.…"},
	{Name: "destinations", At: "webhooks"},
}

// checkState is how a row stands: a shape, a colour and a word.
type checkState string

// The states.
const (
	checkUnknown checkState = "unknown" // it was not made of late
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

// checksKept is how long a result stands: the page makes an older one again.
const checksKept = time.Hour

// checkup holds the checks that this node is making: each is made once at a time. The results
// are in the store, where every node finds them.
type checkup struct {
	mu     sync.Mutex
	making map[string]chan struct{} // closed when the result is there
}

// begin reports whether the caller makes the check. Otherwise it is being made: made is
// closed at its end.
func (u *checkup) begin(name string) (made chan struct{}, ours bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if made, ok := u.making[name]; ok {
		return made, false
	}
	if u.making == nil {
		u.making = map[string]chan struct{}{}
	}
	made = make(chan struct{})
	u.making[name] = made
	return made, true
}

func (u *checkup) end(name string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	close(u.making[name])
	delete(u.making, name)
}

// checkRows returns all checks with their last results.
func (c *Console) checkRows(ctx context.Context) (out []checked, err error) {
	kept, err := c.app.SetupChecks(ctx)
	if err != nil {
		return nil, err
	}
	desks, err := c.app.Desks(ctx)
	if err != nil {
		return nil, err
	}
	for _, k := range checksOfSetup {
		if k.Name == "reports" && len(desks) > 0 {
			k.Command = "@" + c.site.Acct(desks[0].Handle)
		}
		row := checked{setupCheck: k, State: checkUnknown}
		if r, there := kept[k.Name]; there && c.app.Now().Sub(r.Made) < checksKept {
			var found doctor.Report
			if err := json.Unmarshal(r.Report, &found); err != nil {
				return nil, err
			}
			row = k.result(found)
			row.Made = r.Made
		}
		out = append(out, row)
	}
	return out, nil
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
	rows, err := c.checkRows(v.Context())
	if err != nil {
		return err
	}
	p := setupPage{Rows: rows, Open: s.Open(), Script: c.assets.Setup}
	p.Ready = ready(p.Rows)
	return c.show(v, "setup", p)
}

// makeCheck makes one check, or all, and answers with the page: a script takes one row of it.
func (c *Console) makeCheck(v *visit) error {
	name := v.PostFormValue("check")
	wanted := slices.Clone(checksOfSetup)
	if name != "" {
		wanted = slices.DeleteFunc(wanted, func(k setupCheck) bool { return k.Name != name })
	}
	if len(wanted) == 0 {
		return desk.NotFound("page_not_found", "there is no page %s", v.URL.Path)
	}
	var all sync.WaitGroup
	failed := make([]error, len(wanted))
	for i, k := range wanted {
		all.Go(func() { failed[i] = c.examine(v.Context(), k) })
	}
	all.Wait()
	if err := errors.Join(failed...); err != nil {
		return err
	}
	rows, err := c.checkRows(v.Context())
	if err != nil {
		return err
	}
	if ready(rows) {
		if err := c.app.EndSetup(v.Context(), v.by()); err != nil {
			return err
		}
	}
	return c.setup(v)
}

// examine makes one check; of one that is being made it awaits the result. A browser that
// leaves does not end a check: its result would be that nothing answers.
func (c *Console) examine(ctx context.Context, k setupCheck) error {
	made, ours := c.checkup.begin(k.Name)
	if !ours {
		select {
		case <-made:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	defer c.checkup.end(k.Name)
	ctx = context.WithoutCancel(ctx)
	return c.app.KeepSetupCheck(ctx, k.Name, c.doctor(ctx, k.Name))
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
