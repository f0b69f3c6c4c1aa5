package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/handoff-oss/handoff/shared/page"
)

// components are the pages of the gallery.
//
//go:embed gallery.html rows.html
var components embed.FS

// gallery serves every component of the style sheet on one page, and beside it
// a page with a live section, whose answers a test chooses. It is not deployed.
type gallery struct {
	pages *page.Set

	mu     sync.Mutex
	status int // that /live answers
	rows   int // that it shows
	asked  int // how often it was
}

// friday is the time that the gallery speaks of: twenty minutes before closing.
func friday() time.Time { return time.Date(2026, 11, 27, 16, 30, 0, 0, time.UTC) }

// shown is what the pages of the gallery show.
type shown struct {
	Now, Closes, Monday, Later time.Time // now, the office closes and opens next, and soon after that
	Thirty, Ninety             time.Duration
	Place                      *time.Location
	Rows                       []row
}

type row struct {
	Name, Company, Email, Stage, Tone, Holder string
	At                                        time.Time
}

// rowsOf returns as many leads.
func rowsOf(n int) []row {
	all := []row{
		{Name: "Sanna Moreau", Company: "Chief Revenue Officer, Pinecrest Freight", Email: "sanna.moreau@pinecrest-freight.example", Stage: "known"},
		{Name: "Nadia Quiroga", Company: "VP Sales Operations, Tidewater Freight", Email: "nadia.quiroga@tidewater-freight.example", Stage: "handed off", Tone: "info", Holder: "Bo Lindqvist"},
		{Name: "Wanda Rahman", Company: "Head of Growth, Saltmarsh Labs", Email: "wanda.rahman@saltmarsh-labs.example", Stage: "contacted", Tone: "ok", Holder: "Alex Rivera"},
		{Name: "Jón Þór Sigurðsson-Baldvinsdóttir", Company: "Geschäftsführer, Donaudampfschifffahrtsgesellschaft", Email: "jon@a-very-long-name-of-a-company-without-any-break.example", Stage: "recycled", Tone: "warn"},
	}
	out := make([]row, n)
	for i := range out {
		out[i] = all[i%len(all)]
		out[i].At = friday().Add(-time.Duration(i) * 7 * time.Minute)
	}
	return out
}

func newGallery() (*gallery, error) {
	set, err := page.Parse(components, "*.html")
	return &gallery{pages: set, status: http.StatusOK, rows: 4}, err
}

// ServeHTTP answers a request.
func (g *gallery) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, status, rows := "gallery.html", http.StatusOK, 4
	pause := time.Duration(0)
	switch r.URL.Path {
	case "/":
	case "/slow":
		name, pause = "rows.html", time.Second
	case "/fifty":
		name, rows = "rows.html", 50
	case "/live":
		name = "rows.html"
		status, rows = g.ask()
	default:
		http.NotFound(w, r)
		return
	}
	if status != http.StatusOK {
		w.WriteHeader(status)
		return
	}
	if err := g.write(w, name, rows, pause); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

func (g *gallery) ask() (status, rows int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.asked++
	return g.status, g.rows
}

// answer sets what /live answers from now on, and returns how often it was asked.
func (g *gallery) answer(status, rows int) (asked int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.status, g.rows = status, rows
	return g.asked
}

// write answers with a page, in two parts with a pause between them unless that is 0.
func (g *gallery) write(w http.ResponseWriter, name string, rows int, pause time.Duration) error {
	place, err := time.LoadLocation("America/New_York")
	if err != nil {
		return err
	}
	monday := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	doc := page.Doc{Title: "Gallery", Account: "Kim Sato", Token: "none", Now: friday(), Live: true, Data: shown{
		Now: friday(), Closes: friday().Add(20 * time.Minute), Monday: monday, Later: monday.Add(90 * time.Minute),
		Thirty: 30 * time.Minute, Ninety: 90 * time.Minute, Place: place, Rows: rowsOf(rows),
	}}
	for _, label := range []string{"Home", "My leads", "Board", "Leads", "People", "Rollout", "Sources", "Operations"} {
		doc.Nav = append(doc.Nav, page.Link{Label: label, URL: "/", Here: label == "Leads"})
	}
	p, err := g.pages.Render(name, doc)
	if err != nil {
		return err
	}
	for k, value := range p.Headers {
		w.Header().Set(k, value)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(p.HTML)))
	first, rest := p.HTML, ""
	if pause > 0 {
		at := strings.Index(p.HTML, "Jón") // in the last row, where the longest texts stand
		first, rest = p.HTML[:at], p.HTML[at:]
	}
	_, err = fmt.Fprint(w, first)
	if rest != "" {
		err = errors.Join(err, http.NewResponseController(w).Flush())
		<-time.After(pause)
	}
	_, also := fmt.Fprint(w, rest)
	return errors.Join(err, also)
}

// serve listens at an address until the context ends, and tells where.
func (g *gallery) serve(ctx context.Context, address string) (url string, end <-chan error, err error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: g, ReadHeaderTimeout: time.Second}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	context.AfterFunc(ctx, func() { _ = server.Close() })
	return "http://" + l.Addr().String(), done, nil
}

// serveGallery is the command for who works on the style sheet. The style sheet
// is compiled in: start it again to see a change.
func serveGallery(ctx context.Context, address string) error {
	g, err := newGallery()
	if err != nil {
		return err
	}
	url, end, err := g.serve(ctx, address)
	if err != nil {
		return err
	}
	fmt.Println("the gallery is at " + url)
	if err := <-end; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
