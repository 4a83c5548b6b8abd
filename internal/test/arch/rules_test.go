package arch

// A pattern names a package of this module by its folder, or with "/..." at
// the end a folder and all below it.

// only: these packages import nothing of ours except the listed ones.
var only = []struct {
	of      string
	allowed []string
	why     string
}{
	{"internal/desk", nil, "the domain knows no technology and nobody above it"},
	{"internal/drop", []string{"internal/desk"}, "it counts what others did not keep, and reads no words"},
	{"internal/match", []string{"internal/desk", "internal/drop"}, "the matching rule is pure: post and desks come in, a decision goes out"},
	{"internal/alike", []string{"internal/desk", "internal/search"}, "which reports belong together follows from the reports alone"},
	{"internal/alerts", []string{"internal/desk"}, "an alert is read from its bytes alone"},
	{"federation/origin", []string{"internal/desk"}, "the rights of actors over objects follow from ids alone"},
	{"internal/address", []string{"internal/desk"}, "which address is ours is decided from the address and what the caller knows"},
	{"internal/admission", []string{"internal/clock", "internal/ratelimit"}, "shares are counted without knowing of what: server and inbox ask"},
	{"internal/ratelimit", nil, "it limits without knowing what"},
	{"store", []string{"internal/desk"}, "the contract knows the domain and no driver"},
}

// never: these packages do not import those.
var never = []struct {
	of        string
	forbidden []string
	why       string
}{
	{"internal/app", []string{"federation/...", "net/http", "internal/console", "internal/api", "internal/server", "internal/auth"},
		"a use case does not know through which door it was called"},
	{"internal/admission", []string{"net/http", "log/slog"}, "it decides from addresses and times alone"},
	{"federation/...", []string{"internal/console", "internal/server", "internal/auth", "internal/api"},
		"what other servers send must not reach what people log in to"},
	{"internal/console", []string{"federation/...", "store/bolt", "store/postgres", "internal/server"},
		"the console speaks to the use cases only"},
	{"...", []string{"cmd/..."}, "a program is imported by nobody"},
}

// confined: a listed package is imported by these packages only, tests included
// unless tests says otherwise. A pattern with a dot in its first part is a
// third-party import path.
var confined = []struct {
	what  string
	to    []string
	tests bool // tests of any package may import it
	why   string
}{
	{"github.com/go-fed/activity/pub/...", nil, false, "it accepts forged updates and loses messages: docs/adr/0001"},
	{"github.com/go-fed/activity/streams", nil, false, "it links all of go-fed, 177 packages; federation/as/build names those that are used: docs/adr/0001"},
	{"github.com/go-fed/activity/...", []string{"federation/as/build"}, false, "what we send is made in one place"},
	{"github.com/superseriousbusiness/httpsig/...", []string{"federation/httpsig"}, false, "it checks signatures but no policy"},
	{"github.com/dunglas/httpsfv/...", []string{"federation/httpsig"}, false, "structured fields are read for signatures only"},
	{"github.com/gowebpki/jcs/...", []string{"federation/proof"}, false, "JSON is canonicalised for proofs only"},
	{"go.etcd.io/bbolt/...", []string{"store/bolt"}, false, "one backend's driver"},
	{"github.com/jackc/pgx/...", []string{"store/postgres"}, false, "one backend's driver"},
	{"github.com/prometheus/client_golang/...", []string{"internal/metrics"}, false, "those who work tell a hook, and know no Prometheus"},
	{"code.dny.dev/ssrf/...", []string{"internal/safehttp"}, false, "one guard at one exit"},
	{"github.com/coder/websocket/...", []string{"internal/safehttp", "internal/test/feeds"}, true, "one guard at one exit; emulators of servers answer"},
	{"github.com/microcosm-cc/bluemonday/...", []string{"internal/markup"}, false, "remote HTML is sanitised in one place"},
	{"github.com/mtibben/confusables/...", []string{"internal/lookalike"}, false, "what looks alike is decided in one place"},
	{"github.com/go-webauthn/webauthn/...", []string{"internal/auth"}, false, "one place finds out who a caller is"},
	{"github.com/SherClockHolmes/webpush-go", []string{"internal/notify"}, false, "pushes are encrypted in one place, and sent through our client"},
	{"github.com/wneessen/go-mail", []string{"internal/mail"}, false, "mail is sent in one place, through our dialer"},
	{"github.com/coreos/go-oidc/...", []string{"internal/auth"}, false, "one place finds out who a caller is, through our client"},
	{"golang.org/x/oauth2/...", []string{"internal/auth"}, false, "one place finds out who a caller is, through our client"},
	{"golang.org/x/time/rate", []string{"internal/ratelimit", "internal/public"}, false, "limits by key are kept in one place; public has one limit without a key"},
	{"github.com/klauspost/compress/...", []string{"internal/server"}, false, "answers are compressed in one place"},
	{"golang.org/x/image/...", []string{"internal/picture"}, false, "pictures of strangers are decoded in one place, with their bounds"},
	{"golang.org/x/crypto/argon2", []string{"internal/auth"}, false, "one place finds out who a caller is"},
	{"golang.org/x/crypto/chacha20poly1305", []string{"internal/keyring"}, false, "keys are sealed in one place"},
	{"store/bolt", []string{"cmd/..."}, true, "the program chooses the backend"},
	{"store/postgres", []string{"cmd/..."}, true, "the program chooses the backend"},
	{"store/storetest", nil, true, "it is for tests"},
	{"internal/test/...", nil, true, "it is for tests"},
	{"pgregory.net/rapid", nil, true, "it is for tests"},
	{"github.com/google/go-cmp/...", nil, true, "it is for tests"},
	{"github.com/chromedp/...", nil, true, "it is for tests"},
	{"github.com/rogpeppe/go-internal/...", nil, true, "it is for tests"},
}

