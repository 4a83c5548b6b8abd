package desk_test

import (
	"testing"

	"earshot/internal/desk"
)

func TestCheckWords(t *testing.T) {
	for _, tt := range []struct {
		text    string
		allowed bool
	}{
		{"Should work again since 14:05. Does it for you?", true},
		{"Which app, and since when? One line is enough.", true},
		{"You can reset your password on the page where you sign in.", true},
		{"We will never ask you to send us your password.", true},
		{"Please do not send your PIN to anyone.", true},
		{"Schicken Sie niemandem Ihr Passwort.", false}, // says "nobody" late: rather ask once too often
		{"Bitte nie Ihr Passwort schicken.", true},
		{"Ne nous envoyez jamais votre mot de passe.", true},
		{"We confirm that the card reader at the counter is broken.", true},
		{"Tell us which town. The pin board in the hall has the map.", true},
		{"Is the error message about your card?", true},

		{"Please send us your password.", false},
		{"DM your one-time code so that we can check", false},
		{"Can you confirm your credit card number?", false},
		{"sorry, already escalated, send your WhatsApp number", false},
		{"Share the verification code you received", false},
		{"Just pay the fee and it is on again", false},
		{"Bitte schicken Sie uns Ihr Passwort", false},
		{"Nennen Sie uns bitte Ihre Kreditkartennummer", false},
		{"Stuur ons je wachtwoord", false},
		{"Envoyez-nous votre mot de passe", false},
		{"Envíenos su contraseña", false},
	} {
		if err := desk.CheckWords(tt.text); (err == nil) != tt.allowed {
			t.Errorf("%q: allowed = %t, want %t (%v)", tt.text, err == nil, tt.allowed, err)
		}
	}
}
