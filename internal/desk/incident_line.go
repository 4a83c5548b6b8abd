package desk

import (
	"fmt"
	"strings"
	"time"
)

// incidentWords are the words of the first line of an incident's post, by
// language. The words of an update are its author's.
type incidentWords struct {
	status      map[IncidentStatus]string
	next        string // when the next word is promised
	from, until string // of planned work
	// surprised and changed begin the two parts of a postmortem.
	surprised, changed string
}

var incidentLines = map[string]incidentWords{
	"en": {map[IncidentStatus]string{IncidentInvestigating: "investigating", IncidentIdentified: "cause found", IncidentMonitoring: "fixed, watching", IncidentResolved: "over", IncidentPostmortem: "looking back",
		WorkScheduled: "planned", WorkInProgress: "under way", WorkVerifying: "checking", WorkCompleted: "done"}, "Next word by %s.", "From %s", "until %s.", "What surprised us:", "What we changed:"},
	"de": {map[IncidentStatus]string{IncidentInvestigating: "wird untersucht", IncidentIdentified: "Ursache gefunden", IncidentMonitoring: "behoben, wird beobachtet", IncidentResolved: "vorbei", IncidentPostmortem: "Rückblick",
		WorkScheduled: "geplant", WorkInProgress: "läuft", WorkVerifying: "wird geprüft", WorkCompleted: "fertig"}, "Nächste Nachricht bis %s.", "Von %s", "bis %s.", "Was uns überrascht hat:", "Was wir geändert haben:"},
	"fr": {map[IncidentStatus]string{IncidentInvestigating: "en cours d'examen", IncidentIdentified: "cause trouvée", IncidentMonitoring: "réparé, sous surveillance", IncidentResolved: "terminé", IncidentPostmortem: "retour",
		WorkScheduled: "prévu", WorkInProgress: "en cours", WorkVerifying: "vérification", WorkCompleted: "terminé"}, "Prochaines nouvelles avant %s.", "De %s", "à %s.", "Ce qui nous a surpris :", "Ce que nous avons changé :"},
	"es": {map[IncidentStatus]string{IncidentInvestigating: "en investigación", IncidentIdentified: "causa encontrada", IncidentMonitoring: "reparado, en observación", IncidentResolved: "terminado", IncidentPostmortem: "balance",
		WorkScheduled: "previsto", WorkInProgress: "en curso", WorkVerifying: "en comprobación", WorkCompleted: "terminado"}, "Próxima noticia antes de las %s.", "De %s", "a %s.", "Lo que nos sorprendió:", "Lo que hemos cambiado:"},
	"nl": {map[IncidentStatus]string{IncidentInvestigating: "wordt onderzocht", IncidentIdentified: "oorzaak gevonden", IncidentMonitoring: "hersteld, we kijken toe", IncidentResolved: "voorbij", IncidentPostmortem: "terugblik",
		WorkScheduled: "gepland", WorkInProgress: "bezig", WorkVerifying: "controle", WorkCompleted: "klaar"}, "Volgend bericht voor %s.", "Van %s", "tot %s.", "Wat ons verraste:", "Wat we hebben veranderd:"},
}

// wordsOf returns the words of a language, English where there are none.
func wordsOf(language string) incidentWords {
	base, _, _ := strings.Cut(strings.ToLower(language), "-")
	if w, ok := incidentLines[base]; ok {
		return w
	}
	return incidentLines["en"]
}

// RootText is what the incident's first post says now: where it stands, in the
// first line, and what was written when it was opened.
func (i Incident) RootText() string {
	w := wordsOf(i.Language)
	var b strings.Builder
	fmt.Fprintf(&b, "[%s, %s] %s", w.status[i.Status], clockTime(i.StatusAt, i.OpenedAt), i.Title)
	if len(i.Services) > 0 {
		fmt.Fprintf(&b, " (%s)", strings.Join(i.Services, ", "))
	}
	if !strings.HasSuffix(b.String(), ".") {
		b.WriteString(".")
	}
	if i.Planned() && !i.Status.Over() {
		fmt.Fprintf(&b, " "+w.from+" "+w.until, dayTime(i.From), dayTime(i.Until))
	}
	if !i.NextUpdate.IsZero() && !i.Status.Over() {
		fmt.Fprintf(&b, " "+w.next, clockTime(i.NextUpdate, i.StatusAt))
	}
	if i.Text != "" {
		b.WriteString("\n\n" + i.Text)
	}
	return b.String()
}

// clockTime is a time of the day, with the day if it is another one.
func clockTime(at, today time.Time) string {
	if at.UTC().Format(time.DateOnly) != today.UTC().Format(time.DateOnly) {
		return dayTime(at)
	}
	return at.UTC().Format("15:04 UTC")
}

func dayTime(at time.Time) string { return at.UTC().Format("2006-01-02 15:04 UTC") }

// PostmortemText is what was learned from the incident as a post says it; "": nothing
// was written down.
func (i Incident) PostmortemText() string {
	w := wordsOf(i.Language)
	var parts []string
	for _, part := range []struct{ begins, text string }{{w.surprised, i.Surprised}, {w.changed, i.Changed}} {
		if part.text != "" {
			parts = append(parts, part.begins+" "+part.text)
		}
	}
	return strings.Join(parts, "\n\n")
}
