package desk

import "strings"

// plainHost reads the host of a URL in its usual spelling, false for every other: those
// are read in full. Most ids are of this kind, and each activity has a dozen.
func plainHost(raw string) (Host, bool) {
	scheme, rest := "https", ""
	switch {
	case strings.HasPrefix(raw, "https://"):
		rest = raw[len("https://"):]
	case strings.HasPrefix(raw, "http://"):
		scheme, rest = "http", raw[len("http://"):]
	default:
		return "", false
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	for i := end; i < len(rest); i++ {
		if c := rest[i]; c <= ' ' || c >= 0x7f || c == '%' {
			return "", false
		}
	}
	return plainName(rest[:end], scheme)
}

// plainName brings `host[:port]` into the form in which hosts are compared, if that
// takes no more than to leave the default port out.
func plainName(hostport, scheme string) (Host, bool) {
	name, port, hasPort := strings.Cut(hostport, ":")
	if len(name) > 253 || hasPort && !isDigits(port) || !isPlain(name) {
		return "", false
	}
	if !hasPort || scheme == "https" && port == "443" || scheme == "http" && port == "80" {
		return Host(name), true
	}
	return Host(hostport), true
}

// isPlain says whether a name is one of labels that IDNA leaves as they are: letters
// in lower case, digits, and single hyphens between them.
func isPlain(name string) bool {
	label := 0 // its length up to here
	for i := range len(name) {
		switch c := name[i]; {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
		case c == '-' && label > 0 && name[i-1] != '-':
		case c == '.' && label > 0 && name[i-1] != '-':
			label = 0
			continue
		default:
			return false
		}
		if label++; label > 63 {
			return false
		}
	}
	return label > 0 && name[len(name)-1] != '-'
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
