package main

import (
	"bytes"
	"encoding/json"
	"html"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
	"github.com/handoff-oss/handoff/shared/web"
	"github.com/handoff-oss/handoff/shared/web/webtest"
)

// monday is a Monday, 10:00 in New York, where the default policy's office is.
var monday = time.Date(2026, 5, 18, 14, 0, 0, 0, time.UTC)

// office is the function over a table, under the default policy with a second
// pool in which dana is.
type office struct {
	*handler
	webtest.Client
}

func open(t *testing.T) office {
	t.Helper()
	client, name := dynamotest.CreateTable(t)
	store := table.New(client, name)
	text := strings.Replace(string(policy.Default()), "\n  pools:\n", `
  pools:
    field:
      manager: {name: Fay Moss, email: fay@our-company.example}
      reps:
        - {id: dana, name: Dana Field, email: dana@our-company.example}
`, 1)
	if err := store.PutPolicy(t.Context(), "p-people", []byte(text), monday); err != nil {
		t.Fatal(err)
	}
	pages, err := web.Pages(templates, "*.html")
	if err != nil {
		t.Fatal(err)
	}
	logs := new(bytes.Buffer)
	h := &handler{table: store, maker: decision.New(store, rules.NewLoader(store.Policy))}
	h.site = &web.Site{Routes: h.routes(), Pages: pages, Clock: clock.Fixed(monday), Log: slog.New(slog.NewJSONHandler(logs, nil))}
	return office{h, webtest.Client{TB: t, Site: h.site, Logs: logs}}
}

func operator() access.Person { return webtest.Somebody(access.Operator) }

// manager manages the pool sales alone.
func manager() access.Person {
	p := webtest.Somebody(access.Manager)
	p.Pools = []string{"sales"}
	return p
}

func rep(id string) access.Person {
	p := webtest.Somebody(access.Rep)
	p.Rep = id
	return p
}

func (o office) roster() routing.Roster {
	o.TB.Helper()
	r, err := o.table.Roster(o.TB.Context())
	if err != nil {
		o.TB.Fatal(err)
	}
	return r
}

// asks lets somebody ask for a demo, as forms and decide do.
func (o office) asks(name string) *lead.Lead {
	o.TB.Helper()
	s := signal.Signal{
		Source: "typeform", ID: "e-" + name, Type: signal.FormSubmitted, OccurredAt: monday, ReceivedAt: monday,
		Identity: signal.Identity{Email: name + "@" + name + "-works.example"}, Lead: map[string]string{"first_name": name, "company": name + " Works"},
		Attributes: map[string]string{"form": "Request a demo"},
	}
	k, err := s.LeadKey()
	if err != nil {
		o.TB.Fatal(err)
	}
	if _, err := o.table.PutSignal(o.TB.Context(), s); err != nil {
		o.TB.Fatal(err)
	}
	return o.decide(k, s)
}

// decide lets decide take in the signals of a lead.
func (o office) decide(k signal.LeadKey, signals ...signal.Signal) *lead.Lead {
	o.TB.Helper()
	if _, err := o.maker.Apply(o.TB.Context(), k, signals, monday); err != nil {
		o.TB.Fatal(err)
	}
	l, err := o.table.Lead(o.TB.Context(), k)
	if err != nil {
		o.TB.Fatal(err)
	}
	return l
}

// confirm returns the fields of the form on a page that leads to an address, as
// a browser would send them.
func confirm(t *testing.T, page, action string) url.Values {
	t.Helper()
	form := regexp.MustCompile(`(?s)<form method="post" action="` + regexp.QuoteMeta(action) + `">(.*?)</form>`).FindStringSubmatch(page)
	if form == nil {
		t.Fatalf("no form leads to %s", action)
	}
	values := url.Values{}
	for _, input := range regexp.MustCompile(`<input [^>]*>`).FindAllString(form[1], -1) {
		attribute := func(name string) string {
			m := regexp.MustCompile(name + `="([^"]*)"`).FindStringSubmatch(input)
			if m == nil {
				return ""
			}
			return html.UnescapeString(m[1])
		}
		if attribute("type") != "checkbox" || strings.Contains(input, " checked") {
			values.Add(attribute("name"), attribute("value"))
		}
	}
	return values
}

