package markup

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func TestSanitise(t *testing.T) {
	const rel = ` rel="nofollow noopener noreferrer ugc"`
	for _, tt := range []struct{ name, in, want string }{
		{"empty", "", ""},
		{"text", "1 < 2 & 3", "1 &lt; 2 &amp; 3"},
		{"paragraphs", "<p>a</p><p>b<br/>c</p>", "<p>a</p><p>b<br>c</p>"},
		{"link", `<a href="https://a.example/?x=1&amp;y=2" target="_blank" onclick="x()">t</a>`,
			`<a href="https://a.example/?x=1&amp;y=2"` + rel + `>t</a>`},
		{"rel is ours", `<a href="https://a.example/" rel="me opener">t</a>`, `<a href="https://a.example/"` + rel + `>t</a>`},
		{"classes", `<span class="h-card evil mention"><a class="u-url btn" href="https://a.example">t</a></span>`,
			`<span class="h-card mention"><a href="https://a.example"` + rel + ` class="u-url">t</a></span>`},
		{"heading", "<h1>A</h1><h2>B</h2>", "<p><strong>A</strong></p><p><strong>B</strong></p>"},
		{"other blocks", "<div><p>a</p></div><div>b</div>", "<p>a</p><p>b</p>"},
		{"image", `<p><img src="https://t.example/p.gif" alt="a &lt;cat&gt;"></p>`, "<p>a &lt;cat&gt;</p>"},
		{"unclosed", "<blockquote><ul><li>a<li>b", "<blockquote><ul><li>a</li><li>b</li></ul></blockquote>"},
		{"stray end", "</div></p></blockquote>a</span>", "a"},
		{"crossed", "<b>a<i>b</b>c</i>", "<b>a<i>b</i></b>c"},
		{"language", `<p lang="ar" dir="rtl" style="x">a</p>`, `<p lang="ar" dir="rtl">a</p>`},
		{"list start", `<ol start="3"><li value="5">a</li></ol>`, `<ol start="3"><li value="5">a</li></ol>`},
		{"comment", "a<!-- <script>x</script> -->b", "ab"},
		{"script", "a<script>alert(1)</script>b", "ab"},
		{"self-closed script", "a<script/>alert(1)</script>b", "ab"},
		{"svg", "a<svg><a href='https://x.example'>t</a></svg>b", "ab"},
		{"math keeps text", "<math><mi>x</mi></math>", "x"},
		{"user information", `<a href="https://bank.example@evil.example/">t</a>`, `<a>t</a>`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Sanitise(tt.in); got != tt.want {
				t.Errorf("Sanitise(%q)\n got %s\nwant %s", tt.in, got, tt.want)
			}
		})
	}
}

var attacks = []string{
	`<img src=x onerror=alert(1)>`,
	`<a href="javascript:alert(1)">x</a>`,
	`<a href=" java&#10;script:alert(1)">x</a>`,
	`<a href="&#106;avascript:alert(1)">x</a>`,
	`<a href="data:text/html,<script>alert(1)</script>">x</a>`,
	`<a href="vbscript:x">x</a>`,
	`<a href="//evil.example">x</a>`,
	`<a href="/console/logout">x</a>`,
	`<a href="https://a.example" style="position:fixed" id="x" name="y">x</a>`,
	`<p onclick=alert(1) class="modal u-x">x</p>`,
	`<span class='h-card" onmouseover="alert(1)'>x</span>`,
	`<a href='https://a.example/"onmouseover="alert(1)'>x</a>`,
	`<iframe src="https://evil.example"></iframe>`,
	`<iframe srcdoc="<script>alert(1)</script>"/><p>x`,
	`<svg/onload=alert(1)><script>alert(1)</script>`,
	`<svg><style><img src=x onerror=alert(1)></style></svg>`,
	`<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">`,
	`<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>`,
	`<textarea><script>alert(1)</script></textarea>`,
	`<title><img src=x onerror=alert(1)></title>`,
	`<style>@import 'https://evil.example/x.css';</style>`,
	`<link rel=stylesheet href=https://evil.example><meta http-equiv=refresh content="0;url=https://evil.example">`,
	`<base href="https://evil.example/"><form action="https://evil.example"><input name=password></form>`,
	`<object data="https://evil.example"><embed src="https://evil.example"></object>`,
	`<video src=x onerror=alert(1)><audio src=x onerror=alert(1)>`,
	"<scr\x00ipt>alert(1)</script>",
	`<<script>script>alert(1)<</script>/script>`,
	`<plaintext><script>alert(1)</script>`,
	`<xmp><script>alert(1)</script></xmp>`,
	`<p lang="en&quot; onclick=&quot;x" dir="x">x</p>`,
	`<![CDATA[<script>alert(1)</script>]]>`,
	`<?xml version="1.0"?><script>alert(1)</script>`,
	`<a href="https://a.example"`,
	strings.Repeat("<blockquote>", 5000) + "x",
	strings.Repeat("<svg>", 5000) + "x",
	strings.Repeat("<math><annotation-xml>", 500) + "<p>x</math>",
	"\xff\xfe<p>x\xc3",
}

