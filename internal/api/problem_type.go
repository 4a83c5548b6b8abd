package api

import (
	_ "embed"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"

	"github.com/gorilla/mux"

	"earshot/internal/desk"
)

// ProblemType says what a type of problem means: the page behind the address in
// Problem.Type (RFC 9457 §3.1.1).
type ProblemType struct {
	Type      string    `json:"type"`
	ID        string    `json:"id"`
	Code      desk.Code `json:"code"`
	Title     string    `json:"title"`
	Status    int       `json:"status"`
	Detail    string    `json:"detail"`    // with {1}, {2}, … for the arguments
	Arguments []string  `json:"arguments"` // what each stands for: text or number
	Advice    string    `json:"advice"`    // what a client can do, by the code
}

// problemTable has an error a line: its id, its code and its format. A test in
// internal/test/arch compares it with the errors of the source, and writes it.
//
//go:embed problems.txt
var problemTable string

var problemTypes = sync.OnceValue(func() map[string]ProblemType {
	out := map[string]ProblemType{}
	for line := range strings.Lines(problemTable) {
		id, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		code, format, _ := strings.Cut(rest, "\t")
		out[id] = problemType(id, desk.Code(code), format)
	}
	return out
})

// verbs are the places of a format.
var verbs = regexp.MustCompile(`%[-+# 0-9.]*[a-zA-Z]`)

func problemType(id string, code desk.Code, format string) ProblemType {
	status := statusOfError(id, code)
	t := ProblemType{Type: problemRoot + id, ID: id, Code: code, Title: http.StatusText(status), Status: status, Arguments: []string{}, Advice: advice[code]}
	t.Detail = verbs.ReplaceAllStringFunc(format, func(verb string) string {
		kind := "text"
		if strings.HasSuffix(verb, "d") {
			kind = "number"
		}
		t.Arguments = append(t.Arguments, kind)
		return fmt.Sprintf("{%d}", len(t.Arguments))
	})
	return t
}

// advice says what a client can do about an error of a code.
var advice = map[desk.Code]string{
	desk.CodeInvalid:         "Correct the request: sent again as it is, it gets the same answer.",
	desk.CodeNotFound:        "Check the id or the address: it may be misspelt, or removed in the meantime.",
	desk.CodeConflict:        "Read the current state, then decide again: the request is right, but not in this state.",
	desk.CodeStale:           "Read what came since, then decide again, with its id in If-Match.",
	desk.CodeReused:          "Send it under a new key, if both requests are meant.",
	desk.CodeForbidden:       "Do not send it again: the manners, a block, or the rights of the agent or token forbid it.",
	desk.CodeUnauthenticated: "Sign in, or send a valid token.",
	desk.CodeRateLimited:     "Wait as long as Retry-After says, then try again.",
	desk.CodeUnavailable:     "Wait as long as Retry-After says, then try again.",
	desk.CodeInternal:        "Tell the people who run the instance, with the request_id of the answer: the log has the details.",
}

func (h *handler) showProblem(r *request) (response, error) {
	id := mux.Vars(r.Request)["problem"]
	t, ok := problemTypes()[id]
	if !ok {
		return response{}, desk.NotFound("problem_not_found", "there is no type of problem %q", id)
	}
	return response{body: t}, nil
}
