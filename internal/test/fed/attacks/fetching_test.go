package attacks

import (
	"bytes"
	"compress/gzip"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"

	"earshot/internal/safehttp"
	"earshot/internal/test/fed"
)

// fetching is classes 21 to 26: requests that attackers can make us send.
var fetching = []attack{
	{class: 21, name: "private_addresses", ids: "CVE-2024-39687 GHSA-p9cg-vqcc-grcx CVE-2025-25194 GHSA-7723-35v7-qcxw GHSA-r48c-xx2h-fv4g", strict: true,
		tried:   "keys on loopback addresses and names, at a listener that counts connections; names that change their address (`TestRebinding`)",
		defends: "internal/safehttp guard, on the address that is connected to", elsewhere: []string{"internal/safehttp.TestGuard", "internal/safehttp.TestStrictClientRefusesOwnMachine", "internal/safehttp.TestRebinding"}, run: privateAddresses},
	{class: 22, name: "forgotten_ranges", ids: "CVE-2026-33693 CVE-2026-46348 CVE-2026-47389 CVE-2026-22245 CVE-2026-50131 GHSA-vwhj-3g83-v276", strict: true,
		tried:   "keys on 0.0.0.0, ::, IPv4-mapped and IPv4-compatible, NAT64, 6to4, Teredo, CGNAT, link-local and reserved addresses",
		defends: "internal/safehttp guard: IANA's tables, of IPv6 only 2000::/3", elsewhere: []string{"internal/safehttp.TestGuard"}, run: forgottenRanges},
	{class: 23, name: "redirects", ids: "CVE-2026-77632 GHSA-cxc3-7q96-6cpx CVE-2026-34148 GHSA-gm9m-gwc4-hwgp",
		tried:   "endless redirects, one to a metadata service, one to another scheme, one to ourselves; a redirected POST",
		defends: "internal/safehttp: three, each checked and with a new signature, none of a POST", elsewhere: []string{"internal/safehttp.TestRedirectsThatAreRefused", "internal/safehttp.TestRedirectsAreFollowedAndSignedAfresh", "internal/safehttp.TestPostNeverFollows", "federation/resolve.TestSecondKnockKeepsTheRules", "internal/test/fed.TestSecondKnockAtARefusedAddress"}, run: redirects},
	{class: 24, name: "second_hop_addresses", ids: "CVE-2026-62857 CVE-2025-32948 CVE-2026-29178 CVE-2026-96624 CVE-2026-55103",
		tried:   "inbox, an inbox that redirects, shared inbox, avatar, attachments, links, icon, url and outbox at a metadata service and at a bystander",
		defends: "internal/safehttp for every fetch; the others are never fetched", run: secondHopAddresses},
	{class: 25, name: "endless_and_inflated_answers", ids: "CVE-2023-36461 CVE-2026-96623",
		tried:   "a post of 3 MiB, one that inflates to 64 MiB, one in an encoding that we did not accept; a key, an account and a NodeInfo that never end; a body without length that never ends",
		defends: "internal/safehttp: 1 MiB after decompression, one deadline for all", elsewhere: []string{"internal/safehttp.TestSlowDrip", "internal/safehttp.TestGzip"}, run: endlessAndInflatedAnswers},
	{class: 26, name: "certificates", ids: "CVE-2026-59825 GHSA-3rhr-8phh-jm86",
		tried:   "a server with an untrusted certificate, and a client that was told not to verify",
		defends: "internal/safehttp: a transport of its own", elsewhere: []string{"internal/safehttp.TestBadCertificate", "internal/safehttp.TestNoSharedState"}, run: certificates},
}

// knockWithKeyAt posts an activity signed with a key at base, and returns the answer.
func knockWithKeyAt(s *site, p *fed.Peer, base string) (int, string) {
	s.Helper()
	id := base + "/users/eve"
	return s.do(p.RequestAs(id+"#main-key", s.inbox(), encode(s.T, M{"id": id + "#1", "type": "Follow", "actor": id, "object": s.help()})))
}

