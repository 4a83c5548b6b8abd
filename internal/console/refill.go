package console

import (
	"bytes"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// returned is a form that was refused.
type returned struct {
	path   string              // where it was sent
	typed  map[string][]string // nil: it could not be read
	reason string              // HTML
	label  string              // what words are called that no form of the page takes
	again  bool                // it may have been done: the form keeps its key, so that it is done once
}

// refill puts what was typed, and the reason why it was refused, into the form of a page
// that is sent to the path, or that writes about the same; if several do, into that which
// was sent, and never into that of another thing. Passwords and files stay empty. Without
// such a form the reason stands on top of the page, with the words to be copied.
func refill(page []byte, f returned) ([]byte, error) {
	doc, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		return nil, err
	}
	var forms []*html.Node
	var top *html.Node
	for n := range doc.Descendants() {
		switch {
		case isElement(n, "form") && (sendsTo(n, f.path) || writesOn(n, f.typed["on"])):
			forms = append(forms, n)
		case isElement(n, "main"):
			top = n
		case isElement(n, "body") && top == nil:
			top = n
		}
	}
	says := &html.Node{Type: html.ElementNode, Data: "p", Attr: []html.Attribute{{Key: "class", Val: "wrong"}, {Key: "id", Val: "refused"},
		{Key: "role", Val: "alert"}, {Key: "tabindex", Val: "-1"}, {Key: "autofocus"}}}
	says.AppendChild(&html.Node{Type: html.RawNode, Data: f.reason})
	form := f.formOf(forms)
	if words := f.words(); form == nil && words != "" {
		text := &html.Node{Type: html.ElementNode, Data: "textarea", Attr: []html.Attribute{{Key: "readonly"}, {Key: "rows", Val: "3"}, {Key: "aria-label", Val: f.label}}}
		text.AppendChild(&html.Node{Type: html.TextNode, Data: words})
		top.InsertBefore(text, top.FirstChild)
	}
	if form != nil {
		if f.typed != nil {
			f.fill(form)
		}
		for up := form.Parent; up != nil; up = up.Parent {
			if dropAttr(up, "hidden"); isElement(up, "details") {
				setAttr(up, "open", "")
			}
		}
		described, _ := attrOf(form, "aria-describedby")
		setAttr(form, "aria-describedby", strings.TrimSpace(described+" refused"))
		top = form
	}
	top.InsertBefore(says, top.FirstChild)
	var out bytes.Buffer
	err = html.Render(&out, doc)
	return out.Bytes(), err
}

// pageState are hidden fields that say how the page was, not which thing the form is about.
var pageState = []string{"key", "seen", "seen_at", "meant", "tongue", "warned", "undescribed", "attached", "pictures", "shown", "prepares",
	"view", "stands", "since", "until", "q", "after", "back"}

// formOf is the form that was sent, as it is now; nil: the page does not have it.
func (f returned) formOf(forms []*html.Node) (form *html.Node) {
	if f.typed == nil { // which of several it was is not known
		if len(forms) == 1 {
			return forms[0]
		}
		return nil
	}
	var names []string // of the fields that say which thing a form is about
	for _, one := range forms {
		for _, n := range controls(one) {
			if name, _ := attrOf(n, "name"); kindOf(n) == "hidden" && len(f.typed[name]) > 0 && !slices.Contains(pageState, name) {
				names = append(names, name)
			}
		}
	}
	best := 0
	for _, one := range forms {
		if fit := fitOf(one, f.typed); f.about(one, names) && (form == nil || fit > best) {
			form, best = one, fit
		}
	}
	return form
}

// about says whether a form is about the thing that was sent: it has a place for each of the
// names, and its hidden values are those that were sent. A script fills an empty one.
func (f returned) about(form *html.Node, names []string) bool {
	has := map[string]bool{}
	for _, n := range controls(form) {
		name, _ := attrOf(n, "name")
		value, _ := attrOf(n, "value")
		if has[name] = true; kindOf(n) == "hidden" && value != "" && slices.Contains(names, name) && !slices.Contains(f.typed[name], value) {
			return false
		}
	}
	return !slices.ContainsFunc(names, func(name string) bool { return !has[name] })
}

// words are what was written at length, or by name: no secret has one of these names.
func (f returned) words() string {
	var out []string
	for _, name := range []string{"title", "name", "summary", "text", "remark", "next", "warning", "at_begin", "at_end", "surprised", "changed"} {
		for _, v := range f.typed[name] {
			if v = strings.TrimSpace(v); v != "" {
				out = append(out, v)
			}
		}
	}
	return strings.Join(out, "\n\n")
}

func isElement(n *html.Node, name string) bool {
	return n.Type == html.ElementNode && n.Data == name
}

func attrOf(n *html.Node, key string) (value string, there bool) {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val, true
		}
	}
	return "", false
}

