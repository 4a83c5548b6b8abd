package auth

import (
	"net/http"
	"net/netip"
	"strings"

	"earshot/internal/desk"
	"earshot/store"
)

// codeParameter carries a link's code to the page, once.
const codeParameter = "code"

// Policy is the Content-Security-Policy of pages for agents: scripts and
// styles from files of ours only, nothing inline, nothing from anywhere else.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
	"manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// Protect guards everything for agents: a browser that comes from another site
// can change nothing here (denied answers it), and the pages of agents are
// stored by no cache and run only our own scripts.
func Protect(next, denied http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	cross.SetDenyHandler(denied)
	protected := cross.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", Policy)
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		protected.ServeHTTP(w, r)
	})
}

// Require lets signed-in agents through, who are then found by From; others
// are answered by stranger, and an error by failed.
func (a *Accounts) Require(next, stranger http.Handler, failed func(http.ResponseWriter, *http.Request, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, err := a.session(r.Context(), a.Session(r))
		switch {
		case err == nil:
			next.ServeHTTP(w, r.WithContext(With(r.Context(), who)))
		case desk.ErrorCode(err) == desk.CodeUnauthenticated:
			stranger.ServeHTTP(w, r)
		default:
			failed(w, r, err)
		}
	})
}

// Authenticate tells who makes a request to the API: by a bearer token (RFC
// 6750), or else by the session of the console.
func (a *Accounts) Authenticate(r *http.Request) (Principal, error) {
	authorization, session := r.Header.Get("Authorization"), a.Session(r)
	var who Principal
	var err error
	if scheme, token, _ := strings.Cut(authorization, " "); authorization == "" {
		who, err = a.session(r.Context(), session)
	} else if strings.EqualFold(scheme, "Bearer") {
		who, err = a.token(r.Context(), SecretOf(strings.TrimSpace(token)))
	} else {
		err = desk.Unauthenticated("token_needed", "an API token is needed: Authorization: Bearer %s…", TokenPrefix)
	}
	// A client without credentials is not guessing, and may share an address
	// with colleagues.
	guess := authorization != "" || session.Reveal() != ""
	if guess && desk.ErrorCode(err) == desk.CodeUnauthenticated {
		if limit := a.limits.try("", a.Client(r).counted()); limit != nil {
			return who, limit
		}
	}
	if err != nil {
		return who, err
	}
	return who, a.limits.request(who)
}

// Known says whether a request has a session or a token that holds now: it may take its time.
// Nothing is counted, and what it may do is asked later.
func (a *Accounts) Known(r *http.Request) bool {
	secret, kind := a.Session(r), store.GrantSession
	if scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " "); strings.EqualFold(scheme, "Bearer") {
		secret, kind = SecretOf(strings.TrimSpace(token)), store.GrantToken
	}
	_, _, err := a.grant(r.Context(), secret, kind)
	return err == nil
}

// Client says from where a request comes.
func (a *Accounts) Client(r *http.Request) Client {
	c := Client{Addr: a.addr(r), Browser: r.UserAgent()}
	if a.share != nil {
		c.Share = a.share(r)
	}
	return c
}

// NoAddr is for where nobody is limited by where they come from.
func NoAddr(*http.Request) netip.Addr { return netip.Addr{} }

// cookieName: with the prefix a browser takes the cookie over https only, from
// this very host only, for all of it (RFC 6265bis §4.1.3.2).
func (a *Accounts) cookieName(name string) string {
	if a.secure {
		return "__Host-" + name
	}
	return name
}

const (
	sessionCookie = "earshot"
	codeCookie    = "earshot-link"
	openIDCookie  = "earshot-openid"
)

func (a *Accounts) setCookie(w http.ResponseWriter, name, value string, maxAge int) {
	// Lax, so that a link to an issue in a mail opens it; Protect keeps other
	// sites from changing anything.
	http.SetCookie(w, &http.Cookie{Name: a.cookieName(name), Value: value, Path: "/", MaxAge: maxAge, Secure: a.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

func (a *Accounts) cookie(r *http.Request, name string) Secret {
	c, err := r.Cookie(a.cookieName(name))
	if err != nil {
		return Secret{}
	}
	return SecretOf(c.Value)
}

// SetCookie hands a session to the browser.
func (a *Accounts) SetCookie(w http.ResponseWriter, session Secret) {
	a.setCookie(w, sessionCookie, session.Reveal(), int(LastsFor.Seconds()))
}

// ClearCookie takes the session from the browser.
func (a *Accounts) ClearCookie(w http.ResponseWriter) { a.setCookie(w, sessionCookie, "", -1) }

// Session returns the browser's session secret.
func (a *Accounts) Session(r *http.Request) Secret { return a.cookie(r, sessionCookie) }

// StoreCode moves a link's code out of the address and into a cookie, and sends
// the browser to the page without it: an address stands in histories, in the
// logs of proxies, and on the screen. It is true if it has answered.
func (a *Accounts) StoreCode(w http.ResponseWriter, r *http.Request) bool {
	code := r.URL.Query().Get(codeParameter)
	if code == "" || len(code) > maxSecret {
		return false
	}
	a.setCookie(w, codeCookie, code, 3600)
	http.Redirect(w, r, WelcomePath, http.StatusSeeOther)
	return true
}

// Code returns the code that StoreCode moved.
func (a *Accounts) Code(r *http.Request) Secret { return a.cookie(r, codeCookie) }

// ClearCode forgets the code: it was used.
func (a *Accounts) ClearCode(w http.ResponseWriter) { a.setCookie(w, codeCookie, "", -1) }
