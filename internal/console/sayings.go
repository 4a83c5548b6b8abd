package console

// saying is a page's message about the last action. The address carries the
// key, so that nobody can make a page say something else.
func (v *visit) saying(key string) string {
	if key = "console_said." + key; v.speech.Has(key) {
		return v.speech.T(key)
	}
	return ""
}
