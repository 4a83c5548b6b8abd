package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// A picture is uploaded, then named by the reply that shows it, and by its edits.
func TestFilesOfAReply(t *testing.T) {
	f := newFixture(t)
	issue := string(f.report(t, 1, "down"))
	ask := func(method, path, body string, want int, holds string) string {
		t.Helper()
		w := f.do(method, Root+path, body, nil)
		if w.Code != want || !strings.Contains(w.Body.String(), holds) {
			t.Errorf("%s %s: %d %s", method, path, w.Code, w.Body)
		}
		return w.Body.String()
	}
	upload := func() string {
		t.Helper()
		var u Upload
		if err := json.Unmarshal([]byte(ask("POST", "/files", `{"data":"`+tinyPicture+`"}`, http.StatusCreated, `"type":"image/png","width":48,"height":48`)), &u); err != nil {
			t.Fatal(err)
		}
		return string(u.ID)
	}
	ask("POST", "/files", `{"data":"PHN2Zz4="}`, http.StatusBadRequest, "picture_type")
	ask("POST", "/files", `{"data":"`+strings.Repeat("A", maxUpload)+`"}`, http.StatusRequestEntityTooLarge, "")
	gone, shown := upload(), upload()
	ask("DELETE", "/files/"+gone, "", http.StatusNoContent, "")
	ask("DELETE", "/files/"+gone, "", http.StatusNotFound, "file_not_found")
	reply := fmt.Sprintf(`{"text":"This one","files":[{"id":%q,"alt":"a red light"}]}`, shown)
	ask("POST", "/issues/"+issue+"/reply", strings.Replace(reply, shown, gone, 1), http.StatusNotFound, "file_not_found")
	var p Post
	if err := json.Unmarshal([]byte(ask("POST", "/issues/"+issue+"/reply", reply, http.StatusCreated, `"alt":"a red light"`)), &p); err != nil {
		t.Fatal(err)
	}
	ask("PATCH", "/posts/"+string(p.ID), fmt.Sprintf(`{"text":"This one","files":[{"id":%q,"alt":"the third light"}]}`, shown), http.StatusOK, `"alt":"the third light"`)
	ask("PATCH", "/posts/"+string(p.ID), `{"text":"That one"}`, http.StatusOK, `"alt":"the third light"`)
	ask("GET", "/issues/"+issue, "", http.StatusOK, `"file":"`+shown+`","width":48,"height":48`)
	ask("PATCH", "/posts/"+string(p.ID), `{"text":"That one","files":[]}`, http.StatusOK, `"attachments":[]`)
}
