package main

import (
	"context"
	"strconv"
	"time"

	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/rollout"
	"github.com/handoff-oss/handoff/shared/steering"
	"github.com/handoff-oss/handoff/shared/web"
)

// journalView is what the page /rollout/journal shows.
type journalView struct {
	Now      time.Time
	Round    int // the only one that is shown; 0 for all
	Chapters []chapterView
}

type chapterView struct {
	steering.Chapter
	ModeText, ShareText string
	Did                 []didRow
	Ruled               []ruledRow // the first, the last, and each that decides otherwise than the one before
	Rows                []stageRow
	Ends                []gateRow // of the last verdict
}

type didRow struct {
	rollout.State
	Words string
}

// journalPage answers GET /rollout/journal, of all phases or, for round, of one.
func (h *handler) journalPage(ctx context.Context, r *web.Request) (web.Response, error) {
	j, err := h.desk.Journal(ctx, r.Now)
	if err != nil {
		return web.Response{}, err
	}
	v := journalView{Now: r.Now}
	if n, err := strconv.Atoi(r.Query.Get("round")); err == nil {
		v.Round = n
	}
	for _, c := range j.Chapters {
		if v.Round == 0 || c.Round == v.Round {
			v.Chapters = append(v.Chapters, chapterOf(c))
		}
	}
	return h.site.Show(r, "journal.html", page.Doc{Title: "Journal of the rollout", Data: v})
}

func chapterOf(c steering.Chapter) chapterView {
	v := chapterView{Chapter: c, ModeText: modeWords(c.Mode), ShareText: percent(c.Share), Rows: stageRows(c.Stages)}
	for _, s := range c.Acts {
		v.Did = append(v.Did, didRow{s, didWords(s)})
	}
	for i, k := range c.Verdicts {
		if i == 0 || i == len(c.Verdicts)-1 || c.Verdicts[i-1].Action != k.Action {
			v.Ruled = append(v.Ruled, ruledOf(k))
		}
	}
	if c.Last != nil {
		v.Ends = gatesOf(c.Last.Verdict)
	}
	return v
}

// journalJSON answers GET /api/rollout/journal.
func (h *handler) journalJSON(ctx context.Context, r *web.Request) (web.Response, error) {
	return web.JSON(h.desk.Journal(ctx, r.Now))
}
