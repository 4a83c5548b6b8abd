package inbox

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"earshot/federation/as"
	"earshot/internal/app"
	"earshot/internal/drop"
	"earshot/store"
)

// A post is the same, remembered or read from its job.
func TestAcceptedAreRemembered(t *testing.T) {
	for n, more := range []string{
		mention,
		`,"tag":[{"type":"Mention","href":"https://help.acme.example/@help/","name":"@help@acme.example"}],"inReplyTo":"` + create + `","cc":["https://help.acme.example/@Help"]`,
		mention + `,"context":"https://help.acme.example/issues/0192f3a4-5b6c-7d8e-9f00-abcdefabcdef/"`,
	} {
		i := newInstance(t, true)
		number := fmt.Sprint(n)
		if o := i.send(ana, activity(as.Create, ana, number, note(ana, number, more))); o.Reason != drop.Kept {
			t.Fatalf("%s: answered %v", more, o)
		}
		var job store.Job
		i.view(func(tx *app.Tx) (err error) { job, _, err = tx.Jobs().Get(i.jobs(store.QueueInbound)[0]); return err })
		if i.accepted.bytes != len(job.Payload) {
			t.Errorf("%d bytes are remembered, of %d", i.accepted.bytes, len(job.Payload))
		}
		d, remembered, err := i.acceptedBy(t.Context(), job.Payload)
		if err != nil || i.accepted.bytes != 0 || d.Actor != ana {
			t.Fatalf("%v, %d bytes are still remembered, %+v", err, i.accepted.bytes, d)
		}
		_, read, err := i.acceptedBy(t.Context(), job.Payload)
		if err != nil || !reflect.DeepEqual(remembered, read) {
			t.Errorf("%s: %v, remembered\n%+v\nread\n%+v", more, err, remembered.Object.Object, read.Object.Object)
		}
	}
}

// The memory is bounded; the oldest post is forgotten first.
func TestAcceptedIsBounded(t *testing.T) {
	var p accepted
	post := &as.Activity{Type: as.Create, Object: as.Ref{Object: &as.Object{}}}
	payload := func(n int) []byte { return []byte(fmt.Sprintf("%08d", n) + strings.Repeat("x", maxAcceptedOne-8)) }
	const most = maxAcceptedBytes / maxAcceptedOne
	for n := range most + 1 {
		p.put(payload(n), delivery{}, post)
	}
	p.put(payload(most), delivery{}, post) // once more
	p.put(append(payload(-1), 'x'), delivery{}, post)
	p.put([]byte("a Like"), delivery{}, &as.Activity{Type: as.Like})
	if p.bytes > maxAcceptedBytes || p.posts.Len() != most {
		t.Errorf("%d posts, %d bytes", p.posts.Len(), p.bytes)
	}
	for n := range most + 1 {
		if _, ok := p.take(payload(n)); ok != (n > 0) {
			t.Errorf("post %d: %v", n, ok)
		}
	}
	if p.bytes != 0 {
		t.Errorf("%d bytes are left", p.bytes)
	}
}