func TestASickDayTakesTwoClicks(t *testing.T) {
	o := open(t)
	kim := manager()
	mine := []*lead.Lead{o.asks("ada"), o.asks("ben"), o.asks("cid"), o.asks("dee")}
	sick := mine[0].Journey.Handoff.Rep
	list := o.Get(kim, "/people", http.StatusOK).Body
	webtest.Says(t, list, "Alex", "on duty", "09:00-", "New_York")
	if !strings.Contains(list, `href="/people/`+sick+`/leave"`) {
		t.Fatalf("the list has no Sick today for %s", sick)
	}
	preview := o.Get(kim, "/people/"+sick+"/leave", http.StatusOK).Body
	webtest.Says(t, preview, "is away today", "ada, ada Works", "Hand the open leads over")
	if o.roster().Version != 0 {
		t.Fatal("a look has written")
	}
	sent := confirm(t, preview, "/people/"+sick+"/leave")
	if sent.Get("hand_over") == "" || sent.Get("from") != "2026-05-18" || sent.Get("to") != "2026-05-18" || sent.Get("reason") != "sick" {
		t.Errorf("the form holds %v", sent)
	}
	to := o.Send(webtest.Form(t, "/people/"+sick+"/leave", kim, sent), http.StatusSeeOther).Headers["Location"]
	webtest.Says(t, o.Get(kim, to, http.StatusOK).Body, "The leave is entered.", "handed over", "2026-05-18 (sick)", "Kim Sato")
	if got := o.roster().Reps[sick]; len(got.Leave) != 1 || got.By != "Kim Sato" {
		t.Errorf("%+v", got)
	}
	for _, l := range mine {
		if l.Journey.Handoff.Rep != sick {
			continue
		}
		all, err := o.table.Signals(t.Context(), l.Key)
		if err != nil {
			t.Fatal(err)
		}
		if now := o.decide(l.Key, all...); now.Journey.Handoff.Rep == sick {
			t.Errorf("lead %s is still with %s", l.Key, sick)
		}
	}
	again := o.Get(kim, "/people/"+sick+"/leave", http.StatusOK).Body
	webtest.Says(t, again, "entered already", "holds no open lead")
	o.Send(webtest.Form(t, "/people/"+sick+"/leave", kim, sent), http.StatusSeeOther)
	if got := o.roster(); got.Version != 1 {
		t.Errorf("confirmed twice makes version %d", got.Version)
	}
}

func TestLeaveOfOtherDays(t *testing.T) {
	o := open(t)
	l := o.asks("ada")
	who := l.Journey.Handoff.Rep
	page := o.Get(rep(who), "/people/"+who+"/leave?from=2026-07-01&to=2026-07-03&reason=vacation", http.StatusOK).Body
	if sent := confirm(t, page, "/people/"+who+"/leave"); sent.Get("hand_over") != "" {
		t.Error("a vacation in July hands over the leads of May")
	}
	webtest.Says(t, o.Get(rep(who), "/people/"+who+"/leave?from=2026-05-01&to=2026-05-02", http.StatusBadRequest).Body, "over already", "Nothing was entered")
	webtest.Says(t, o.Post(rep(who), "/people/"+who+"/leave", http.StatusBadRequest, "from", "soon", "to", "later").Body, "such as 2027-07-01")
	o.Post(rep(who), "/people/"+who+"/leave", http.StatusSeeOther, "from", "2026-07-01", "to", "2026-07-03", "reason", "vacation")
	card := o.Get(rep(who), "/people/"+who, http.StatusOK).Body
	webtest.Says(t, card, "2026-07-01 to 2026-07-03 (vacation)", "Take back")
	o.Post(rep(who), "/people/"+who, http.StatusSeeOther, "do", "leave", "from", "2026-07-01", "to", "2026-07-03", "reason", "vacation")
	if e := o.roster().Reps[who]; len(e.Leave) != 0 {
		t.Errorf("%+v", e.Leave)
	}
}

