package scoring_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/scoring"
	"github.com/handoff-oss/handoff/shared/signal"
)

var now = time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)

func compiled(t *testing.T) *rules.Compiled {
	t.Helper()
	p, err := policy.Decode(policy.Default())
	if err != nil {
		t.Fatal(err)
	}
	c, err := rules.Compile(p, policy.VersionOf(policy.Default()))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func event(id string, ago time.Duration, change func(*signal.Signal)) signal.Signal {
	s := signal.Signal{
		Source: "segment", ID: id, Type: signal.EventTracked, OccurredAt: now.Add(-ago), ReceivedAt: now.Add(-ago),
		Identity: signal.Identity{Email: "ada@engines.example"}, Attributes: map[string]string{},
	}
	change(&s)
	return s
}

func pricing(id string, ago time.Duration) signal.Signal {
	return event(id, ago, func(s *signal.Signal) { s.Attributes[signal.AttrEvent] = "Pricing Page Viewed" })
}

func mail(id string, kind signal.Type, ago time.Duration, message, link string) signal.Signal {
	return event(id, ago, func(s *signal.Signal) {
		s.Source, s.Type = "sendgrid", kind
		s.Attributes[signal.AttrMessageID], s.Attributes[signal.AttrURL] = message, link
	})
}

func evaluate(t *testing.T, c *rules.Compiled, at time.Time, signals ...signal.Signal) scoring.Result {
	t.Helper()
	f, err := scoring.Of(c, signals, at)
	if err != nil {
		t.Fatal(err)
	}
	r, err := scoring.Evaluate(c, f, at)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func sum(parts []contract.Part) int {
	total := 0
	for _, p := range parts {
		total += p.Points
	}
	return total
}

func points(s scoring.Score, rule string) int {
	for _, p := range s.Parts {
		if p.Rule == rule {
			return p.Points
		}
	}
	return 0
}

func TestEngagement(t *testing.T) {
	c := compiled(t)
	day := 24 * time.Hour
	tests := []struct {
		name    string
		signals []signal.Signal
		rule    string
		want    int
	}{
		{"one view counts in full today", []signal.Signal{pricing("1", time.Hour)}, "pricing_viewed", 10},
		{"half after one half-life", []signal.Signal{pricing("1", 14*day)}, "pricing_viewed", 5},
		{"two a day count, not fifty", many(50, func(i int) signal.Signal { return pricing(fmt.Sprint(i), time.Hour) }), "pricing_viewed", 20},
		{"a rule has a limit over all days", many(10, func(i int) signal.Signal { return pricing(fmt.Sprint(i), time.Duration(i)*day) }), "pricing_viewed", 30},
		{"beyond the horizon nothing counts", []signal.Signal{pricing("1", 181*day)}, "pricing_viewed", 0},
		{"a click counts", []signal.Signal{mail("1", signal.EmailClicked, time.Hour, "m", "a")}, "email_clicked", 4},
		{"a message's second click counts no more", []signal.Signal{
			mail("1", signal.EmailClicked, time.Hour, "m", "a"), mail("2", signal.EmailClicked, 2*time.Hour, "m", "b"),
		}, "email_clicked", 4},
		{"another message counts for itself", []signal.Signal{
			mail("1", signal.EmailClicked, time.Hour, "m", "a"), mail("2", signal.EmailClicked, 2*time.Hour, "n", "a"),
		}, "email_clicked", 8},
		{"a click right after delivery is a scanner's", []signal.Signal{
			mail("1", signal.EmailDelivered, time.Hour, "m", ""), mail("2", signal.EmailClicked, time.Hour-3*time.Second, "m", "a"),
		}, "email_clicked", 0},
		{"a click a minute after delivery is a person's", []signal.Signal{
			mail("1", signal.EmailDelivered, time.Hour, "m", ""), mail("2", signal.EmailClicked, 59*time.Minute, "m", "a"),
		}, "email_clicked", 4},
		{"three links within two seconds are a scanner's", []signal.Signal{
			mail("1", signal.EmailClicked, time.Hour, "m", "a"), mail("2", signal.EmailClicked, time.Hour-time.Second, "m", "b"),
			mail("3", signal.EmailClicked, time.Hour-2*time.Second, "m", "c"),
		}, "email_clicked", 0},
		{"the same link three times is a person's", []signal.Signal{
			mail("1", signal.EmailClicked, time.Hour, "m", "a"), mail("2", signal.EmailClicked, time.Hour-time.Second, "m", "a"),
			mail("3", signal.EmailClicked, time.Hour-2*time.Second, "m", "a"),
		}, "email_clicked", 4},
		{"a scanner's burst of last week does not count later either", []signal.Signal{
			mail("1", signal.EmailClicked, 7*day, "m", "a"), mail("2", signal.EmailClicked, 7*day-time.Second, "m", "b"),
			mail("3", signal.EmailClicked, 7*day-2*time.Second, "m", "c"),
		}, "email_clicked", 0},
		{"what the provider calls a machine counts for nothing", []signal.Signal{event("1", time.Hour, func(s *signal.Signal) {
			s.Type = signal.EmailOpened
			s.Attributes[signal.AttrMachine] = "true"
		})}, "email_opened", 0},
		{"a scanner's user agent counts for nothing", []signal.Signal{event("1", time.Hour, func(s *signal.Signal) {
			s.Type = signal.EmailClicked
			s.Attributes[signal.AttrUserAgent] = "Barracuda Sentinel (EE)"
		})}, "email_clicked", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := evaluate(t, c, now, tt.signals...)
			if got := points(r.Engagement, tt.rule); got != tt.want {
				t.Errorf("%s = %d, want %d; parts %+v", tt.rule, got, tt.want, r.Engagement.Parts)
			}
			if sum(r.Engagement.Parts) != r.Engagement.Score {
				t.Errorf("parts sum to %d, score %d", sum(r.Engagement.Parts), r.Engagement.Score)
			}
		})
	}
}

func TestLimitsArePartsOfTheirOwn(t *testing.T) {
	c := compiled(t)
	var signals []signal.Signal
	for i := range 40 {
		for _, name := range []string{"Pricing Page Viewed", "Video Watched"} {
			signals = append(signals, event(fmt.Sprintf("%s%d", name, i), time.Duration(i)*12*time.Hour, func(s *signal.Signal) { s.Attributes[signal.AttrEvent] = name }))
		}
	}
	r := evaluate(t, c, now, signals...)
	if got := points(r.Engagement, "group:web"); got >= 0 {
		t.Errorf("the group's limit is no part with negative points: %+v", r.Engagement.Parts)
	}
	if r.Engagement.Score != c.Engagement.Groups["web"] {
		t.Errorf("score %d, want the group's limit %d", r.Engagement.Score, c.Engagement.Groups["web"])
	}
}

func TestQualification(t *testing.T) {
	c := compiled(t)
	form := func(title, email string, profile map[string]string) signal.Signal {
		return event("f", time.Hour, func(s *signal.Signal) {
			s.Source, s.Type, s.Identity.Email, s.Lead = "typeform", signal.FormSubmitted, email, profile
			s.Attributes[signal.AttrForm] = title
		})
	}
	tests := []struct {
		name    string
		signal  signal.Signal
		want    bool
		blocker string // part of a reason
	}{
		{"a demo request from a business address", form("Request a demo", "ada@engines.example", nil), true, ""},
		{"contact and sales in a title", form("Contact our sales team", "ada@engines.example", nil), true, ""},
		{"a newsletter", form("Newsletter", "ada@engines.example", nil), false, "67 points of engagement short"},
		{"a demo request from a free-mail address", form("Request a demo", "ada@gmail.com", nil), false, "gmail.com is a free-mail domain"},
		{"a demo request from a throw-away address", form("Request a demo", "ada@mailinator.com", nil), false, "mailinator.com"},
		{"no address at all", form("Request a demo", "", nil), false, "the email is not known"},
		{"a perfect fit that did nothing else", form("Newsletter", "ada@engines.example", map[string]string{
			"title": "CTO", "company": "Engines", "employees": "200", "phone": "+44 20 7946 0018", "industry": "Software",
		}), false, "points of engagement short"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			q := evaluate(t, c, now, tt.signal).Qualification
			if q.Qualified != tt.want {
				t.Fatalf("qualified %v, want %v: %s", q.Qualified, tt.want, q.Reason)
			}
			if q.Reason == "" {
				t.Error("no reason")
			}
			if tt.blocker != "" && !blocked(q, tt.blocker) {
				t.Errorf("no blocker says %q: %+v", tt.blocker, q.Blockers)
			}
		})
	}
}

