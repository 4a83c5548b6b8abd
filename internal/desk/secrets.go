package desk

import (
	"regexp"
	"strings"
)

// Impostors answer complaints within minutes and ask for a password, a code or
// a payment. A desk that never does so can be told from them, so no desk may:
// see CheckWords.
//
// Each language has its ways of asking, and its words for secrets. A few words
// may stand between the two. A text may say that a reader must not do it
// ("never send us your password").
var asks = []*regexp.Regexp{
	asking(`send|give|tell|dm|message|share|provide|confirm|enter|reply with|post|need|what is|what's`,
		`passwords?|passcodes?|passphrases?|pins?|pin codes?|pin numbers?|tans?|cvv|cvc|(?:one[- ]time|verification|security|login|sms|2fa) codes?|(?:credit |debit )?card (?:numbers?|details)|credit cards?|iban|bank(?:ing)? details|payment details|whatsapp`),
	asking(`schick\p{L}*|send\p{L}*|gib|geben|nenn\p{L}*|teil\p{L}*|bestätig\p{L}*|brauchen|wie lautet`,
		`passw[oö]rt\p{L}*|kennw[oö]rt\p{L}*|pins?|tans?|(?:sicherheits|bestätigungs|sms-?)codes?|kreditkarten?\p{L}*|kartennummer\p{L}*|bankverbindung\p{L}*|bankdaten|iban|whatsapp`),
	asking(`stuur|geef|deel|bevestig|noem|wat is`,
		`wachtwoord\p{L}*|pin|pincodes?|tan|(?:beveiligings|verificatie|sms-?)codes?|creditcard\p{L}*|kaartnummer\p{L}*|rekeningnummer\p{L}*|bankgegevens|iban|whatsapp`),
	asking(`envoy\p{L}*|envoie\p{L}*|donn\p{L}*|indiqu\p{L}*|communiqu\p{L}*|confirm\p{L}*|partag\p{L}*|quel est`,
		`mots? de passe|codes? (?:pin|secrets?|de vérification|de sécurité|sms)|cartes? (?:bancaires?|de crédit)|numéros? de carte|coordonnées bancaires|rib|iban|whatsapp`),
	asking(`env[ií]\p{L}*|d[eé]nos|dinos|d[ií]ganos|facilit\p{L}*|compart\p{L}*|confirm\p{L}*|indic\p{L}*|indíqu\p{L}*|cuál es`,
		`contraseñas?|pin|códigos? de (?:verificación|seguridad|sms)|tarjetas? de (?:crédito|débito)|números? de (?:la )?tarjeta|datos bancarios|iban|whatsapp`),
	regexp.MustCompile(`(?i)(?:^|\P{L})(?:pay (?:us|now|a fee|the fee)|transfer (?:us )?(?:money|the amount)|überweis\p{L}* (?:sie |uns |bitte )*(?:den betrag|geld|\d)|maak \p{L}+ over|gift cards?)(?:\P{L}|$)`),
}

// asking matches a way of asking, at most five words, and a secret.
func asking(ways, secrets string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)(?:^|\P{L})(?:` + ways + `)(?:[^\p{L}\n.!?]+\p{L}+){0,5}?[^\p{L}\n.!?]+(?:` + secrets + `)(?:\P{L}|$)`)
}

var forbids = regexp.MustCompile(`(?i)(?:^|\P{L})(?:never|not|don't|won't|no one|nobody|nie|niemals|nicht|keine?|nooit|niet|geen|jamais|ne|pas|nunca|no|jamás)(?:\P{L}+\p{L}+){0,4}\P{L}*$`)

// CheckWords refuses a text of a desk that asks a person for a password, a code
// or a payment.
func CheckWords(text string) error {
	for _, r := range asks {
		for _, at := range r.FindAllStringIndex(text, -1) {
			if !forbids.MatchString(sentenceBefore(text, at[0]+1)) {
				return Invalid("reply_asks_secret", "this asks for something that only impostors ask for (%q): a desk never asks for passwords, codes, cards or payments, not even directly. Ask for it in no post at all; send people to a page of yours that they know. If this asks for nothing of the kind, send it once more as meant",
					strings.TrimSpace(text[at[0]:at[1]]))
			}
		}
	}
	return nil
}

// maxBefore bounds, in bytes, how much of a sentence is read before a match: a
// negation stands at most five words before it.
const maxBefore = 300

// sentenceBefore returns the part of a sentence before a place, as far as it matters.
func sentenceBefore(text string, at int) string {
	at = min(at, len(text))
	before := text[max(0, at-maxBefore):at]
	if n := strings.LastIndexAny(before, ".!?\n"); n >= 0 {
		return before[n+1:]
	}
	if at > maxBefore { // the first word may be half of one
		_, before, _ = strings.Cut(before, " ")
	}
	return before
}
