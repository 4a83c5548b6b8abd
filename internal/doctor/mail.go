package doctor

import "context"

// mail asks the server for mail whether it takes us in. It sends nothing.
func (e *examination) mail(ctx context.Context) []Finding {
	if !e.Mail.Set() {
		return note("mail", "none is sent: there is no smtp.server in the settings")
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	if err := e.Mail.Check(ctx); err != nil {
		return problem("mail", "see the settings smtp.…, and whether the server lets this machine in", "the server for mail, %s, does not answer as it should: %v", e.Mail.Address, err)
	}
	if e.Mail.InTheClear() {
		return warning("mail", "set smtp.security to starttls or tls, or use a server on this machine", "mail goes to the server %s unencrypted: smtp.security is off", e.Mail.Address)
	}
	return ok("mail", "the server for mail, %s, answers", e.Mail.Address)
}
