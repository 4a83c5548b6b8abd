package desk

// Visibility is how public a post is, widest first.
type Visibility string

// The visibilities, in the words agents see.
const (
	VisibilityPublic    Visibility = "public"    // as:Public in `to`
	VisibilityQuiet     Visibility = "quiet"     // as:Public in `cc`: public, but in no timeline
	VisibilityFollowers Visibility = "followers" // only the author's followers and those mentioned
	VisibilityDirect    Visibility = "direct"    // only those mentioned
)

func (v Visibility) rank() int {
	switch v {
	case VisibilityPublic:
		return 3
	case VisibilityQuiet:
		return 2
	case VisibilityFollowers:
		return 1
	}
	return 0
}

// WiderThan says whether v reaches more people than w.
func (v Visibility) WiderThan(w Visibility) bool { return v.rank() > w.rank() }

// IsPublic says whether everyone may read the post.
func (v Visibility) IsPublic() bool { return v.rank() >= VisibilityQuiet.rank() }

// ReplyVisibility decides how public a reply to a post is. asked is "" for the
// default: quiet for a public post, direct for a narrower one. A reply is never
// more public than the answered post.
func ReplyVisibility(answered, asked Visibility) (Visibility, error) {
	if !answered.IsPublic() {
		if asked != "" && asked != VisibilityDirect {
			return "", NotSent("reply_not_public")
		}
		return VisibilityDirect, nil
	}
	switch asked {
	case "", VisibilityQuiet:
		return VisibilityQuiet, nil
	case VisibilityDirect:
		return VisibilityDirect, nil
	case VisibilityPublic:
		if answered != VisibilityPublic {
			return "", NotSent("reply_louder")
		}
		return VisibilityPublic, nil
	}
	return "", Invalid("visibility_unknown", "a reply is quiet, public or direct, not %q", asked)
}
