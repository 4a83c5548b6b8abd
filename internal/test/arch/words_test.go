package arch

// word is a word or a phrase that covered texts do not use.
type word struct {
	phrase string // a regular expression; a space in it also stands for a line's end
	unless string // where this matches at the same place the phrase is fine, "" for never
	why    string
	write  string // what to write instead
}

// words is kept small. A word is in it because readers whose first language is
// not English stumbled over it, not because it is ugly.
var words = []word{
	{`somebody|someone|anybody`, "", "it hides who acts", "the one who acts: a person, the reporter, an agent, an admin, a server, an attacker"},
	{`whoever|whomever|whosoever`, "", "a whole clause stands where a subject should", "the subject: a person who, a client that, every server that"},
	{`whom`, "", "few learn this form", "a sentence in which the person is the subject, or who"},
	{`there is none`, "", "the reader has to look back for what is missing", "name it: without a backup, if the post has no id"},
	// A question is fine: "What is Earshot?"
	{`what is`, `what is [^.!;:|]*\?`, "a clause stands where a noun should", "the noun: the limits, waiting jobs, the difference"},
	{`anew`, "", "it is out of use", "again, once more; to rewrite, to reload"},
	{`told twice`, "", "the field says it in one word", "a duplicate"},
	{`put(s|ting)? aside`, "", "the product has a word for it", "held back"},
	{`takes? (somebody|someone|a person|an agent) in`, "", "it says shelter and means an account", "add a person, add an agent"},
	{`without a word`, "", "it is a figure of speech", "silently, without a message"},
}

// covered are the texts that keep the rule. A pattern with a star names all
// files that end so; any other names a file, or a folder as in the import rules.
// Of Go files the comments and strings count, of TOML files the comments and
// values. This package cannot be covered: its tables quote the words.
var covered = []string{
	"*.md", "cmd/earshot", "federation/...", "store/...", "internal/locale/catalogue/...",
	"internal/admission", "internal/api", "internal/app", "internal/auth", "internal/backup", "internal/blocklist",
	"internal/clock", "internal/config", "internal/console", "internal/demo/...", "internal/desk", "internal/doctor",
	"internal/failpoint", "internal/id", "internal/keyring", "internal/live", "internal/locale/...", "internal/lookalike",
	"internal/markup", "internal/match", "internal/metrics", "internal/multikey", "internal/problem", "internal/public",
	"internal/queue", "internal/ratelimit", "internal/release/...", "internal/roff", "internal/safehttp", "internal/search",
	"internal/server", "internal/storecopy", "internal/templates", "internal/test/acme", "internal/test/browser", "internal/test/corpus",
	"internal/test/cost", "internal/test/crash/...", "internal/test/dns", "internal/test/fed/...", "internal/test/foreign",
	"internal/test/npm", "internal/test/pg", "internal/test/program", "internal/test/writes",
}

// pardon is a place where a word of the list is right.
type pardon struct {
	file string
	text string // the words around it, on one line
	why  string
}

var pardons = []pardon{
	{"README.md", "In March 2011 somebody's internet failed.", "a story begins so: it does not matter who it was"},
	{"internal/desk/recorded.go", "those whom its author chose", "an older version wrote this sentence into records"},
	{"internal/desk/secrets.go", "what is|what's", "an impostor asks so"},
}
