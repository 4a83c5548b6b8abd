package fed_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/test/fed"
	"earshot/store"
)

var newest = app.ListInput{IssueFilter: store.IssueFilter{Status: desk.StatusNew}, Page: store.Page{Limit: 1}}

// BenchmarkInbox measures activities a second over real HTTP, each with its own
// signature. The client signs them before the clock runs.
func BenchmarkInbox(b *testing.B) {
	for _, c := range []struct{ name, content string }{
		{"kept", "mention"},     // for us: on disk before the 202
		{"dropped", "ordinary"}, // not for us: verified, looked at, forgotten
	} {
		b.Run(c.name, func(b *testing.B) {
			cluster := fed.New(b)
			p, eve := cluster.Provider(acme), cluster.Peer()
			help := p.Site.Desk("help")
			requests := make([]*http.Request, b.N)
			for n := range requests {
				note := eve.Note(n, help, "<p>Nothing works since nine</p>")
				if c.name == "dropped" {
					note["tag"], note["cc"] = []M{{"type": "Hashtag", "name": "#acme"}}, []string{}
				}
				body, err := json.Marshal(eve.Create(note))
				if err != nil {
					b.Fatal(err)
				}
				requests[n] = eve.Request(p.Site.SharedInbox(), body)
			}
			var next atomic.Int64
			client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
			defer client.CloseIdleConnections()
			b.SetParallelism(16)
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					res, err := client.Do(requests[next.Add(1)-1])
					if err != nil {
						b.Error(err)
						return
					}
					_ = res.Body.Close()
					if res.StatusCode != http.StatusAccepted {
						b.Errorf("answered %d", res.StatusCode)
						return
					}
				}
			})
			b.StopTimer()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "activities/s")
		})
	}
}

// BenchmarkLoop is whole loops a second, on one machine for both sides: a post
// comes in, an issue is opened, an agent replies, the reply is delivered.
func BenchmarkLoop(b *testing.B) {
	cluster := fed.New(b)
	p, eve := cluster.Provider(acme), cluster.Peer()
	for n := 0; b.Loop(); n++ {
		if status, answer := eve.Send(p.Site.SharedInbox(), eve.Create(eve.Note(n, p.Site.Desk("help"), fmt.Sprint("broken ", n)))); status != 202 {
			b.Fatal(status, answer)
		}
		cluster.Settle()
		i, _, err := p.ListIssues(ctx, newest)
		if err != nil || len(i) != 1 {
			b.Fatal(len(i), err)
		}
		p.Say(i[0].Issue.ID, "We are looking.", desk.StatusChange{To: desk.StatusInProgress})
		cluster.Settle()
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "loops/s")
}

// BenchmarkBroadcast is one broadcast to a thousand servers, each on an address
// of its own: from the command to the last 202.
func BenchmarkBroadcast(b *testing.B) {
	const servers = 1000
	cluster := fed.New(b)
	p := cluster.Provider(acme)
	var arrived atomic.Int64
	all := make(chan struct{}, 1)
	inbox := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if arrived.Add(1)%servers == 0 {
			defer func() { all <- struct{}{} }()
		}
		w.WriteHeader(http.StatusAccepted)
	})}
	defer inbox.Close()
	for n := range servers {
		l, err := net.Listen("tcp", fmt.Sprintf("127.7.%d.%d:0", n/250, 1+n%250))
		if err != nil {
			b.Fatal(err)
		}
		go func() { _ = inbox.Serve(l) }()
		base := "http://" + l.Addr().String()
		who := desk.Actor{ID: desk.ActorID(base + "/u"), Inbox: base + "/inbox"}
		if _, err := p.Follow(ctx, "help", who, desk.ActivityID(base+"/follow")); err != nil {
			b.Fatal(err)
		}
	}
	running, stop := context.WithCancel(ctx)
	var workers sync.WaitGroup
	for _, w := range p.Fed.Workers() {
		workers.Go(func() { _ = w.Run(running) })
	}
	defer func() { stop(); workers.Wait() }()
	<-all // the Accepts
	b.ResetTimer()
	for range b.N {
		if _, err := p.Broadcast(ctx, app.By{}, app.BroadcastInput{Desk: "help", Text: "Works tonight.", Now: true}); err != nil {
			b.Fatal(err)
		}
		<-all
	}
	b.ReportMetric(float64(servers*b.N)/b.Elapsed().Seconds(), "deliveries/s")
}
