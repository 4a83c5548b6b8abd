package as

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
)

const follow = `{"id":"https://a.example/1","type":"Follow","actor":"https://a.example/u","object":"https://b.example/u"`

func TestRefused(t *testing.T) {
	for name, in := range map[string]string{
		"empty":                "",
		"array":                "[]",
		"two values":           follow + "}{}",
		"trailing garbage":     follow + "} x",
		"cut off":              follow,
		"duplicate key":        follow + `,"actor":"https://b.example/u"}`,
		"duplicate when read":  follow + `,"\u0061ctor":"https://b.example/u"}`,
		"duplicate further in": follow + `,"x":[{"a":1,"a":2}]}`,
		"invalid UTF-8":        follow + ",\"x\":\"\xff\"}",
		"NUL in a key":         follow + `,"x\u0000":"a"}`,
		"NUL in the actor":     `{"id":"https://a.example/1","type":"Like","actor":"https://a.example/u\u0000"}`,
		"NUL in the id":        `{"id":"https://a.example/1\u0000","type":"Like","actor":"https://a.example/u"}`,
		"BOM in the actor":     "{\"id\":\"https://a.example/1\",\"type\":\"Like\",\"actor\":\"https://a.example/\ufeffu\"}",
		"NUL within":           follow + ",\x00\"x\":1}",
		"two BOMs":             "\ufeff\ufeff" + follow + "}",
		"33 levels":            follow + `,"x":` + strings.Repeat("[", 32) + strings.Repeat("]", 32) + "}",
		"5000 levels":          follow + `,"x":` + strings.Repeat(`{"x":`, 5000) + "1" + strings.Repeat("}", 5001),
		"too large":            follow + `,"x":"` + strings.Repeat("x", MaxBytes) + `"}`,
		"too many values":      follow + `,"x":[` + strings.Repeat("1,", MaxValues) + "1]}",
		"inner actor no id":    `{"type":"Create","actor":"https://a.example/u","object":{"type":"Follow","actor":1,"object":"https://b.example/u"}}`,
		"no actor":             `{"type":"Follow","id":"https://a.example/1"}`,
		"no type":              `{"id":"https://a.example/1","actor":"https://a.example/u"}`,
		"id is a number":       `{"id":1,"type":"Create","actor":"https://a.example/u"}`,
		"id is an acct":        `{"id":"acct:u@a.example","type":"Like","actor":"https://a.example/u"}`,
		"actor without host":   `{"id":"https://a.example/1","type":"Like","actor":"https:///u"}`,
		"actor with user":      `{"id":"https://a.example/1","type":"Like","actor":"https://a.example@b.example/u"}`,
		"actor with space":     `{"id":"https://a.example/1","type":"Like","actor":"https://a.example/ u"}`,
		"actor with backslash": `{"id":"https://a.example/1","type":"Like","actor":"https://a.example\\@b.example"}`,
		"object without id":    `{"id":"https://a.example/1","type":"Create","actor":"https://a.example/u","object":{"type":"Note"}}`,
		"author is no id":      `{"id":"https://a.example/1","type":"Update","actor":"https://a.example/u","object":{"id":"https://a.example/2","type":"Note","attributedTo":"1"}}`,
		"author is a number":   `{"id":"https://a.example/1","type":"Create","actor":"https://a.example/u","object":{"id":"https://a.example/2","type":"Note","attributedTo":[1]}}`,
	} {
		if a, err := ParseActivity([]byte(in)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %+v, %v", name, a, err)
		}
	}
	for _, in := range []string{follow + "}", "\ufeff" + follow + "}", follow + "}\x00\x00", follow + `,"x":"a\u0000b"}`, " \n" + follow + `,"x":` + strings.Repeat("[", 31) + strings.Repeat("]", 31) + ",\"\\\"[[{\":\"\\\\\"}\n"} {
		if _, err := ParseActivity([]byte(in)); err != nil {
			t.Errorf("%.300s: %v", in, err)
		}
	}
}

