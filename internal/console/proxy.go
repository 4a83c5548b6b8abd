package console

import "earshot/internal/desk"

// proxyNotice tells an admin of a proxy that trusted_proxies does not name: until it
// does, many clients share one limit.
func (c *Console) proxyNotice(v *visit) string {
	if c.proxy == nil || v.agent.Role != desk.RoleAdmin {
		return ""
	}
	switch address, names := c.proxy(); {
	case address == "":
		return ""
	case names:
		return v.speech.T("console.proxy_undeclared", "address", address)
	default:
		return v.speech.T("console.proxy_nameless", "address", address)
	}
}
