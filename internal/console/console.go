package console

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/gorilla/mux"

	"earshot/internal/app"
	"earshot/internal/auth"
	"earshot/internal/desk"
	"earshot/internal/doctor"
	"earshot/internal/drop"
	"earshot/internal/live"
	"earshot/internal/locale"
	"earshot/internal/picture/proxy"
	"earshot/internal/templates"
)

// Root is the path everything is below.
const Root = "/console"

// Deps are the parts that the console needs.
type Deps struct {
	App      *app.App
	Site     desk.Site
	Log      *slog.Logger
	Accounts *auth.Accounts
	Live     *live.Hub // nil: nothing is told as it happens
	Drops    *drop.Log // what was not kept; nil: nothing was counted
	// Proxy returns a proxy that requests come through and that trusted_proxies does
	// not name, or "", and whether it names the clients; nil: it is not known.
	Proxy func() (address string, names bool)
	// Doctor makes the named checks of the instance, or all; nil: there is no page for them.
	Doctor func(ctx context.Context, checks ...string) doctor.Report
	// Pictures gives the pictures of other people; nil: they are links.
	Pictures *proxy.Proxy
}

// Console is the agents' pages.
type Console struct {
	app      *app.App
	site     desk.Site
	log      *slog.Logger
	accounts *auth.Accounts
	live     *live.Hub
	dropped  *drop.Log
	proxy    func() (address string, names bool)
	speech   *locale.Catalogue
	pages    templates.Set[page]
	assets   assets
	crowds   crowds
	pictures *proxy.Proxy
	doctor   func(ctx context.Context, checks ...string) doctor.Report
	checkup  checkup
	router   *mux.Router // a refused form asks it for its page
}

// New reads the assets and the languages; a mistake in one shows here.
func New(d Deps) (*Console, error) {
	c := &Console{app: d.App, site: d.Site, log: d.Log, accounts: d.Accounts, live: d.Live, dropped: d.Drops, proxy: d.Proxy, pictures: d.Pictures, doctor: d.Doctor}
	var err error
	if c.assets, err = loadAssets(); err != nil {
		return nil, err
	}
	if c.speech, err = locale.Load(); err != nil {
		return nil, err
	}
	c.pages = pagesOf(c.speech, "issues", "broadcasts", "phrases", "desks", "desk", "sources", "silence", "quarantine", "flags", "queue", "drops", "people", "person", "audit", "you", "signin", "welcome", "error", "link", "incidents", "incident", "incident_new", "incident_choose", "several_reply", "incident_voices", "incident_told", "suggestions", "pile", "webhooks", "notify", "setup", "today")
	return c, nil
}

// action handles a request of a signed-in agent.
type action func(*visit) error

// Handler answers everything below Root.
func (c *Console) Handler() http.Handler {
	c.router = c.routes()
	return auth.Protect(c.router, http.HandlerFunc(c.foreign))
}