func TestSomebodyIsSwitchedOffAndOn(t *testing.T) {
	o := open(t)
	page := o.Get(manager(), "/people/alex/off", http.StatusOK).Body
	webtest.Says(t, page, "No new leads for Alex", "holds no open lead")
	webtest.Says(t, o.Post(manager(), "/people/alex/off", http.StatusBadRequest, "reason", " ").Body, "say why")
	o.Post(manager(), "/people/alex/off", http.StatusSeeOther, "reason", "at a fair", "hand_over", "yes")
	webtest.Says(t, o.Get(manager(), "/people", http.StatusOK).Body, "at a fair, by Kim Sato")
	webtest.Says(t, o.Get(manager(), "/people/alex?done=off&ordered=1&stay=2&failed=1abc", http.StatusOK).Body,
		"nothing new from now on", "1 lead handed over", "2 leads left", "could not be ordered", "Receive leads again")
	o.Post(rep("alex"), "/people/alex", http.StatusSeeOther, "do", "on")
	if e := o.roster().Reps["alex"]; e.Switch != routing.Unset || e.SwitchBy == "" {
		t.Errorf("%+v", e)
	}
}

func TestACardIsEdited(t *testing.T) {
	o := open(t)
	kim := manager()
	page := o.Get(kim, "/people/alex", http.StatusOK).Body
	webtest.Says(t, page, "Card", "Weight", "What changed", "the policy holds")
	sent := cardForm(t, page)
	sent.Set("weight", "0,5")
	sent.Set("caps", "5 per day\n20 open")
	sent.Set("calendar", "own")
	sent.Set("zone", "Europe/London")
	sent.Set("hours", "mon-fri 14:00-18:00")
	sent.Set("why", "half time")
	to := o.Send(webtest.Form(t, "/people/alex", kim, sent), http.StatusSeeOther).Headers["Location"]
	page = o.Get(kim, to, http.StatusOK).Body
	webtest.Says(t, page, "Saved.", "weight: 1 → 0.5", "caps: the pool's → 5 per day, 20 open", "Europe/London, mon-fri 14:00-18:00", "half time", "Give back to the policy")
	if e := o.roster().Reps["alex"]; *e.Weight != 0.5 || len(*e.Caps) != 2 || e.Name != nil || e.Email != nil || e.Pools != nil {
		t.Errorf("fields that were not touched are said as well: %+v", e.Card)
	}
	sent = cardForm(t, page)
	webtest.Says(t, o.Get(kim, "/people", http.StatusOK).Body, "0 of 5 today", "Europe/London")
	sent["reset"] = []string{"weight", "caps", "hours"}
	o.Send(webtest.Form(t, "/people/alex", kim, sent), http.StatusSeeOther)
	if e := o.roster().Reps["alex"]; e.Weight != nil || e.Caps != nil || e.Hours != nil {
		t.Errorf("given back: %+v", e.Card)
	}
	to = o.Send(webtest.Form(t, "/people/alex", kim, cardForm(t, o.Get(kim, "/people/alex", http.StatusOK).Body)), http.StatusSeeOther).Headers["Location"]
	webtest.Says(t, o.Get(kim, to, http.StatusOK).Body, "Nothing was changed")
}

