package api

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"earshot/internal/app"
	"earshot/internal/auth"
	"earshot/internal/backup"
	"earshot/internal/desk"
	"earshot/internal/doctor"
)

// stalled is how long the reader of a stream may take nothing before it is
// given up: a backup holds a snapshot of the store.
const stalled = 30 * time.Second

// sendBackup sends a backup. One that fails half-way breaks the connection,
// and is no backup either: it has no end.
func (h *handler) sendBackup(w http.ResponseWriter, r *http.Request, _ auth.Principal, _ desk.Agent) {
	if h.backup == nil {
		h.fail(w, r, desk.NotFound("backup_off", "there is nothing here that could be backed up"))
		return
	}
	out := &patient{w: w, to: http.NewResponseController(w)}
	_ = out.to.SetReadDeadline(time.Time{}) // the request has been read; its deadline would end the answer
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Cache-Control", "no-store")
	_, err := h.backup(r.Context(), out)
	switch {
	case err == nil:
		return
	case !out.begun:
		h.fail(w, r, err)
		return
	}
	h.log.Error("a backup was not sent to its end", "request_id", w.Header().Get(HeaderRequest), "err", err)
	panic(http.ErrAbortHandler)
}

// patient writes an answer that may take long, as long as it is being read.
type patient struct {
	w     io.Writer
	to    *http.ResponseController
	begun bool
}

func (p *patient) Write(b []byte) (int, error) {
	p.begun = true
	_ = p.to.SetWriteDeadline(time.Now().Add(stalled)) // without a deadline (in tests) no client stalls
	return p.w.Write(b)
}

// NewBackup says that a backup was kept.
type NewBackup struct {
	At      time.Time `json:"at"`
	Records int       `json:"records"`
}

func (h *handler) recordBackup(r *request) (response, error) {
	var in NewBackup
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	return response{}, h.app.RecordBackup(r.Context(), app.BackupRecord{At: in.At, Records: in.Records})
}

func (h *handler) showDoctor(r *request) (response, error) {
	thorough, err := r.flag("thorough")
	if err != nil {
		return response{}, err
	}
	if h.doctor == nil {
		return response{}, desk.NotFound("doctor_off", "there is nothing here that could be looked at")
	}
	return response{body: h.doctor(r.Context(), thorough)}, nil
}

// Doctor looks whether the instance is well.
func (c *Client) Doctor(ctx context.Context, thorough bool) (out doctor.Report, err error) {
	_, err = c.call(ctx, http.MethodGet, "/doctor", url.Values{"thorough": {strconv.FormatBool(thorough)}}, nil, &out)
	return out, err
}

// RecordBackup remembers that a backup was kept.
func (c *Client) RecordBackup(ctx context.Context, made backup.Header) error {
	return c.write(ctx, http.MethodPost, "/backups", NewBackup{At: made.Made, Records: made.Records()}, nil)
}

// Backup writes a backup of everything to w. It is one only if backup.Open
// finds it whole.
func (c *Client) Backup(ctx context.Context, w io.Writer) error {
	u := url.URL{Scheme: "http", Host: "earshot", Path: Root + "/backup"}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return err
	}
	answer, err := c.transport.RoundTrip(r)
	if err != nil {
		return fmt.Errorf("asking the server: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		body, err := io.ReadAll(io.LimitReader(answer.Body, maxBody))
		if err != nil {
			return fmt.Errorf("asking the server: %w", err)
		}
		return failure(answer, body)
	}
	if _, err := io.Copy(w, answer.Body); err != nil {
		return fmt.Errorf("receiving the backup: %w", err)
	}
	return nil
}
