package console

// saying is what a page says of what was just done. The address carries the
// key, so that nobody can make a page say something else.
func (v *visit) saying(key string) string {
	if key = "console_said." + key; v.speech.Has(key) {
		return v.speech.T(key)
	}
	return ""
}