// cardForm is the form of a card, with what textareas and lists hold.
func cardForm(t *testing.T, page string) url.Values {
	t.Helper()
	sent := url.Values{}
	for _, form := range regexp.MustCompile(`(?s)<form method="post"[^>]*>.*?</form>`).FindAllString(page, -1) {
		if !strings.Contains(form, `name="do" value="card"`) {
			continue
		}
		sent = confirm(t, strings.Replace(form, `action="/people/alex"`, `action="x"`, 1), "x")
		for _, m := range regexp.MustCompile(`(?s)<textarea [^>]*name="([^"]*)"[^>]*>(.*?)</textarea>`).FindAllStringSubmatch(form, -1) {
			sent.Set(m[1], html.UnescapeString(m[2]))
		}
		if m := regexp.MustCompile(`<option value="([^"]*)" selected>`).FindStringSubmatch(form); m != nil {
			sent.Set("calendar", m[1])
		}
	}
	return sent
}

func TestWhatIsWrongIsShownAtItsField(t *testing.T) {
	o := open(t)
	sent := cardForm(t, o.Get(operator(), "/people/alex", http.StatusOK).Body)
	sent.Set("weight", "-1")
	sent.Set("email", "dana@our-company.example")
	sent.Set("name", "Alexandra")
	sent["pools"] = []string{"lost"}
	page := o.Send(webtest.Form(t, "/people/alex", operator(), sent), http.StatusBadRequest).Body
	webtest.Says(t, page, "Nothing was saved", "more than 0", "Dana Field (dana) has this address already", "There is no pool")
	if !strings.Contains(page, `value="Alexandra"`) || !strings.Contains(page, `value="-1"`) {
		t.Error("what was typed is lost")
	}
	for field, c := range map[string]struct{ value, want string }{
		"weight": {"much", "no number"}, "caps": {"many", "no limit such as"}, "hours": {"always", "no day"}, "zone": {"Berlin", "IANA"},
	} {
		sent := cardForm(t, o.Get(operator(), "/people/alex", http.StatusOK).Body)
		sent.Set("calendar", "own")
		sent.Set(field, c.value)
		webtest.Says(t, o.Send(webtest.Form(t, "/people/alex", operator(), sent), http.StatusBadRequest).Body, c.want)
	}
	if o.roster().Version != 0 {
		t.Error("something was changed")
	}
}

func TestTheSecondManagerSeesWhatTheFirstChanged(t *testing.T) {
	o := open(t)
	sent := cardForm(t, o.Get(manager(), "/people/alex", http.StatusOK).Body)
	first := operator()
	first.Name = "Olga Ops"
	o.Call(first, "/api/people/alex", http.StatusOK, `{"version":0,"reason":"she asked","change":{"weight":2}}`)
	sent.Set("weight", "3")
	page := o.Send(webtest.Form(t, "/people/alex", manager(), sent), http.StatusConflict).Body
	webtest.Says(t, page, "Somebody else changed this meanwhile", "Olga Ops", "weight: 1 → 2")
	if w := *o.roster().Reps["alex"].Weight; w != 2 {
		t.Errorf("weight %v", w)
	}
	out := o.Call(manager(), "/api/people/alex", http.StatusConflict, `{"version":0,"change":{"weight":3}}`)
	if !strings.Contains(out.Body, "Olga Ops") || !strings.Contains(out.Body, "changed_meanwhile") {
		t.Error(out.Body)
	}
	again := cardForm(t, page)
	again.Set("weight", "3")
	o.Send(webtest.Form(t, "/people/alex", manager(), again), http.StatusSeeOther)
}

func TestSomebodyIsAddedAndRemoved(t *testing.T) {
	o := open(t)
	webtest.Says(t, o.Get(manager(), "/people/new", http.StatusOK).Body, "Add somebody", "Id")
	webtest.Says(t, o.Post(manager(), "/people/new", http.StatusBadRequest, "id", "Eve!", "name", "Eve Moss", "email", "eve@our-company.example", "pools", "sales", "weight", "1").Body, "small letters")
	webtest.Says(t, o.Post(manager(), "/people/new", http.StatusConflict, "id", "alex", "name", "Eve", "email", "eve@our-company.example", "pools", "sales").Body, "this id already")
	o.Post(manager(), "/people/new", http.StatusForbidden, "id", "eve", "name", "Eve", "email", "eve@our-company.example", "pools", "field")
	to := o.Post(manager(), "/people/new", http.StatusSeeOther, "id", "eve", "name", "Eve Moss", "email", "eve@our-company.example", "pools", "sales", "weight", "2").Headers["Location"]
	webtest.Says(t, o.Get(manager(), to, http.StatusOK).Body, "Eve Moss", "receive leads from now on")
	o.Post(manager(), "/people/eve", http.StatusSeeOther, "do", "remove", "why", "has left us")
	if strings.Contains(o.Get(manager(), "/people", http.StatusOK).Body, "Eve Moss") {
		t.Error("who has left is listed")
	}
	o.Get(operator(), "/people/eve", http.StatusNotFound)
}

