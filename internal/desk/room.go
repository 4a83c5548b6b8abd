package desk

// Room bounds the open issues that are kept: of people and domains that nobody here
// has answered, who could be one attacker. docs/adr/0025 says why so.
type Room struct {
	Issues int // open ones; half of them are for all such domains together
	Domain int // of one such domain
	Text   int // bytes of the text of a report, if nobody here has answered its author; 0: DefaultText
}

// DefaultText is far more than the servers let people write at which most of them are.
const DefaultText = 8 << 10

// KeepsText is how many bytes of a stranger's report are stored until it is opened.
func (r Room) KeepsText() int {
	if r.Text <= 0 {
		return DefaultText
	}
	return r.Text
}

// DefaultRoom is the Room of an instance that has no setting.
var DefaultRoom = Room{Issues: 100_000, Domain: 20_000, Text: DefaultText}

// RoomBytes is how many bytes of reports belong to the room of an issue: a domain that
// sends longer ones has fewer.
const RoomBytes = 10_000

// Fits says whether a domain may have one more open issue. A domain may have as many
// as are still free for all: the one with the most is refused first, and one that
// has few only when all is full. strangers is the standing of Strangers.
func (r Room) Fits(domain, strangers Standing) bool {
	half := r.Issues / 2
	most, bytes := half, half*RoomBytes
	if !domain.Trusted() {
		most = min(r.Domain, half-strangers.Open)
		bytes = min(r.Domain*RoomBytes, half*RoomBytes-strangers.OpenBytes)
	}
	return domain.Open < most && domain.OpenBytes < bytes
}

// Takes is the room that an issue takes now: of which domain, and how many bytes.
func (i Issue) Takes() (of Domain, bytes int) {
	if i.Room == "" || i.MergedInto != "" || i.Status.Category() != CategoryOpen {
		return "", 0
	}
	return i.Room, i.RoomBytes
}
