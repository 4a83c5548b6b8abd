package federation_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/federation/as"
	"earshot/federation/inbox"
	"earshot/federation/outbox"
	"earshot/federation/proof"
	"earshot/federation/resolve"
	"earshot/internal/address"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/safehttp"
)

// section returns a part of FEDERATION.md, from its heading to the next.
func section(t *testing.T, heading string) string {
	t.Helper()
	text, err := os.ReadFile("../FEDERATION.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(text), "\n"+heading+"\n")
	if !ok {
		t.Fatalf("FEDERATION.md has no section %q", heading)
	}
	part, _, _ := strings.Cut(rest, "\n#")
	return part
}

// rows returns the cells of a section's tables, without their heads.
func rows(part string) (out [][]string) {
	body := false
	for line := range strings.SplitSeq(part, "\n") {
		if !strings.HasPrefix(line, "|") {
			body = false
			continue
		}
		if strings.HasPrefix(line, "|---") {
			body = true
			continue
		}
		if !body {
			continue
		}
		var cells []string
		for _, c := range strings.Split(strings.Trim(line, "|"), "|") {
			cells = append(cells, strings.TrimSpace(c))
		}
		out = append(out, cells)
	}
	return out
}

var code = regexp.MustCompile("`([A-Za-z]+)`")

// types lists the names in code of the first column.
func types(part string) (out []as.Type) {
	for _, r := range rows(part) {
		for _, m := range code.FindAllStringSubmatch(r[0], -1) {
			out = append(out, as.Type(m[1]))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// FEDERATION.md lists exactly the activities that the code handles.
func TestActivitiesAreDocumented(t *testing.T) {
	for heading, want := range map[string][]as.Type{"### Received": inbox.Received(), "### Sent": outbox.Sent()} {
		if got := types(section(t, heading)); !slices.Equal(got, want) {
			t.Errorf("%s\n  lists %s\n  is    %s", heading, got, want)
		}
	}
}

// Every spelling that FEDERATION.md lists is read as it says.
func TestSpellingsAreDocumented(t *testing.T) {
	b := address.Book{Site: desk.Site{URL: "https://social.acme.example", HandleDomain: "acme.example"},
		Alias: func(s string) (desk.Handle, bool) { return "help", s == "https://acme.example/users/help" }}
	listed := rows(section(t, "### Our addresses"))
	for _, r := range listed {
		spelled, want := strings.Trim(r[1], "`"), strings.Trim(r[2], "`")
		found := b.Find(spelled)
		got := found.Object(b.Site)
		if found.Kind == address.Issue {
			got = b.Site.Thread(found.Issue)
		}
		if got != want {
			t.Errorf("%s: %s is %q, not %s", r[0], spelled, got, want)
		}
	}
	if len(listed) != 12 {
		t.Errorf("%d spellings are listed", len(listed))
	}
}

func TestLimitsAreDocumented(t *testing.T) {
	want := [][]string{
		{"a document, ours or fetched", fmt.Sprintf("%d MiB, decompressed", as.MaxBytes>>20)},
		{"nesting; values", fmt.Sprintf("%d levels; %s", as.MaxDepth, thousands(as.MaxValues))},
		{"recipients, tags, attachments read", fmt.Sprintf("%d each", as.MaxList)},
		{"a hashtag", fmt.Sprintf("%d bytes", desk.MaxTag)},
		{"a document whose proof is verified", fmt.Sprintf("%d KiB, %s values", proof.MaxDocument>>10, thousands(proof.MaxValues))},
		{"proofs verified of what one signer forwards", fmt.Sprintf("%d, then one in %s", inbox.ProofsBurst, seconds(inbox.ProofsEvery))},
		{"kept of a post's text", fmt.Sprintf("%d KiB", inbox.MaxText>>10)},
		{"kept of a whole post: text, HTML, and all the rest together (recipients, mentions, tags, attachments with descriptions)", fmt.Sprintf("%d KiB", inbox.MaxPost>>10)},
		{"redirects of a fetch", fmt.Sprintf("%d, https to https only, no private addresses", safehttp.MaxRedirects)},
		{"time for a fetch", fmt.Sprintf("%s for a request, %s in all", seconds(safehttp.DefaultTimeout), seconds(resolve.DefaultTimeout))},
		{"requests to the hosts of one registrable domain", fmt.Sprintf("%d at a time", resolve.DefaultPerDomain)},
		{"posts fetched above one that addresses us", fmt.Sprintf("%d; it waits %s for those on its own server; %s", inbox.MaxAncestors, seconds(inbox.AncestorsTimeout), fmt.Sprintf("%d for one author, then one in %s", inbox.LookupsBurst, seconds(inbox.LookupsEvery)))},
		{"fresh fetches of keys on the hosts of one registrable domain", fmt.Sprintf("%d, then one in %s", resolve.DefaultRefetchBurst, seconds(resolve.DefaultRefetchEvery))},
		{"activities stored until their key can be fetched, in the name of one registrable domain", fmt.Sprintf("%d, then one in %s", inbox.UnverifiedBurst, seconds(inbox.UnverifiedEvery))},
		{"quotes authorized, of a post", thousands(app.MaxQuotes)},
		{"our own posts", thousands(app.MaxText) + " characters"},
	}
	got := rows(section(t, "## Limits"))
	for _, w := range want {
		if !slices.ContainsFunc(got, func(r []string) bool { return slices.Equal(r, w) }) {
			t.Errorf("the limits do not say %q", w)
		}
	}
	for _, g := range got {
		if !slices.ContainsFunc(want, func(r []string) bool { return r[0] == g[0] }) {
			t.Errorf("the limit %q is compared with nothing: add it here", g[0])
		}
	}
}

// A 503 says when to come back, and FEDERATION.md says the same.
func TestRetryAfterIsDocumented(t *testing.T) {
	want := fmt.Sprintf("`Retry-After: %d`", int(inbox.RetryLater.Seconds()))
	for _, heading := range []string{"### Verified", "## What an inbox answers"} {
		var said []string
		for line := range strings.SplitSeq(section(t, heading), "\n") {
			if strings.Contains(line, "503") {
				said = append(said, line)
			}
		}
		if text := strings.Join(said, "\n"); !strings.Contains(text, want) {
			t.Errorf("%s does not say %s of a 503: %q", heading, want, text)
		}
	}
}

func seconds(d time.Duration) string { return fmt.Sprintf("%d s", int(d.Seconds())) }

func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}
