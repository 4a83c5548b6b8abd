package as

import "testing"

func TestIsActivityPub(t *testing.T) {
	for in, want := range map[string]bool{
		ContentType:   true,
		LDContentType: true,
		"Application/Activity+JSON; charset=utf-8":                                              true,
		`application/ld+json;profile="https://x.example https://www.w3.org/ns/activitystreams"`: true,
		`application/ld+json; profile=https://www.w3.org/ns/activitystreams`:                    true,
		`application/ld+json;profile=https://www.w3.org/ns/activitystreams;charset=utf-8`:       true,
		`application/ld+json; profile='https://www.w3.org/ns/activitystreams'`:                  true,
		`application/ld+json; profile="https://www.w3.org/ns/activitystreams`:                   true, // NodeBB once
		`application/ld+json; profile="https://www.w3.org/ns/activitystreams#"`:                 true, // the letter of ActivityPub's draft
		`application/ld+json ; PROFILE = "http://www.w3.org/ns/activitystreams"; charset`:       true,
		`application/activity+json; charset=`:                                                   true,
		`application/activity+json;;`:                                                           true,
		`application/ld+json; x="profile=https://www.w3.org/ns/activitystreams"`:                false,
		`application/ld+json; x="a;profile=https://www.w3.org/ns/activitystreams"`:              false,
		`application/ld+json; profile=https://www.w3.org/ns/activitystreams.evil.example/`:      false,
		"application/ld+json": false, // how web servers serve an uploaded file
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

func TestMayBeActivity(t *testing.T) {
	for in, want := range map[string]bool{
		ContentType: true, LDContentType: true, "application/ld+json": true, "application/json; charset=utf-8": true,
		`application/ld+json; profile=https://www.w3.org/ns/activitystreams`:    true,
		`application/ld+json; profile="https://www.w3.org/ns/json-ld#expanded"`: true,
		"": false, "text/html": false, "text/plain; x=application/json": false, "multipart/form-data": false, "application/jsonp": false,
	} {
		if got := MayBeActivity(in); got != want {
			t.Errorf("MayBeActivity(%q) = %v", in, got)
		}
	}
}

func TestAcceptOfSeveralLines(t *testing.T) {
	if !PrefersActivityPub("application/activity+json", "text/html;q=0.5") || PrefersActivityPub("text/html", "application/activity+json;q=0.5") {
		t.Error("the lines of a header are not one list")
	}
}

func TestWantsActivityPub(t *testing.T) {
	for in, want := range map[string]bool{
		ContentType:   true,
		LDContentType: true,
		"application/activity+json, " + LDContentType + ", text/html;q=0.1":                 true,
		"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8":                   false,
		"text/html, application/activity+json":                                              false,
		"application/activity+json, text/html":                                              true,
		"text/html;q=0.5, application/activity+json;q=0.6":                                  true,
		"application/activity+json;q=0, */*":                                                false,
		"application/activity+json;q=NaN":                                                   false,
		"application/json":                                                                  false,
		"*/*":                                                                               false,
		"application/ld+json; profile=https://www.w3.org/ns/activitystreams":                true,
		`application/ld+json; profile="https://www.w3.org/ns/activitystreams, text/html`:    true,
		"text/, ;q=1, application/activity+json, */*; q":                                    true,
		"application/activity+json; q=much, text/html;q=0.1":                                false,
		"text/html; level=a b, application/activity+json":                                   false,
		"application/ld+json; profile=https://www.w3.org/ns/activitystreams, text/html;q=2": true,
		"": false,
		`x/y; a="application/activity+json, b", text/html`: false,
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
