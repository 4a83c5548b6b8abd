package bolt

import "strings"

// shortNames are the names of members that a short record has as two bytes, and
// shortValues texts that occur in many. They are for ever, in this order: files have
// their places in them. New ones go to the end of shortValues and to shortNames, up to
// 256; all other words are written as they are.
var (
	shortNames = strings.Fields(`
	post act author id at was approval can_reply status agent attachments desk incident state url change reason since
	assignee error inbox invited issue language next object round text actor answered edits host own seen shared_inbox
	tags waiting_since why Because acct activity addressed alt asked attempts automatic avatar_url bio bot by cc
	contacts context conversation copies copy_of deleted due_at earshot fetched_at fixed_at group html implicit
	in_reply_to kind last_word manual media_type mention_names mentions moved_to name no_bot note objections of older
	people published published_at quotes received replies role sensitive source stamp to unwarned updated visibility
	warning withheld written At By Expires Issue Key Next Post Reason Terms To Value above added after alike also apart
	body broadcast busy called came cause dead delivered_at destination died_at do domain done down_since down_until
	dropped due edit_after editing end_at excerpt expired_at expires expires_at failures flagged_by flags flood folded
	further gone hash heard held_at is_vote json key keys lane languages last last_at learned lease leased_until left
	local max_characters max_characters_at merged merged_at merged_into missing n needs_us objection on open open_bytes
	opened_at others out_of_pile over payload pending pile pile_act place planned portion public queue remark report
	reporter rest_from retracting room room_bytes scheme server servers silenced skip skipped slot software step take
	third token told_over undoes undoing until updated_at versions via voices vouched_at weights what with words desks
	entry event seq head terms version
`)
	shortValues = strings.Fields(`
	inbox mention tags public unlisted followers direct new open waiting fixed closed report reply post status issue issue.opened
	help create delivered failed queued published en de es fr nl inbound deliver publish person Note
`)
)
