package markup

import (
	"regexp"

	"github.com/microcosm-cc/bluemonday"
)

// linkRel is on every link of remote HTML.
const linkRel = "nofollow noopener noreferrer ugc"

// elements is the subset of HTML that is shown: Mastodon's.
var elements = []string{
	"p", "span", "br", "a", "del", "pre", "code", "em", "strong", "b", "i", "u", "ul", "ol", "li", "blockquote",
}

// class is one class name with a meaning: microformats, and names that Mastodon
// styles.
const class = `(?:(?:h|p|u|dt|e)-[a-z0-9-]{1,32}|mention|hashtag|ellipsis|invisible)`

var (
	classPattern   = regexp.MustCompile(`^` + class + `$`)
	classesPattern = regexp.MustCompile(`^` + class + `(?: ` + class + `)*$`)
	langPattern    = regexp.MustCompile(`^[A-Za-z0-9-]{1,35}$`)
	dirPattern     = regexp.MustCompile(`^(?:ltr|rtl|auto)$`)
	numberPattern  = regexp.MustCompile(`^-?[0-9]{1,6}$`)
	relPattern     = regexp.MustCompile(`^` + linkRel + `$`)
)

// policy is the last gate: only this gets through, even if Sanitise made a
// mistake. It is not changed after it was made, so it is safe to share.
var policy = newPolicy()

func newPolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements(elements...)
	p.AllowNoAttrs().OnElements("span", "a")
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("rel").Matching(relPattern).OnElements("a")
	p.AllowAttrs("class").Matching(classesPattern).OnElements("a", "span")
	p.AllowAttrs("lang").Matching(langPattern).Globally()
	p.AllowAttrs("dir").Matching(dirPattern).Globally()
	p.AllowAttrs("start").Matching(numberPattern).OnElements("ol")
	p.AllowAttrs("value").Matching(numberPattern).OnElements("li")
	p.AllowURLSchemes("http", "https")
	p.AllowRelativeURLs(false)
	p.RequireParseableURLs(true)
	p.RequireNoFollowOnLinks(true)
	p.RequireNoReferrerOnLinks(true)
	return p
}
