package api

import (
	"net/http"

	"earshot/internal/alerts"
	"earshot/internal/app"
	"earshot/internal/auth"
	"earshot/internal/desk"
	"earshot/internal/doctor"
	"earshot/internal/drop"
)

// Rights that a route may need, beside the scopes of desk.
const (
	needNothing desk.Scope = "none"    // neither a token nor a session
	needAnybody desk.Scope = ""        // any token or session
	needAll     desk.Scope = "all"     // all scopes of one's role: a session has them
	needMachine desk.Scope = "machine" // only on this machine: not there for the network
)

// route is everything about one address and method: who may use it, what it
// takes and answers with. The handler and openapi.json are made from it.
type route struct {
	method, path string
	need         desk.Scope
	says         string           // what it does, in a line, for openapi.json
	query        []string         // its parameters
	in, out      any              // values of the types of body and answer; nil for none
	alert        desk.AlertSource // what sends it; "" for all but alerts
	most         int64            // bytes of a body; 0 is maxBody
	status       int              // of the answer; 0 is 200, or 204 without a body
	do           func(*handler, *request) (response, error)
	stream       func(*handler, http.ResponseWriter, *http.Request, auth.Principal, desk.Agent) // instead of do
}

var paged = []string{"limit", "after"}

// olderParameters are older names of parameters. They still work.
var olderParameters = map[string]string{"reporter_spoke": "needs_us", "answered": "needs_us", "called": "mentioned"}

func with(names ...string) []string { return append(names, paged...) }

