// Package welcome is the page at / of the local stack: it says what is being
// started, then lets a newcomer send a lead and watch what becomes of it, with
// both endings. It also shows the local outbox to people. It knows the JSON
// contract of the stack and nothing of how the stack works inside.
package welcome

import (
	"context"
	"embed"
	"net"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/page"
)

// files are the pages and the script of the first minutes.
//
//go:embed *.html welcome.js starting.js
var files embed.FS

// Config is what the page needs to know of the stack.
type Config struct {
	PublicURL string           // for example http://127.0.0.1:3000
	HTMLToken string           // lets the form on the page in
	Steps     func() []Step    // how far the start is; nil or all done: the stack is up
	Outbox    func() []Message // what was sent, oldest first
	Now       func() time.Time // the stack's time; nil is this machine's
}

// Step is one thing that is done while the stack starts.
type Step struct {
	Name   string `json:"name"`
	State  string `json:"state"` // waiting, running, done or failed
	Detail string `json:"detail,omitempty"`
}

// Message is one message in the outbox, as GET /_local/outbox gives it.
type Message struct {
	ID      string    `json:"id"`
	Channel string    `json:"channel"`
	To      string    `json:"to"`
	Subject string    `json:"subject"`
	Text    string    `json:"text"`
	HTML    string    `json:"html"`
	Links   []Link    `json:"links"`
	Event   EventRef  `json:"event"`
	At      time.Time `json:"at"`
	// What only Slack's app can do: change a message, and act by its buttons.
	UpdatedAt time.Time `json:"updated_at,omitzero"`
	Slack     *SlackRef `json:"slack,omitempty"`
	Actions   []Action  `json:"actions,omitempty"`
	Answers   []Answer  `json:"answers,omitempty"` // that the one who pressed sees below the message, oldest first
}

// SlackRef is where a direct message is, and whose it is.
type SlackRef struct {
	Channel string `json:"channel"`
	TS      string `json:"ts"`
	User    string `json:"user"`
}

// Action is a button or, with options, a menu that acts without a browser.
type Action struct {
	Label    string   `json:"label"`
	ActionID string   `json:"action_id"`
	BlockID  string   `json:"block_id,omitempty"`
	Value    string   `json:"value,omitempty"`
	Options  []Option `json:"options,omitempty"`
}

// Option is one entry of a menu.
type Option struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// Answer is what was said to the one who pressed a button.
type Answer struct {
	Text string    `json:"text"`
	At   time.Time `json:"at"`
}

// Link is one link that a message carries.
type Link struct {
	Label string `json:"label"`
	URL   string `json:"url"`
}

// EventRef names the event that a message tells of.
type EventRef struct {
	ID   string `json:"id"`
	Type string `json:"type"`
	Lead string `json:"lead"`
}

type site struct {
	cfg Config
	set *page.Set
}

// New returns the handler of the page at /.
func New(cfg Config) http.Handler {
	return serve(cfg, (*site).welcome)
}

// Outbox returns the handler of GET /_local/outbox for browsers: the list of
// messages, newest first. With ?message= it answers with that message's HTML
// alone, locked up so that nothing in it runs; with ?lead= it lists the
// messages about that lead.
func Outbox(cfg Config) http.Handler {
	return serve(cfg, (*site).outbox)
}

func serve(cfg Config, show func(*site, http.ResponseWriter, *http.Request)) http.Handler {
	if cfg.Now == nil {
		cfg.Now = func() time.Time { return clock.System(context.Background()) }
	}
	if cfg.Steps == nil {
		cfg.Steps = func() []Step { return nil }
	}
	if cfg.Outbox == nil {
		cfg.Outbox = func() []Message { return nil }
	}
	set, err := page.Parse(files, "*.html")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case err != nil:
			http.Error(w, err.Error(), http.StatusInternalServerError)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		default:
			show(&site{cfg, set}, w, r)
		}
	})
}

func (s *site) welcome(w http.ResponseWriter, r *http.Request) {
	steps := s.cfg.Steps()
	if slices.ContainsFunc(steps, func(s Step) bool { return s.State != "done" }) {
		s.starting(w, r, steps)
		return
	}
	script, err := files.ReadFile("welcome.js")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	who := somebody()
	s.write(w, r, "welcome.html", page.Doc{
		Title: "First minutes", Nav: navigation("/"), Live: true, Frames: true, Script: string(script),
		Data: map[string]any{
			"Who":     who,
			"Action":  "/webhooks/forms/html?token=" + url.QueryEscape(s.cfg.HTMLToken),
			"Next":    s.cfg.PublicURL + "/?sent=1", // where a browser without scripts goes on
			"Sent":    r.URL.Query().Has("sent"),
			"Port":    unusualPort(r.Host),
			"Sources": s.sources(),
			"Now":     s.cfg.Now(),
		},
	})
}

// unusualPort returns the port that commands in a terminal must be told, "" when
// they find the stack by themselves.
func unusualPort(host string) string {
	_, port, err := net.SplitHostPort(host)
	if err != nil || port == "3000" {
		return ""
	}
	return port
}

func (s *site) starting(w http.ResponseWriter, r *http.Request, steps []Step) {
	script, err := files.ReadFile("starting.js")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	s.write(w, r, "starting.html", page.Doc{
		Title: "Starting", Refresh: 2, Script: string(script),
		Data: map[string]any{
			"Steps":  steps,
			"Failed": slices.ContainsFunc(steps, func(s Step) bool { return s.State == "failed" }),
		},
	})
}

func (s *site) write(w http.ResponseWriter, r *http.Request, name string, d page.Doc) {
	d.Now = s.cfg.Now()
	p, err := s.set.Render(name, d)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	for name, value := range p.Headers {
		w.Header().Set(name, value)
	}
	if r.Method == http.MethodHead {
		return
	}
	_, _ = w.Write([]byte(p.HTML)) // The reader may be gone; nobody else would hear of it.
}

func navigation(here string) []page.Link {
	links := []page.Link{
		{Label: "First minutes", URL: "/"},
		{Label: "Leads", URL: "/leads"},
		{Label: "Sources", URL: "/sources"},
		{Label: "Outbox", URL: "/_local/outbox"},
	}
	for i := range links {
		links[i].Here = links[i].URL == here
	}
	return links
}
