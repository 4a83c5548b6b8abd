package attacks

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"

	"earshot/internal/test/fed"
)

// spelling is classes 18 to 20: JSON with two meanings.
var spelling = []attack{
	{class: 18, name: "context_remapped", ids: "CVE-2022-24307 CVE-2024-32983 CVE-2026-42462 CVE-2026-46349 CVE-2026-48028 CVE-2026-50128 CVE-2026-46713",
		tried:   "a context that renames actor, attributedTo and inbox; aliases of id and type; a remote context; a Linked Data Signature of the victim, also over full names and names with a prefix",
		defends: "federation/as: known short names as they stand, no context is fetched", run: contextRemapped},
	{class: 19, name: "pathological_json_ld", ids: "GHSA-vgm8-frgh-rh2v",
		tried:   "a thousand nested and circular contexts, @graph, @included, @reverse, @list of lists",
		defends: "federation/as: nothing is expanded; depth, values and size are limited", run: pathologicalJSONLD},
	{class: 20, name: "ambiguous_json", ids: "",
		tried:   "keys twice, 5,000 levels, numbers of 300,000 digits, invalid UTF-8, NUL, lone surrogates, a second value",
		defends: "federation/as: one strict reading, or a refusal", elsewhere: []string{"federation/as.FuzzParseActivity"}, run: ambiguousJSON},
}

func contextRemapped(s *site) {
	eve, victim := s.peer(), s.peer()
	remap := []any{"https://www.w3.org/ns/activitystreams", eve.URL + "/context",
		M{"actor": eve.URL + "/ns#x", "attacker": M{"@id": "as:actor", "@type": "@id"}, "attributedTo": eve.URL + "/ns#y", "owner": "as:attributedTo", "@vocab": eve.URL + "/ns#"}}
	note := eve.Note(1, s.actor(), "<p>x</p>")
	note["attributedTo"], note["owner"] = string(victim.Actor), string(eve.Actor)
	signed := victim.Create(victim.Note(1, s.actor(), "<p>x</p>"))
	signed["signature"] = M{"type": "RsaSignature2017", "creator": string(victim.Actor) + "#main-key", "created": "2026-01-01T00:00:00Z", "signatureValue": "AAAA"}
	aliased := eve.Create(eve.Note(2, s.actor(), "<p>x</p>"))
	aliased["@id"], aliased["@type"] = victim.URL+"/x", "Delete"
	s.unmoved(func() {
		for _, a := range []M{
			{"id": eve.URL + "/1", "type": "Create", "actor": string(victim.Actor), "attacker": string(eve.Actor), "object": note},
			{"id": eve.URL + "/2", "type": "Create", "actor": string(eve.Actor), "attacker": string(victim.Actor), "object": note},
			{"id": eve.URL + "/3", "kind": "Create", "attacker": string(eve.Actor), "object": note},
			signed, compacted(eve, victim, signed), compacted(victim, eve, signed),
		} {
			a["@context"] = remap
			status, answer := s.send(eve, a)
			s.answered(status, answer, http.StatusBadRequest, http.StatusAccepted)
		}
	})
	s.onlyAsked(eve, "GET /users/eve", "GET /notes/1") // and never its context
	s.onlyAsked(victim, "GET /notes/1", "GET /users/eve")
	status, answer := s.send(eve, aliased)
	s.answered(status, answer, http.StatusBadRequest, http.StatusAccepted)
	s.settle()
	s.onlyAsked(victim)
}

// compacted is an activity under the signature of another document: two in one,
// by short names and by those that compaction turns into them.
func compacted(plain, hidden *fed.Peer, signed M) M {
	const as = "https://www.w3.org/ns/activitystreams#"
	return M{"id": plain.URL + "/two", "type": "Create", "actor": string(plain.Actor), "object": signed["object"], "signature": signed["signature"],
		as + "actor": M{"@id": string(hidden.Actor)}, "as:actor": M{"@id": string(hidden.Actor)}, as + "object": signed["object"], "as:object": signed["object"], "@type": as + "Create"}
}

func pathologicalJSONLD(s *site) {
	eve := s.peer()
	s.report(eve, 1)
	nested := any(eve.URL + "/context")
	for range 25 {
		nested = []any{nested, M{"@context": nested}}[:1]
	}
	var many []any
	for n := range 1000 {
		many = append(many, M{fmt.Sprintf("a%d", n): M{"@id": fmt.Sprintf("a%d", (n+1)%1000), "@container": "@graph"}})
	}
	note := eve.Note(2, s.actor(), "<p>x</p>")
	s.unmoved(func() {
		for n, a := range []M{
			{"@context": nested}, {"@context": many}, {"@graph": []any{eve.Create(note)}}, {"@included": []any{eve.Create(note)}},
			{"@reverse": M{"object": eve.Create(note)}}, {"@list": []any{[]any{[]any{note}}}}, {"@context": eve.URL + "/context"},
		} {
			a["id"], a["type"], a["actor"], a["object"] = fmt.Sprintf("%s/ld/%d", eve.URL, n), "Arrive", string(eve.Actor), eve.URL+"/x"
			status, answer := s.send(eve, a)
			s.answered(status, answer, http.StatusAccepted, http.StatusBadRequest)
		}
	})
	s.asked(eve)
}

func ambiguousJSON(s *site) {
	eve := s.peer()
	s.report(eve, 1)
	good := encode(s.T, eve.Create(eve.Note(2, s.actor(), "<p>zz</p>")))
	with := func(old, new string) []byte { return bytes.Replace(good, []byte(old), []byte(new), 1) }
	s.unmoved(func() {
		for _, body := range [][]byte{
			with(`"type":"Create"`, `"type":"Create","type":"Delete"`),
			with(`"type":"Create"`, `"type":"Create","typ\u0065":"Delete"`),
			with(`"attributedTo"`, `"attributedTo":"https://victim.example/","attributedTo"`),
			[]byte(strings.Repeat(`{"object":`, 5000) + "1" + strings.Repeat("}", 5000)),
			[]byte(`{"object":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "}"),
			with("zz", "z\xffz"), with("zz", "z\xed\xa0\x80z"),
			append(bytes.Clone(good), good...), append(bytes.Clone(good), 'x'),
			[]byte("\xef\xbb\xbf[" + string(good) + "]"), []byte(`null`), []byte(`""`), nil,
			with(`"type":"Create"`, `"type":"Create",}`),
			[]byte(`{"type":"Create","object":[` + strings.Repeat("1,", 100_000) + "1]}"),
		} {
			status, answer := s.do(eve.Request(s.inbox(), body))
			s.answered(status, answer, http.StatusBadRequest)
		}
	})
	// Strange but valid documents are read, and do no harm.
	for n, body := range [][]byte{with("zz", `z\u0000z`), with("zz", `z\ud800z`), with(`"type":"Create"`, `"type":"Create","n":1`+strings.Repeat("0", 300_000))} {
		status, answer := s.do(eve.Request(s.inbox(), bytes.ReplaceAll(body, []byte("/notes/2"), fmt.Appendf(nil, "/notes/2%d", n))))
		s.answered(status, answer, http.StatusAccepted, http.StatusBadRequest)
	}
	s.settle()
	if troubles := s.dropJobs(); len(troubles) > 0 {
		s.Errorf("left behind: %q", troubles)
	}
}