func (c *Console) routes() *mux.Router {
	r := mux.NewRouter().SkipClean(true)
	on := func(method, path string, h http.Handler) { r.Path(Root + path).Methods(method).Handler(h) }
	open := func(method, path string, h http.HandlerFunc) { on(method, path, h) }
	get := func(path string, p action) { on(http.MethodGet, path, c.signedIn(p)) }
	post := func(path string, p action) { on(http.MethodPost, path, c.signedIn(p)) }

	open(http.MethodGet, "/static/{file}", c.static)
	open(http.MethodGet, workerPath, c.worker)
	open(http.MethodGet, "/manifest.webmanifest", c.manifest)
	open(http.MethodGet, "/sign-in", c.signIn)
	open(http.MethodPost, "/sign-in", c.enter)
	open(http.MethodGet, "/sign-in/openid", c.toProvider)
	open(http.MethodGet, "/sign-in/openid/answer", c.fromProvider)
	open(http.MethodPost, "/sign-in/passkey/begin", c.beginPasskeySignIn)
	open(http.MethodPost, "/sign-in/passkey", c.passkeySignIn)
	open(http.MethodGet, "/welcome", c.welcome)
	open(http.MethodPost, "/welcome", c.settle)
	open(http.MethodPost, "/welcome/passkey/begin", c.beginPasskeyWelcome)
	open(http.MethodPost, "/welcome/passkey", c.passkeyWelcome)

	get("", c.home)
	get("/", c.home)
	open(http.MethodGet, "/icon/{file}", c.icon)
	get("/counts", c.showCounts)
	get("/issues", c.issues)
	get("/issues/{id}", c.issue)
	get("/issues/{id}/page", c.issue)
	post("/issues/{id}/page", c.page)
	post("/issues/{id}/say", c.say)
	post("/issues/{id}/preview", c.preview)
	post("/issues/{id}/phrase", c.insertPhrase)
	post("/issues/{id}/remarks", c.addRemark)
	post("/issues/{id}/remarks/remove", c.removeRemark)
	post("/issues/{id}/status", c.status)
	post("/issues/{id}/assign", c.assign)
	post("/issues/{id}/snooze", c.snooze)
	post("/issues/{id}/wake", c.wake)
	post("/issues/{id}/undo", c.undo)
	post("/issues/{id}/undo-change", c.undoChange)
	post("/issues/{id}/seen", c.markSeen)
	post("/issues/{id}/presence", c.attend)
	post("/issues/{id}/split", c.split)
	post("/issues/{id}/merge", c.merge)
	post("/issues/{id}/move", c.move)
	post("/several", c.several)
	post("/several/undo", c.undoSeveral)
	post("/several/reply", c.replyToSeveral)
	post("/several/phrase", c.severalPhrase)
	post("/views", c.saveView)
	post("/views/change", c.changeView)
	get("/issues/{id}/link", c.chooseLink)
	post("/issues/{id}/link", c.link)
	get("/pictures/{post}/{at:[0-9]{1,3}}", c.showPicture)
	get("/faces", c.showFace)
	get(filesPath+"/{file}", c.showFile)
	post(filesPath, c.attach)
	post(filesPath+"/remove", c.detach)
	post("/drafts", c.keepDraft)
	post("/drafts/discard", c.discardDraft)
	post("/posts/edit", c.edit)
	post("/posts/retract", c.retract)
	post("/posts/release", c.release)
	post("/posts/return", c.sendBack)

	get("/today", c.today)
	get("/piles/{id}", c.pile)
	post("/piles/{id}", c.actOnPile)

	get("/incidents", c.incidents)
	get("/incidents/new", c.newIncident)
	post("/incidents/new", c.openIncident)
	get("/incidents/choose", c.chooseIncident)
	get("/several/reply", c.severalReply)
	post("/incidents/choose", c.linkChosen)
	get("/incidents/suggestions", c.suggestions)
	post("/incidents/suggestions", c.dismissSuggestion)
	get("/incidents/{id}", c.incident)
	post("/incidents/{id}/words", c.fillWords)
	post("/incidents/{id}/say", allowed(desk.ScopePublish, c.updateIncident))
	post("/incidents/{id}/publish", allowed(desk.ScopePublish, c.publishIncident))
	post("/incidents/{id}/discard", c.discardIncident)
	post("/incidents/{id}/undo", allowed(desk.ScopePublish, c.undoIncidentPost))
	post("/incidents/{id}/edit", c.editIncident)
	get("/incidents/{id}/voices", c.chooseVoices)
	get("/incidents/{id}/told", c.told)
	post("/incidents/{id}/tell", allowed(desk.ScopePublish, c.tellVoices))
	post("/incidents/{id}/hold", allowed(desk.ScopePublish, c.holdRound))
	post("/incidents/{id}/retry", allowed(desk.ScopePublish, c.retryVoices))
	post("/incidents/{id}/learned", c.learnFromIncident)
	post("/incidents/{id}/postmortem", allowed(desk.ScopePublish, c.postmortem))
	post("/incidents/{id}/link", c.linkVoices)
	post("/incidents/{id}/unlink", c.unlinkVoices)

	get("/phrases", allowed(desk.ScopePublish, c.phrases))
	post("/phrases", allowed(desk.ScopePublish, c.savePhrase))
	post("/phrases/remove", allowed(desk.ScopePublish, c.removePhrase))

	get("/broadcasts", c.broadcasts)
	post("/broadcasts", allowed(desk.ScopePublish, c.broadcast))
	post("/broadcasts/preview", allowed(desk.ScopePublish, c.previewBroadcast))
	post("/broadcasts/undo", allowed(desk.ScopePublish, c.undoBroadcast))

	own := destinations{c, "/notify", true}
	get("/notify", own.show)
	post("/notify", own.add)
	post("/notify/act", own.act)
	get("/you", c.you)
	post("/you/language", c.chooseLanguage)
	post("/you/zone", c.chooseZone)
	post("/you/password", c.changePassword)
	post("/you/passkeys/begin", c.beginPasskey)
	post("/you/passkeys", c.addPasskey)
	post("/you/credentials/remove", c.removeCredential)
	post("/you/sessions/end", c.endSession)
	post("/you/tokens", c.addToken)
	post("/you/tokens/end", c.endToken)
	post("/sign-out", c.signOut)

	// Running the instance: for admins.
	admin := func(path string, p action) { get(path, allowed(desk.ScopeAdmin, p)) }
	does := func(path string, p action) { post(path, allowed(desk.ScopeAdmin, p)) }
	admin("/desks", c.desks)
	admin("/desks/{handle}", c.desk)
	does("/desks", c.addDesk)
	does("/desks/edit", c.editDesk)
	does("/desks/face", c.editFace)
	does("/desks/links", c.proveLinks)
	does(picturePath, c.setPicture)
	does(picturePath+"/remove", c.removePicture)
	does("/desks/rota", c.setRota)
	does("/desks/alias", c.addAlias)
	does("/desks/unalias", c.removeAlias)
	does("/desks/keys", c.rotateKey)
	admin("/sources", c.sources)
	does("/sources", c.addSource)
	does("/sources/suggestions", c.askSuggestions)
	does("/sources/check", c.checkSource)
	does("/sources/remove", c.removeSource)
	admin("/silence", c.silence)
	does("/silence/block", c.addBlock)
	does("/silence/unblock", c.removeBlock)
	does("/silence/import", c.importBlocks)
	admin("/silence/domain_blocks.csv", c.exportBlocks)
	does("/silence/optout", c.addOptOut)
	does("/silence/release", c.removeOptOut)
	get("/quarantine", c.quarantine)
	does("/quarantine/release", c.releaseQuarantine)
	does("/quarantine/drop", c.dropQuarantine)
	admin("/flags", c.flags)
	does("/flags/remove", c.removeFlag)
	admin("/queue", c.queue)
	admin("/drops", c.drops)
	does("/queue/retry", c.retryJob)
	does("/queue/drop", c.dropJob)
	hooks := destinations{c, "/webhooks", false}
	admin("/webhooks", hooks.show)
	does("/webhooks", hooks.add)
	does("/webhooks/act", hooks.act)
	admin("/people", c.people)
	does("/people", c.addPerson)
	does("/people/edit", c.editPerson)
	does("/people/link", c.linkPerson)
	admin("/people/{email}", c.person)
	does("/people/{email}/credentials/remove", c.removeCredential)
	does("/people/{email}/sessions/end", c.endSession)
	does("/people/{email}/sessions/end-all", c.endSessions)
	does("/people/{email}/tokens", c.addToken)
	does("/people/{email}/tokens/end", c.endToken)
	admin("/audit", c.audit)
	if c.doctor != nil {
		admin("/setup", c.setup)
		does("/setup/check", c.makeCheck)
		does("/setup/away", c.putAway)
	}

	r.NotFoundHandler = c.signedIn(func(v *visit) error { return desk.NotFound("page_not_found", "there is no page %s", v.URL.Path) })
	r.MethodNotAllowedHandler = r.NotFoundHandler
	return r
}

// foreign answers a form that another site sent.
func (c *Console) foreign(w http.ResponseWriter, r *http.Request) {
	err := desk.Forbidden("other_site", "this was sent by a page of another site, so nothing was done. Go to the console and do it there")
	c.outside(w, r, http.StatusForbidden, "error", c.speaks(r).T("console_error.403"), failureOf(c.speaks(r), err))
}
