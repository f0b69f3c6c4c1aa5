package main

import (
	"context"
	"net/url"
	"time"

	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/view"
	"github.com/handoff-oss/handoff/shared/web"
)

// boardView is what the page /board shows.
type boardView struct {
	boardAnswer
	Now time.Time
}

// boardPart is one part of the board.
type boardPart struct {
	ID, Title, None string
	Rows            []boardRow
	Count           int // of all, of which the rows are the first
	Now             time.Time
	About           string // what the column of times says
}

// More is how many leads are not shown.
func (p boardPart) More() int { return p.Count - len(p.Rows) }

// Parts are the lists of leads of the board.
func (v boardView) Parts() []boardPart {
	parts := []boardPart{
		{ID: "overdue", Title: "Overdue now", None: "Every promise is kept.", Rows: v.Overdue, About: "Overdue"},
		{ID: "soon", Title: "Due soon", None: "Nothing is due within two working hours.", Rows: v.Soon, About: "Due"},
		{ID: "decide", Title: "For you to decide", None: "No lead waits for your word.", Rows: v.Decide, About: "Waits since"},
		{ID: "incomplete", Title: "Data is missing", None: "No lead waits for data.", Rows: v.Incomplete, About: "Waits since"},
		{ID: "held", Title: "Held", None: "No lead waits for somebody.", Rows: v.Held, About: "Waits since"},
	}
	for i := range parts {
		p := &parts[i]
		p.Now, p.Count = v.Now, len(p.Rows)
		p.Rows = p.Rows[:min(len(p.Rows), mostRows)]
	}
	return parts
}

// PoolLink is the board of one pool alone.
func (v boardView) PoolLink(pool string) string {
	if pool == "" {
		return "/board"
	}
	return "/board?" + url.Values{"pool": {pool}}.Encode()
}

// Tone is the color of the lead's stage.
func (b boardRow) Tone() string { return view.StageTone(b.Stage) }

// Offers are the orders that make sense for the lead.
func (b boardRow) Offers() []view.Order { return b.offers }

func (h *handler) boardPage(ctx context.Context, r *web.Request) (web.Response, error) {
	all, err := h.board(ctx, r)
	if err != nil {
		return web.Response{}, err
	}
	return h.site.Show(r, "board.html", page.Doc{Title: "Board", Data: boardView{all, r.Now}})
}
