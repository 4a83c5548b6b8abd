package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/safehttp"
)

// consoleIssues is where the console shows issues.
const consoleIssues = "/console/issues"

// notice is what the text of a push is made of.
type notice struct {
	Type string `json:"type"`
	Data struct {
		Issue desk.IssueID  `json:"issue"`
		Post  desk.PostID   `json:"post"`
		Desks []desk.Handle `json:"desks"`
		Count int           `json:"count"`
	} `json:"data"`
}

// push publishes a message to a topic (https://docs.ntfy.sh/publish/): why, at which
// desk, and a link. It has no word of the report.
func (n *Notifier) push(ctx context.Context, client *safehttp.Client, todo app.ToNotify, secrets []string) (*safehttp.Response, error) {
	var about notice
	if err := json.Unmarshal(todo.Body, &about); err != nil {
		return nil, fmt.Errorf("reading a notification: %w", err)
	}
	title, link := n.words(todo.Destination.Language, about)
	return client.Post(ctx, todo.Destination.URL, []byte(title), func(r *http.Request) error {
		r.Header.Set("Content-Type", "text/plain; charset=utf-8")
		r.Header.Set("Title", mime.QEncoding.Encode("utf-8", string(n.App.Site().HandleDomain)))
		r.Header.Set("Click", link)
		r.Header.Set(headerID, todo.ID)
		if len(secrets) > 0 {
			r.Header.Set("Authorization", "Bearer "+secrets[0])
		}
		return nil
	})
}

// words says in an agent's language why they are notified, and where to look.
func (n *Notifier) words(language string, about notice) (text, link string) {
	l, _ := n.Languages.Choose(language, "")
	link = n.App.Site().URL + consoleIssues
	if about.Data.Issue != "" {
		link += "/" + string(about.Data.Issue)
	}
	at := ""
	if len(about.Data.Desks) > 0 {
		at = "@" + string(about.Data.Desks[0])
	}
	return l.T("notify."+about.Type, "desk", at, "n", about.Data.Count), link
}
