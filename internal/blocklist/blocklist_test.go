package blocklist

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A list that is too long is refused whole: half of it would look like all.
func TestTooLong(t *testing.T) {
	long := "a.example,suspend," + strings.Repeat("x", 1<<20) + "\n"
	if _, _, err := Read(strings.NewReader(strings.Repeat(long, maxBytes>>20))); err == nil || !strings.Contains(err.Error(), "16 MiB") {
		t.Errorf("more than 16 MiB: %v", err)
	}
	if _, _, err := Read(strings.NewReader(strings.Repeat("a.example\n", maxLines+1))); err == nil {
		t.Error("more lines than there may be")
	}
}

func TestRead(t *testing.T) {
	for name, tt := range map[string]struct {
		in     string
		want   []Entry
		unread int
	}{
		"Mastodon's export": {"#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\nBAD.example,suspend,false,false,\"spam, mostly\",false\nq.example,silence,true,false,,false\nn.example,noop,false,false,,false\n",
			[]Entry{{"bad.example", Suspend, "spam, mostly"}, {"q.example", Silence, ""}, {"n.example", Noop, ""}}, 0},
		"another order, no #":          {"severity,public_comment,domain\nsuspend,x,bad.example\n", []Entry{{"bad.example", Suspend, "x"}}, 0},
		"domains only":                 {"bad.example\r\nb.example\r\n\r\nbad.example\r\n", []Entry{{"bad.example", Suspend, ""}, {"b.example", Suspend, ""}}, 0},
		"domain and severity":          {"bad.example,silence\n", []Entry{{"bad.example", Silence, ""}}, 0},
		"a header of one column":       {"domain\nbad.example\n", []Entry{{"bad.example", Suspend, ""}}, 0},
		"a byte order mark, and IDNA":  {"\ufeff#domain,#severity\nbücher.example,suspend\n", []Entry{{"xn--bcher-kva.example", Suspend, ""}}, 0},
		"what cannot be read is named": {"#domain,#severity\nb*d.example,suspend\nnodot,suspend\nx.example,frobnicate\n@u@x.example,suspend\nok.example,suspend\n", []Entry{{"ok.example", Suspend, ""}}, 4},
		"nothing":                      {"", nil, 0},
	} {
		got, unread, err := Read(strings.NewReader(tt.in))
		if err != nil || len(unread) != tt.unread {
			t.Errorf("%s: %v, unread %v", name, err, unread)
		}
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%s:\n%s", name, d)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("#domain,#severity\nbad.example,suspend\n")
	f.Add("bad.example\n\"b.example\",silence,\"x\"\"y\"\n")
	f.Fuzz(func(t *testing.T, in string) {
		entries, _, err := Read(strings.NewReader(in))
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := Write(&out, entries); err != nil {
			t.Fatal(err)
		}
		again, unread, err := Read(&out)
		if err != nil || len(unread) > 0 || len(again) != len(entries) {
			t.Fatalf("%q: %d entries, again %d, %v, %v", in, len(entries), len(again), unread, err)
		}
		for n := range again {
			if again[n].Host != entries[n].Host || again[n].Severity != entries[n].Severity {
				t.Fatalf("%+v became %+v", entries[n], again[n])
			}
		}
	})
}
