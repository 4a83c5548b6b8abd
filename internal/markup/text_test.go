package markup

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestText(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"empty", "", ""},
		{"plain", "a\n  b", "a b"},
		{"paragraphs", "<p>a</p>\n<p>b<br>c<br/><br />d</p>", "a\n\nb\nc\n\nd"},
		{"entities", "<p>a &amp; b &lt;c&gt; &#39;d&#x27; &nbsp;</p>", "a & b <c> 'd' \u00a0"},
		{"link", `see <a href="https://a.example">the page</a>.`, "see the page."},
		{"shortened link", `<a href="https://a.example/very/long/path"><span class="invisible">https://</span>` +
			`<span class="ellipsis">a.example/very</span><span class="invisible">/long/path</span></a> x`, "a.example/very… x"},
		{"invisible left open", `<a href="x"><span class="invisible">https://</a>seen`, "seen"},
		{"invisible within", `<span class="invisible">a<span>b</span>c</span>d`, "d"},
		{"mention", `<p><span class="h-card"><a href="https://a.example/@help" class="u-url mention">@<span>help</span></a></span> stop</p>`, "@help stop"},
		{"list", "<ul><li>a</li><li>b</li></ul>c", "- a\n- b\n\nc"},
		{"pre", "<pre>a  b\n c</pre>", "a  b\n c"},
		{"script", "a<script>b</script>c<style>d</style>", "ac"},
		{"image", `<img alt=":cat:"> x`, ":cat: x"},
		{"controls", "a\x00\x1b[31mb", "a[31mb"},
		{"div", "<div>a</div><div>b</div>", "a\n\nb"},
		{"table", "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\n\nc"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Text(tt.in); got != tt.want {
				t.Errorf("Text(%q)\n got %q\nwant %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestHashtags(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want []string
	}{
		{`<a class="mention hashtag" rel="tag" href="https://a.example/tags/fail">#<span>fail</span></a>`, []string{"#fail"}},
		{`<a rel="nofollow TAG" href="x">acme</a>`, []string{"acme"}},
		{`<a class="hashtag">#a</a> <a class="mention">#b</a> #c <span class="hashtag">#d</span>`, []string{"#a"}},
		{`<a class="hashtag">#fail#acme</a>`, []string{"#fail#acme"}},
		{`<a class="hashtag">two words</a><a class="hashtag">#</a><a class="hashtag">#left open`, nil},
		{`<script><a class="hashtag">#a</a></script>`, nil},
		{`<a class="hashtags">#a</a><a rel="tagged">#b</a>`, nil},
		{`<a class="hashtag">#` + strings.Repeat("x", 400) + `</a>`, nil},
	} {
		if got := Hashtags(tt.in); !slices.Equal(got, tt.want) {
			t.Errorf("Hashtags(%.80q) = %q, want %q", tt.in, got, tt.want)
		}
	}
	if got := Hashtags(strings.Repeat(`<a class="hashtag">#a</a>`, 1000)); len(got) != maxHashtags {
		t.Errorf("%d names, want %d", len(got), maxHashtags)
	}
}

func FuzzText(f *testing.F) {
	for _, in := range attacks[:len(attacks)-4] {
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got := Text(in)
		if utf8.ValidString(in) && !utf8.ValidString(got) {
			t.Errorf("Text(%q) = %q is not UTF-8", in, got)
		}
		if got != strings.TrimLeft(got, " \n") || strings.Contains(got, "\n\n\n") {
			t.Errorf("Text(%q) = %q has stray white space", in, got)
		}
	})
}

func FuzzHashtags(f *testing.F) {
	f.Add(`<a class="mention hashtag" rel="tag">#<span>fail</span></a>`)
	f.Fuzz(func(t *testing.T, in string) {
		for _, name := range Hashtags(in) {
			if !isName(name) {
				t.Errorf("Hashtags(%q) has %q", in, name)
			}
		}
	})
}
