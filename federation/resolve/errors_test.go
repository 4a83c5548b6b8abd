package resolve

import "testing"

// A 403 is an author's or a server's refusal only in ActivityPub's words. All
// else that answers 403 stands before the server, and may be gone tomorrow.
func TestFirewallIsNoRefusal(t *testing.T) {
	for _, tt := range []struct {
		name, contentType, body string
		want                    Kind
	}{
		{"Mastodon", "application/json; charset=utf-8", `{"error":"This action is not allowed"}`, Refused},
		{"ActivityPub", "application/activity+json", `{"error":"no"}`, Refused},
		{"JSON-LD", `application/ld+json; profile="https://www.w3.org/ns/activitystreams"`, `{"error":"no"}`, Refused},
		{"Earshot (FEP-c180)", "Application/Problem+JSON", ` {"status":403}`, Refused},
		{"a firewall's page", "text/html; charset=UTF-8", `<!DOCTYPE html><title>Just a moment...</title>`, Temporary},
		{"a page with a JSON object", "text/html", `{"error":"no"}`, Temporary},
		{"a proxy's line", "text/plain", "Forbidden", Temporary},
		{"nothing", "", "", Temporary},
		{"JSON in name only", "application/json", "<html>", Temporary},
		{"no object", "application/json", `"no"`, Temporary},
		{"null", "application/json", `null`, Temporary},
		{"an empty object", "application/json", `{}`, Refused},
		{"XML", "application/xml", `<Error/>`, Temporary},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newPeer(t)
			p.raw("/notes/1", 403, tt.contentType, tt.body)
			r, _ := newResolver(t, nil)
			_, err := r.Object(ctx, p.object("/notes/1"))
			expectKind(t, err, tt.want)
			_, err = r.Actor(ctx, p.actor("/notes/1"))
			expectKind(t, err, tt.want)
		})
	}
}
