package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/infra/stack"
	"github.com/handoff-oss/handoff/shared/routing"
)

// The stories of routing, clocks and answers share one stack: its policy has a
// pool for each, to which a rule sends the leads whose last name is the
// story's. Each story begins on a Monday of its own.
func TestStories(t *testing.T) {
	w := startUnder(t, storyRules()...)
	for _, s := range []struct {
		name string
		play func(world)
	}{
		{"accepted in time and followed up", playAnswers},
		{"silence through every step", playSilence},
		{"rejections and what follows", playRejections},
		{"leave that starts while a clock runs", playLeave},
		{"owner of the account away", playOwner},
		{"two at once", playRaces},
		{"all caps reached, then a new day", playCaps},
		{"a full pool, then a lead that closes", playFull},
		{"one person under several names", playNames},
	} {
		t.Run(s.name, func(t *testing.T) {
			story := w
			story.t = t
			s.play(story)
		})
	}
}

// storyRules are the edits that make the policy of the stories.
func storyRules() []stack.Edit {
	var rules, pools strings.Builder
	for _, p := range []struct {
		name string
		reps int
		more string
	}{
		{"answers", 2, ""},
		{"silence", 3, "last_minutes: 15m"},
		{"rejections", 2, ""},
		{"leave", 2, ""},
		{"owner", 3, ""},
		{"caps", 2, "outside_hours: hold\n      caps: [{ most: 1, per: day }]"},
		{"full", 1, "caps: [{ most: 1, per: open }]"},
		{"races", 2, ""},
	} {
		fmt.Fprintf(&rules, "    - { name: %s, when: lead.last_name == %q, pool: %s }\n", p.name, p.name, p.name)
		fmt.Fprintf(&pools, "    %s:\n      manager: { name: Manager of %s, email: %s }\n      calendar: office\n      %s\n      reps:\n",
			p.name, p.name, mailOf(p.name+"-manager"), p.more)
		for n := range p.reps {
			id := fmt.Sprint(p.name, n+1)
			fmt.Fprintf(&pools, "        - { id: %s, name: Rep %s, email: %s, slack: U0%s }\n", id, id, mailOf(id), strings.ToUpper(id))
		}
	}
	return []stack.Edit{
		{Old: "  rules: [] #", New: "  rules:\n" + rules.String() + "    #"},
		{Old: "\n  pools:\n", New: "\n  pools:\n" + pools.String()},
		{Old: "regions: [us]", New: "regions: []"}, // no story falls on a holiday, whenever it is told
	}
}

func mailOf(who string) string { return who + "@our-company.example" }

// newYork is where the office of the default policy is.
func (w world) newYork() *time.Location {
	w.t.Helper()
	zone, err := time.LoadLocation("America/New_York")
	w.must(err)
	return zone
}

// monday moves to a later Monday, at that time of the day in the office.
func (w world) monday(hour, minute int) time.Time {
	w.t.Helper()
	now, err := w.Now(w.t.Context())
	w.must(err)
	day := now.In(w.newYork()).AddDate(0, 0, 1)
	for day.Weekday() != time.Monday {
		day = day.AddDate(0, 0, 1)
	}
	at := time.Date(day.Year(), day.Month(), day.Day(), hour, minute, 0, 0, w.newYork())
	w.must(w.MoveTo(w.t.Context(), at))
	return at
}

// later moves to a time of the day, so many days after a time.
func (w world) later(t time.Time, days, hour, minute int) time.Time {
	w.t.Helper()
	at := time.Date(t.Year(), t.Month(), t.Day()+days, hour, minute, 0, 0, w.newYork())
	w.must(w.MoveTo(w.t.Context(), at))
	return at
}

// someone is somebody of a story who asks for a demo.
func someone(story string, n int) stack.Person {
	return stack.Person{Email: fmt.Sprintf("%s%d@%s-%d.example", story, n, story, n), FirstName: "Lead", LastName: story, Title: "Office manager"}
}

// demo lets somebody ask for a demo now.
func (w world) demo(p stack.Person) {
	w.t.Helper()
	now, err := w.Now(w.t.Context())
	w.must(err)
	w.send(stack.Standard(p, "Request a demo", fmt.Sprintf("msg_%s_%d", p.Email, now.UnixMilli()), now))
}

// ask lets somebody ask for a demo, and returns the lead that they have become.
func (w world) ask(p stack.Person) stack.Lead {
	w.t.Helper()
	w.demo(p)
	w.idle()
	return w.find(p.Email)
}

// holder returns the id of the rep who has the lead, "" for nobody.
func holder(l stack.Lead) string {
	if l.Handoff == nil {
		return ""
	}
	return l.Handoff.Holder.Rep
}

