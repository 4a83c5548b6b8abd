package desk

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// roundWords are the words of a reply to a voice that the program adds, by
// language: why its reader gets it, and the question when it is over.
type roundWords struct{ tags, wrote, ask string }

var roundLines = map[string]roundWords{
	"en": {"You get this because you posted about it with the tags %s. Answer “stop”, and we write no more.", "You get this because you wrote to us about it. Answer “stop”, and we write no more.", "Does it work for you?"},
	"de": {"Sie bekommen das, weil Sie mit den Tags %s darüber geschrieben haben. Antworten Sie „stop“, dann schreiben wir nicht mehr.", "Sie bekommen das, weil Sie uns darüber geschrieben haben. Antworten Sie „stop“, dann schreiben wir nicht mehr.", "Geht es bei Ihnen wieder?"},
	"fr": {"Vous recevez ceci parce que vous en avez parlé avec les mots-clés %s. Répondez « stop » et nous n'écrirons plus.", "Vous recevez ceci parce que vous nous en avez parlé. Répondez « stop » et nous n'écrirons plus.", "Est-ce que cela fonctionne chez vous ?"},
	"es": {"Recibe esto porque escribió sobre ello con las etiquetas %s. Responda «stop» y no escribiremos más.", "Recibe esto porque nos escribió sobre ello. Responda «stop» y no escribiremos más.", "¿Le funciona?"},
	"nl": {"U krijgt dit omdat u erover schreef met de tags %s. Antwoord “stop”, dan schrijven we niet meer.", "U krijgt dit omdat u ons erover schreef. Antwoord “stop”, dan schrijven we niet meer.", "Werkt het weer bij u?"},
}

// baseLanguage is a language without its region.
func baseLanguage(tag string) string {
	base, _, _ := strings.Cut(strings.ToLower(tag), "-")
	return base
}

// Words returns what a reader of a language is told, and in which language: the
// agent's version in it, or else the text.
func (r Round) Words(reader string) (text, language string) {
	for tag, text := range r.Versions {
		if baseLanguage(tag) == baseLanguage(reader) {
			return text, tag
		}
	}
	return r.Text, r.Language
}

// DefaultPostLength is how long a post may be at a server that does not say.
const DefaultPostLength = 500

// minRoundWords is how much of the agent's words is left at least, in characters,
// however little the server shows.
const minRoundWords = 80

// Told is the reply to a voice: the words, the question if it is over, and why its
// reader gets it. mention is how long the mention before it is; limit is how long a
// post may be at the reader's server. A text that is longer is cut, and leads to the
// page of the post.
func (r Round) Told(i Issue, reader string, mention, limit int, page string) (text, language string) {
	text, language = r.Words(reader)
	w, ok := roundLines[baseLanguage(language)]
	if !ok {
		w = roundLines["en"]
	}
	end := "\n\n" + w.wrote
	if i.Heard == HeardTags && !i.Invited && len(i.Keys) > 0 {
		end = "\n\n" + fmt.Sprintf(w.tags, strings.Join(i.Keys, ", "))
	}
	if r.Status == StatusFixed {
		end = "\n\n" + w.ask + end
	}
	if limit <= 0 {
		limit = DefaultPostLength
	}
	room := limit - mention - utf8.RuneCountInString(end)
	if utf8.RuneCountInString(text) <= room {
		return text + end, language
	}
	more, sign := " … "+page, signOf(text)
	if sign != "" {
		more += " " + sign
	}
	room = max(room-utf8.RuneCountInString(more), minRoundWords)
	return cutWords(text, room) + more + end, language
}

// signOf returns the agent's letters at the end of a text, "" without.
func signOf(text string) string {
	words := strings.Fields(text)
	if n := len(words); n > 0 && strings.HasPrefix(words[n-1], "^") {
		return words[n-1]
	}
	return ""
}

// cutWords cuts a text to so many characters, between words if it has any there.
func cutWords(text string, room int) string {
	runes := []rune(text)
	if len(runes) <= room {
		return text
	}
	cut := string(runes[:room])
	if n := strings.LastIndexFunc(cut, unicode.IsSpace); n > len(cut)/2 {
		cut = cut[:n]
	}
	return strings.TrimRight(cut, " \t\r\n.,;:")
}

// affirmatives are the words by which a person says that it works again, or thanks.
var affirmatives = func() map[string]bool {
	known := map[string]bool{}
	for _, s := range strings.Split(`yes,yep,yeah,ok,okay,thanks,thank you,thanks a lot,thank you very much,many thanks,it works,works,works again,it works again,works now,it works now,works for me,it works for me,working again,its working again,all good,all good now,fixed,back,back online,great,perfect,yes it does,yes it works,yes works again,yes thanks,works again thanks,yes thank you,up again
ja,danke,vielen dank,dankeschön,danke schön,danke euch,geht,geht wieder,es geht wieder,ja geht wieder,ja es geht wieder,läuft,läuft wieder,alles gut,alles wieder gut,funktioniert,funktioniert wieder,es funktioniert wieder,super,prima,top,ja danke,ja läuft wieder,geht wieder danke,läuft wieder danke
oui,merci,merci beaucoup,ça marche,ca marche,ça marche à nouveau,ça marche de nouveau,ca marche de nouveau,ça fonctionne de nouveau,ça remarche,ca remarche,ça fonctionne,ça fonctionne à nouveau,cela fonctionne,tout va bien,parfait,super merci,oui merci,oui ça marche,rétabli
sí,si,gracias,muchas gracias,funciona,ya funciona,ahora funciona,funciona de nuevo,ya va,perfecto,todo bien,sí gracias,si gracias,sí funciona,ya está,solucionado
dank,bedankt,dank je,dank u,dankjewel,dank u wel,werkt,werkt weer,het werkt weer,het werkt,doet het weer,hij doet het weer,alles goed,opgelost,ja bedankt,ja werkt weer,ja het werkt weer`, "\n") {
		for _, one := range strings.Split(s, ",") {
			known[one] = true
		}
	}
	return known
}()

// Affirms says whether a text, its mentions already removed, says that it works
// again and nothing else: each of its sentences is a known one.
func Affirms(text string) bool {
	said := false
	for _, part := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return strings.ContainsRune(".!,;:\n\r", r) }) {
		part = strings.Join(strings.FieldsFunc(part, func(r rune) bool { return !unicode.IsLetter(r) && r != '?' }), " ")
		if part == "" { // emoji
			continue
		}
		if !affirmatives[strings.ReplaceAll(part, "it s ", "its ")] {
			return false
		}
		said = true
	}
	return said
}

// Asks says whether a text asks something.
func Asks(text string) bool { return strings.ContainsAny(text, "?？؟") }