func TestTheAddressOfACalendarIsNeverShown(t *testing.T) {
	o := open(t)
	o.Post(rep("alex"), "/people/alex", http.StatusSeeOther, "do", "feed", "url", "https://calendar.example/private-77/basic.ics", "words", "urlaub, krank")
	r := o.roster()
	e := r.Reps["alex"]
	e.Feed.Error, e.Feed.Since = "the server answers 404", monday.Add(-time.Hour)
	e.Feed.Leave = []policy.Leave{{From: "2026-05-20T12:00Z", To: "2026-05-20T16:00Z", Reason: "urlaub"}}
	if err := o.table.PutRoster(t.Context(), r.Record(policyOf(t, o), "alex", e, "")); err != nil {
		t.Fatal(err)
	}
	page := o.Get(rep("alex"), "/people/alex", http.StatusOK).Body
	webtest.Says(t, page, "https://calendar.example/…", "It cannot be read since", "the server answers 404", "2026-05-20 08:00 to 2026-05-20 12:00 (urlaub)", "calendar")
	all := page + o.Get(operator(), "/api/people/alex", http.StatusOK).Body + o.Get(operator(), "/people", http.StatusOK).Body + o.Logs.String()
	if strings.Contains(all, "private-77") {
		t.Error("the address is shown")
	}
	webtest.Says(t, o.Get(operator(), "/people", http.StatusOK).Body, "calendar fails")
	webtest.Says(t, o.Post(rep("alex"), "/people/alex", http.StatusBadRequest, "do", "feed", "url", "https://169.254.169.254/private-78").Body, "public host")
	o.Post(rep("alex"), "/people/alex", http.StatusSeeOther, "do", "no-feed")
	if o.roster().Reps["alex"].Feed != nil {
		t.Error("the feed is still there")
	}
}

func policyOf(t *testing.T, o office) *policy.Policy {
	t.Helper()
	core, err := o.maker.Core(t.Context(), monday)
	if err != nil {
		t.Fatal(err)
	}
	return core.Policy().Policy
}

