package as

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"earshot/internal/desk"
)

func TestAnswers(t *testing.T) {
	var many []string
	for n := range 20 {
		many = append(many, fmt.Sprintf(`"https://m.example/%d"`, n))
	}
	for _, tc := range []struct {
		name, replies string
		want          []desk.ObjectID
		count         int
	}{
		{"none", `null`, nil, 0},
		{"only the address", `"https://m.example/1/replies"`, nil, 0},
		{"an empty page", `{"type":"Collection","first":{"type":"CollectionPage","items":[]}}`, nil, 0},
		{"a page that is apart", `{"type":"Collection","first":"https://m.example/1/replies?page=1"}`, nil, 0},
		{"ids", `{"type":"Collection","first":{"type":"CollectionPage","items":["https://m.example/2","no id",7]}}`, []desk.ObjectID{"https://m.example/2"}, 1},
		{"posts", `{"type":"OrderedCollection","orderedItems":[{"type":"Note","id":"https://m.example/2"}]}`, []desk.ObjectID{"https://m.example/2"}, 1},
		{"many", `{"first":{"items":[` + strings.Join(many, ",") + `]}}`, nil, MaxAnswers},
	} {
		o, err := ParseObject([]byte(`{"id":"https://m.example/1","type":"Note","replies":` + tc.replies + `}`))
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		if len(o.Answers) != tc.count || tc.want != nil && !slices.Equal(o.Answers, tc.want) {
			t.Errorf("%s: %q", tc.name, o.Answers)
		}
	}
}
