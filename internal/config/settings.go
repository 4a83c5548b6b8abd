package config

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	netmail "net/mail"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"earshot/internal/auth"
	"earshot/internal/desk"
	"earshot/internal/mail"
	"earshot/internal/safehttp"
)

// maxTakeBack: a reply that waits longer than an hour is a draft.
const maxTakeBack = time.Hour

type setting struct {
	flag Flag
	set  func(*Config, string) error
}

// settings is every setting and how its text is read, checked once for all
// three places it may come from.
var settings = []setting{
	{FlagListen, func(c *Config, s string) (err error) { c.Listen, err = parseAddress(s); return err }},
	{FlagDev, func(c *Config, s string) (err error) { c.Dev, err = parseBool(s); return err }},
	{FlagTakeBack, setTakeBack},
	{FlagAdminListen, func(c *Config, s string) (err error) { c.AdminListen, err = parseAddress(s); return err }},
	{FlagMaxRequests, func(c *Config, s string) (err error) { c.MaxRequests, err = parseNumber(s, 100_000); return err }},
	{FlagMaxWaiting, func(c *Config, s string) (err error) { c.MaxWaiting, err = parseNumber(s, 100_000_000); return err }},
	{FlagWordsExpire, setWordsExpire},
	{FlagHeardWithin, setHeardWithin},
	{FlagProxies, setProxies},
	{FlagPrivate, func(c *Config, s string) (err error) { c.PrivateHosts, err = parsePrivateHosts(s); return err }},
	{FlagNotifyHosts, func(c *Config, s string) (err error) { c.NotifyHosts, err = parsePrivateHosts(s); return err }},
	{FlagFaces, func(c *Config, s string) (err error) { c.RemoteFaces, err = parseBool(s); return err }},
	{FlagSecureMode, func(c *Config, s string) (err error) { c.SecureMode, err = parseBool(s); return err }},
	{FlagFloodLimits, func(c *Config, s string) (err error) { c.FloodLimits, err = parseBool(s); return err }},
	{FlagTellFirst, func(c *Config, s string) (err error) { c.TellFirst, err = parseNumber(s, 1000); return err }},
	{FlagTellAtOnce, func(c *Config, s string) (err error) { c.TellAtOnce, err = parseNumber(s, 100_000); return err }},
	{FlagTellADay, func(c *Config, s string) (err error) { c.TellADay, err = parseNumber(s, 100_000); return err }},
	{FlagMaxOpen, func(c *Config, s string) (err error) { c.Room.Issues, err = parseNumber(s, 10_000_000); return err }},
	{FlagMaxOpenOf, func(c *Config, s string) (err error) { c.Room.Domain, err = parseNumber(s, 10_000_000); return err }},
	{FlagMaxText, func(c *Config, s string) (err error) { c.Room.Text, err = parseNumber(s, 1<<20); return err }},
	{FlagLogLevel, func(c *Config, s string) error {
		var l slog.Level
		if err := l.UnmarshalText([]byte(s)); err != nil {
			return fmt.Errorf("debug, info, warn or error, not %q", s)
		}
		c.LogLevel = l
		return nil
	}},
	{FlagLogFormat, func(c *Config, s string) error {
		if s != "text" && s != "json" {
			return fmt.Errorf("text or json, not %q", s)
		}
		c.LogFormat = s
		return nil
	}},
	{FlagStoreSize, func(c *Config, s string) (err error) { c.StoreMaxSize, err = parseSize(s); return err }},
	{FlagMail, setMailServer},
	{FlagMailUser, func(c *Config, s string) error { c.Mail.User = s; return nil }},
	{FlagMailKey, func(c *Config, s string) error { c.Mail.Password = s; return nil }},
	{FlagMailFrom, setMailFrom},
	{FlagMailTLS, setMailSecurity},
	{FlagOpenID, setIssuer},
	{FlagOpenIDID, func(c *Config, s string) error { c.OpenID.ClientID = s; return nil }},
	{FlagOpenIDKey, func(c *Config, s string) error { c.OpenID.Secret = s; return nil }},
	{FlagOpenIDName, setOpenIDName},
	{FlagOpenIDClaim, func(c *Config, s string) error { c.OpenID.Claim = s; return nil }},
	{FlagOpenIDRoles, setGroupRoles},
	{FlagOpenIDEmail, func(c *Config, s string) (err error) { c.OpenID.AnyEmail, err = parseBool(s); return err }},
}

func setterOf(f Flag) func(*Config, string) error {
	for _, s := range settings {
		if s.flag == f {
			return s.set
		}
	}
	return func(*Config, string) error { return errors.New("there is no such setting") }
}

// parseBool reads a switch as the guide spells it, and as programs do.
func parseBool(s string) (bool, error) {
	switch strings.ToLower(s) {
	case "on", "yes", "true", "1", "t":
		return true, nil
	case "off", "no", "false", "0", "f":
		return false, nil
	}
	return false, fmt.Errorf("on or off, not %q", s)
}

func parseAddress(s string) (string, error) {
	if _, port, err := net.SplitHostPort(s); err != nil || port == "" {
		return "", fmt.Errorf("an address with a port like 127.0.0.1:8080 or :8080, not %q", s)
	}
	return s, nil
}

