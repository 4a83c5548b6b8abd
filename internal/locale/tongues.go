package locale

import "strings"

// Tongue is a language in which people write, whether the pages speak it or not.
type Tongue struct {
	Code string // BCP 47
	Name string // in the language itself
}

// tongues are those that a menu offers: the languages of Europe that a state or a region
// speaks, and those most spoken elsewhere.
var tongues = tongueList(`ar العربية|be Беларуская|bg Български|bn বাংলা|ca Català|cs Čeština|cy Cymraeg|da Dansk|de Deutsch|el Ελληνικά|en English|es Español|et Eesti
|eu Euskara|fa فارسی|fi Suomi|fr Français|ga Gaeilge|gl Galego|he עברית|hi हिन्दी|hr Hrvatski|hu Magyar|id Bahasa Indonesia|is Íslenska|it Italiano|ja 日本語|ko 한국어|lb Lëtzebuergesch
|lt Lietuvių|lv Latviešu|mk Македонски|mt Malti|nb Norsk bokmål|nl Nederlands|nn Norsk nynorsk|pl Polski|pt Português|rm Rumantsch|ro Română|ru Русский|sk Slovenčina
|sl Slovenščina|sq Shqip|sr Српски|sv Svenska|sw Kiswahili|ta தமிழ்|th ไทย|tr Türkçe|uk Українська|ur اردو|vi Tiếng Việt|zh 中文`)

func tongueList(s string) (out []Tongue) {
	for one := range strings.SplitSeq(s, "|") {
		code, name, _ := strings.Cut(strings.TrimSpace(one), " ")
		out = append(out, Tongue{code, name})
	}
	return out
}

// Tongues are the languages that a menu offers, with the one that is chosen among them; "": none is.
func Tongues(chosen string) (out []Tongue) {
	known := chosen == ""
	for _, t := range tongues {
		known = known || t.Code == chosen
	}
	if !known {
		out = append(out, Tongue{chosen, TongueName(chosen)})
	}
	return append(out, tongues...)
}

// TongueName is the name of a language in itself; its code where that is not known. A
// region is said by its code.
func TongueName(code string) string {
	base, region, _ := strings.Cut(code, "-")
	for _, t := range tongues {
		if t.Code == base && region != "" {
			return t.Name + " (" + region + ")"
		}
		if t.Code == base {
			return t.Name
		}
	}
	return code
}
