package console

import (
	"bytes"

	"earshot/internal/blocklist"
	"earshot/internal/desk"
	"earshot/store"
)

// listRead is the result of reading a list of blocks.
type listRead struct {
	Added, Already, Left int
	Unread               []blocklist.Unread // the first of them
	More                 int                // lines that were not read, beyond those
}

// shownUnread is how many of the lines that could not be read are shown.
const shownUnread = 10

// importBlocks blocks the servers of a list, as Mastodon exports it.
func (c *Console) importBlocks(v *visit) error {
	file, _, err := v.FormFile("list")
	if err != nil {
		return desk.Invalid("file_missing", "choose the file with the list")
	}
	defer file.Close()
	entries, unread, err := blocklist.Read(file)
	if err != nil {
		return desk.Invalid("list_unreadable", "the list could not be read: %v", err)
	}
	wanted := blocklist.Blocked(entries, v.PostFormValue("silenced") != "")
	blocks := make([]desk.Block, len(wanted))
	for n, e := range wanted {
		blocks[n] = desk.Block{Target: string(e.Host), Reason: e.Comment}
	}
	added, err := c.app.AddBlocks(v.Context(), v.by(), blocks)
	if err != nil {
		return err
	}
	shown := min(len(unread), shownUnread)
	return c.showSilence(v, &listRead{Added: added, Already: len(wanted) - added, Left: len(entries) - len(wanted),
		Unread: unread[:shown], More: len(unread) - shown})
}

// exportBlocks answers with the blocked servers, as such a list.
func (c *Console) exportBlocks(v *visit) error {
	var entries []blocklist.Entry
	for p := (store.Page{}); ; {
		blocks, next, err := c.app.Blocks(v.Context(), p)
		if err != nil {
			return err
		}
		entries = append(entries, blocklist.Servers(blocks)...)
		if p.After = next; next == "" {
			break
		}
	}
	var list bytes.Buffer
	if err := blocklist.Write(&list, entries); err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	v.w.Header().Set("Content-Disposition", `attachment; filename="domain_blocks.csv"`)
	_, _ = v.w.Write(list.Bytes()) // the client may have gone
	return nil
}
