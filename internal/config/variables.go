package config

import "strings"

// Variable is a setting as the environment gives it.
type Variable struct {
	Name string // EARSHOT_LISTEN
	Help string // a sentence or two
}

// Variables returns every EARSHOT_* variable that the program reads.
func Variables() []Variable {
	out := []Variable{
		{"EARSHOT_DATA", "The data folder. The default is ./earshot-data."},
		{"EARSHOT_STORE", "The database that holds the instance, postgres://…, if it is not the file in the data folder."},
		{"EARSHOT_SECRET", "The secret that decrypts the keys in the store, at least 32 characters. Without it the secret is in the file `secret.key` in the data folder."},
	}
	for _, s := range settings {
		out = append(out, Variable{s.flag.variable(), help[s.flag]})
	}
	return out
}

// Getenv is os.Getenv for an environment as os.Environ returns it.
func Getenv(environ []string) func(string) string {
	values := map[string]string{}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		if _, twice := values[name]; !twice {
			values[name] = value
		}
	}
	return func(name string) string { return values[name] }
}

// help explains each setting.
var help = map[Flag]string{
	FlagListen:      "The address on which the server listens. The default is 127.0.0.1:8080.",
	FlagDev:         "For development: `on` allows http:// and private addresses, for this instance and its peers.",
	FlagTakeBack:    "How long a reply can be taken back, at most an hour. The default is 10s.",
	FlagAdminListen: "The address for /metrics, /livez and /readyz, which need no login. The default is none.",
	FlagMaxRequests: "How many requests are answered at the same time; more get 503. The default is 512.",
	FlagMaxWaiting:  "How many accepted activities may wait; beyond, inboxes answer 503. The default is 50000.",
	FlagHeardWithin: "Hours within which a post that only its tags address to a desk is heard through a source. The default is 48.",
	FlagWordsExpire: "Days after which the words of other people are erased. The default is 90.",
	FlagProxies:     "Addresses or networks of proxies whose X-Forwarded-For is believed, separated by commas.",
	FlagPrivate:     "Names that may resolve to private addresses, separated by commas; a name followed by the word `loopback` may be this machine. The default is none.",
	FlagNotifyHosts: "Names that may resolve to private addresses for webhooks and other destinations that an admin set, separated by commas; a name followed by the word `loopback` may be this machine. The default is none.",
	FlagFaces:       "`on` shows agents the pictures of people, which are fetched from their servers, in place of initials alone.",
	FlagSecureMode:  "`on` shows posts and collections only to signed requests.",
	FlagFloodLimits: "`off` turns off the limits against spam and floods of reports.",
	FlagTellFirst:   "How many voices of an incident that were only heard by tags are told alone, five minutes before the rest. The default is 20.",
	FlagTellAtOnce:  "How many of those of one server are told at once; then one a second. The default is 100.",
	FlagTellADay:    "How many of those of one server are told in a day. The default is 1000.",
	FlagMaxOpen:     "How many issues may be open; half of them of servers that nobody here has answered. The default is 100000.",
	FlagMaxText:     "How many bytes of the text of a stranger's public report are stored until an agent opens it. The default is 8192.",
	FlagMaxOpenOf:   "How many issues of one such server may be open; more get 429. The default is 20000.",
	FlagLogLevel:    "`debug`, `info`, `warn` or `error`. The default is info.",
	FlagLogFormat:   "`text` or `json`. The default is text.",
	FlagMail:        "The server for mail to agents, with its port, like smtp.acme.example:587. It may be in a private network. The default is none.",
	FlagMailUser:    "The name with which this instance signs in at the server for mail, if it has one.",
	FlagMailKey:     "The password for that.",
	FlagMailFrom:    "The sender of mail to agents. The default is earshot@ and the domain of the handles.",
	FlagMailTLS:     "How the connection for mail is encrypted: `starttls`, `tls` from its beginning (port 465), or `off` for a server on this machine. The default is starttls.",
	FlagOpenID:      "The address of an OpenID Connect provider, where agents may sign in too. The default is none.",
	FlagOpenIDID:    "The name of this instance at the provider. The default is earshot.",
	FlagOpenIDKey:   "The secret of this instance at the provider, if it has one.",
	FlagOpenIDName:  "The name of the provider on the button. The default is its host.",
	FlagOpenIDClaim: "The claim that lists the groups of a person. The default is groups.",
	FlagOpenIDRoles: "Pairs like staff=agent, separated by commas: who is in the group at the provider is an agent here with that role. Without any, agents are added here first.",
	FlagOpenIDEmail: "`on` takes e-mail addresses of which the provider does not say that they are proven.",
	FlagStoreSize:   "The size beyond which the file of the store does not grow, like 10GB. The default is no limit.",
}