func TestSanitiseAttacks(t *testing.T) {
	for _, in := range attacks {
		checkSafe(t, in, Sanitise(in))
	}
}

// checkSafe reads output as a browser would, not as the sanitiser does, and
// allows only the elements that the guide promises.
func checkSafe(t *testing.T, in, out string) {
	t.Helper()
	allowed := map[string]string{"href": "a", "rel": "a", "class": "a span", "lang": "", "dir": "", "start": "ol", "value": "li"}
	z := html.NewTokenizer(strings.NewReader(out))
	var open []string
	for z.Next() != html.ErrorToken {
		tok := z.Token()
		switch tok.Type {
		case html.TextToken:
			continue
		case html.EndTagToken:
			if len(open) == 0 || open[len(open)-1] != tok.Data {
				t.Fatalf("unbalanced </%s>\n in %.200q\nout %.400q", tok.Data, in, out)
			}
			open = open[:len(open)-1]
			continue
		case html.StartTagToken:
		default:
			t.Fatalf("%v in the output\n in %.200q\nout %.400q", tok.Type, in, out)
		}
		if !contains(elements, tok.Data) {
			t.Fatalf("element %s\n in %.200q\nout %.400q", tok.Data, in, out)
		}
		if tok.Data != "br" {
			open = append(open, tok.Data)
		}
		for _, a := range tok.Attr {
			on, ok := allowed[a.Key]
			if !ok || on != "" && !contains(strings.Fields(on), tok.Data) {
				t.Fatalf("attribute %s on %s\n in %.200q\nout %.400q", a.Key, tok.Data, in, out)
			}
			if a.Key == "href" && !strings.HasPrefix(a.Val, "https://") && !strings.HasPrefix(a.Val, "http://") {
				t.Fatalf("link to %q\n in %.200q", a.Val, in)
			}
		}
		if attr(tok, "href") != "" && attr(tok, "rel") != linkRel {
			t.Fatalf("rel %q\n in %.200q\nout %.400q", attr(tok, "rel"), in, out)
		}
	}
	if len(open) > 0 {
		t.Fatalf("left open: %v\n in %.200q\nout %.400q", open, in, out)
	}
}

func contains(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}

func TestSanitiseIsStable(t *testing.T) {
	for _, in := range attacks {
		once := Sanitise(in)
		if twice := Sanitise(once); twice != once {
			t.Errorf("%.80q changes when sanitised again:\n%.200s\n%.200s", in, once, twice)
		}
	}
}

func TestSanitiseIsBounded(t *testing.T) {
	in := strings.Repeat("é", MaxInput)
	if got := Sanitise(in); len(got) > MaxInput || !strings.HasSuffix(got, "é") {
		t.Errorf("%d bytes, ends in %q", len(got), got[len(got)-4:])
	}
}

func FuzzSanitise(f *testing.F) {
	for _, in := range attacks[:len(attacks)-4] {
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, in string) { checkSafe(t, in, Sanitise(in)) })
}
