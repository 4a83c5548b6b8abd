package alike

import "testing"

func TestOtherTongue(t *testing.T) {
	for text, says := range map[string]map[string]string{
		"Wir haben die Störung gefunden, und morgen ist alles wieder da.":    {"en": "de", "de": "", "de-AT": "", "nl": "de", "pl": "", "": ""},
		"We have found the fault, and you will be online again this evening": {"de": "en", "en": "", "en-GB": "", "fr": "en"},
		"Nous avons trouvé la panne, et vous serez en ligne dans une heure.": {"en": "fr", "fr": "", "it": "fr"},
		"Hemos encontrado el fallo y en una hora todo estará como siempre":   {"en": "es", "es": ""},
		"We hebben de storing gevonden, en het is om vijf uur weer goed":     {"en": "nl", "nl": "", "de": "nl"},
		"Router restart, please": {"de": ""},
		"OK":                     {"de": ""},
		"":                       {"de": ""},
		"Мы нашли причину, и через час всё будет работать как обычно":                                                 {"de": "", "ru": ""},
		"Starten Sie bitte den Router neu: fritz.box, Menü System, Restart, Reboot, Update, Firmware, Backup, Wizard": {"en": ""}, // few small words say little
	} {
		for said, want := range says {
			if got := OtherTongue(text, said); got != want {
				t.Errorf("%q, said to be %q, is taken for %q, want %q", text, said, got, want)
			}
		}
	}
}
