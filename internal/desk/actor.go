package desk

import "time"

// Actor is our record of a person on the network: a reporter, a third person in
// a thread, a follower. An author whose posts did not match is not stored.
type Actor struct {
	ID        ActorID   `json:"id"`
	Acct      string    `json:"acct"` // user@domain
	Name      string    `json:"name"` // plain text
	URL       string    `json:"url"`  // profile page
	AvatarURL string    `json:"avatar_url"`
	Inbox     string    `json:"inbox"`
	Shared    string    `json:"shared_inbox"`
	Bot       bool      `json:"bot"`           // Service or Application
	NoBot     bool      `json:"no_bot"`        // #nobot, #nobots or #noindex in the profile
	Earshot   bool      `json:"earshot"`       // another Earshot desk: its generator says so
	Bio       string    `json:"bio,omitempty"` // the beginning of what they say about themselves, as text
	MovedTo   ActorID   `json:"moved_to,omitempty"`
	Fetched   time.Time `json:"fetched_at"`
}

// DeliverTo returns where a post that others may read is delivered: the shared
// inbox if there is one.
func (a Actor) DeliverTo(v Visibility) string {
	if a.Shared != "" && v.IsPublic() {
		return a.Shared
	}
	return a.Inbox
}