func privateAddresses(s *site) {
	p := s.peer()
	var connections atomic.Int32
	l, err := net.Listen("tcp", "127.0.0.1:0")
	s.must(err)
	s.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			connections.Add(1)
			_ = c.Close()
		}
	}()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	s.unmoved(func() {
		for _, host := range []string{"127.0.0.1", "localhost", "127.1.2.3", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "0.0.0.0", "[::]", "127.0.0.1."} {
			status, answer := knockWithKeyAt(s, p, "https://"+host+":"+port)
			s.answered(status, answer, http.StatusUnauthorized)
		}
		for _, host := range []string{"127.0.0.1", "localhost"} { // http is not for others
			status, answer := knockWithKeyAt(s, p, "http://"+host+":"+port)
			s.answered(status, answer, http.StatusUnauthorized, http.StatusBadRequest)
		}
	})
	if n := connections.Load(); n != 0 {
		s.Errorf("%d connections reached the inside", n)
	}
}

func forgottenRanges(s *site) {
	p := s.peer()
	s.unmoved(func() {
		for _, host := range []string{
			"0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "169.254.169.254", "172.16.0.1", "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.0.1",
			"198.18.0.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
			"[::]", "[::1]", "[::ffff:10.0.0.1]", "[::ffff:169.254.169.254]", "[::10.0.0.1]", "[::127.0.0.1]", "[::169.254.169.254]", "[::7f00:1]", "[::a9fe:a9fe]", "[64:ff9b::a00:1]", "[64:ff9b:1::a00:1]", "[2002:a00:1::1]",
			"[2001:0:a00:1::1]", "[2001:db8::1]", "[fc00::1]", "[fe80::1]", "[fec0::1]", "[ff02::1]", "[100::1]", "[5f00::1]",
		} {
			status, answer := knockWithKeyAt(s, p, "https://"+host)
			if status != http.StatusUnauthorized || !strings.Contains(answer, safehttp.ErrForbiddenAddress.Error()) {
				s.Errorf("%s: answered %d %s", host, status, answer)
			}
		}
	})
}

func redirects(s *site) {
	eve, bystander := s.peer(), s.peer()
	s.report(eve, 1)
	to := func(path, location string) {
		eve.Handle(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", location)
			w.WriteHeader(http.StatusFound)
		})
	}
	to("/notes/loop", "/notes/loop")
	to("/notes/metadata", "http://169.254.169.254/latest/meta-data/")
	to("/notes/scheme", strings.Replace(bystander.URL, "http:", "https:", 1)+"/notes/1")
	to("/notes/file", "file:///etc/passwd")
	to("/notes/ours", s.url+"/desks/help")
	s.unmoved(func() {
		for _, n := range []string{"loop", "metadata", "scheme", "file", "ours"} {
			s.refused(eve, byID(s, eve, eve.URL+"/notes/"+n), http.StatusAccepted)
		}
	})
	s.onlyAsked(bystander)
	loops := 0
	for _, a := range eve.Asked() {
		if a == "GET /notes/loop" {
			loops++
		}
	}
	if loops != 4 {
		s.Errorf("a loop was followed for %d requests, want the first and three more", loops)
	}
	// A POST that is redirected goes nowhere.
	eve.Handle("/users/eve/inbox", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", bystander.URL+"/inbox")
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
	s.refused(eve, M{"id": eve.URL + "/follows/1", "type": "Follow", "actor": string(eve.Actor), "object": s.help()}, http.StatusAccepted)
	s.settle()
	s.asked(bystander)
	s.asked(eve, "POST /users/eve/inbox")
	if troubles := s.dropJobs(); len(troubles) != 1 || !strings.Contains(troubles[0], "307") {
		s.Errorf("of the delivery is said %q", troubles)
	}
}

