package main

import (
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
)

// text is what a reader sees of a page.
func text(page string) string {
	page = regexp.MustCompile(`(?s)<(script|style)>.*?</(script|style)>`).ReplaceAllString(page, "")
	page = regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, " ")
	return strings.Join(strings.Fields(html.UnescapeString(page)), " ")
}

func TestPagesSay(t *testing.T) {
	b := newBench(t)
	b.store(t, ada(t), gus(t))
	for _, c := range []struct {
		target string
		want   []string
	}{
		{"/", []string{"Ada Byron", "Handed off", "Due next", "in 30 min", "kim sato"}},
		{"/leads", []string{"Ada Byron", "VP Engineering, Analytical Engines", "Gus Free", "known"}},
		{"/leads?stage=known", []string{"Gus Free"}},
		{"/leads?email=nobody@nowhere.example", []string{"Nobody with this address"}},
		{"/leads/" + string(ada(t).Key), []string{
			"Ada Byron", "With Alex Rivera", "Asked for a demo", "why Alex Rivera", "who was considered", "Found by: fallback", "Rule big: pool enterprise",
			"Emil Sand has left us", "owed most: 0.50 leads", "Bo Lindqvist had this lead before", "Together", "What the customer was promised",
			"What Alex Rivera owes", "1h30m while the team and the holder are on duty", "4h of the team's hours", "Reminder Mon 23 Nov 2026, 15:20 UTC",
			"No call, e-mail or meeting of the holder",
			"Accept or reject", "running", "in 30 min", "First contact", "Lead handed off",
			"Due Mon 23 Nov 2026, 15:30 UTC", "caused it typeform evt-1",
			"Phone +44 20 7946 0018", "Phone: +442079460018 . Read by its country code.", "Title VP Engineering", "Seniority: vp .", "Department: engineering .",
		}},
		{"/leads/" + string(gus(t).Key), []string{"Why this lead is not handed off", "gmail.com is a free-mail domain", "What would change it: 65 more points of fit", "Who would get it now", "Fallback: pool sales", "on leave until"}},
		{"/leads?stage=recycled", []string{"No lead in this stage"}},
	} {
		t.Run(c.target, func(t *testing.T) {
			out := b.get(t, c.target)
			if len(out.Body) > 60<<10 {
				t.Errorf("the page has %d bytes", len(out.Body))
			}
			if ct := out.Headers["Content-Type"]; ct != "text/html; charset=utf-8" {
				t.Errorf("Content-Type is %q", ct)
			}
			seen := strings.ToLower(text(out.Body))
			for _, want := range c.want {
				if !strings.Contains(seen, strings.ToLower(want)) {
					t.Errorf("the page does not say %q:\n%s", want, seen)
				}
			}
		})
	}
}

func TestPageOfABusyLeadIsSmall(t *testing.T) {
	b := newBench(t)
	l := ada(t)
	for l.Version = 1; l.Version <= 40; l.Version++ {
		b.store(t, l)
	}
	body := b.get(t, "/leads/"+string(l.Key)).Body
	if len(body) > 60<<10 {
		t.Errorf("the page has %d bytes", len(body))
	}
	older := regexp.MustCompile(`href="(/leads/[^"]*before=[^"]*)"`).FindStringSubmatch(body)
	if older == nil {
		t.Fatal("no link to older decisions")
	}
	if seen := text(b.get(t, older[1]).Body); !strings.Contains(seen, "To the newest") {
		t.Errorf("the older page says %s", seen)
	}
}

func TestEmptyPagesSayWhatToDo(t *testing.T) {
	b := newBench(t)
	for _, target := range []string{"/", "/leads"} {
		if seen := text(b.get(t, target).Body); !strings.Contains(seen, "No leads yet") && !strings.Contains(seen, "Nothing in the last month") {
			t.Errorf("%s says %s", target, seen)
		}
	}
}

func TestHostileTextIsText(t *testing.T) {
	b := newBench(t)
	m := mallory(t)
	b.store(t, m)
	for _, target := range []string{"/", "/leads", "/leads/" + string(m.Key), `/leads?email="><script>alert(1)</script>`} {
		body := b.get(t, target).Body
		for _, forbidden := range []string{"<script>alert", "<img", "<b>bold", "javascript:"} {
			if strings.Contains(body, forbidden) {
				t.Errorf("%s carries %s", target, forbidden)
			}
		}
	}
	if seen := b.get(t, "/leads/"+string(m.Key)).Body; !strings.Contains(seen, "&lt;script&gt;alert(1)&lt;/script&gt;") {
		t.Error("the text itself is not shown")
	}
}

func TestErrorPages(t *testing.T) {
	b := newBench(t)
	for _, c := range []struct {
		e      events.APIGatewayV2HTTPRequest
		status int
		want   string
	}{
		{event(t, http.MethodGet, "/leads/nosuchlead"), 404, "There is no such lead"},
		{event(t, http.MethodGet, "/nothing"), 404, "There is nothing at this address"},
	} {
		out := b.send(t, c.e)
		if out.StatusCode != c.status || !strings.Contains(text(out.Body), c.want) || !strings.HasPrefix(out.Headers["Content-Type"], "text/html") {
			t.Errorf("%s answers %d %s: %s", c.e.RawPath, out.StatusCode, out.Headers["Content-Type"], text(out.Body))
		}
	}
}

func TestStrangersAreSentToSignInAndBack(t *testing.T) {
	b := newBench(t)
	stranger := event(t, http.MethodGet, "/leads?stage=known")
	stranger.RequestContext.Authorizer = nil
	out := b.send(t, stranger)
	if out.StatusCode != http.StatusSeeOther || out.Headers["Location"] != "/login?return=%2Fleads%3Fstage%3Dknown" {
		t.Errorf("answer %d to %s", out.StatusCode, out.Headers["Location"])
	}
}
