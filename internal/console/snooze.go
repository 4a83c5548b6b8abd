package console

import (
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/locale"
)

// morning is the hour at which a day begins for a snooze, in the agent's zone.
const morning = 9

// snoozeChoice is an end of a snooze that is offered.
type snoozeChoice struct{ Key, Name, At string }

// snoozeOver are the ends that are offered by name, with their times.
func snoozeOver(key string, now time.Time) (time.Time, bool) {
	day := func(days int) time.Time {
		return time.Date(now.Year(), now.Month(), now.Day()+days, morning, 0, 0, 0, now.Location())
	}
	switch key {
	case "hour":
		return now.Add(time.Hour), true
	case "tomorrow":
		return day(1), true
	case "monday":
		return day(1 + (7+int(time.Monday)-int(now.Weekday())-1)%7), true
	case "speaks":
		return time.Time{}, true
	}
	return time.Time{}, false
}

// snoozeChoices offers them to an agent. On a Sunday tomorrow is Monday.
func snoozeChoices(l *locale.Language, now time.Time) (out []snoozeChoice) {
	for _, key := range []string{"hour", "tomorrow", "monday", "speaks"} {
		at, _ := snoozeOver(key, now)
		if key == "monday" && now.Weekday() == time.Sunday {
			continue
		}
		c := snoozeChoice{Key: key, Name: l.T("console_snooze." + key)}
		if !at.IsZero() {
			c.At = localTime(l, at)
		}
		out = append(out, c)
	}
	return out
}

// localTime writes a time as the clocks of its place show it.
func localTime(l *locale.Language, at time.Time) string {
	day := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC)
	return l.T("console_snooze.at", "day", l.Day(day), "time", at.Format("15:04"))
}

// snoozedIn says until when an issue is snoozed; "" if it is not.
func snoozedIn(l *locale.Language, s desk.Snooze, zone *time.Location) string {
	switch {
	case !s.On():
		return ""
	case s.Until.IsZero():
		return l.T("console_snooze.until_speaks")
	}
	return l.T("console_snooze.until", "when", localTime(l, s.Until.In(zone)))
}

// snooze takes an issue off the lists, until one of the offered ends or the morning of a
// day.
func (c *Console) snooze(v *visit) error {
	now := c.app.Now().In(v.agent.Zone())
	until, ok := snoozeOver(v.PostFormValue("until"), now)
	if !ok {
		day, err := time.ParseInLocation(time.DateOnly, v.PostFormValue("day"), v.agent.Zone())
		if err != nil {
			return desk.Invalid("snooze_day", "choose until when: the day is missing")
		}
		until = time.Date(day.Year(), day.Month(), day.Day(), morning, 0, 0, 0, day.Location())
	}
	_, err := c.app.Snooze(v.Context(), v.by(), app.SnoozeInput{Issue: v.issueID(), Until: until})
	if err != nil {
		return c.outdated(v, err)
	}
	return v.back(v.issueID(), string(desk.KindSnooze))
}

// wake ends a snooze.
func (c *Console) wake(v *visit) error {
	if _, err := c.app.Wake(v.Context(), v.by(), v.issueID()); err != nil {
		return c.outdated(v, err)
	}
	return v.back(v.issueID(), "wake")
}
