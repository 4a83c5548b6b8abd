package attacks

import (
	"crypto/ed25519"
	"fmt"
	"math/rand"
	"net/http"
	"strings"
	"time"

	"earshot/federation/proof"
	"earshot/internal/multikey"
	"earshot/internal/test/fed"
)

// cost is class 46: requests that cost much more than others of their size.
var cost = []attack{
	{class: 46, name: "costly_requests", ids: "",
		tried:   "a proof over an object of 60,000 keys; names of hosts with thousands of letters, of which each is another; tags that unfold to eleven times their length",
		defends: "federation/proof and internal/desk: limits before the costly work; federation/inbox: cheap checks first, Budget by signer and host",
		elsewhere: []string{"federation/proof.TestCost", "internal/test/fed.TestWrongProofsAgainAndAgain", "internal/desk.TestCost", "federation/as.TestCost", "federation/inbox.TestCostOfPosts", "federation/inbox.TestCostOfProfiles",
			"federation/httpsig.TestCost", "federation/webfinger.TestCost", "federation/instance.TestCost", "internal/markup.TestCost", "internal/search.TestCost"},
		run: costlyRequests},
}

// dearest bounds the cost of a request, as a multiple of a plain request of its
// size. A quadratic parser costs hundreds of times as much.
const dearest = 20

func costlyRequests(s *site) {
	eve, mallory := s.peer(), s.peer()
	key := ed25519.NewKeyFromSeed([]byte("a seed of thirty-two bytes, fine"))
	text, err := multikey.Encode(key.Public())
	s.must(err)
	eve.Person("eve", M{"assertionMethod": []M{{"id": string(eve.Actor) + "#key", "type": "Multikey", "controller": string(eve.Actor), "publicKeyMultibase": text}}})
	s.report(eve, 1)
	n := 1
	answer := func(more M) []byte {
		n++
		note := eve.Note(n, s.actor(), "<p>again</p>")
		note["inReplyTo"] = eve.URL + "/notes/1"
		for k, v := range more {
			note[k] = v
		}
		return encode(s.T, eve.Create(note))
	}
	keys := M{}
	for _, n := range rand.Perm(60_000) {
		keys[fmt.Sprintf("k%05d", n)] = 1
	}
	plain := s.cheapest(eve, func() []byte { return answer(M{"x": keys}) })
	s.Logf("a plain request with 60,000 keys: %v", plain)
	for name, body := range map[string]func() []byte{
		"a proof over 60,000 keys": func() []byte {
			return claimed(answer(M{"x": keys}), string(eve.Actor)+"#key")
		},
		"a proof over 8,000 keys": func() []byte {
			few := M{}
			for n := range 8000 {
				few[fmt.Sprintf("k%05d", n)] = 1
			}
			return claimed(answer(M{"x": few}), string(eve.Actor)+"#key")
		},
		"a host of 20,000 letters": func() []byte {
			return answer(M{"tag": []M{{"type": "Mention", "name": "@x@" + letters(20_000)}}})
		},
		"256 hosts of 600 letters": func() []byte {
			var tags []M
			for range 256 {
				tags = append(tags, M{"type": "Mention", "href": "https://" + letters(600) + ".example/x"})
			}
			return answer(M{"tag": tags})
		},
		"a tag of 100,000 letters": func() []byte {
			return answer(M{"tag": []M{{"type": "Hashtag", "name": strings.Repeat("\ufdfa", 100_000)}}})
		},
	} {
		sender := eve
		if strings.HasPrefix(name, "a proof") {
			sender = mallory // who forwards it
		}
		took := s.cheapest(sender, body)
		s.Logf("%s: %v", name, took)
		if took > dearest*plain {
			s.Errorf("%s costs %v, a plain request of that size %v", name, took, plain)
		}
	}
	s.settle()
	s.dropJobs()
}

// cheapest is how long the quickest of a few requests is answered.
func (s *site) cheapest(p *fed.Peer, body func() []byte) (least time.Duration) {
	s.Helper()
	for range 3 {
		r := p.Request(s.inbox(), body())
		began := time.Now()
		status, answer := s.do(r)
		took := time.Since(began)
		s.answered(status, answer, http.StatusAccepted, http.StatusBadRequest)
		if least == 0 || took < least {
			least = took
		}
		if least > 10*time.Second {
			return least
		}
	}
	return least
}

// claimed puts a proof on a document that fits no key.
func claimed(document []byte, method string) []byte {
	key := ed25519.NewKeyFromSeed([]byte("another seed of thirty-two bytes"))
	empty, err := proof.Sign([]byte(`{"@context":[]}`), method, key, time.Now())
	if err != nil {
		panic(err)
	}
	_, value, _ := strings.Cut(string(empty), `"proof":`)
	value = strings.Replace(value, `"@context":["https://w3id.org/security/data-integrity/v1"],`, "", 1)
	return []byte(strings.TrimSuffix(string(document), "}") + `,"proof":` + value)
}

// letters are so many different ones.
func letters(n int) string {
	out := make([]rune, n)
	for i := range out {
		out[i] = rune(0x4e00 + i*7919%20_000)
	}
	return string(out)
}
