package console

import (
	"testing"

	"github.com/chromedp/chromedp"

	"earshot/internal/desk"
	"earshot/internal/test/browser"
	"earshot/store"
)

// A new agent chooses no password: the device makes a passkey, and that is
// enough to sign in. Another device is added, and removed.
func TestPasskeys(t *testing.T) {
	r := newRoom(t)
	link, _, err := r.accounts.FirstLink(t.Context())
	check(t, err)
	b := browser.Start(t)
	laptop, phone := &screen{r, b.Open(browser.View{})}, &screen{r, b.Open(browser.Phone())}
	laptop.Passkeys()
	phone.Passkeys()

	laptop.Go(link.URL)
	laptop.Tab.Do(chromedp.SendKeys(chromedp.CSS("input[name=email]"), ada), chromedp.SendKeys(chromedp.CSS("input[name=name]"), "Ada Alt"))
	laptop.click(".passkey button")
	laptop.wants("body", "First steps") // where the first admin lands

	signOut := func(s *screen) {
		s.open("/console/you")
		s.click("form[action$=sign-out] button")
	}
	signOut(laptop)
	laptop.click(".passkey button")
	laptop.wants(".sections", "Ada Alt")

	// The phone shares the session, and makes a passkey of its own.
	phone.open("/console/you")
	phone.Tab.Do(chromedp.SendKeys(chromedp.CSS(".passkey input[name=name]"), "My phone"))
	phone.click(".passkey button")
	phone.wants("#main", "My phone")
	if n := phone.Overflows(); n > 0 {
		t.Errorf("the page is %d pixels wider than a phone", n)
	}
	signOut(phone)
	phone.click(".passkey button")
	phone.wants(".sections", "Ada Alt")

	laptop.open("/console/you")
	laptop.click(`form:has(input[name=credential][value="` + r.passkey("My phone") + `"]) button`)
	laptop.wants("#toast", "Removed")
	signOut(phone)
	phone.Tab.Do(chromedp.Click(chromedp.CSS(".passkey button")), chromedp.WaitVisible(chromedp.CSS(".passkey .wrong")))
	if text := phone.reads(".passkey .wrong"); text == "" {
		t.Error("a passkey that was removed is refused without a message")
	}
	phone.open("/console/issues")
	phone.wants("h1", "Sign in")
	for _, s := range []*screen{laptop, phone} {
		for _, stranger := range s.Strangers(r.server.URL) {
			t.Errorf("asked %s", stranger)
		}
	}
}

// passkey is the id of a passkey of the admin, by its name.
func (r *room) passkey(name string) string {
	r.Helper()
	for _, c := range must(r.accounts.Credentials(r.Context(), desk.Email(ada)))(r.T) {
		if c.Kind == store.CredentialPasskey && c.Name == name {
			return c.ID
		}
	}
	r.Fatalf("there is no passkey %q", name)
	return ""
}