func secondHopAddresses(s *site) {
	eve, bystander := s.peer(), s.peer()
	inside := "http://169.254.169.254"
	eve.Person("eve", M{"icon": M{"type": "Image", "url": bystander.URL + "/avatar.png"}, "image": M{"type": "Image", "url": inside + "/header"},
		"url": bystander.URL + "/profile", "outbox": bystander.URL + "/outbox", "followers": bystander.URL + "/followers", "featured": inside + "/featured"})
	issue, _ := s.report(eve, 1, func(n M) {
		n["attachment"] = []M{{"type": "Image", "mediaType": "image/png", "url": bystander.URL + "/a.png"}, {"type": "Video", "url": inside + "/v.m3u8"}}
		n["url"], n["replies"], n["likes"], n["generator"] = bystander.URL+"/note", bystander.URL+"/replies", inside+"/likes", bystander.URL+"/app"
		n["content"] = `<p>x <img src="` + bystander.URL + `/i.png"> <a href="` + bystander.URL + `/card">y</a></p>`
		n["preview"] = M{"type": "Link", "href": bystander.URL + "/preview"}
	})
	_, err := s.client.Issue(s.Context(), issue.ID)
	s.must(err)
	s.asked(bystander)
	// An inbox on the inside is not delivered to.
	mole := eve.Person("mole", M{"inbox": inside + "/latest/meta-data/", "endpoints": M{"sharedInbox": inside + "/shared"}})
	status, answer := s.sendAs(eve, mole, M{"id": eve.URL + "/follows/2", "type": "Follow", "actor": string(mole), "object": s.help()})
	s.answered(status, answer, http.StatusAccepted)
	s.settle()
	if troubles := s.dropJobs(); len(troubles) != 1 || !strings.Contains(troubles[0], safehttp.ErrForbiddenAddress.Error()) {
		s.Errorf("of the delivery is said %q", troubles)
	}
	inboxesThatLeadInside(s, eve)
	// There is nothing here that fetches for others.
	for _, path := range []string{"/proxy?url=", "/media?url=", "/api/v1/image_proxy?url=", "/.well-known/webfinger?resource="} {
		r, err := http.NewRequest(http.MethodGet, s.url+path+bystander.URL+"/x", nil)
		s.must(err)
		if status, answer := s.do(r); status/100 == 2 {
			s.Errorf("GET %s: %d %.100s", path, status, answer)
		}
	}
	s.asked(bystander)
}

// inboxesThatLeadInside has activities delivered to inboxes that are public, as
// far as their address says, and whose answers lead inside.
func inboxesThatLeadInside(s *site, eve *fed.Peer) {
	for n, location := range []string{"http://169.254.169.254/latest/meta-data/", "http://[::ffff:169.254.169.254]/", "file:///etc/passwd"} {
		path := fmt.Sprint("/leads/", n)
		eve.Handle(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", location)
			w.WriteHeader(http.StatusTemporaryRedirect)
		})
		who := eve.Person(fmt.Sprint("guide", n), M{"inbox": eve.URL + path})
		follow := M{"id": fmt.Sprint(eve.URL, "/follows/lead/", n), "type": "Follow", "actor": string(who), "object": s.help()}
		status, answer := s.sendAs(eve, who, follow)
		s.answered(status, answer, http.StatusAccepted)
		defer s.sendAs(eve, who, M{"id": fmt.Sprint(eve.URL, "/undone/", n), "type": "Undo", "actor": string(who), "object": follow})
	}
	s.settle()
	troubles := s.dropJobs()
	if len(troubles) != 3 {
		s.Errorf("of three deliveries is said %q", troubles)
	}
	for _, trouble := range troubles {
		if !strings.Contains(trouble, "307") {
			s.Errorf("a redirect of a delivery: %q", trouble)
		}
	}
}

