// Package alerts reads what monitoring programs send: the webhooks of Alertmanager and of
// Uptime Kuma as they are, and two forms of our own, one for Gatus, whose bodies are
// configured, and one for everything else. It is pure. In the
// webhooks, fields that are not needed are ignored: those programs add some with each version.
package alerts

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"earshot/internal/desk"
)

// maxRead is how many alerts of one group are read.
const maxRead = 200

// Read reads a body of a source. ok is false if it says nothing of any matter: a test, or
// a state that is neither good nor bad.
func Read(source desk.AlertSource, body []byte) (a desk.Alert, ok bool, err error) {
	switch source {
	case desk.AlertAlertmanager:
		a, err = alertmanager(body)
		ok = true
	case desk.AlertUptimeKuma:
		a, ok, err = uptimeKuma(body)
	case desk.AlertGatus:
		a, err = gatus(body)
		ok = true
	default:
		a, err = generic(body)
		ok = true
	}
	a.Source = source
	return a, ok && err == nil, err
}

func decode(body []byte, into any) error { return readable(json.Unmarshal(body, into)) }

// decodeOurs reads a body of a form of ours: a field that is misspelt is a mistake.
func decodeOurs(body []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return readable(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return unreadable("it is more than one JSON value")
	}
	return nil
}

func readable(err error) error {
	if err == nil {
		return nil
	}
	if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return unreadable(fmt.Sprintf("the field %q cannot be a %s", t.Field, t.Value))
	}
	return unreadable(strings.TrimPrefix(err.Error(), "json: "))
}

func unreadable(why string) error {
	return desk.Invalid("alert_unreadable", "this is no alert of that kind: %.200s", why)
}

// Webhook is the body that Alertmanager sends to a webhook, version 4
// (https://prometheus.io/docs/alerting/latest/configuration/#webhook_config).
type Webhook struct {
	Version           string            `json:"version"`
	GroupKey          string            `json:"groupKey"`
	Status            string            `json:"status"` // firing or resolved
	GroupLabels       map[string]string `json:"groupLabels"`
	CommonLabels      map[string]string `json:"commonLabels"`
	CommonAnnotations map[string]string `json:"commonAnnotations"`
	ExternalURL       string            `json:"externalURL"`
	Alerts            []WebhookAlert    `json:"alerts"`
}

// WebhookAlert is one alert of a group.
type WebhookAlert struct {
	Status       string            `json:"status"`
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
	StartsAt     time.Time         `json:"startsAt"`
	GeneratorURL string            `json:"generatorURL"`
}

