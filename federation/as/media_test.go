package as

import "testing"

func TestIsActivityPub(t *testing.T) {
	for in, want := range map[string]bool{
		ContentType:   true,
		LDContentType: true,
		"Application/Activity+JSON; charset=utf-8":                                              true,
		`application/ld+json;profile="https://x.example https://www.w3.org/ns/activitystreams"`: true,
		"application/ld+json": false,
		`application/ld+json; profile="https://www.w3.org/ns/activitystreams-evil"`: false,
		"application/json":                       false,
		"text/html; x=application/activity+json": false,
		"application/activity+json, text/html":   false,
		"":                                       false,
	} {
		if got := IsActivityPub(in); got != want {
			t.Errorf("IsActivityPub(%q) = %v", in, got)
		}
	}
}

func TestWantsActivityPub(t *testing.T) {
	for in, want := range map[string]bool{
		ContentType:   true,
		LDContentType: true,
		"application/activity+json, " + LDContentType + ", text/html;q=0.1": true,
		"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8":   false,
		"text/html, application/activity+json":                              false,
		"application/activity+json, text/html":                              true,
		"text/html;q=0.5, application/activity+json;q=0.6":                  true,
		"application/activity+json;q=0, */*":                                false,
		"application/activity+json;q=NaN":                                   false,
		"application/json":                                                  false,
		"*/*":                                                               false,
		"":                                                                  false,
		`x/y; a="application/activity+json, b", text/html`:                  false,
	} {
		if got := PrefersActivityPub(in); got != want {
			t.Errorf("WantsActivityPub(%q) = %v", in, got)
		}
	}
}

func TestIsPublic(t *testing.T) {
	for in, want := range map[string]bool{Public: true, "as:Public": true, "Public": true, "public": false, "": false,
		"http://www.w3.org/ns/activitystreams#Public": false} {
		if got := IsPublic(in); got != want {
			t.Errorf("IsPublic(%q) = %v", in, got)
		}
	}
}
