package httpsig

import (
	"net/http"
	"strings"
)

// derivedComponents are those of RFC 9421 §2.2 that we know, in any request.
var derivedComponents = []string{"@method", "@target-uri", "@authority", "@scheme", "@request-target", "@path", "@query"}

// base builds the signature base of RFC 9421 §2.5. Scheme and authority are
// as the peer knows them: behind a proxy the request does not tell.
func (s messageSignature) base(r *http.Request, scheme, authority, target string) (string, error) {
	var b strings.Builder
	for _, name := range s.covered {
		var value string
		if strings.HasPrefix(name, "@") {
			value = derive(name, r.Method, scheme, authority, target)
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

// derive returns the value of a derived component.
func derive(name, method, scheme, authority, target string) string {
	path, query, _ := strings.Cut(target, "?")
	switch name {
	case "@method":
		return method
	case "@target-uri":
		return scheme + "://" + authority + target
	case "@authority":
		return authority
	case "@scheme":
		return scheme
	case "@request-target":
		return target
	case "@path":
		return path
	case "@query":
		return "?" + query // "?" alone when there is none: §2.2.7
	}
	panic("httpsig: unknown component " + name)
}
