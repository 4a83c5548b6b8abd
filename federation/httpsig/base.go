package httpsig

import (
	"net/http"
	"strings"
)

// addressed is the part of a request from which derived components are made.
// Scheme and authority are as the peer knows them: behind a proxy the request
// does not tell.
type addressed struct{ method, scheme, authority, target string }

// derivedComponents are those of RFC 9421 §2.2 that we know, in any request.
var derivedComponents = map[string]func(addressed) string{
	"@method":         func(a addressed) string { return a.method },
	"@target-uri":     func(a addressed) string { return a.scheme + "://" + a.authority + a.target },
	"@authority":      func(a addressed) string { return a.authority },
	"@scheme":         func(a addressed) string { return a.scheme },
	"@request-target": func(a addressed) string { return a.target },
	"@path":           func(a addressed) string { path, _, _ := strings.Cut(a.target, "?"); return path },
	// "?" alone without a query: §2.2.7.
	"@query": func(a addressed) string { _, query, _ := strings.Cut(a.target, "?"); return "?" + query },
}

// base builds the signature base of RFC 9421 §2.5.
func (s messageSignature) base(r *http.Request, scheme, authority, target string) (string, error) {
	var b strings.Builder
	for _, name := range s.covered {
		var value string
		if derive, ok := derivedComponents[name]; ok {
			value = derive(addressed{r.Method, scheme, authority, target})
		} else {
			values := fieldOf(r, name)
			if len(values) == 0 {
				return "", refuse("the signature covers %s, which is missing", name)
			}
			value = joinField(values)
		}
		b.WriteString(`"` + name + `": ` + value + "\n")
	}
	b.WriteString(`"@signature-params": ` + s.params)
	return b.String(), nil
}