func TestWhoMayDoWhat(t *testing.T) {
	o := open(t)
	const ok, see, no, bad = http.StatusOK, http.StatusSeeOther, http.StatusForbidden, http.StatusBadRequest
	marketer := webtest.Somebody(access.Marketer)
	nobody := webtest.Somebody(access.Rep) // whom no rep's address fits
	form := func(who access.Person, target string, fields ...string) int {
		out, _ := o.site.Handle(t.Context(), webtest.Form(t, target, who, webtest.Fields(fields...)))
		return out.StatusCode
	}
	body := func(who access.Person, target, body string) int {
		e := webtest.Event(t, http.MethodPost, target, who)
		e.Headers[web.TokenHeader], e.Body = who.Token, body
		out, _ := o.site.Handle(t.Context(), e)
		return out.StatusCode
	}
	get := func(who access.Person, target string) int {
		out, _ := o.site.Handle(t.Context(), webtest.Event(t, http.MethodGet, target, who))
		return out.StatusCode
	}
	for _, removed := range []string{"gus", "ida"} {
		pool := map[string]string{"gus": "field", "ida": "sales"}[removed]
		o.Call(operator(), "/api/people/"+removed, http.StatusOK, `{"new":true,"change":{"name":"`+removed+`","email":"`+removed+`@us.example","pools":["`+pool+`"]}}`)
		o.Call(operator(), "/api/people/"+removed, http.StatusOK, `{"change":{"gone":true}}`)
	}
	for name, c := range map[string]struct{ got, want int }{
		"a stranger logs in":                        {get(access.Person{}, "/people"), see},
		"a marketer sees nobody":                    {get(marketer, "/people"), no},
		"nor one":                                   {get(marketer, "/people/alex"), no},
		"nor by program":                            {get(marketer, "/api/people"), no},
		"a rep is sent to themself":                 {get(rep("alex"), "/people"), see},
		"also by name":                              {get(rep("alex"), "/people/me"), see},
		"a rep without a card":                      {get(nobody, "/people/me"), http.StatusNotFound},
		"a rep sees themself":                       {get(rep("alex"), "/people/alex"), ok},
		"a rep sees nobody else":                    {get(rep("alex"), "/people/bo"), no},
		"nor whether there is somebody":             {get(rep("alex"), "/people/zoe"), no},
		"nor their leave":                           {get(rep("alex"), "/people/bo/leave"), no},
		"nor all":                                   {get(rep("alex"), "/api/people"), no},
		"nor by program whom":                       {get(rep("alex"), "/api/people/bo"), no},
		"a rep enters leave of their own":           {form(rep("alex"), "/people/alex/leave", "from", "2026-06-01", "to", "2026-06-01"), see},
		"a rep enters no other's":                   {form(rep("alex"), "/people/bo/leave", "from", "2026-06-01", "to", "2026-06-01"), no},
		"a rep is off by themself":                  {form(rep("alex"), "/people/alex/off", "reason", "at the dentist"), see},
		"a rep changes no weight of their own":      {form(rep("alex"), "/people/alex", "do", "card", "weight", "9", "pools", "sales"), no},
		"nor their weight by program":               {body(rep("alex"), "/api/people/alex", `{"change":{"weight":9}}`), no},
		"a rep does not leave the pools":            {form(rep("alex"), "/people/alex", "do", "remove"), no},
		"a rep adds nobody":                         {get(rep("alex"), "/people/new"), no},
		"nor by program, somebody":                  {body(rep("alex"), "/api/people/fay", `{"new":true,"change":{"name":"Fay","email":"fay@us.example","pools":["sales"]}}`), no},
		"a rep is on by program":                    {body(rep("alex"), "/api/people/alex", `{"change":{"off":null}}`), ok},
		"a manager sees their people":               {get(manager(), "/people/bo"), ok},
		"a manager does not see others'":            {get(manager(), "/people/dana"), no},
		"a manager changes their people":            {body(manager(), "/api/people/bo", `{"change":{"weight":2}}`), ok},
		"a manager changes no others":               {body(manager(), "/api/people/dana", `{"change":{"weight":2}}`), no},
		"a manager gives nobody away":               {body(manager(), "/api/people/bo", `{"change":{"pools":["field"]}}`), no},
		"a manager takes nobody":                    {body(manager(), "/api/people/dana", `{"change":{"pools":["sales"]}}`), no},
		"a manager takes no id over":                {body(manager(), "/api/people/gus", `{"new":true,"change":{"name":"Gus","email":"kim.sato@our-company.example","pools":["sales"]}}`), no},
		"nor by the page":                           {form(manager(), "/people/new", "id", "gus", "name", "Gus", "email", "kim.sato@our-company.example", "pools", "sales"), no},
		"nor makes one that is nobody's":            {body(manager(), "/api/people/new-one", `{"new":true,"change":{"name":"N","email":"n@us.example","pools":["field"],"gone":true}}`), no},
		"its own manager brings somebody back":      {body(manager(), "/api/people/ida", `{"new":true,"change":{"name":"Ida","email":"ida@us.example","pools":["sales"]}}`), ok},
		"a manager enters leave of others not":      {form(manager(), "/people/dana/leave", "from", "2026-06-01"), no},
		"an operator moves people":                  {body(operator(), "/api/people/dana", `{"change":{"pools":["sales","field"]}}`), ok},
		"an unknown form":                           {form(operator(), "/people/alex", "do", "something"), bad},
		"a form of another session":                 {form(operator(), "/people/alex/off", "reason", "x", web.TokenField, "stolen"), no},
		"a body that is none":                       {body(operator(), "/api/people/alex", `weight=2`), bad},
		"a body with what is not known":             {body(operator(), "/api/people/alex", `{"changes":{}}`), bad},
		"a change with what is not known":           {body(operator(), "/api/people/alex", `{"change":{"wieght":2}}`), bad},
		"a leave of program that cannot be entered": {body(operator(), "/api/people/alex/leave", `{"from":"x","to":"y"}`), bad},
	} {
		if c.got != c.want {
			t.Errorf("%s: %d, want %d", name, c.got, c.want)
		}
	}
	if strings.Contains(o.Logs.String(), "@our-company.example") {
		t.Error("an address is in the log")
	}
}

