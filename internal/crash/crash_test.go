package crash

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"earshot/internal/desk"
)

// rounds is how often the server is killed: 50, or what EARSHOT_CRASH_ROUNDS says.
func rounds(t *testing.T) int {
	s := os.Getenv("EARSHOT_CRASH_ROUNDS")
	if s == "" {
		return 50
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		t.Fatalf("EARSHOT_CRASH_ROUNDS is a number of rounds, not %q", s)
	}
	return n
}

// kill -9 at any moment under load: no post that was answered 202 is missing,
// none made two issues, no reply has two ids.
func TestKilledUnderLoad(t *testing.T) {
	s := newSite(t)
	s.start()
	load := s.load()
	n := rounds(t)
	began := time.Now()
	for range n {
		<-time.After(time.Duration(20+rand.IntN(300)) * time.Millisecond)
		s.kill()
		s.start()
	}
	load.stop()
	s.settle()
	t.Logf("killed %d times in %s: %d posts accepted, %d replies acknowledged", n, time.Since(began).Round(time.Second), len(load.accepted), len(load.replied))
	if len(load.accepted) < n || len(load.replied) < n/2 {
		t.Errorf("there was hardly any load: %d posts, %d replies", len(load.accepted), len(load.replied))
	}
	s.checkPosts(load)
	s.checkReplies(load)
	s.checkQueue()
}

// checkPosts: every accepted post has its issue, once.
func (s *site) checkPosts(l *load) {
	s.t.Helper()
	count := map[string]int{}
	for _, i := range s.issues() {
		full := s.issue(i.ID)
		for _, e := range full.Timeline {
			if e.Kind == "report" {
				count[e.Object]++
			}
		}
	}
	missing, twice := 0, 0
	for note := range l.accepted {
		switch c := count[note]; {
		case c == 0:
			missing++
			s.t.Errorf("%s was answered 202 and is missing", note)
		case c > 1:
			twice++
			s.t.Errorf("%s made %d issues", note, c)
		}
	}
	s.t.Logf("posts: %d missing, %d twice", missing, twice)
}

// checkReplies: every acknowledged reply has one id, whoever asks again, and
// arrived under that id only.
func (s *site) checkReplies(l *load) {
	s.t.Helper()
	arrived := map[string]map[string]int{} // words -> object ids -> how often
	for _, g := range s.peer.Got() {
		object, _ := g.Body["object"].(map[string]any)
		source, _ := object["source"].(map[string]any)
		words, _ := source["content"].(string)
		if g.Body["type"] != "Create" || words == "" {
			continue
		}
		if arrived[words] == nil {
			arrived[words] = map[string]int{}
		}
		arrived[words][fmt.Sprint(object["id"])]++
	}
	again := 0
	for key, r := range l.replied {
		status, body := s.api("POST", "/api/v1/issues/"+r.issue+"/reply", key, r.request)
		var p struct{ ID string }
		if err := json.Unmarshal(body, &p); err != nil || status/100 != 2 || p.ID != r.id {
			s.t.Errorf("the reply %s was acknowledged as %s, and is %d %s when asked again", key, r.id, status, body)
		}
		if n := len(arrived[r.words]); n != 1 {
			s.t.Errorf("the reply %q arrived under %d ids: %v", r.words, n, arrived[r.words])
		}
		for _, n := range arrived[r.words] {
			again += n - 1
		}
	}
	s.t.Logf("replies: each has one id; %d deliveries were repeated under it, which receivers recognise", again)
}

// checkQueue: nothing is stuck, nothing died.
func (s *site) checkQueue() {
	s.t.Helper()
	for _, c := range s.counts() {
		if c.Dead > 0 {
			s.t.Errorf("queue %s: %d dead letters", c.Queue, c.Dead)
		}
	}
}

// A full disk: 503 with Retry-After, and the sender tries again. What was
// accepted before is kept, and when there is room again everything goes on.
func TestFullDisk(t *testing.T) {
	s := newSite(t)
	s.env = []string{"EARSHOT_STORE_MAX_SIZE=3MiB"}
	s.start()
	accepted := map[string]bool{}
	post := func(n int) (status int, later string) {
		note := s.peer.Note(n, desk.ActorID("http://"+s.addr+"/desks/help"), "<p>"+strings.Repeat("broken ", 2000)+"</p>")
		body, err := json.Marshal(s.peer.Create(note))
		s.must(err)
		res, err := http.DefaultClient.Do(s.peer.Request("http://"+s.addr+"/inbox", body))
		s.must(err)
		defer res.Body.Close()
		if res.StatusCode == http.StatusAccepted {
			accepted[note["id"].(string)] = true
		}
		return res.StatusCode, res.Header.Get("Retry-After")
	}
	refused := 1
	for ; refused < 2000; refused++ {
		if status, later := post(refused); status == http.StatusServiceUnavailable {
			if later == "" {
				t.Error("a 503 without Retry-After")
			}
			break
		} else if status != http.StatusAccepted {
			t.Fatalf("post %d was answered %d", refused, status)
		}
	}
	if refused == 2000 {
		t.Fatal("the disk was never full")
	}
	if r, err := http.Get("http://" + s.addr + "/livez"); err != nil || r.StatusCode != http.StatusOK {
		t.Errorf("a full disk is no reason to die: %v", err)
	}
	s.kill()
	s.env = nil // more room
	s.start()
	if status, _ := post(refused); status != http.StatusAccepted {
		t.Errorf("with room again: %d", status)
	}
	s.settle()
	s.checkPosts(&load{s: s, accepted: accepted})
	t.Logf("%d posts fit", len(accepted))
}