func setAttr(n *html.Node, key, value string) {
	for i := range n.Attr {
		if n.Attr[i].Key == key {
			n.Attr[i].Val = value
			return
		}
	}
	n.Attr = append(n.Attr, html.Attribute{Key: key, Val: value})
}

func dropAttr(n *html.Node, key string) {
	n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
}

// sendsTo says whether a form, or a button of it, is sent to a path.
func sendsTo(form *html.Node, path string) bool {
	to := func(n *html.Node, key string) bool {
		at, _ := attrOf(n, key)
		return at[:strings.IndexAny(at+"?", "?#")] == path
	}
	if to(form, "action") {
		return true
	}
	for n := range form.Descendants() {
		if isElement(n, "button") && to(n, "formaction") {
			return true
		}
	}
	return false
}

// writesOn says whether the words of a form belong to what they were typed about.
func writesOn(form *html.Node, on []string) bool {
	return slices.ContainsFunc(controls(form), func(n *html.Node) bool {
		name, _ := attrOf(n, "name")
		value, _ := attrOf(n, "value")
		return name == "on" && slices.Contains(on, value)
	})
}

// controls are the named controls of a form.
func controls(form *html.Node) (out []*html.Node) {
	for n := range form.Descendants() {
		if name, _ := attrOf(n, "name"); name != "" && (isElement(n, "input") || isElement(n, "select") || isElement(n, "textarea") || isElement(n, "button")) {
			out = append(out, n)
		}
	}
	return out
}

// kindOf is the type of a control: "select" and "textarea" are their own.
func kindOf(n *html.Node) string {
	if n.Data != "input" {
		return n.Data
	}
	kind, _ := attrOf(n, "type")
	return strings.ToLower(kind)
}

// options are the values of a list to choose from.
func options(list *html.Node) (out []*html.Node) {
	for n := range list.Descendants() {
		if isElement(n, "option") {
			out = append(out, n)
		}
	}
	return out
}

func valueOf(option *html.Node) string {
	if v, there := attrOf(option, "value"); there {
		return v
	}
	if option.FirstChild != nil {
		return option.FirstChild.Data
	}
	return ""
}

// fitOf says how well a form fits what was sent: its hidden values and lists, and what it
// has no place for, say which of several forms it is.
func fitOf(form *html.Node, typed map[string][]string) (fit int) {
	fit = -len(typed)
	had := map[string]bool{}
	for _, n := range controls(form) {
		name, _ := attrOf(n, "name")
		if _, there := typed[name]; there && !had[name] {
			had[name], fit = true, fit+1
		}
		sent, there := typed[name]
		switch value, _ := attrOf(n, "value"); {
		case kindOf(n) == "hidden" && value == "": // a script fills it
		case !there && kindOf(n) == "hidden" && !slices.Contains(pageState, name):
			fit -= 3 // it is about a thing that was not named
		case !there:
		case kindOf(n) == "hidden" && slices.Contains(sent, value):
			fit += 3
		case kindOf(n) == "select" && slices.ContainsFunc(options(n), func(o *html.Node) bool { return slices.Contains(sent, valueOf(o)) }):
			fit += 2
		case kindOf(n) == "hidden", kindOf(n) == "select":
			fit -= 3
		case kindOf(n) != "button":
			fit++
		}
	}
	return fit
}

// fill puts what was typed into a form. Of several fields of one name each takes its own.
func (f returned) fill(form *html.Node) {
	nth := map[string]int{}
	for _, n := range controls(form) {
		name, _ := attrOf(n, "name")
		sent, value := f.typed[name], ""
		kind := kindOf(n)
		if at := nth[name]; at < len(sent) {
			value = sent[at]
		}
		switch kind {
		case "hidden":
			if f.again && name == "key" && len(sent) > 0 {
				setAttr(n, "value", sent[0])
			}
		case "password", "file", "submit", "button", "image", "reset":
		case "checkbox", "radio":
			dropAttr(n, "checked")
			own, there := attrOf(n, "value")
			if slices.Contains(sent, own) || !there && len(sent) > 0 {
				setAttr(n, "checked", "")
			}
		case "select":
			if len(sent) == 0 {
				continue
			}
			for _, o := range options(n) {
				dropAttr(o, "selected")
				if slices.Contains(sent, valueOf(o)) {
					setAttr(o, "selected", "")
				}
			}
		case "textarea":
			nth[name]++
			if len(sent) == 0 {
				continue
			}
			for n.FirstChild != nil {
				n.RemoveChild(n.FirstChild)
			}
			n.AppendChild(&html.Node{Type: html.TextNode, Data: value})
		default:
			if nth[name]++; len(sent) > 0 {
				setAttr(n, "value", value)
			}
		}
	}
}