func TestProgramsReadAndChangePeople(t *testing.T) {
	o := open(t)
	l := o.asks("ada")
	who := l.Journey.Handoff.Rep
	var list listAnswer
	decode(t, o.Get(operator(), "/api/people", http.StatusOK).Body, &list)
	if len(list.Pools) != 2 || list.Pools[1].Pool != "sales" || len(list.Pools[1].People) != 3 || list.Pools[1].People[0].State != "on duty" {
		t.Errorf("%+v", list)
	}
	var card cardAnswer
	decode(t, o.Call(operator(), "/api/people/"+who, http.StatusOK, `{"version":0,"reason":"to see","change":{"weight":2,"owner_ids":["hubspot:7"],"hours":{"zone":"America/New_York","hours":{"mon":["09:00-17:00"]}}}}`).Body, &card)
	if card.Weight != 2 || card.Version != 1 || card.Calendar != "own" || card.By != "Kim Sato" || len(card.Said) != 3 || len(card.Standing) != 1 || card.Standing[0].Open != 1 {
		t.Errorf("%+v", card)
	}
	var leave leaveAnswer
	decode(t, o.Call(operator(), "/api/people/"+who+"/leave?preview", http.StatusOK, `{"from":"2026-05-18","to":"2026-05-18","reason":"sick"}`).Body, &leave)
	if !leave.Preview || len(leave.Moves) != 1 || leave.Moves[0].To == "" || leave.Moves[0].To == who || leave.Moves[0].Why == "" {
		t.Errorf("%+v", leave)
	}
	if o.roster().Version != 1 {
		t.Error("a preview has written")
	}
	decode(t, o.Call(operator(), "/api/people/"+who+"/leave", http.StatusOK, `{"from":"2026-05-18","to":"2026-05-18","reason":"sick","hand_over":true}`).Body, &leave)
	if leave.Preview || len(leave.Moves) != 1 || len(leave.Failed) != 0 || len(o.roster().Reps[who].Leave) != 1 {
		t.Errorf("%+v", leave)
	}
	out := o.Call(operator(), "/api/people/"+who, http.StatusBadRequest, `{"change":{"weight":-1,"pools":["lost"]}}`).Body
	if !strings.Contains(out, "pools: there is no pool") || !strings.Contains(out, "weight: a weight is more than 0") {
		t.Error(out)
	}
	o.Call(operator(), "/api/people/fay", http.StatusOK, `{"new":true,"change":{"name":"Fay","email":"fay@us.example","pools":["sales"]}}`)
	if out := o.Call(operator(), "/api/people/fay", http.StatusOK, `{"change":{"gone":true}}`).Body; out != `{"rep":"fay","gone":true}` {
		t.Error(out)
	}
}

func decode(t *testing.T, body string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(body), into); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
}

