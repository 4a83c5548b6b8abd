package doctor

import "context"

// proxy checks whether clients can be told apart: their limits are by address.
func (e *examination) proxy(context.Context) []Finding {
	switch {
	case e.Dev:
		return note("proxy", "is not looked at in development mode")
	case !e.Running || e.Proxy == nil:
		return note("proxy", notFromHere)
	}
	address, names := e.Proxy()
	switch {
	case address == "":
		return ok("proxy", "every client is known by its own address, as far as requests came")
	case !names:
		return warning("proxy", "have the proxy send X-Forwarded-For, and set trusted_proxies to its address", "requests come from %s without X-Forwarded-For, so all clients may look like one: the limits for each address are those for all", address)
	}
	return warning("proxy", `add "`+address+`" to trusted_proxies in earshot.toml`, "requests come through a proxy at %s that trusted_proxies does not name, so limits by address are coarse, and sign-in counts all as one", address)
}
