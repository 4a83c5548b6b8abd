package store

// RecordKind names a kind of record, for those who carry everything from one
// place to another: copies and backups.
type RecordKind string

// The kinds of records, in an order in which they can be loaded.
const (
	RecordMeta     RecordKind = "meta"
	RecordDesk     RecordKind = "desk"
	RecordKey      RecordKind = "key"
	RecordActor    RecordKind = "actor"
	RecordIssue    RecordKind = "issue"
	RecordPost     RecordKind = "post"
	RecordEvent    RecordKind = "event"
	RecordTerms    RecordKind = "terms"
	RecordFollow   RecordKind = "follow"
	RecordDocument RecordKind = "document"
	RecordDelivery RecordKind = "delivery"
	RecordJob      RecordKind = "job"
	RecordOnce     RecordKind = "once"
	RecordSource   RecordKind = "source"
	RecordSighting RecordKind = "sighting"
	RecordBlock    RecordKind = "block"
	RecordOptOut   RecordKind = "optout"
	RecordHost     RecordKind = "host"

	RecordAgent      RecordKind = "agent"
	RecordCredential RecordKind = "credential"
	RecordGrant      RecordKind = "grant"
	RecordAct        RecordKind = "act"

	RecordQuarantine RecordKind = "quarantine"
	RecordStanding   RecordKind = "standing"
	RecordWithdrawal RecordKind = "withdrawal"
	RecordFlag       RecordKind = "flag"
	RecordDraft      RecordKind = "draft"
	RecordIncident   RecordKind = "incident"
	RecordRound      RecordKind = "round"
	RecordRoundVoice RecordKind = "round_voice"

	RecordDestination  RecordKind = "destination"
	RecordNotification RecordKind = "notification"
	RecordPhrase       RecordKind = "phrase"
	RecordRemark       RecordKind = "remark"
	RecordPile         RecordKind = "pile"
	RecordPicture      RecordKind = "picture"
	RecordView         RecordKind = "view"
	RecordFile         RecordKind = "file"
	RecordUpload       RecordKind = "upload"
)

// RecordKinds lists every kind, in an order in which they can be loaded.
func RecordKinds() []RecordKind {
	return []RecordKind{RecordMeta, RecordDesk, RecordKey, RecordActor, RecordIssue, RecordPost, RecordEvent, RecordTerms,
		RecordFollow, RecordDocument, RecordDelivery, RecordJob, RecordOnce, RecordSource, RecordSighting, RecordBlock,
		RecordOptOut, RecordHost, RecordAgent, RecordCredential, RecordGrant, RecordAct, RecordQuarantine, RecordStanding, RecordWithdrawal, RecordFlag, RecordDraft,
		RecordIncident, RecordRound, RecordRoundVoice, RecordPile, RecordPhrase, RecordPicture, RecordFile, RecordUpload, RecordRemark, RecordView, RecordDestination, RecordNotification}
}

// Record is one thing that a store keeps, in a form that every backend reads
// and writes alike: the same store's content is the same records, byte for
// byte and in the same order, on every backend.
type Record struct {
	Kind RecordKind `json:"kind"`
	JSON []byte     `json:"json"` // an object; its shape is the kind's
}

// Records reads and writes everything, as it is.
type Records interface {
	// List lists the records of a kind in the order of their keys, bytewise.
	List(RecordKind, Page) (records []Record, next string, err error)
	// Put loads a record as it was listed elsewhere, with its indexes and
	// counters. Loading one twice is loading it once. Of a job its lease is
	// not loaded, its place in its lane is.
	Put(Record) error
	// Counts counts the records of every kind that has any.
	Counts() (map[RecordKind]int, error)
}