func parseNumber(s string, most int) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > most {
		return 0, fmt.Errorf("a number from 1 to %d, not %q", most, s)
	}
	return n, nil
}

// maxWordsExpire: words that are kept longer than ten years are kept for ever.
const maxWordsExpire = 3650

func setWordsExpire(c *Config, s string) error {
	days, err := parseNumber(s, maxWordsExpire)
	c.WordsExpire = time.Duration(days) * 24 * time.Hour
	return err
}

// maxHeardWithin: a call of a month ago is no call any more.
const maxHeardWithin = 720

func setHeardWithin(c *Config, s string) error {
	hours, err := parseNumber(s, maxHeardWithin)
	c.HeardWithin = time.Duration(hours) * time.Hour
	return err
}

func setTakeBack(c *Config, s string) error {
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 || d > maxTakeBack {
		return fmt.Errorf("a time like 10s, at most %s, not %q", maxTakeBack, s)
	}
	c.TakeBack = d
	return nil
}

// setProxies reads addresses and networks.
func setProxies(c *Config, s string) error {
	c.TrustedProxies = nil
	for part := range strings.SplitSeq(s, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		p, err := netip.ParsePrefix(part)
		if err != nil {
			a, aerr := netip.ParseAddr(part)
			if aerr != nil {
				return fmt.Errorf("addresses or networks like 10.0.0.0/8, not %q", part)
			}
			p = netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen())
		}
		c.TrustedProxies = append(c.TrustedProxies, p.Masked())
	}
	return nil
}

// maxPrivateHosts: nobody reads a longer list, and each name is a way in.
const maxPrivateHosts = 100

// parsePrivateHosts reads names, each with the word loopback behind it or not.
func parsePrivateHosts(s string) (hosts []safehttp.PrivateHost, err error) {
	for part := range strings.SplitSeq(s, ",") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		p, err := safehttp.ParsePrivateHost(part)
		if err != nil {
			return nil, err
		}
		if len(hosts) == maxPrivateHosts {
			return nil, fmt.Errorf("at most %d names", maxPrivateHosts)
		}
		hosts = append(hosts, p)
	}
	return hosts, nil
}

// parseSize reads bytes: 10GB, 512MiB, 1000000.
func parseSize(s string) (int64, error) {
	wrong := fmt.Errorf("a size like 10GB or 512MiB, not %q", s)
	number := strings.TrimRight(s, "kKMGTiB")
	factor, ok := map[string]int64{"": 1, "B": 1, "kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12,
		"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}[strings.TrimPrefix(s, number)]
	n, err := strconv.ParseInt(strings.TrimSpace(number), 10, 64)
	if err != nil || !ok || n < 0 || n > math.MaxInt64/factor {
		return 0, wrong
	}
	return n * factor, nil
}

// setMailServer reads the server for mail.
func setMailServer(c *Config, s string) error {
	host, port, err := net.SplitHostPort(s)
	if n, wrong := strconv.Atoi(port); err != nil || host == "" || wrong != nil || n < 1 || n > math.MaxUint16 {
		return fmt.Errorf("a server with a port like smtp.acme.example:587, not %q", s)
	}
	c.Mail.Address = s
	return nil
}

func setMailFrom(c *Config, s string) error {
	a, err := netmail.ParseAddress(s)
	if err != nil || a.Address != s {
		return fmt.Errorf("an address like desk@acme.example, not %q", s)
	}
	c.Mail.From = s
	return nil
}

func setMailSecurity(c *Config, s string) error {
	if c.Mail.Security = mail.Security(s); !slices.Contains([]mail.Security{mail.StartTLS, mail.TLS, mail.Plain}, c.Mail.Security) {
		return fmt.Errorf("starttls, tls or off, not %q", s)
	}
	return nil
}

// setIssuer reads the address of a provider of identities. http is for --dev, where
// the guard lets it pass.
func setIssuer(c *Config, s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("the address of a provider like https://id.acme.example/realms/staff, not %q", s)
	}
	c.OpenID.Issuer, c.OpenID.Name = s, cmp.Or(c.OpenID.Name, u.Hostname())
	return nil
}

// maxOpenIDName is what fits on a button.
const maxOpenIDName = 40

func setOpenIDName(c *Config, s string) error {
	if c.OpenID.Name = strings.TrimSpace(s); c.OpenID.Name == "" || utf8.RuneCountInString(c.OpenID.Name) > maxOpenIDName {
		return fmt.Errorf("a name of at most %d letters, not %q", maxOpenIDName, s)
	}
	return nil
}

// maxGroupRoles: more groups than agents help nobody.
const maxGroupRoles = 200

// setGroupRoles reads pairs like staff=agent.
func setGroupRoles(c *Config, s string) error {
	c.OpenID.Roles = nil
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		at := strings.LastIndex(part, "=")
		if at < 1 || !slices.Contains(desk.AgentRoles(), desk.AgentRole(part[at+1:])) {
			return fmt.Errorf("pairs of a group and a role (agent, lead or admin) like staff=agent, not %q", part)
		}
		if len(c.OpenID.Roles) == maxGroupRoles {
			return fmt.Errorf("at most %d pairs", maxGroupRoles)
		}
		c.OpenID.Roles = append(c.OpenID.Roles, auth.GroupRole{Group: part[:at], Role: desk.AgentRole(part[at+1:])})
	}
	return nil
}
