package markup

import (
	"slices"
	"strings"
	"testing"
)

func TestMine(t *testing.T) {
	for in, want := range map[string][]string{
		`<head><link rel="me" href="https://a.example/@help"></head>`:                                  {"https://a.example/@help"},
		`<link rel=me href=https://a.example/>`:                                                        {"https://a.example/"},
		`<p><a class="x" rel="nofollow ME noopener" href="https://a.example/1">Help</a>`:               {"https://a.example/1"},
		`<a href="https://a.example">me</a><a rel="meme" href="https://a.example">no</a>`:              nil,
		`<!-- <a rel="me" href="https://a.example">x</a> -->`:                                          nil,
		`<script>"<a rel=me href=https://a.example>"</script><style><a rel=me href=https://a></style>`: nil,
		`<template><a rel="me" href="https://a.example">x</a></template>`:                              nil,
		`<a rel="me">x</a><div rel="me" href="https://a.example"></div>`:                               nil,
		`<a rel="me" href="` + strings.Repeat("x", 2049) + `">`:                                        nil,
	} {
		if got := Mine(in); !slices.Equal(got, want) {
			t.Errorf("%s: %q", in, got)
		}
	}
	if got := Mine(strings.Repeat(`<a rel=me href=x>`, 1000)); len(got) != maxMine {
		t.Errorf("%d links were read", len(got))
	}
}
