package main

import (
	"errors"

	"earshot/internal/desk"
)

// hints say what to do next at a command line, by the id of the error. The error
// itself names the mistake, for every front end alike.
var hints = map[string]string{
	"alias_not_found":            "`desk show HANDLE` lists them",
	"agent_not_found":            "`agent list` shows them",
	"block_not_found":            "`block list` shows who is",
	"check_over":                 "`post waiting` lists those that do",
	"dead_letter_not_found":      "`queue list --dead` shows them",
	"desk_not_found":             "`desk list` shows them",
	"edit_silenced":              "`post retract ID` deletes it",
	"evidence_missing":           "name their post or like with --because",
	"evidence_not_resolved":      "--because goes with resolved",
	"evidence_unknown":           "`issue show ID` lists them with their ids",
	"held_back_not_found":        "`quarantine list` shows them",
	"instance_missing":           "`earshot init` makes one",
	"issue_moved_on":             "`issue show ID` shows it",
	"issue_not_found":            "`issue list` shows them",
	"job_not_found":              "`queue list` shows them",
	"merge_other_desk":           "`issue move ID DESK` does that",
	"post_moved_on":              "`broadcast list DESK` or `incident show ID` shows it",
	"remark_not_found":           "`person show ACTOR` lists them",
	"phrase_not_found":           "`phrase list DESK` shows them",
	"search_mine_whose":          "name them with --as",
	"view_no_agent":              "name the agent with --as, or the desk with --shared",
	"view_not_found":             "`view list` shows them",
	"part_unknown":               "`issue show ID` lists the parts",
	"link_used":                  "`earshot agent link` with your e-mail address makes one on the server",
	"move_linked":                "`incident unlink INCIDENT ID` does that",
	"next_missing":               "name it with --next",
	"next_not_ours_only":         "--next goes with --reason not_ours",
	"optout_not_found":           "`optout list` shows who has",
	"pile_not_found":             "`pile list` shows them",
	"reason_missing":             "name it with --reason",
	"reply_asks_secret":          "--meant does that",
	"reply_awaits_approval":      "`issue undo ID` takes it back",
	"reply_not_public":           "leave --visibility out, or say direct",
	"reply_not_sent":             "`issue undo ID` takes it back",
	"reply_only_fixed":           "--status fixed says that it is over",
	"reply_sent":                 "`post retract ID` deletes it",
	"resolved_before_fixed":      "--status fixed says that",
	"site_url_not_https":         "--dev allows http://",
	"source_incomplete":          "name --provider and --tag, or --actor",
	"destination_not_found":      "`webhook list` and `notify list` show them",
	"destination_paused":         "`webhook resume ID`, or `notify resume ID`, sends again",
	"destination_is_paused":      "`webhook resume ID`, or `notify resume ID`, sends again",
	"source_not_found":           "`source list` shows them",
	"source_provider_or_actor":   "name --provider or --actor",
	"source_tag_missing":         "name it with --tag",
	"split_post_unknown":         "`issue show ID` lists the posts with their ids",
	"status_parts_alone":         "--reason, --next and --because go with --status",
	"token_exists":               "`token list` shows them",
	"token_not_found":            "`token list` shows them",
	"round_count":                "`incident audience ID` shows them",
	"round_count_missing":        "name it with --count; `incident audience ID` shows the list",
	"round_exists":               "`incident told ID` shows who was told",
	"round_not_found":            "`incident tell ID` tells them",
	"round_resume":               "`incident told ID` shows how far it is",
	"incident_linked_elsewhere":  "`incident unlink INCIDENT ID` does that",
	"incident_not_found":         "`incident list` shows them",
	"incident_not_published":     "`incident publish ID` does that",
	"incident_discarded":         "`incident discard ID --restore` does that",
	"incident_nothing_learned":   "say it with --surprised and --changed",
	"incident_postmortem_exists": "`post edit ID` corrects it",
	"incident_prepare_past":      "`incident update ID` writes one",
	"alert_drafts_full":          "`incident list --state draft` shows them",
	"alert_desk_missing":         "add ?desk=HANDLE to the address; `desk list` shows them",
	"round_no_failures":          "`incident told ID` shows how far it is",
	"round_retry":                "`incident resume ID` goes on after a pause or a halt",
	"incident_root":              "`incident edit ID` or `incident update ID`",
	"incident_update_leaving":    "`incident show ID` names it, `issue undo POST` takes it back",
	"incident_window":            "name both with --from and --until",
	"source_closed":              "give a token with --token, or name another server",
	"source_token_missing":       "give it with --token",
}

// hinted is the text of an error on standard error.
func hinted(err error) string {
	text := err.Error()
	if e, ok := errors.AsType[*desk.Error](err); ok && hints[e.ID] != "" {
		text += "; " + hints[e.ID]
	}
	return text
}
