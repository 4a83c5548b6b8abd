package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"earshot/internal/desk"
	"earshot/internal/id"
	"earshot/store"
)

// Agents lists who works at the desk, by e-mail address.
func (a *App) Agents(ctx context.Context, p store.Page) (out []desk.Agent, next string, err error) {
	err = a.View(ctx, func(tx *Tx) error { out, next, err = tx.Agents().List(p); return err })
	return out, next, err
}

// Agent returns one agent.
func (a *App) Agent(ctx context.Context, e desk.Email) (out desk.Agent, err error) {
	err = a.View(ctx, func(tx *Tx) error { out, err = tx.Agent(e); return err })
	return out, err
}

// Agent finds an agent. If the agent does not exist, the error says so.
func (t *Tx) Agent(e desk.Email) (desk.Agent, error) {
	a, ok, err := t.Agents().Get(e)
	if err == nil && !ok {
		err = desk.NotFound("agent_not_found", "there is no agent %q", e)
	}
	return a, err
}

// AddAgent adds an agent. They can sign in once they have used a link.
func (a *App) AddAgent(ctx context.Context, by By, n desk.Agent) (desk.Agent, error) {
	n, err := desk.NewAgent(n)
	if err != nil {
		return n, err
	}
	n.ID = id.New()
	return once(ctx, a, by, audit[desk.Agent]{"agent.add", func(n desk.Agent) (string, string) { return agentPath(n.Email), string(n.Role) }},
		func(tx *Tx) (desk.Agent, error) { return tx.AddAgent(n) })
}

// AddAgent is App.AddAgent within a transaction, which has to note it; n has
// been through desk.NewAgent and has an ID.
func (t *Tx) AddAgent(n desk.Agent) (desk.Agent, error) {
	if _, there, err := t.Agents().Get(n.Email); err != nil {
		return n, err
	} else if there {
		return n, desk.Conflict("agent_exists", "there is an agent %s already", n.Email)
	}
	count, err := t.countAgents(func(desk.Agent) bool { return true })
	if err != nil {
		return n, err
	}
	if count >= desk.MaxAgents {
		return n, desk.Conflict("agents_too_many", "an instance has at most %d agents", desk.MaxAgents)
	}
	if err := t.desksThere(n.Desks); err != nil {
		return n, err
	}
	n.Created = t.Now
	return n, t.Agents().Put(n)
}

// desksThere refuses desks that do not exist.
func (t *Tx) desksThere(desks []desk.Handle) error {
	for _, h := range desks {
		if _, err := t.desk(h); err != nil {
			return err
		}
	}
	return nil
}

func agentPath(e desk.Email) string { return "agents/" + string(e) }

// Admins counts those who can sign in and run the system.
func (t *Tx) Admins() (int, error) {
	return t.countAgents(func(a desk.Agent) bool { return a.May(desk.ScopeAdmin) })
}

func (t *Tx) countAgents(which func(desk.Agent) bool) (n int, err error) {
	for a, err := range store.Each(t.Agents().List) {
		if err != nil {
			return 0, err
		}
		if which(a) {
			n++
		}
	}
	return n, nil
}

// AgentEdit holds the fields of an agent that can change; nil: no change. An
// e-mail address cannot change: it names the agent in the records.
type AgentEdit struct {
	Name      *string
	Role      *desk.AgentRole
	Signature *string // "" for none
	Disabled  *bool   // they are signed out, and their tokens end
	TimeZone  *string // an IANA name; "" for UTC
	// Desks are the only ones whose issues they see; none: they see all.
	Desks *[]desk.Handle
	// Checked: their replies wait until a colleague has looked at them.
	Checked *bool
}

// EditAgent changes an agent. Rights that it removes end at once.
func (a *App) EditAgent(ctx context.Context, by By, e desk.Email, edit AgentEdit) (desk.Agent, error) {
	note := ""
	return once(ctx, a, by, audit[desk.Agent]{"agent.edit", func(n desk.Agent) (string, string) { return agentPath(n.Email), note }}, func(tx *Tx) (now desk.Agent, err error) {
		now, note, err = tx.EditAgent(e, edit)
		return now, err
	})
}

