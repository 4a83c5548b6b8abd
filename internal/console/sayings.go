package console

// sayings are what a page says of what was just done. The address carries the
// key, so that nobody can make a page say something else.
var sayings = map[string]string{
	"reply":     "Your reply goes out in a moment. Until then you can take it back.",
	"comment":   "Your colleagues can read it.",
	"status":    "The status was changed. The reporter was not told.",
	"assign":    "Assigned.",
	"undo":      "Taken back. Nobody saw it.",
	"retract":   "It is being deleted wherever it was sent. Who has read it has read it.",
	"broadcast": "It goes out in a moment. Until then you can take it back.",
	"saved":     "Saved.",
	"removed":   "Removed.",
	"source":    "It was asked to tell us. Whether it does shows here.",
	"checked":   "Checked.",
	"retry":     "It is tried again.",
	"password":  "Your password was changed. Your other sessions have ended.",
	"ended":     "That session has ended.",
	"bulk":      "Done for all of them.",
}