func alertmanager(body []byte) (a desk.Alert, err error) {
	var w Webhook
	if err := decode(body, &w); err != nil {
		return a, err
	}
	if w.Version != "4" {
		return a, unreadable(fmt.Sprintf("a webhook of Alertmanager has the version 4, not %q", w.Version))
	}
	if a.Firing, err = firing(w.Status); err != nil {
		return a, err
	}
	alerts := w.Alerts[:min(len(w.Alerts), maxRead)]
	a.Key, a.URL, a.Impact = w.GroupKey, w.ExternalURL, impactOf(w.CommonLabels["severity"])
	a.Title = first(w.CommonAnnotations["summary"], w.CommonLabels["alertname"], w.GroupLabels["alertname"])
	var lines []string
	for _, one := range alerts {
		if a.Firing && one.Status != "firing" {
			continue
		}
		if a.Title == "" {
			a.Title = first(one.Annotations["summary"], one.Labels["alertname"])
		}
		if a.Since.IsZero() || one.StartsAt.Before(a.Since) {
			a.Since = one.StartsAt
		}
		a.Impact = worse(a.Impact, impactOf(one.Labels["severity"]))
		for _, label := range []string{"service", "component", "job"} {
			if s := one.Labels[label]; s != "" && !slices.Contains(a.Labels, s) {
				a.Labels = append(a.Labels, s)
			}
		}
		if line := first(one.Annotations["description"], one.Annotations["summary"], one.Labels["instance"]); line != "" && !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	if len(alerts) == 1 && alerts[0].GeneratorURL != "" {
		a.URL = alerts[0].GeneratorURL
	}
	a.Text = strings.Join(lines, "\n")
	return a, nil
}

// kumaDown and kumaUp are the states of Uptime Kuma that say something; the others are
// pending and maintenance.
const (
	kumaDown = 0
	kumaUp   = 1
)

// uptimeKuma reads the body of a webhook of the type application/json. A test, and the
// word that a certificate expires, name no monitor.
func uptimeKuma(body []byte) (a desk.Alert, ok bool, err error) {
	var w struct {
		Heartbeat *struct {
			Status *int   `json:"status"`
			Msg    string `json:"msg"`
			Time   string `json:"time"` // in UTC, without its zone
		} `json:"heartbeat"`
		Monitor *struct {
			ID       int64  `json:"id"`
			Name     string `json:"name"`
			PathName string `json:"pathName"` // with the groups that it is in
			URL      string `json:"url"`
			Tags     []struct {
				Name  string `json:"name"`
				Value string `json:"value"`
			} `json:"tags"`
		} `json:"monitor"`
		Msg *string `json:"msg"`
	}
	if err := decode(body, &w); err != nil {
		return a, false, err
	}
	if w.Msg == nil {
		return a, false, unreadable("a webhook of Uptime Kuma has a msg")
	}
	if w.Monitor == nil || w.Heartbeat == nil || w.Heartbeat.Status == nil || *w.Heartbeat.Status != kumaDown && *w.Heartbeat.Status != kumaUp {
		return a, false, nil
	}
	a.Key, a.Title, a.Text, a.URL, a.Impact = fmt.Sprint("monitor ", w.Monitor.ID), w.Monitor.Name, w.Heartbeat.Msg, w.Monitor.URL, desk.ImpactMinor
	a.Firing = *w.Heartbeat.Status == kumaDown
	if at, err := time.Parse("2006-01-02 15:04:05", w.Heartbeat.Time); err == nil {
		a.Since = at
	}
	a.Labels = append([]string{w.Monitor.Name}, strings.Split(w.Monitor.PathName, " / ")...)
	for _, t := range w.Monitor.Tags[:min(len(w.Monitor.Tags), maxRead)] {
		a.Labels = append(a.Labels, t.Name, t.Value)
	}
	return a, true, nil
}

// Gatus is the body that docs/operations/alerts.md has one configure in Gatus.
type Gatus struct {
	Name        string `json:"name"`
	Group       string `json:"group,omitempty"`
	URL         string `json:"url,omitempty"`
	Description string `json:"description,omitempty"`
	Status      string `json:"status"`           // TRIGGERED or RESOLVED
	Impact      string `json:"impact,omitempty"` // none, minor, major or critical
}

func gatus(body []byte) (a desk.Alert, err error) {
	var g Gatus
	if err := decodeOurs(body, &g); err != nil {
		return a, err
	}
	if a.Firing, err = firing(g.Status); err != nil {
		return a, err
	}
	if g.Name == "" {
		return a, unreadable("it names no endpoint")
	}
	a.Key, a.Title, a.Text, a.URL = fmt.Sprintf("%q %q", g.Group, g.Name), g.Name, g.Description, g.URL
	a.Labels = []string{g.Name, g.Group}
	a.Impact, err = named(g.Impact)
	return a, err
}

// Generic is the body for every other program.
type Generic struct {
	Key      string   `json:"key"`    // the same for each word about one matter
	Status   string   `json:"status"` // firing or resolved
	Title    string   `json:"title"`
	Text     string   `json:"text,omitempty"`
	URL      string   `json:"url,omitempty"`
	Services []string `json:"services,omitempty"`
	Impact   string   `json:"impact,omitempty"` // none, minor, major or critical; minor, if left out
	Since    string   `json:"since,omitempty"`  // RFC 3339
}

func generic(body []byte) (a desk.Alert, err error) {
	var g Generic
	if err := decodeOurs(body, &g); err != nil {
		return a, err
	}
	if a.Firing, err = firing(g.Status); err != nil {
		return a, err
	}
	a.Key, a.Title, a.Text, a.URL, a.Services = g.Key, g.Title, g.Text, g.URL, g.Services
	if g.Since != "" {
		if a.Since, err = time.Parse(time.RFC3339, g.Since); err != nil {
			return a, unreadable("since is a time like 2026-03-01T14:30:00Z")
		}
	}
	a.Impact, err = named(g.Impact)
	return a, err
}

// firing reads the words of all the sources for the two states.
func firing(status string) (bool, error) {
	switch strings.ToLower(status) {
	case "firing", "triggered":
		return true, nil
	case "resolved":
		return false, nil
	}
	return false, unreadable(fmt.Sprintf("its status is neither firing nor resolved, but %q", status))
}

// named reads an impact; "" is minor.
func named(impact string) (desk.Impact, error) {
	if impact == "" {
		return desk.ImpactMinor, nil
	}
	if i := desk.Impact(impact); slices.Contains(desk.Impacts(), i) {
		return i, nil
	}
	return "", unreadable(fmt.Sprintf("there is no impact %q; there are %v", impact, desk.Impacts()))
}

// impactOf is the impact by a label of severity, which everybody words in another way.
func impactOf(severity string) desk.Impact {
	switch strings.ToLower(severity) {
	case "critical", "emergency", "disaster":
		return desk.ImpactCritical
	case "major", "error", "high", "page":
		return desk.ImpactMajor
	case "none", "info", "informational":
		return desk.ImpactNone
	}
	return desk.ImpactMinor
}

func worse(a, b desk.Impact) desk.Impact {
	all := desk.Impacts()
	return all[max(slices.Index(all, a), slices.Index(all, b))]
}

// first returns the first text that is not empty.
func first(texts ...string) string {
	for _, t := range texts {
		if strings.TrimSpace(t) != "" {
			return t
		}
	}
	return ""
}
