package crash

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
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