// pure packages get all facts as arguments: no network, no files, no database,
// no log, no clock, no randomness.
var pure = []string{"internal/desk", "internal/alerts", "internal/match", "internal/alike", "internal/address", "federation/origin"}

// impure are the imports a pure package must not have. net/url and net/netip
// only parse and are not among them.
var impure = []string{
	"net", "net/http/...", "net/rpc/...", "net/smtp", "crypto/tls", "crypto/rand", "math/rand/...", "github.com/google/uuid",
	"os/...", "io/fs", "io/ioutil", "path/filepath", "syscall", "golang.org/x/sys/...", "plugin", "runtime/...", "unsafe",
	"database/...", "log/...", "embed",
}

// timely are the names of package time by which a clock or a timer comes in.
var timely = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}

// calls: these names are used in these packages, or files, only. The files use
// Unix sockets on the same machine: the command line's way to the server, and
// the server's to the service manager.
var calls = []struct {
	of    string
	names []string
	to    []string
	tests bool   // tests of any package may use them
	under string // a test file that imports this may use them, "" for none
	why   string
}{
	{"net/http", []string{"Client", "DefaultClient", "Get", "Head", "Post", "PostForm", "Transport", "DefaultTransport"},
		[]string{"internal/safehttp", "internal/api/transport.go"}, true, "", "one way out, with one guard"},
	{"net", []string{"Dial", "DialTimeout", "DialTCP", "DialUDP", "DialIP", "DialUnix", "Dialer"},
		[]string{"internal/safehttp", "internal/api/transport.go", "internal/server/notify.go"}, true, "", "one way out, with one guard"},
	{"crypto/tls", []string{"Dial", "DialWithDialer", "Dialer"},
		[]string{"internal/safehttp"}, true, "", "one way out, with one guard"},
	// What these libraries would connect with by themselves: they are given our ways out.
	{"github.com/SherClockHolmes/webpush-go", []string{"SendNotification"}, nil, false, "", "it takes a client of its own"},
	{"github.com/SherClockHolmes/webpush-go", []string{"SendNotificationWithContext"}, []string{"internal/notify/webpush.go"}, false, "", "it is given the strict client there"},
	{"github.com/wneessen/go-mail", []string{"NewClient", "QuickSend"}, []string{"internal/mail/mail.go"}, false, "", "it is given our dialer there"},
	// In a synctest bubble no real time passes.
	{"time", []string{"Sleep"}, nil, false, "testing/synctest", "wait for what happens, not for a time: RunOnce, testing/synctest, a channel"},
}

// methods: these packages take no method of these names from any value. A name
// of an imported package is no method.
var methods = []struct {
	of    string
	names []string
	why   string
}{
	{"federation/outbox", []string{"Update", "View"}, "what goes out meets in App.Publish and App.FanOut: internal/app composes the transactions"},
	{"federation/delivery", []string{"Update", "View"}, "internal/app composes the transactions, and knows which hosts are down"},
}

// testOnly packages are there for tests: they count as tests, and have no
// other importer.
var testOnly = []string{"internal/test/...", "store/storetest"}