func (w world) holds(l stack.Lead, rep string) {
	w.t.Helper()
	if got := holder(l); got != rep {
		w.t.Errorf("%s is with %q, want %q", l.Email, got, rep)
	}
}

// clock returns a clock of the lead's current handoff, or of its customer.
func (w world) clock(l stack.Lead, kind, scope string) stack.Clock {
	w.t.Helper()
	for _, c := range slices.Backward(l.Clocks) {
		if c.Kind == kind && c.Scope == scope && (scope == "customer" || c.Handoff == l.Handoff.Number) {
			return c
		}
	}
	w.t.Fatalf("%s has no clock %s of the %s: %+v", l.Email, kind, scope, l.Clocks)
	return stack.Clock{}
}

func (w world) state(l stack.Lead, kind, scope, want string) {
	w.t.Helper()
	if c := w.clock(l, kind, scope); c.State != want {
		w.t.Errorf("%s: the clock %s of the %s is %s, want %s", l.Email, kind, scope, c.State, want)
	}
}

// happened is what an event of a lead says, in a few words: "lead.reassigned
// bo", "clock.breached accept/holder".
func happened(e stack.Event) string {
	switch {
	case e.Detail.Clock != nil:
		return e.Type + " " + e.Detail.Clock.Kind + "/" + e.Detail.Clock.Scope
	case e.Detail.Handoff != nil:
		return e.Type + " " + e.Detail.Handoff.Rep
	}
	return e.Type
}

// since lists what happened to a lead after a time, in order. With words, only
// what contains one of them.
func (w world) since(l stack.Lead, t time.Time, words ...string) []string {
	w.t.Helper()
	all, err := w.Events(w.t.Context(), l.Key)
	w.must(err)
	out := []string{}
	for _, e := range all {
		what := happened(e)
		has := func(word string) bool { return strings.Contains(what, word) }
		if e.Time.After(t) && (len(words) == 0 || slices.ContainsFunc(words, has)) {
			out = append(out, what)
		}
	}
	return out
}

// expect compares what happened, line by line.
func (w world) expect(what string, got []string, want ...string) {
	w.t.Helper()
	if !slices.Equal(got, want) {
		w.t.Errorf("%s:\n  got  %s\n  want %s", what, strings.Join(got, "\n       "), strings.Join(want, "\n       "))
	}
}

// link returns the newest link of that label that a rep was sent by e-mail.
func (w world) link(l stack.Lead, rep, label string) string {
	w.t.Helper()
	all, err := w.Outbox(w.t.Context(), l.Key)
	w.must(err)
	for _, m := range slices.Backward(all) {
		for _, k := range m.Links {
			if k.Label == label && m.Channel == "email" && m.To == mailOf(rep) {
				return k.URL
			}
		}
	}
	w.t.Fatalf("%s got no link to %s %s", rep, label, l.Email)
	return ""
}

// answer acts by a link and checks what its page says.
func (w world) answer(link string, status int, title string, fields ...string) {
	w.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	a, err := w.Press(w.t.Context(), http.MethodPost, link, form)
	w.must(err)
	if a.Status != status || a.Title != title {
		w.t.Errorf("the page answered %d %q (%s), want %d %q", a.Status, a.Title, a.Detail, status, title)
	}
	w.idle()
}

// mails counts the e-mails about a lead that somebody got of one type of event.
func (w world) mails(l stack.Lead, to, event string) int {
	w.t.Helper()
	n := 0
	for _, m := range w.messages(l, event) {
		if m.Channel == "email" && m.To == to {
			n++
		}
	}
	return n
}

// toldOnce checks that nobody was told of one event twice on one channel.
func (w world) toldOnce(l stack.Lead) {
	w.t.Helper()
	all, err := w.Outbox(w.t.Context(), l.Key)
	w.must(err)
	effects := map[string]int{}
	for _, m := range all {
		effects[m.Channel+" to "+m.To+" of "+m.Event.Type+" "+m.Event.ID]++
	}
	for effect, n := range effects {
		if n != 1 {
			w.t.Errorf("%s: %d times %s", l.Email, n, effect)
		}
	}
}

// roster says something about a rep, as handoffctl does.
func (w world) roster(rep string, e routing.Entry) {
	w.t.Helper()
	store := w.table()
	r, err := store.Roster(w.t.Context())
	w.must(err)
	w.must(store.PutRoster(w.t.Context(), r.With(rep, e)))
}

// soon tells whether something was acted on when it was due: within a minute
// and one sweep.
func soon(at, due time.Time) bool { return !at.Before(due) && at.Sub(due) <= 2*time.Minute }