// A deep document costs less than a plain one: nothing grows with its depth.
func TestDepthIsCheap(t *testing.T) {
	deep := []byte(strings.Repeat("[", MaxBytes))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 10 {
		if _, err := ParseObject(deep); !errors.Is(err, ErrMalformed) {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 1<<20 {
		t.Errorf("ten refusals allocate %d bytes", grown)
	}
}

func TestListsAreBounded(t *testing.T) {
	many := func(format string) string {
		list := make([]string, 3000)
		for i := range list {
			list[i] = fmt.Sprintf(format, i)
		}
		return "[" + strings.Join(list, ",") + "]"
	}
	ids := many(`"https://h%d.example/u"`)
	tags := many(`{"type":"Mention","href":"https://h%d.example/u"}`)
	in := `{"id":"https://a.example/1","type":"Question","to":` + ids + `,"attributedTo":` + ids + `,"oneOf":` + many(`{"name":"%d"}`) +
		`,"tag":` + strings.TrimSuffix(tags, "]") + `,{"type":"Hashtag","name":"#acme"}]` + `,"attachment":` + many(`{"url":"https://h%d.example"}`) + `}`
	o, err := ParseObject([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	for name, n := range map[string]int{"to": len(o.To), "authors": len(o.AllAttributedTo), "options": len(o.Options),
		"mentions": len(o.Mentions), "attachments": len(o.Attachments)} {
		if n != MaxList {
			t.Errorf("%d %s", n, name)
		}
	}
	if len(o.Hashtags) != 1 {
		t.Error("many mentions hide a hashtag")
	}
	a, err := ParseActivity([]byte(`{"id":"https://a.example/1","type":"Flag","actor":"https://a.example/u","object":` + ids + `}`))
	if err != nil || len(a.Objects) != MaxList {
		t.Errorf("%d objects, %v", len(a.Objects), err)
	}
}

func TestActivityInsideAnAnnounce(t *testing.T) {
	a, err := ParseActivity([]byte(`{"id":"https://g.example/1","type":"Announce","actor":"https://g.example/g",
		"object":{"id":"https://a.example/1","type":"Create","actor":"https://a.example/u",
		"object":{"id":"https://a.example/2","type":"Page","actor":"https://a.example/u","attributedTo":"https://a.example/u","content":"x"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if a.Object.ID != "https://a.example/1" || a.Object.Object != nil || a.Inner == nil || a.Inner.Object.Object.Type != Page {
		t.Errorf("%+v", a)
	}

	a, err = ParseActivity([]byte(`{"id":"https://a.example/2","type":"Undo","actor":"https://a.example/u","object":{"type":"Follow","actor":"https://a.example/u","object":"https://b.example/u"}}`))
	if err != nil || a.Inner == nil || a.Inner.Type != Follow || a.Inner.ID != "" || a.Inner.Object.ID != "https://b.example/u" {
		t.Errorf("Undo of a Follow without id: %+v, %v", a, err)
	}

	a, err = ParseActivity([]byte(`{"id":"https://a.example/2","type":"Announce","actor":"https://a.example/u","object":{"id":"https://c.example/1","type":"Note","attributedTo":1}}`))
	if err != nil || a.Object.ID != "https://c.example/1" || a.Object.Object != nil {
		t.Errorf("Announce of what cannot be read: %+v, %v", a, err)
	}

	a, err = ParseActivity([]byte(`{"type":"Delete","actor":"https://a.example/u","object":"https://a.example/2"}`))
	if err != nil || a.ID != "" || a.Object.ID != "https://a.example/2" {
		t.Errorf("GoToSocial's Delete without id: %+v, %v", a, err)
	}

	nest := strings.Repeat(`{"id":"https://a.example/1","type":"Undo","actor":"https://a.example/u","object":`, 20)
	a, err = ParseActivity([]byte(nest + `"https://a.example/x"` + strings.Repeat("}", 20)))
	depth := 0
	for ; a != nil; a = a.Inner {
		depth++
	}
	if err != nil || depth != maxInner+1 {
		t.Errorf("%d activities deep, %v", depth, err)
	}
}