func endlessAndInflatedAnswers(s *site) {
	eve := s.peer()
	s.report(eve, 1)
	var bomb bytes.Buffer
	z, err := gzip.NewWriterLevel(&bomb, gzip.BestCompression)
	s.must(err)
	note := encode(s.T, eve.Note(2, s.actor(), "<p>x</p>"))
	_, err = z.Write(note[:len(note)-1])
	s.must(err)
	_, err = z.Write([]byte(`,"x":"`))
	s.must(err)
	_, err = io.CopyN(z, zeros{}, 64<<20)
	s.must(err)
	s.must(z.Close())
	serve := func(path, encoding string, body []byte) {
		eve.Handle(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/activity+json")
			if encoding != "" {
				w.Header().Set("Content-Encoding", encoding)
			}
			_, _ = w.Write(body)
		})
	}
	big := eve.Note(3, s.actor(), strings.Repeat("large ", 1<<19))
	serve("/notes/3", "", encode(s.T, big))
	serve("/notes/2", "gzip", bomb.Bytes())
	serve("/notes/4", "br", note)
	s.unmoved(func() {
		for n := 2; n <= 4; n++ {
			s.refused(eve, byID(s, eve, fmt.Sprintf("%s/notes/%d", eve.URL, n)), http.StatusAccepted)
		}
	})
	s.onlyAsked(eve, "GET /notes/2", "GET /notes/3", "GET /notes/4")
	if troubles := s.dropJobs(); len(troubles) > 0 {
		s.Errorf("left behind: %q", troubles)
	}
	documentsWithoutEnd(s)
}

// documentsWithoutEnd sends as much as is read, and counts it.
func documentsWithoutEnd(s *site) {
	eve, good := s.peer(), s.peer()
	var most atomic.Int64
	endless := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/activity+json")
		_, _ = io.WriteString(w, `{"x":"`)
		n, _ := io.Copy(w, zeros{})
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
	}
	for _, path := range []string{"/keys/1", "/.well-known/webfinger", "/.well-known/nodeinfo", "/api/v2/instance", "/api/v1/instance"} {
		eve.Handle(path, endless)
	}
	s.unmoved(func() {
		status, answer := s.do(eve.RequestAs(eve.URL+"/keys/1", s.inbox(), encode(s.T, eve.Create(eve.Note(9, s.actor(), "<p>x</p>")))))
		s.answered(status, answer, http.StatusUnauthorized)
		r := eve.Request(s.inbox(), []byte("{}"))
		r.Body, r.ContentLength = io.NopCloser(io.LimitReader(zeros{}, 64<<20)), -1
		r.Header.Del("Digest")
		s.bodyRefused(r)
	})
	s.report(eve, 1) // its account and its NodeInfo are asked for, and count for nothing
	s.report(good, 1)
	if n := most.Load(); n == 0 || n > 16<<20 {
		s.Errorf("%d bytes of an answer went out", n)
	}
	s.dropJobs()
}

// bodyRefused sends a request whose body is too long: it is answered with 413, or
// its connection is closed.
func (s *site) bodyRefused(r *http.Request) {
	s.Helper()
	r.Host = r.URL.Host
	r.URL.Scheme, r.URL.Host = "http", s.door
	r.Header.Set("X-Forwarded-For", s.from)
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return
	}
	_ = res.Body.Close()
	s.answered(res.StatusCode, "", http.StatusRequestEntityTooLarge)
}

// zeros reads as the digit 0 for ever.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = '0'
	}
	return len(b), nil
}

func certificates(s *site) {
	var asked atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	server.Config.ErrorLog = quiet()
	server.StartTLS()
	s.Cleanup(server.Close)
	for _, config := range []*safehttp.Client{safehttp.New(safehttp.Options{AllowPrivate: true}), safehttp.New(safehttp.Options{AllowPrivate: true, TLS: insecure()})} {
		_, err := config.Get(s.Context(), server.URL, nil)
		if _, ok := errors.AsType[x509.UnknownAuthorityError](err); !ok {
			s.Errorf("a certificate of nobody: %v", err)
		}
		_, err = config.Post(s.Context(), server.URL+"/inbox", []byte("{}"), nil)
		if _, ok := errors.AsType[x509.UnknownAuthorityError](err); !ok {
			s.Errorf("a certificate of nobody: %v", err)
		}
		config.CloseIdle()
	}
	if asked.Load() != 0 {
		s.Error("it was asked all the same")
	}
	// And the built program does not ask it either.
	status, answer := knockWithKeyAt(s, s.peer(), server.URL)
	s.answered(status, answer, http.StatusUnauthorized, http.StatusAccepted)
	if asked.Load() != 0 {
		s.Error("the program asked it")
	}
}