func TestWhatIsShortCountsFromBelowZero(t *testing.T) {
	c := compiled(t)
	s := event("f", time.Hour, func(s *signal.Signal) {
		s.Identity.Email, s.Lead = "info@mailinator.com", map[string]string{"title": "Student"}
	})
	r := evaluate(t, c, now, s)
	if r.Fit.Score != 0 {
		t.Fatalf("fit %d, want 0", r.Fit.Score)
	}
	raw := 0
	for _, p := range r.Fit.Parts {
		if p.Rule != "limit" {
			raw += p.Points
		}
	}
	want := fmt.Sprintf("%d more points of fit (grade C)", c.Fit.Grades["C"]-raw)
	for _, b := range r.Qualification.Blockers {
		if b.Rule == "fit" && !strings.HasPrefix(b.Fix, want) {
			t.Errorf("fix %q, want %q", b.Fix, want)
		}
	}
	if !blocked(r.Qualification, "never qualifies by score") {
		t.Errorf("no blocker names the fit: %+v", r.Qualification.Blockers)
	}
}

func blocked(q scoring.Qualification, words string) bool {
	for _, b := range q.Blockers {
		if b.Fix != "" && strings.Contains(b.Reason, words) {
			return true
		}
	}
	return false
}

func many(n int, make func(i int) signal.Signal) []signal.Signal {
	var out []signal.Signal
	for i := range n {
		out = append(out, make(i))
	}
	return out
}

