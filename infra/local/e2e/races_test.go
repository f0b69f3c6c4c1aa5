package e2e

import (
	"errors"
	"net/http"
	"net/url"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/handoff-oss/handoff/infra/stack"
)

// press is one click of a race.
type press struct {
	link string
	form url.Values
	page stack.Answer
}

// together makes all clicks in the same moment, once the gate opens.
func (w world) together(presses []press, gate func() error) {
	w.t.Helper()
	var g errgroup.Group
	open := make(chan struct{})
	for i := range presses {
		p := &presses[i]
		g.Go(func() (err error) {
			<-open
			p.page, err = w.Press(w.t.Context(), http.MethodPost, p.link, p.form)
			return err
		})
	}
	err := gate()
	close(open)
	w.must(errors.Join(err, g.Wait()))
	w.idle()
}

// Two things that exclude each other come in the same moment. One of them
// happens, and the page of the other says so.
func playRaces(w world) {
	w.t.Run("accept and reject", func(t *testing.T) {
		story := w
		story.t = t
		story.playBothAnswers()
	})
	w.t.Run("accept and the next rep", func(t *testing.T) {
		story := w
		story.t = t
		story.playTakenAway()
	})
}

// both is how many leads of a race are tried: each may fall either way.
const both = 6

func (w world) playBothAnswers() {
	monday := w.monday(10, 0)
	for n := range both {
		l := w.ask(someone("races", n+1))
		rep := holder(l)
		presses := []press{
			{link: w.link(l, rep, "Accept")},
			{link: w.link(l, rep, "Reject"), form: url.Values{"reason": {"not_a_fit"}}},
		}
		w.together(presses, func() error { return nil })
		accept, reject := presses[0].page, presses[1].page
		accepted := accept.State == "recorded" && reject.Code == "answered" && reject.Status == http.StatusConflict
		rejected := reject.State == "recorded" && accept.Status == http.StatusConflict
		if accepted == rejected {
			w.t.Errorf("the pages say %d %q and %d %q", accept.Status, accept.Title, reject.Status, reject.Title)
		}
		want := "disqualified"
		if accepted {
			want = "accepted"
		}
		if l = w.find(l.Email); l.Stage != want {
			w.t.Errorf("the pages say %q and %q, the lead is %s", accept.Title, reject.Title, l.Stage)
		}
		if got := w.since(l, monday, "lead.accepted", "lead.rejected"); len(got) != 1 {
			w.t.Errorf("both were taken: %v", got)
		}
	}
}

// playTakenAway lets the first holders accept by their old links in the moment
// in which the leads go to the next rep.
func (w world) playTakenAway() {
	monday := w.monday(10, 0)
	var leads []stack.Lead
	var presses []press
	for n := range both {
		l := w.ask(someone("races", 100+n))
		leads = append(leads, l)
		presses = append(presses, press{link: w.link(l, holder(l), "Accept")})
	}
	w.later(monday, 0, 10, 59)
	moved := make(chan error, 1)
	w.together(presses, func() error {
		go func() { moved <- w.MoveTo(w.t.Context(), monday.Add(62*time.Minute)) }()
		return w.await(monday.Add(61 * time.Minute))
	})
	w.must(<-moved)
	w.idle()
	kept := 0
	for i, l := range leads {
		if w.agrees(l, presses[i].page) {
			kept++
		}
	}
	w.t.Logf("%d of %d were accepted first", kept, both)
}

// await returns when the stack's time, which something else moves, has come to
// a moment: its sweep is under way then.
func (w world) await(t time.Time) error {
	for {
		now, err := w.Now(w.t.Context())
		if err != nil || !now.Before(t) {
			return err
		}
	}
}

// agrees checks that a lead is where the page of its first holder says, and
// returns whether it has stayed there.
func (w world) agrees(before stack.Lead, page stack.Answer) bool {
	w.t.Helper()
	l := w.find(before.Email)
	w.toldOnce(l)
	switch {
	case page.State == "recorded":
		if holder(l) != holder(before) || l.Handoff.Answer != "accepted" || len(l.HadBy) != 1 {
			w.t.Errorf("the page says %q, and the lead is with %s, answer %q, had by %v", page.Title, holder(l), l.Handoff.Answer, l.HadBy)
		}
		return true
	case page.Code != "moved" || page.Status != http.StatusConflict:
		w.t.Errorf("the page says %d %q", page.Status, page.Title)
	case holder(l) == holder(before) || l.Handoff.Answer != "" || len(l.HadBy) != 2:
		w.t.Errorf("the page says %q, and the lead is with %s, answer %q, had by %v", page.Title, holder(l), l.Handoff.Answer, l.HadBy)
	}
	return false
}
