package console

import (
	"net/http"
	"strings"
	"time"

	"earshot/internal/desk"
	"earshot/internal/locale"
)

// languageCookie keeps the language that a visitor chose, in that browser only.
const languageCookie = "earshot_language"

// languageLasts is for how long.
const languageLasts = 365 * 24 * time.Hour

// speaks returns the language of an answer: the one chosen in this browser,
// else the one that the browser asks for.
func (c *Console) speaks(r *http.Request) *locale.Language {
	l, _ := c.speech.Choose(chosenLanguage(r), r.Header.Get("Accept-Language"))
	return l
}

func chosenLanguage(r *http.Request) string {
	k, err := r.Cookie(languageCookie)
	if err != nil {
		return ""
	}
	return k.Value
}

// chooseLanguage keeps a language, or with "" forgets it.
func (c *Console) chooseLanguage(v *visit) error {
	chosen, lasts := v.PostFormValue("language"), int(languageLasts.Seconds())
	if chosen == "" {
		lasts = -1
	} else if _, known := c.speech.Choose(chosen, ""); !known {
		return desk.Invalid("language_not_spoken", "the console does not speak that language: choose one from the list")
	}
	http.SetCookie(v.w, &http.Cookie{Name: languageCookie, Value: chosen, Path: Root, MaxAge: lasts,
		Secure: strings.HasPrefix(c.site.URL, "https:"), HttpOnly: true, SameSite: http.SameSiteLaxMode})
	return v.done("/you", "saved")
}
