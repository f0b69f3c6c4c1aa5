package main

import (
	"context"
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/rollout"
	"github.com/handoff-oss/handoff/shared/steering"
	"github.com/handoff-oss/handoff/shared/web"
)

// mostRulings is how many verdicts the page lists, the newest.
const mostRulings = 10

// mayAct tells whether a person may steer the rollout: an operator, and who has
// to agree to the end of the phase in force.
func mayAct(who access.Person, v steering.View) bool {
	if who.Is(access.Operator) {
		return true
	}
	at := slices.IndexFunc(v.Track, func(p steering.Point) bool { return p.Current })
	if at < 0 {
		return false
	}
	switch by := v.Track[at].Approve; by {
	case "", policy.ApproveOperator:
		return false
	case policy.ApproveManager:
		return who.Is(access.Manager)
	default:
		return who.Email != "" && strings.EqualFold(who.Email, by)
	}
}

// rolloutView is what the page /rollout shows.
type rolloutView struct {
	steering.View
	Now      time.Time
	Token    string
	Done     string
	Confirms bool // the asker may look at suggestions
	Points   []pointRow
	Here     pointRow // the phase in force
	Mode     string
	Status   badge
	Verdict  badge
	Acts     []act // that the asker may do now
	Why      []string
	Missing  []string // what a promotion still needs
	Finds    []string // what the gates can find
	Ahead    []string // what those of the next phase can
	Next     string   // its name
	Gates    []gateRow
	Rows     []stageRow
	Charts   []chart
	Kept     []ruledRow
}

// pointRow is one phase of the track.
type pointRow struct {
	steering.Point
	ShareText string
}

type gateRow struct {
	rollout.Finding
	Label, Found string
	Badge        badge
}

func gatesOf(v rollout.Verdict) []gateRow {
	var rows []gateRow
	for _, f := range v.Findings {
		found := page.Sentence(strings.TrimPrefix(f.Reason, f.Outcome+": "))
		rows = append(rows, gateRow{f, labelOf(f.Outcome), found, standingBadge(f.State, f.Role)})
	}
	return rows
}

// stageRow is one outcome in both arms.
type stageRow struct {
	steering.Stage
	TreatedText, ControlText string
	TreatedBar, ControlBar   template.HTML
}

// chart is what a gate's sequence said over time.
type chart struct {
	steering.Picture
	ID        int
	Label     string
	LineText  string
	Drawing   template.HTML
	LooksText []lookRow // newest first
}

type lookRow struct {
	At               time.Time
	Low, Value, High string
	Badge            badge
}

type ruledRow struct {
	At    time.Time
	Why   []string
	Badge badge
}

func ruledOf(r rollout.Ruling) ruledRow { return ruledRow{r.At, plain(r.Why), decisionBadge(r.Action)} }

// rolloutPage answers GET /rollout.
func (h *handler) rolloutPage(ctx context.Context, r *web.Request) (web.Response, error) {
	v, err := h.desk.Status(ctx, r.Now)
	if err != nil {
		return web.Response{}, err
	}
	view := rolloutView{
		View: v, Now: r.Now, Token: r.Who.Token, Confirms: r.Who.Is(access.Operator, access.Manager), Done: doneWords(r.Query.Get("done")),
		Status: statusBadge(v.State.Status), Verdict: decisionBadge(v.Ruling.Action), Rows: stageRows(v.Stages),
		Gates: gatesOf(v.Ruling.Verdict), Why: plain(v.Ruling.Why), Missing: plain(v.Ruling.Verdict.Missing), Finds: plain(v.Outlook), Ahead: plain(v.NextOutlook),
	}
	if next := v.Ruling.Case.Next; next != nil {
		view.Next = next.Name
	}
	for _, p := range v.Track {
		view.Points = append(view.Points, pointRow{p, percent(p.Share)})
		if p.Current {
			view.Here, view.Mode = pointRow{p, percent(p.Share)}, modeWords(p.Mode)
		}
	}
	if mayAct(r.Who, v) {
		view.Acts = actsOf(v)
	}
	for i, p := range v.Pictures {
		view.Charts = append(view.Charts, chartOf(i, p))
	}
	for _, k := range v.Rulings[:min(len(v.Rulings), mostRulings)] {
		view.Kept = append(view.Kept, ruledOf(k))
	}
	return h.site.Show(r, "rollout.html", page.Doc{Title: "Rollout", Data: view})
}

// stageRows puts both arms of each outcome side by side, bars to one scale.
func stageRows(stages []steering.Stage) []stageRow {
	rows := make([]stageRow, len(stages))
	for i, s := range stages {
		limit := 1.0
		if s.In != "share" {
			limit = max(s.Treated.High, s.Control.High)
		}
		rows[i] = stageRow{Stage: s, TreatedText: value(s, s.Treated), ControlText: value(s, s.Control)}
		if s.Treated.N > 0 {
			rows[i].TreatedBar = intervalBar(s.Treated.Value, s.Treated.Low, s.Treated.High, limit)
		}
		if s.Control.N > 0 && !s.Asked {
			rows[i].ControlBar = intervalBar(s.Control.Value, s.Control.Low, s.Control.High, limit)
		}
	}
	return rows
}

func chartOf(id int, p steering.Picture) chart {
	write := amount(p)
	c := chart{Picture: p, ID: id, Label: labelOf(p.Outcome), LineText: write(p.Line)}
	if p.Share && p.Against == string(rollout.Threshold) {
		p.Looks = slices.Clone(p.Looks)
		for i, l := range p.Looks {
			p.Looks[i].Low, p.Looks[i].High = max(l.Low, 0), min(l.High, 1)
		}
	}
	label := c.Label + " over time, with the range in which the truth is, and the line of the gate at " + c.LineText
	c.Drawing = sequencePicture(p.Looks, p.Line, write, label)
	for _, l := range slices.Backward(p.Looks) {
		c.LooksText = append(c.LooksText, lookRow{l.At, write(l.Low), write(l.Value), write(l.High), standingBadge(l.State, p.Role)})
	}
	return c
}

// rolloutAnswer is where the rollout stands, and what the asker may do.
type rolloutAnswer struct {
	steering.View
	Acts []string `json:"acts"`
}

// rolloutJSON answers GET /api/rollout.
func (h *handler) rolloutJSON(ctx context.Context, r *web.Request) (web.Response, error) {
	v, err := h.desk.Status(ctx, r.Now)
	out := rolloutAnswer{View: v, Acts: []string{}}
	if err == nil && mayAct(r.Who, v) {
		for _, a := range actsOf(v) {
			out.Acts = append(out.Acts, a.Name)
		}
	}
	return web.JSON(out, err)
}