// routes is the table of the whole API.
func routes() []route {
	const read, reply, publish, admin = desk.ScopeRead, desk.ScopeReply, desk.ScopePublish, desk.ScopeAdmin
	all := []route{
		{method: "GET", path: "/version", need: needAnybody, says: "Show the version and the addresses of the instance", out: Instance{}, do: (*handler).instance},
		{method: "GET", path: "/openapi.json", need: needAnybody, says: "Describe this API (OpenAPI 3.1)", out: map[string]any{}, do: (*handler).describe},
		{method: "GET", path: "/problems/{problem}", need: needNothing, says: "Say what a type of problem means, and what to do about it", out: ProblemType{}, do: (*handler).showProblem},
		{method: "GET", path: "/me", need: needAnybody, says: "Show who makes the request, and with which scopes", out: Me{}, do: (*handler).me},
		{method: "PATCH", path: "/me", need: needAll, says: "Change one's own time zone", in: MyEdit{}, out: Agent{}, do: mine((*handler).editMe)},
		{method: "GET", path: "/me/sessions", need: needAll, says: "List one's own sessions", query: paged, out: []Session{}, do: mine((*handler).sessionsOf)},
		{method: "DELETE", path: "/me/sessions/{id}", need: needAll, says: "End one of one's own sessions", do: mine((*handler).endSessionOf)},
		{method: "POST", path: "/me/password", need: needAll, says: "Set one's own password; all sessions but this one end", in: NewPassword{}, do: mine((*handler).setPassword)},
		{method: "GET", path: "/me/credentials", need: needAll, says: "List one's own passkeys, and whether there is a password", out: []Credential{}, do: mine((*handler).credentialsOf)},
		{method: "DELETE", path: "/me/credentials/{id}", need: needAll, says: "Remove one of one's own passkeys, or the password; the last one stays", do: mine((*handler).removeCredentialOf)},
		{method: "GET", path: "/me/tokens", need: needAll, says: "List one's own API tokens", query: paged, out: []Token{}, do: mine((*handler).tokensOf)},
		{method: "POST", path: "/me/tokens", need: needAll, says: "Make an API token of one's own; its secret is in this answer only", in: NewMyToken{}, out: MadeToken{}, status: 201, do: mine((*handler).addTokenOf)},
		{method: "DELETE", path: "/me/tokens/{id}", need: needAll, says: "Revoke one of one's own API tokens", do: mine((*handler).endTokenOf)},

		{method: "GET", path: "/desks", need: read, says: "List the desks", out: []Desk{}, do: (*handler).listDesks},
		{method: "POST", path: "/desks", need: admin, says: "Make a desk", in: NewDesk{}, out: Desk{}, status: 201, do: (*handler).addDesk},
		{method: "GET", path: "/desks/{desk}", need: read, says: "Show a desk", out: Desk{}, do: (*handler).showDesk},
		{method: "PATCH", path: "/desks/{desk}", need: admin, says: "Change a desk", in: DeskEdit{}, out: Desk{}, do: (*handler).editDesk},
		{method: "PUT", path: "/desks/{desk}/pictures/{role}", need: admin, says: "Give a desk an icon or a header; only the pixels are kept", most: maxPicture, in: NewPicture{}, out: Desk{}, do: (*handler).setPicture},
		{method: "DELETE", path: "/desks/{desk}/pictures/{role}", need: admin, says: "Take the icon or the header away from a desk", do: (*handler).removePicture},
		{method: "POST", path: "/desks/{desk}/links/check", need: admin, says: "Read the pages that a desk links to, and note which link back with rel=me", out: Desk{}, do: (*handler).proveLinks},
		{method: "PUT", path: "/desks/{desk}/rota", need: admin, says: "Say who is told of the desk's new issues that nobody takes, one after the other", in: Rota{}, out: Desk{}, do: (*handler).setRota},
		{method: "POST", path: "/desks/{desk}/aliases", need: admin, says: "Give a desk an address that it had in software that ran on the domain before", in: NewAlias{}, out: Desk{}, status: 201, do: (*handler).addAlias},
		{method: "DELETE", path: "/desks/{desk}/aliases", need: admin, says: "Take an alias away from a desk", query: []string{"address"}, do: (*handler).removeAlias},
		{method: "GET", path: "/desks/{desk}/phrases", need: read, says: "List the phrases of a desk", out: []Phrase{}, do: (*handler).listPhrases},
		{method: "POST", path: "/desks/{desk}/phrases", need: publish, says: "Give a desk a phrase: a text that its agents send often", in: NewPhrase{}, out: Phrase{}, status: 201, do: (*handler).addPhrase},
		{method: "PATCH", path: "/desks/{desk}/phrases/{phrase}", need: publish, says: "Change a phrase", in: PhraseEdit{}, out: Phrase{}, do: (*handler).editPhrase},
		{method: "DELETE", path: "/desks/{desk}/phrases/{phrase}", need: publish, says: "Remove a phrase", do: (*handler).removePhrase},
		{method: "GET", path: "/desks/{desk}/views", need: read, says: "List the saved views of a desk, which all agents see", out: []SavedView{}, do: (*handler).listViews},
		{method: "POST", path: "/desks/{desk}/views", need: publish, says: "Save a view for the agents of a desk", in: NewSavedView{}, out: SavedView{}, status: 201, do: (*handler).addView},
		{method: "PATCH", path: "/desks/{desk}/views/{view}", need: publish, says: "Give a desk's view another name", in: ViewName{}, out: SavedView{}, do: (*handler).renameView},
		{method: "DELETE", path: "/desks/{desk}/views/{view}", need: publish, says: "Remove a desk's view", do: (*handler).removeView},
		{method: "GET", path: "/me/views", need: read, says: "List one's own saved views", out: []SavedView{}, do: (*handler).listViews},
		{method: "POST", path: "/me/views", need: reply, says: "Save a view of one's own", in: NewSavedView{}, out: SavedView{}, status: 201, do: (*handler).addView},
		{method: "PATCH", path: "/me/views/{view}", need: reply, says: "Give one of one's own views another name", in: ViewName{}, out: SavedView{}, do: (*handler).renameView},
		{method: "DELETE", path: "/me/views/{view}", need: reply, says: "Remove one of one's own views", do: (*handler).removeView},
		{method: "POST", path: "/desks/{desk}/keys", need: admin, says: "Make new keys for a desk, and announce them", in: NewKeys{}, out: Keys{}, status: 201, do: (*handler).rotateKey},

		{method: "GET", path: "/issues", need: read, says: "List or search issues: waiting ones first, the longest wait on top",
			query: with("desk", "status", "category", "needs_us", "reporter_spoke", "answered", "assignee", "mentioned", "called", "incident", "folded", "pile", "rows", "snoozed", "search", "reporter", "tag", "host", "since", "until"), out: []Issue{}, do: (*handler).listIssues},
		{method: "POST", path: "/issues/bulk/undo", need: reply, says: "Take back all that a change of many issues did", in: BulkAct{}, out: []BulkResult{}, do: (*handler).undoBulk}, // before that of one issue
		{method: "POST", path: "/issues/bulk/reply", need: reply, says: "Write the same reply to the reporters of up to 50 issues, each in their own thread", in: SeveralReply{}, out: []BulkResult{}, do: (*handler).replyToSeveral},
		{method: "POST", path: "/issues/bulk/reply/preview", need: reply, says: "Show what each of them would get, and who would not; nothing is stored", in: SeveralReply{}, out: []SeveralPreview{}, do: (*handler).previewSeveral},
		{method: "GET", path: "/issues/{id}", need: read, says: "Show an issue with a page of its timeline: the report, and the newest entries", query: []string{"before", "third", "limit"}, out: FullIssue{}, do: (*handler).showIssue},
		{method: "POST", path: "/issues/{id}/rest", need: reply, says: "Have the rest of a long report fetched, of which only the beginning is stored", out: FullIssue{}, do: (*handler).fetchRest},
		{method: "POST", path: "/issues/{id}/reply", need: reply, says: "Reply to the reporter", in: NewReply{}, out: Post{}, status: 201, do: (*handler).reply},
		{method: "POST", path: "/issues/{id}/comment", need: reply, says: "Write a comment for the other agents", in: NewText{}, out: Post{}, status: 201, do: (*handler).comment},
		{method: "POST", path: "/issues/{id}/status", need: reply, says: "Change the status silently", in: NewStatus{}, out: Issue{}, do: (*handler).setStatus},
		{method: "POST", path: "/issues/{id}/assign", need: reply, says: "Assign the issue to an agent, or to nobody", in: NewAssignee{}, out: Issue{}, do: (*handler).assign},
		{method: "POST", path: "/issues/{id}/status/undo", need: reply, says: "Take back a silent change of status", in: NewUndo{}, out: Issue{}, do: (*handler).undoStatus},
		{method: "POST", path: "/issues/{id}/assign/undo", need: reply, says: "Take back an assignment", in: NewUndo{}, out: Issue{}, do: (*handler).undoAssign},
		{method: "POST", path: "/issues/{id}/link", need: reply, says: "Link two issues", in: NewLink{}, out: Issue{}, do: (*handler).link},
		{method: "POST", path: "/issues/{id}/merge", need: reply, says: "Merge another issue of the same matter into this one: both addresses lead here, each reporter is answered in their own thread", in: NewMerge{}, out: Issue{}, do: (*handler).merge},
		{method: "POST", path: "/issues/{id}/merge/undo", need: reply, says: "Take back a merge", in: NewUndo{}, out: Issue{}, do: (*handler).undoMerge},
		{method: "POST", path: "/issues/{id}/move", need: reply, says: "Move the issue to another desk, which answers from then on", in: NewMove{}, out: Issue{}, do: (*handler).move},
		{method: "POST", path: "/issues/{id}/move/undo", need: reply, says: "Take back a move to another desk", in: NewUndo{}, out: Issue{}, do: (*handler).undoMove},
		{method: "POST", path: "/issues/{id}/snooze", need: reply, says: "Take the issue off the lists of those to work on, until a time or until the reporter speaks, whichever comes first", in: NewSnooze{}, out: Issue{}, do: (*handler).snooze},
		{method: "POST", path: "/issues/{id}/snooze/undo", need: reply, says: "Take back a snooze, or its end", in: NewUndo{}, out: Issue{}, do: (*handler).undoSnooze},
		{method: "POST", path: "/issues/{id}/wake", need: reply, says: "End the snooze of the issue", out: Issue{}, do: (*handler).wake},
		{method: "POST", path: "/issues/{id}/undo", need: reply, says: "Take back the newest reply before it goes out", out: Post{}, do: (*handler).undo},
		{method: "POST", path: "/issues/{id}/split", need: reply, says: "Turn a later post of the reporter into an issue of its own", in: NewSplit{}, out: Issue{}, status: 201, do: (*handler).split},
		{method: "POST", path: "/issues/{id}/presence", need: reply, says: "Tell the other agents that this agent reads, writes, or has gone", in: NewPresence{}, do: (*handler).attend},
		{method: "POST", path: "/issues/{id}/spam", need: reply, says: "Close a report as spam, silently; with it all of its server or all that say the same, if no agent has acted on them. A portion at a time", in: Spam{}, out: Spammed{}, do: (*handler).spam},
		{method: "POST", path: "/issues/bulk", need: reply, says: "Change the status or assignee of many issues, snooze or merge them", in: Bulk{}, out: []BulkResult{}, do: (*handler).bulk},
		{method: "POST", path: "/posts/{id}/undo", need: reply, says: "Take back a reply or broadcast before it goes out", out: Post{}, do: (*handler).undo},
		{method: "GET", path: "/replies/unchecked", need: read, says: "List the replies that wait for a colleague, the oldest first", out: []Post{}, do: (*handler).listUnchecked},
		{method: "POST", path: "/posts/{id}/release", need: reply, says: "Release a colleague's reply that waits: it goes out after the take-back time", out: Post{}, do: (*handler).releaseReply},
		{method: "POST", path: "/posts/{id}/return", need: reply, says: "Send a colleague's reply that waits back to them, with a word that becomes a comment", in: NewText{}, out: Post{}, do: (*handler).returnReply},
		{method: "PATCH", path: "/posts/{id}", need: reply, says: "Edit one of our posts", in: NewEdit{}, out: Post{}, do: (*handler).editPost},
		{method: "DELETE", path: "/posts/{id}", need: reply, says: "Delete one of our posts on every server that has it", out: Post{}, do: (*handler).retractPost},
		{method: "GET", path: "/events", need: read, says: "Stream changes as server-sent events", query: []string{"desk"}, stream: (*handler).events},

		{method: "GET", path: "/broadcasts", need: read, says: "List a desk's broadcasts, newest first", query: with("desk"), out: []Post{}, do: (*handler).listBroadcasts},
		{method: "POST", path: "/files", need: reply, says: "Upload a picture for a reply or a broadcast; only the pixels are kept. It is forgotten if no post takes it within a day", most: maxUpload, in: NewPicture{}, out: Upload{}, status: 201, do: (*handler).upload},
		{method: "DELETE", path: "/files/{id}", need: reply, says: "Forget a picture that was not sent", do: (*handler).removeUpload},
		{method: "POST", path: "/broadcasts", need: publish, says: "Write to a desk's followers", in: NewBroadcast{}, out: Post{}, status: 201, do: (*handler).broadcast},
		{method: "POST", path: "/broadcasts/preview", need: publish, says: "Show a broadcast as its followers would get it, without its pictures; nothing is stored", in: NewBroadcast{}, out: Post{}, do: (*handler).previewBroadcast},

		{method: "GET", path: "/desks/{desk}/suggestions", need: read, says: "Say which open issues of a desk may have one cause, and why", out: []Suggestion{}, do: (*handler).suggest},
		{method: "POST", path: "/desks/{desk}/suggestions/dismiss", need: reply, says: "Say that these issues have several causes: they are not suggested again", in: Voices{}, do: (*handler).dismissSuggestion},
		{method: "GET", path: "/desks/{desk}/lessons", need: read, says: "List incidents that are over, from which something was learned, and that a text is like", query: []string{"like"}, out: []Incident{}, do: (*handler).lessons},
		{method: "GET", path: "/incidents", need: read, says: "List incidents and planned work, newest first", query: with("desk", "state"), out: []Incident{}, do: (*handler).listIncidents},
		{method: "POST", path: "/incidents", need: reply, says: "Open an incident, or planned work: a draft that nobody outside sees, or published", in: NewIncident{}, out: Incident{}, status: 201, do: (*handler).openIncident},
		{method: "GET", path: "/incidents/{id}", need: read, says: "Show an incident with its posts", out: FullIncident{}, do: (*handler).showIncident},
		{method: "PATCH", path: "/incidents/{id}", need: reply, says: "Change an incident; of a published one, its first post follows", in: IncidentEdit{}, out: Incident{}, do: (*handler).editIncident},
		{method: "POST", path: "/incidents/{id}/publish", need: publish, says: "Publish a draft: its first post goes to the followers", in: NewPublication{}, out: Incident{}, do: (*handler).publishIncident},
		{method: "POST", path: "/incidents/{id}/updates", need: publish, says: "Write an update to the followers; its status takes effect when it has gone out", in: NewUpdate{}, out: Incident{}, status: 201, do: (*handler).updateIncident},
		{method: "POST", path: "/incidents/{id}/close", need: publish, says: "Say that an incident is over, and keep what was learned", in: NewClose{}, out: Incident{}, do: (*handler).closeIncident},
		{method: "POST", path: "/incidents/{id}/postmortem", need: publish, says: "Make an update of what was learned from an incident that is over", in: NewPostmortem{}, out: Incident{}, do: (*handler).postmortem},
		{method: "POST", path: "/incidents/{id}/link", need: reply, says: "Link issues to an incident; if its voices have been told where it stands, these are, once", in: Voices{}, out: Incident{}, do: (*handler).linkVoices},
		{method: "POST", path: "/incidents/{id}/unlink", need: reply, says: "End the links of issues to an incident", in: Voices{}, out: Incident{}, do: (*handler).unlinkVoices},
		{method: "GET", path: "/incidents/{id}/audience", need: read, says: "Say which voices would be told that the incident has a status, and write to nobody", query: []string{"status", "tags"}, out: Audience{}, do: (*handler).showAudience},
		{method: "POST", path: "/incidents/{id}/tell", need: publish, says: "Tell the voices the newest post of the incident, each once and in its own thread", in: NewTelling{}, out: Round{}, status: 201, do: (*handler).tellVoices},
		{method: "GET", path: "/incidents/{id}/told", need: read, says: "List what the voices were told, the newest word first", query: paged, out: []Round{}, do: (*handler).listTold},
		{method: "GET", path: "/incidents/{id}/told/voices", need: read, says: "List the voices, and whether each was told the newest word, or that of a post", query: with("post", "state"), out: []RoundVoice{}, do: (*handler).listToldVoices},
		{method: "POST", path: "/incidents/{id}/pause", need: publish, says: "Pause telling the voices; the answer says how many were told", out: Round{}, do: (*handler).pauseTelling},
		{method: "POST", path: "/incidents/{id}/resume", need: publish, says: "Go on telling the voices", out: Round{}, do: (*handler).resumeTelling},
		{method: "POST", path: "/incidents/{id}/retry", need: publish, says: "Send the newest word again to the voices whose servers did not take it, under the same id", out: Round{}, do: (*handler).retryTelling},
		{method: "POST", path: "/incidents/{id}/stop", need: publish, says: "Stop telling the voices for good", out: Round{}, do: (*handler).stopTelling},

		{method: "POST", path: "/incidents/{id}/discard", need: reply, says: "Put a draft away, or take it out again", in: Discarding{}, out: Incident{}, do: (*handler).discardIncident},

		{method: "POST", path: "/alerts/alertmanager", need: desk.ScopeAlerts, says: "Take a webhook of Alertmanager, version 4: it makes a draft, or brings its incident up to date", query: []string{"desk"}, alert: desk.AlertAlertmanager, most: desk.MaxAlert, in: map[string]any{}, out: AlertTaken{}, do: (*handler).takeAlert},
		{method: "POST", path: "/alerts/uptime-kuma", need: desk.ScopeAlerts, says: "Take a webhook of Uptime Kuma", query: []string{"desk"}, alert: desk.AlertUptimeKuma, most: desk.MaxAlert, in: map[string]any{}, out: AlertTaken{}, do: (*handler).takeAlert},
		{method: "POST", path: "/alerts/gatus", need: desk.ScopeAlerts, says: "Take an alert of Gatus", query: []string{"desk"}, alert: desk.AlertGatus, most: desk.MaxAlert, in: alerts.Gatus{}, out: AlertTaken{}, do: (*handler).takeAlert},
		{method: "POST", path: "/alerts/generic", need: desk.ScopeAlerts, says: "Take an alert of any other program", query: []string{"desk"}, alert: desk.AlertGeneric, most: desk.MaxAlert, in: alerts.Generic{}, out: AlertTaken{}, do: (*handler).takeAlert},

		{method: "GET", path: "/piles", need: read, says: "List the piles in which reports stand, newest first", query: with("desk"), out: []Pile{}, do: (*handler).listPiles},
		{method: "GET", path: "/piles/{id}", need: read, says: "Show a pile, and how far the last action on it is", out: Pile{}, do: (*handler).showPile},
		{method: "POST", path: "/piles/{id}/take", need: reply, says: "Take reports out of a pile: they stand on rows of their own", in: NewTaking{}, out: Pile{}, do: (*handler).takeFromPile},
		{method: "POST", path: "/piles/{id}/take/undo", need: reply, says: "Put reports back that were taken out", in: NewTaking{}, out: Pile{}, do: (*handler).putBackInPile},
		{method: "POST", path: "/piles/{id}/link", need: reply, says: "Link all reports that stand in a pile now to an incident, in portions", in: PileLink{}, out: Pile{}, do: (*handler).linkPile},
		{method: "POST", path: "/piles/{id}/assign", need: reply, says: "Assign all reports that stand in a pile now, in portions", in: PileAssignee{}, out: Pile{}, do: (*handler).assignPile},
		{method: "POST", path: "/piles/{id}/status", need: reply, says: "Change the status of all reports that stand in a pile now, silently and in portions", in: PileStatus{}, out: Pile{}, do: (*handler).setPileStatus},
		{method: "POST", path: "/piles/{id}/spam", need: reply, says: "Close all reports that stand in a pile now as spam, or drop those that are held back, in portions", in: Narrowed{}, out: Pile{}, do: (*handler).spamPile},
		{method: "POST", path: "/piles/{id}/release", need: reply, says: "Release all reports of a pile that are held back: they are heard as usual, in portions", in: Narrowed{}, out: Pile{}, do: (*handler).releasePile},
		{method: "POST", path: "/piles/{id}/undo", need: reply, says: "Take back what was done last with a pile, in portions", out: Pile{}, do: (*handler).undoPile},

		{method: "GET", path: "/sources", need: read, says: "List the sources", query: paged, out: []Source{}, do: (*handler).listSources},
		{method: "POST", path: "/sources", need: admin, says: "Add a source, and hear posts through it", in: app.SourceSpec{}, out: Source{}, status: 201, do: (*handler).addSource},
		{method: "GET", path: "/sources/suggestions", need: read, says: "Suggest sources for the names of the desks; nobody is asked", out: []Suggestion{}, do: (*handler).suggestSources},
		{method: "POST", path: "/sources/suggestions", need: admin, says: "Ask the suggested servers for their rules, and how often the names were used there", out: []Suggestion{}, do: (*handler).askSuggestions},
		{method: "GET", path: "/sources/{id}", need: read, says: "Show a source", out: Source{}, do: (*handler).showSource},
		{method: "POST", path: "/sources/{id}/check", need: admin, says: "Check the other side of a source", out: Source{}, do: (*handler).checkSource},
		{method: "DELETE", path: "/sources/{id}", need: admin, says: "Remove a source", do: (*handler).removeSource},

		{method: "GET", path: "/people", need: read, says: "Show a person: their issues, what agents noted, an opt-out or a block in force", query: []string{"actor"}, out: FullPerson{}, do: (*handler).showPerson},
		{method: "POST", path: "/people/remarks", need: reply, says: "Note something about a person, for the other agents; it goes with the person's words", in: NewRemark{}, out: Remark{}, status: 201, do: (*handler).addRemark},
		{method: "DELETE", path: "/people/remarks/{remark}", need: reply, says: "Remove a remark about a person", query: []string{"actor"}, do: (*handler).removeRemark},

		{method: "GET", path: "/blocks", need: read, says: "List blocked accounts and servers", query: paged, out: []Block{}, do: (*handler).listBlocks},
		{method: "POST", path: "/blocks", need: admin, says: "Block an account or a server: neither hear it nor write to it", in: NewBlock{}, out: Block{}, status: 201, do: (*handler).addBlock},
		{method: "DELETE", path: "/blocks", need: admin, says: "Lift a block", query: []string{"target"}, do: (*handler).removeBlock},
		{method: "GET", path: "/optouts", need: read, says: "List the opt-outs", query: paged, out: []OptOut{}, do: (*handler).listOptOuts},
		{method: "POST", path: "/optouts", need: admin, says: "Add an opt-out for an account", in: NewOptOut{}, out: OptOut{}, status: 201, do: (*handler).addOptOut},
		{method: "DELETE", path: "/optouts", need: admin, says: "Lift an opt-out", query: []string{"actor"}, do: (*handler).removeOptOut},

		{method: "GET", path: "/quarantine", need: read, says: "List reports that are held back", query: with("host", "actor", "pile"), out: []Quarantined{}, do: (*handler).listQuarantine},
		{method: "POST", path: "/quarantine/release", need: admin, says: "Release reports that are held back", in: app.Choice{}, out: app.Chosen{}, do: (*handler).releaseQuarantine},
		{method: "POST", path: "/quarantine/drop", need: admin, says: "Drop reports that are held back", in: app.Choice{}, out: app.Chosen{}, do: (*handler).dropQuarantine},

		{method: "GET", path: "/flags", need: admin, says: "List complaints of other servers about a desk, the instance or a post, newest first", out: []Flag{}, do: (*handler).listFlags},
		{method: "DELETE", path: "/flags/{id}", need: admin, says: "Remove a complaint that was dealt with", do: (*handler).removeFlag},

		{method: "GET", path: "/queue", need: admin, says: "List waiting jobs, or dead letters", query: with("queue", "dead"), out: []Job{}, do: (*handler).listJobs},
		{method: "GET", path: "/queue/counts", need: admin, says: "Count jobs by queue", out: []Count{}, do: (*handler).countJobs},
		{method: "POST", path: "/queue/retry", need: admin, says: "Try a dead letter again", in: JobID{}, do: (*handler).retryJob},
		{method: "POST", path: "/queue/drop", need: admin, says: "Remove a job for good", in: JobID{}, do: (*handler).dropJob},

		{method: "GET", path: "/agents", need: read, says: "List the agents", query: paged, out: []Agent{}, do: (*handler).listAgents},
		{method: "POST", path: "/agents", need: admin, says: "Add an agent", in: NewAgent{}, out: Agent{}, status: 201, do: (*handler).addAgent},
		{method: "GET", path: "/agents/{email}", need: read, says: "Show an agent", out: Agent{}, do: (*handler).showAgent},
		{method: "PATCH", path: "/agents/{email}", need: admin, says: "Change, disable or enable an agent", in: AgentEdit{}, out: Agent{}, do: (*handler).editAgent},
		{method: "POST", path: "/agents/{email}/link", need: admin, says: "Make a one-time link for an agent", out: Link{}, status: 201, do: (*handler).linkAgent},
		{method: "GET", path: "/agents/{email}/sessions", need: admin, says: "List where an agent is signed in", query: paged, out: []Session{}, do: theirs((*handler).sessionsOf)},
		{method: "DELETE", path: "/agents/{email}/sessions/{id}", need: admin, says: "Sign an agent out of one session", do: theirs((*handler).endSessionOf)},
		{method: "GET", path: "/agents/{email}/credentials", need: admin, says: "List an agent's passkeys, and whether there is a password", out: []Credential{}, do: theirs((*handler).credentialsOf)},
		{method: "DELETE", path: "/agents/{email}/credentials/{id}", need: admin, says: "Remove an agent's passkey or password; the last one stays", do: theirs((*handler).removeCredentialOf)},
		{method: "GET", path: "/tokens", need: admin, says: "List the API tokens", query: with("agent"), out: []Token{}, do: (*handler).listTokens},
		{method: "POST", path: "/tokens", need: admin, says: "Make an API token; its secret is in this answer only", in: NewToken{}, out: MadeToken{}, status: 201, do: (*handler).addToken},
		{method: "DELETE", path: "/tokens/{id}", need: admin, says: "Revoke an API token", do: (*handler).endToken},
		{method: "GET", path: "/today", need: read, says: "Show what was heard, said and changed on a day, newest first", query: with("date", "desk"), out: Today{}, do: (*handler).showToday},
		{method: "GET", path: "/audit", need: admin, says: "List the audit log, newest first", query: with("agent", "on"), out: []AuditEntry{}, do: (*handler).listActs},

		{method: "GET", path: "/doctor", need: admin, says: "Check the instance", query: []string{"thorough"}, out: doctor.Report{}, do: (*handler).showDoctor},
		{method: "GET", path: "/drops", need: admin, says: "Show what other servers sent and was not kept, by reason, since the server started", out: drop.Summary{}, do: (*handler).showDrops},
		{method: "POST", path: "/backups", need: needMachine, says: "Record that a backup was stored", in: NewBackup{}, do: (*handler).recordBackup},
		{method: "GET", path: "/backup", need: needMachine, says: "Send a backup of everything", stream: (*handler).sendBackup},
	}
	all = append(all, destinationRoutes(string(Webhooks), "the instance's webhooks", admin, theInstance)...)
	return append(all, destinationRoutes(string(MyDestinations), "one's own destinations", needAll, oneself)...)
}
