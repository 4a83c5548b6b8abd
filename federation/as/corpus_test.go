package as

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// refused lists the corpus files that are refused by design, and why.
var refused = map[string]string{
	"pleroma/question_attachment.json":           "duplicate keys",
	"pleroma/c2s_create.json":                    "a client's Create, without id and actor",
	"synthetic/create_object_without_id.json":    "Create of an object without id",
	"synthetic/attack_attributedto_numeric.json": "attributedTo is no id (CVE-2026-58593)",
	"synthetic/not_activitypub.json":             "no id",
	"fedify/object_wrong_type.json":              "no id",
	"gotosocial/note_interaction_policy.json":    "no id",
	"gnusocial/lemmyassets-like_note.json":       "underscore in the host name",
	"vernissage/flag_many_objects.json":          "escaped twice, so no id is a URL",
}

// corpusDir finds the payloads of other servers, which are not part of this
// repository.
func corpusDir(t testing.TB) string {
	dir := os.Getenv("EARSHOT_CORPUS")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "corpus")
	}
	if _, err := os.Stat(filepath.Join(dir, "INDEX.tsv")); err != nil {
		t.Skip("no corpus; set EARSHOT_CORPUS to its directory")
	}
	return dir
}

func TestCorpus(t *testing.T) {
	dir := corpusDir(t)
	f, err := os.Open(filepath.Join(dir, "INDEX.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = '\t', true, -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, row := range rows[1:] {
		name, kind := row[0], row[2]
		if !strings.HasSuffix(name, ".json") {
			continue
		}
		raw, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil || !json.Valid(raw) {
			continue
		}
		parse := parserFor(kind)
		if parse == nil {
			continue
		}
		seen++
		t.Run(name, func(t *testing.T) {
			err := parse(raw)
			if why, ok := refused[name]; ok && err == nil {
				t.Errorf("accepted, but it is to be refused: %s", why)
			} else if !ok && err != nil {
				t.Errorf("%s: %v", kind, err)
			}
		})
	}
	if seen < 150 {
		t.Errorf("only %d files had a parser", seen)
	}
}

func parserFor(kind string) func([]byte) error {
	name, _, wrapped := strings.Cut(kind, "(")
	switch {
	case strings.Contains(kind, "context") || strings.HasPrefix(kind, "NodeInfo") || kind == "WebFinger":
		return nil
	case actorTypes[Type(kind)]:
		return func(raw []byte) error {
			if _, err := ParseActor(raw); err != nil {
				return err
			}
			_, err := ParseObject(raw)
			return err
		}
	case kind == "CryptographicKey":
		return func(raw []byte) error { _, _, err := ParseKeyDocument(raw); return err }
	case strings.Contains(name, "Collection"):
		return func(raw []byte) error { _, err := ParseCollection(raw); return err }
	case wrapped && kind != "LikeApproval(IRI)" && kind != "ReplyApproval(IRI)":
		return func(raw []byte) error { _, err := ParseActivity(raw); return err }
	default:
		return func(raw []byte) error { _, err := ParseObject(raw); return err }
	}
}
