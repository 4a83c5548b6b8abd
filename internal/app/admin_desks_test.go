package app_test

import (
	"strings"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// An address is one desk's, and no desk's own address is an alias. Nothing of a
// refused change is kept.
func TestAliases(t *testing.T) {
	h := newHouse(t)
	_, err := h.AddDesk(ctx, app.By{}, desk.Desk{Handle: "sales"})
	h.ok(err)
	find := func(address string) desk.Handle {
		t.Helper()
		b, err := h.Addresses(ctx)
		h.ok(err)
		return b.Find(address).Handle
	}
	host := h.Site().URL
	if got := find(host + "/users/help"); got != "" {
		t.Errorf("before: %q", got)
	}
	for _, alias := range []string{host + "/users/help/", "@Support@" + string(h.Site().HandleDomain), host + "/users/help"} { // the last one again
		_, err := h.AddAlias(ctx, app.By{Agent: "ada@acme.example"}, "help", alias)
		h.ok(err)
	}
	d, _, err := h.Desk(ctx, "help")
	h.ok(err)
	if want := host + "/users/help @support@" + string(h.Site().HandleDomain); strings.Join(d.Aliases, " ") != want {
		t.Errorf("aliases %q, want %s", d.Aliases, want)
	}
	if a, b := find(host+"/users/help"), find("@support@"+string(h.Site().HandleDomain)); a != "help" || b != "help" {
		t.Errorf("after: %q, %q", a, b)
	}
	for alias, want := range map[string]string{
		host + "/users/help": "alias_of_another", host + "/@sales": "alias_in_use", "@help@" + string(h.Site().HandleDomain): "alias_in_use", host + "/relay": "alias_in_use", "https://m.example/users/help": "alias_elsewhere",
		host + "/" + strings.Repeat("a", 500): "alias_too_long",
	} {
		if _, err := h.AddAlias(ctx, app.By{}, "sales", alias); desk.ErrorID(err) != want {
			t.Errorf("%s: %v, want %s", alias, err, want)
		}
	}
	if _, err := h.AddAlias(ctx, app.By{}, "none", host+"/users/none"); desk.ErrorID(err) != "desk_not_found" {
		t.Errorf("an alias of no desk: %v", err)
	}
	if _, err := h.AddDesk(ctx, app.By{}, desk.Desk{Handle: "support"}); desk.ErrorID(err) != "handle_is_alias" {
		t.Errorf("a desk with the handle of an alias: %v", err)
	}
	for n := range desk.MaxAliases {
		_, err = h.AddAlias(ctx, app.By{}, "sales", host+"/former/"+strings.Repeat("x", n+1))
		h.ok(err)
	}
	if _, err := h.AddAlias(ctx, app.By{}, "sales", host+"/former/y"); desk.ErrorID(err) != "aliases_too_many" {
		t.Errorf("one alias too many: %v", err)
	}
	name := "Help"
	_, err = h.EditDesk(ctx, app.By{}, "help", app.DeskEdit{Name: &name})
	h.ok(err)
	if find(host+"/users/help") != "help" {
		t.Error("a change of the desk drops its aliases")
	}
	if _, err := h.RemoveAlias(ctx, app.By{}, "sales", host+"/users/help"); desk.ErrorID(err) != "alias_not_found" {
		t.Errorf("the alias of another: %v", err)
	}
	_, err = h.RemoveAlias(ctx, app.By{Agent: "ada@acme.example"}, "help", host+"/users/help#x")
	h.ok(err)
	if got := find(host + "/users/help"); got != "" {
		t.Errorf("removed: %q", got)
	}
	entries, _, err := h.AuditEntries(ctx, store.AuditFilter{}, store.Page{})
	h.ok(err)
	var said []string
	for _, e := range entries {
		if e.On == "desks/help" && strings.Contains(e.What, "alias") {
			said = append(said, e.What+" "+e.Note)
		}
	}
	want := []string{"desk.unalias " + host + "/users/help", "desk.alias " + host + "/users/help", "desk.alias @support@" + string(h.Site().HandleDomain), "desk.alias " + host + "/users/help"}
	if strings.Join(said, "\n") != strings.Join(want, "\n") {
		t.Errorf("audit log:\n%s", strings.Join(said, "\n"))
	}
}