// EditAgent is App.EditAgent within a transaction, which has to note it. It returns
// the changes in words.
func (t *Tx) EditAgent(e desk.Email, edit AgentEdit) (now desk.Agent, note string, err error) {
	old, err := t.Agent(e)
	if err != nil {
		return old, "", err
	}
	now, changed, err := edit.apply(old, t.Now)
	if err != nil {
		return old, "", err
	}
	if old.May(desk.ScopeAdmin) && !now.May(desk.ScopeAdmin) {
		if n, err := t.Admins(); err != nil {
			return old, "", err
		} else if n < 2 {
			return old, "", desk.Conflict("agent_only_admin", "%s is the only admin: make another one first", e)
		}
	}
	if edit.Desks != nil {
		if err := t.desksThere(now.Desks); err != nil {
			return old, "", err
		}
	}
	if err := t.Agents().Put(now); err != nil {
		return now, "", err
	}
	if now.Active() && len(now.Desks) > 0 && !slices.Equal(old.Desks, now.Desks) {
		if err := t.addJob(store.QueueTimer, fmt.Sprintf("release:%s:%d", now.ID, t.Now.UnixMicro()), "", t.Now, Timer{Kind: TimerRelease, Agent: e}); err != nil {
			return now, "", err
		}
	}
	if old.Active() && !now.Active() {
		for _, kind := range []store.GrantKind{store.GrantSession, store.GrantToken, store.GrantLink} {
			if err := t.EndGrants(store.GrantFilter{Kind: kind, Agent: e}, ""); err != nil {
				return now, "", err
			}
		}
		if err := t.addJob(store.QueueTimer, fmt.Sprintf("release:%s:%d", now.ID, now.Disabled.UnixMicro()), "", t.Now, Timer{Kind: TimerRelease, Agent: e}); err != nil {
			return now, "", err
		}
	}
	return now, strings.Join(changed, ", "), nil
}

// ReleaseIssues takes the issues that are not done from an agent who is disabled, or who
// does not see them any more: nobody else would look at them as their own.
func (a *App) ReleaseIssues(ctx context.Context, e desk.Email) error {
	for _, c := range []desk.Category{desk.CategoryOpen, desk.CategoryPaused} {
		after := ""
		for more := true; more; {
			next := ""
			err := a.Update(ctx, func(tx *Tx) error {
				agent, err := tx.Agent(e)
				if more = err == nil && (!agent.Active() || len(agent.Desks) > 0); !more {
					return err // enabled again meanwhile
				}
				var issues []desk.Issue
				issues, next, err = tx.Issues().List(store.IssueFilter{Assignee: e, Category: c}, store.Page{After: after, Limit: releaseBatch})
				if more = next != ""; err != nil {
					return err
				}
				for _, i := range issues {
					if agent.Active() && agent.Sees(i.On()) {
						continue
					}
					if err := tx.assign(By{}, &i, ""); err != nil {
						return err
					}
					if err := tx.Issues().Put(i); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
			after = next
		}
	}
	return nil
}

// releaseBatch is how many issues are taken from an agent in one transaction.
const releaseBatch = 100

// apply returns the changed agent, and the changes in words.
func (e AgentEdit) apply(a desk.Agent, at time.Time) (desk.Agent, []string, error) {
	var changed []string
	if e.Name != nil {
		a.Name = *e.Name
		changed = append(changed, "name")
	}
	if e.Role != nil {
		a.Role = *e.Role
		changed = append(changed, "role "+string(a.Role))
	}
	if e.Signature != nil {
		a.Signature = *e.Signature
		changed = append(changed, "signature")
	}
	if e.TimeZone != nil {
		a.TimeZone = *e.TimeZone
		changed = append(changed, "time zone")
	}
	if e.Desks != nil {
		a.Desks = *e.Desks
		names := make([]string, len(*e.Desks))
		for n, h := range *e.Desks {
			names[n] = string(h)
		}
		changed = append(changed, cmp.Or("desks "+strings.Join(names, " "), "all desks"))
	}
	if e.Checked != nil {
		a.Checked = *e.Checked
		changed = append(changed, map[bool]string{true: "replies are checked", false: "replies go out"}[a.Checked])
	}
	if e.Disabled != nil && *e.Disabled == a.Active() {
		a.Disabled = time.Time{}
		what := "enabled"
		if *e.Disabled {
			a.Disabled, what = at, "disabled"
		}
		changed = append(changed, what)
	}
	if len(changed) == 0 {
		return a, nil, desk.Invalid("agent_change_missing", "name what shall change: the name, the role, the signature, or whether they are disabled")
	}
	none := e.Signature != nil && *e.Signature == ""
	a, err := desk.NewAgent(a)
	if none {
		a.Signature = ""
	}
	return a, changed, err
}

// EndSignIns ends all sessions, links and sign-ins under way. After a restore
// those are back that had ended since.
func (a *App) EndSignIns(ctx context.Context) error {
	for _, kind := range []store.GrantKind{store.GrantSession, store.GrantLink, store.GrantCeremony} {
		if err := a.Update(ctx, func(tx *Tx) error { return tx.EndGrants(store.GrantFilter{Kind: kind}, "") }); err != nil {
			return err
		}
	}
	return nil
}

// EndGrants deletes all grants of a filter except one; "": no exception.
func (t *Tx) EndGrants(f store.GrantFilter, but string) error {
	for g, err := range store.EachOf(t.Grants().List, f) {
		if err != nil {
			return err
		}
		if g.Hash == but {
			continue
		}
		if _, err := t.Grants().Delete(g.Hash); err != nil {
			return err
		}
	}
	return nil
}

// sign ends a reply with its agent's letters. A caller who is no agent has no
// letters.
func (t *Tx) sign(by By, text string) (string, error) {
	a, ok, err := t.Agents().Get(by.Agent)
	if err != nil || !ok {
		return text, err
	}
	return a.Sign(text), nil
}
