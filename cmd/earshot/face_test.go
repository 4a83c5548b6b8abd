package main

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"io"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"regexp"

	"github.com/rogpeppe/go-internal/testscript"

	"earshot/internal/api"
)

// lamp FILE writes a small picture.
func lamp(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: lamp FILE")
	}
	var file bytes.Buffer
	ts.Check(png.Encode(&file, image.NewGray(image.Rect(0, 0, 60, 40))))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), file.Bytes(), 0o600))
}

// logo LINK SECRET gives a desk a picture of 3 MB, through the console, which the link in
// a file welcomes an admin to, and through the API of the network with a token.
func logo(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: logo LINK SECRET")
	}
	noise := image.NewNRGBA(image.Rect(0, 0, 1000, 1000))
	random := rand.New(rand.NewPCG(1, 2))
	for n := range noise.Pix {
		noise.Pix[n] = byte(random.Uint32())
		if n%4 == 3 {
			noise.Pix[n] = 255
		}
	}
	var file bytes.Buffer
	ts.Check(png.Encode(&file, noise))
	if file.Len() < 3_000_000 {
		ts.Fatalf("the picture has only %d bytes", file.Len())
	}
	jar, err := cookiejar.New(nil)
	ts.Check(err)
	here, client := "http://127.0.0.1:"+ts.Getenv("PORT"), &http.Client{Jar: jar}
	send := func(method, path, kind string, body io.Reader) {
		r, err := http.NewRequest(method, here+path, body)
		ts.Check(err)
		r.Header.Set("Content-Type", kind)
		if kind == "application/json" {
			r.Header.Set("Authorization", "Bearer "+args[1])
		} else {
			r.Header.Set("Origin", here)
			r.Header.Set("Sec-Fetch-Site", "same-origin")
		}
		answer, err := client.Do(r)
		ts.Check(err)
		defer answer.Body.Close()
		said, err := io.ReadAll(answer.Body)
		ts.Check(err)
		if answer.StatusCode != http.StatusOK {
			ts.Fatalf("%s %s: %d %s", method, path, answer.StatusCode, said)
		}
	}
	link := regexp.MustCompile(`/console/welcome\?code=\S+`).FindString(ts.ReadFile(args[0]))
	send(http.MethodGet, link, "", nil)
	send(http.MethodPost, "/console/welcome", "application/x-www-form-urlencoded", bytes.NewReader([]byte(url.Values{"password": {"correct horse battery"}}.Encode())))
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, err := w.CreateFormFile("picture", "logo.png")
	ts.Check(err)
	_, err = part.Write(file.Bytes())
	ts.Check(err)
	ts.Check(w.WriteField("handle", "help"))
	ts.Check(w.WriteField("role", "icon"))
	ts.Check(w.Close())
	send(http.MethodPost, "/console/desks/picture", w.FormDataContentType(), &form)
	in, err := json.Marshal(api.NewPicture{Data: file.Bytes()})
	ts.Check(err)
	send(http.MethodPut, api.Root+"/desks/help/pictures/header", "application/json", bytes.NewReader(in))
}