// A weight, caps and a pool of the directory decide who receives, end to end.
func TestTheNextLeadGoesByTheDirectory(t *testing.T) {
	o := open(t)
	o.Call(operator(), "/api/people/alex", http.StatusOK, `{"change":{"off":"at a fair"}}`)
	o.Call(operator(), "/api/people/bo", http.StatusOK, `{"change":{"caps":[{"most":1,"per":"open"}]}}`)
	o.Call(operator(), "/api/people/casey", http.StatusOK, `{"change":{"pools":["field"]}}`)
	o.Call(operator(), "/api/people/dana", http.StatusOK, `{"change":{"pools":["sales","field"],"weight":3}}`)
	got := map[string]int{}
	for _, name := range []string{"ada", "ben", "cid", "dee", "eli"} {
		got[o.asks(name).Journey.Handoff.Rep]++
	}
	if got["bo"] != 1 || got["dana"] != 4 {
		t.Errorf("%v: bo may hold one, alex is off, casey is in another pool", got)
	}
	l := o.asks("flo")
	item, err := o.table.LogAt(t.Context(), l.Key, l.Journey.Handoff.Log)
	if err != nil || item.RosterVersion != 4 {
		t.Errorf("the log names roster %d, %v", item.RosterVersion, err)
	}
	history, _, err := o.table.RosterChanges(t.Context(), "", 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	then := routing.At(history, item.RosterVersion)
	if r, pools, _ := routing.Find(then.Over(policyOf(t, o)), "dana"); r.Weight != 3 || len(pools) != 2 {
		t.Errorf("the history says dana had weight %v in %v", r.Weight, pools)
	}
}

// A rep of two pools holds leads of both: who manages one of them is told that
// there are others, and no more.
func TestAManagerIsNotToldWhoTheLeadsOfOtherPoolsAre(t *testing.T) {
	o := open(t)
	l := o.asks("ada")
	who := l.Journey.Handoff.Rep
	o.Call(operator(), "/api/people/"+who, http.StatusOK, `{"change":{"pools":["field","sales"]}}`)
	fay := manager()
	fay.Pools = []string{"field"}
	ask := `{"from":"2026-05-18","to":"2026-05-18","reason":"sick"}`
	for name, c := range map[string]struct {
		asker access.Person
		told  bool
	}{"its manager": {manager(), true}, "the rep": {rep(who), true}, "a manager of the other pool": {fay, false}} {
		for _, body := range []string{
			o.Get(c.asker, "/people/"+who+"/leave", http.StatusOK).Body, o.Get(c.asker, "/people/"+who+"/off", http.StatusOK).Body,
			o.Call(c.asker, "/api/people/"+who+"/leave?preview", http.StatusOK, ask).Body,
		} {
			if strings.Contains(body, "ada") != c.told || strings.Contains(body, string(l.Key)) != c.told {
				t.Errorf("%s is told %s", name, webtest.Text(body))
			}
			if strings.Contains(body, "A lead of the pool sales") == c.told {
				t.Errorf("%s is told %s", name, webtest.Text(body))
			}
		}
	}
}

// Whoever gets the messages of a rep can answer for them: one of two managers
// alone does not change where those go.
func TestWhereASharedRepIsReachedIsForTheManagersOfAllTheirPools(t *testing.T) {
	o := open(t)
	o.Call(operator(), "/api/people/bo", http.StatusOK, `{"change":{"pools":["field","sales"]}}`)
	for _, change := range []string{`{"email":"fay@us.example"}`, `{"slack":"U0FAY0000"}`, `{"email":null}`} {
		o.Call(manager(), "/api/people/bo", http.StatusForbidden, `{"change":`+change+`}`)
	}
	o.Call(manager(), "/api/people/bo", http.StatusOK, `{"change":{"weight":2}}`)
	both := manager()
	both.Pools = append(both.Pools, "field")
	o.Call(both, "/api/people/bo", http.StatusOK, `{"change":{"email":"bo.new@us.example"}}`)
}