// drawSignals draws a set of signals of every kind that scoring looks at.
func drawSignals(t *rapid.T) []signal.Signal {
	n := rapid.IntRange(0, 25).Draw(t, "n")
	var out []signal.Signal
	for i := range n {
		ago := time.Duration(rapid.IntRange(0, 200*24*60).Draw(t, "minutes")) * time.Minute
		if rapid.Bool().Draw(t, "recent") {
			ago = time.Duration(rapid.IntRange(0, 30).Draw(t, "seconds")) * time.Second
		}
		id := fmt.Sprint(i)
		kind := rapid.SampledFrom([]signal.Type{
			signal.EmailDelivered, signal.EmailOpened, signal.EmailClicked, signal.FormSubmitted, signal.EventTracked, signal.PageViewed, signal.EmailUnsubscribed,
		}).Draw(t, "type")
		out = append(out, event(id, ago, func(s *signal.Signal) {
			s.Source = rapid.SampledFrom([]string{"segment", "typeform", "hubspot"}).Draw(t, "source")
			s.Type = kind
			s.Attributes[signal.AttrMessageID] = rapid.SampledFrom([]string{"", "m1", "m2"}).Draw(t, "message")
			s.Attributes[signal.AttrURL] = rapid.SampledFrom([]string{"https://x.example/pricing", "https://x.example/docs/a", "https://x.example/docs/b"}).Draw(t, "url")
			s.Attributes[signal.AttrEvent] = rapid.SampledFrom([]string{"", "Trial Started", "Pricing Page Viewed"}).Draw(t, "event")
			s.Attributes[signal.AttrForm] = rapid.SampledFrom([]string{"", "Request a demo", "Guide"}).Draw(t, "form")
			s.Lead = map[string]string{"company": rapid.SampledFrom([]string{"", "A", "B"}).Draw(t, "company"), "title": rapid.SampledFrom([]string{"", "CTO", "Intern"}).Draw(t, "title")}
		}))
	}
	return out
}

// Any order of arrival gives the same facts, and so the same scores.
func TestFoldingCommutes(t *testing.T) {
	c := compiled(t)
	rapid.Check(t, func(t *rapid.T) {
		signals := drawSignals(t)
		shuffled := rapid.Permutation(signals).Draw(t, "order")
		a, errA := scoring.Of(c, signals, now)
		b, errB := scoring.Of(c, shuffled, now)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		if diff := cmp.Diff(a, b); diff != "" {
			t.Fatalf("the order matters:\n%s", diff)
		}
	})
}

// Facts kept up day by day are the facts made anew at the end, whenever a
// signal that is still foldable arrives.
func TestIncrementalEqualsRebuilt(t *testing.T) {
	c := compiled(t)
	rapid.Check(t, func(t *rapid.T) {
		signals := drawSignals(t)
		incremental := scoring.New(c)
		var folded []signal.Signal
		at := now.AddDate(0, 0, -rapid.IntRange(0, 30).Draw(t, "start"))
		for _, s := range rapid.Permutation(signals).Draw(t, "order") {
			at = at.Add(time.Duration(rapid.IntRange(0, 3*24*60).Draw(t, "pause")) * time.Minute)
			if at.After(now) {
				at = now
			}
			folded = append(folded, s)
			if !incremental.Fits(c, s) {
				incremental, _ = scoring.Of(c, folded, at)
				continue
			}
			if err := incremental.Fold(c, s); err != nil {
				t.Fatal(err)
			}
			incremental.Settle(c, at)
		}
		incremental.Settle(c, now)
		rebuilt, err := scoring.Of(c, signals, now)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(rebuilt, incremental); diff != "" {
			t.Fatalf("rebuilt and incremental differ:\n%s", diff)
		}
	})
}

// The parts of both scores add up to them, and settling changes no score.
func TestPartsAddUp(t *testing.T) {
	c := compiled(t)
	rapid.Check(t, func(t *rapid.T) {
		f := scoring.New(c)
		for _, s := range drawSignals(t) {
			if err := f.Fold(c, s); err != nil {
				t.Fatal(err)
			}
		}
		before, errBefore := scoring.Evaluate(c, f, now)
		for name, s := range map[string]scoring.Score{"fit": before.Fit, "engagement": before.Engagement} {
			if sum(s.Parts) != s.Score || s.Score < 0 || s.Score > 100 {
				t.Fatalf("%s: parts %+v, score %d", name, s.Parts, s.Score)
			}
		}
		f.Settle(c, now)
		after, errAfter := scoring.Evaluate(c, f, now)
		if err := errors.Join(errBefore, errAfter); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(before, after); diff != "" {
			t.Fatalf("settling changed the scores:\n%s", diff)
		}
	})
}
